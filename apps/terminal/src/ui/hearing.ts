// What somebody typed or pasted, to the actions.
import type * as AtomRegistry from "effect/reactivity/AtomRegistry"
import type { Hear } from "./early.ts"
import { named } from "./keyboard.ts"
import type { Actions } from "./state/actions.ts"
import { pasted } from "./state/command.ts"
import type { Store } from "./state/store.ts"

export const makeHear =
  (registry: AtomRegistry.AtomRegistry, store: Store, actions: Actions): Hear =>
  (heard) => {
    if (heard._tag === "Paste") return actions.paste(heard.text)
    const { input, key } = heard
    // A terminal that does not mark what is pasted.
    if (
      input.length > 12 &&
      registry.get(store.prompt) === undefined &&
      pasted(input) !== undefined
    )
      return actions.paste(input)
    for (const name of named(input, key)) actions.press(name)
  }
