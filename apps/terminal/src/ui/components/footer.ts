// The last line: the keys that matter here. Made from the key table.
import { displayWidth } from "../../render/width.ts"
import type { Theme } from "../../theme.ts"
import { bindings } from "../keys.ts"
import type { Action, Binding, Room } from "../keys.ts"

const names: Readonly<Record<string, string>> = {
  enter: "↵",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  pagedown: "pgdn",
  pageup: "pgup"
}

/** A key as a person knows it. */
export const keyName = (key: string): string => names[key] ?? key

// Whoever knows these finds all others.
const last: ReadonlyArray<Binding["action"]> = ["back", "help", "quit"]

export const footer = (
  rooms: ReadonlyArray<Room>,
  {
    columns,
    theme,
    without = []
  }: {
    readonly columns: number
    readonly theme: Theme
    /** What leads nowhere from here. */
    readonly without?: ReadonlyArray<Action>
  }
): string => {
  const here = rooms.flatMap((room) =>
    bindings.filter(
      ({ action, hint, room: own }) =>
        own === room && hint !== undefined && !without.includes(action)
    )
  )
  const hintOf = ({ hint = "", keys }: Binding) => ({ key: keyName(keys[0]), hint })
  const kept = here.filter(({ action }) => last.includes(action)).map(hintOf)
  const width = (hints: ReadonlyArray<{ key: string; hint: string }>) =>
    hints.reduce((sum, { hint, key }) => sum + displayWidth(key) + displayWidth(hint) + 3, -2)
  // Where there is no room for these either, how to leave stays.
  while (kept.length > 1 && width(kept) > columns) kept.shift()
  const shown: Array<{ key: string; hint: string }> = []
  for (const binding of here) {
    if (last.includes(binding.action)) continue
    const next = hintOf(binding)
    if (width([...shown, next, ...kept]) > columns) break
    shown.push(next)
  }
  return [...shown, ...kept]
    .map(({ hint, key }) => `${theme.accent(key)} ${theme.dim(hint)}`)
    .join("  ")
}
