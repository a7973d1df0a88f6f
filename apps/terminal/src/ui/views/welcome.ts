// The first screen of who has not signed in yet.
import { plain } from "@orderwatch/core/text"
import { wrap } from "../../render/text.ts"
import type { Theme } from "../../theme.ts"
import { isUnnamed } from "../unnamed.ts"

export const welcomeLines = ({
  columns,
  said,
  theme
}: {
  readonly columns: number
  readonly theme: Theme
  /** Why there is nobody to ask, where that is known. */
  readonly said: string | undefined
}): ReadonlyArray<string> =>
  [
    theme.strong("Where does a Partner Center order stand?"),
    "",
    `  ${theme.accent("s")}  sign in by a code that you enter on any device`,
    `  ${theme.accent("b")}  sign in in the browser on this machine`,
    `  ${theme.accent("d")}  try the demo: sample orders, and nothing is kept`,
    "",
    ...(said === undefined ? [] : [...wrap(`! ${plain(said)}`, columns).map(theme.wait), ""]),
    ...(!isUnnamed(said)
      ? []
      : [
          theme.dim("Once, before the first sign-in, name your tenant and app registration:"),
          theme.dim("  orderwatch profiles add NAME --tenant-id … --client-id …")
        ])
  ].flatMap((line) => wrap(line, columns))
