// The first line: where one is, and whom one asks. A tenant never looks like the demo.
import { plain } from "@orderwatch/core/text"
import { displayWidth, fit, pad } from "../../render/width.ts"
import type { Theme } from "../../theme.ts"
import type { Session } from "../state/session.ts"

const narrow = 60

export const header = (
  path: ReadonlyArray<string>,
  { cloud, kind, profile }: Pick<Session, "cloud" | "kind" | "profile">,
  { columns, theme }: { readonly columns: number; readonly theme: Theme }
): string => {
  const isNarrow = columns < narrow
  const demo = isNarrow ? "◇ DEMO" : "◇ DEMO, sample data"
  const tenant = ` ● LIVE ${plain(profile)} · ${cloud} `
  const whom = kind === "demo" ? demo : kind === "tenant" ? tenant : "not signed in"
  const style = kind === "tenant" ? theme.inverse : kind === "demo" ? theme.unsure : theme.dim
  const right = fit(whom, Math.max(8, Math.floor(columns * 0.6)))
  const here = isNarrow ? path.slice(-1) : ["orderwatch", ...path]
  const left = fit(here.join(" › "), Math.max(0, columns - displayWidth(right) - 2))
  const gap = Math.max(1, columns - displayWidth(left) - displayWidth(right))
  return `${theme.strong(left)}${pad("", gap)}${style(right)}`
}
