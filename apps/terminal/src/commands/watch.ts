// `orderwatch watch`: orders as they change, a line for each change.
import { Effect } from "effect"
import * as Command from "effect/cli/Command"
import { report } from "../failure.ts"
import { config, run } from "./follow.ts"
import type { Input } from "./follow.ts"

export const watch = Command.make("watch", config, (input: Input) =>
  run({ isEachChange: true })(input).pipe(Effect.catch(report))
).pipe(
  Command.withDescription(
    "Follow an order, or several, and print each change until they have settled."
  ),
  Command.withShortDescription("See orders change as they do"),
  Command.withExamples([
    {
      command: "orderwatch watch fabrikam.onmicrosoft.com 9qg-ErcO-4MPbPqq_3MIQaS7bn8W6HfG1",
      description: "See what happens to an order"
    }
  ])
)
