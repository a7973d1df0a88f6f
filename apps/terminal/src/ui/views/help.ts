// All keys, by screen: made from the key table.
import { keyName } from "../components/footer.ts"
import { displayWidth, pad, wrap } from "../../render/text.ts"
import type { Theme } from "../../theme.ts"
import { bindings, rooms } from "../keys.ts"
import type { Room } from "../keys.ts"

const order: ReadonlyArray<Room> = [
  "everywhere",
  "lists",
  "customers",
  "orders",
  "order",
  "watchlist",
  "texts",
  "problem",
  "prompt",
  "welcome",
  "signIn"
]

// Where there is no room for two columns.
const narrow = 50

/** The keys in lines. */
export const helpLines = ({
  columns,
  theme
}: {
  readonly columns: number
  readonly theme: Theme
}): ReadonlyArray<string> => {
  const named = bindings.map((binding) => ({
    ...binding,
    shown: binding.keys.map(keyName).join(" ")
  }))
  const width = Math.max(...named.map(({ shown }) => displayWidth(shown)))
  const room = (name: Room) => [
    theme.strong(rooms[name]),
    ...named
      .filter((binding) => binding.room === name)
      .flatMap(({ shown, words }) => {
        if (columns < narrow) return [`  ${theme.accent(shown)}`, ...wrap(`    ${words}`, columns)]
        const [first = "", ...more] = wrap(words, Math.max(10, columns - width - 4))
        return [
          `  ${theme.accent(pad(shown, width))}  ${first}`,
          ...more.map((line) => `  ${pad("", width)}  ${line}`)
        ]
      }),
    ""
  ]
  return [
    ...order.flatMap(room),
    theme.strong("And"),
    "  Paste a customer and an order, anywhere, to go there.",
    "  States: ✔ fulfilled  … pending  ◐ partially fulfilled  ✖ unfulfilled  ? unknown",
    "  Units:  █ fulfilled  ░ pending  x unfulfilled  ? unknown"
  ].flatMap((line) => wrap(line, columns))
}
