// The line for what is to be said at the moment.
import { title } from "@orderwatch/core/PartnerCenterError"
import { plain } from "@orderwatch/core/text"
import { displayWidth, fit } from "../../render/text.ts"
import type { Loading } from "../state/rows.ts"
import type { Prompt } from "../state/store.ts"
import type { Look } from "./frame.ts"

/** What is being typed, or what is to be said. */
export const noticeLine = ({
  columns,
  loading,
  message,
  prompt,
  theme
}: Look & {
  readonly prompt: Prompt | undefined
  readonly message: string | undefined
  readonly isPaused: boolean
  readonly loading: Loading
}): string => {
  if (prompt !== undefined) {
    const sign = prompt.kind === "search" ? "/" : ":"
    // Its end is what one sees while typing.
    const room = Math.max(4, Math.floor((columns - 3) / 2))
    const text =
      displayWidth(prompt.text) > columns - 3 ? `…${prompt.text.slice(-room)}` : prompt.text
    return `${theme.accent(sign)}${fit(text, columns - 2)}${theme.inverse(" ")}`
  }
  if (message !== undefined) return fit(plain(message), columns)
  return loading.error === undefined
    ? ""
    : theme.bad(fit(`✖ ${title(loading.error.reason)} (e: what to do, R: again)`, columns))
}
