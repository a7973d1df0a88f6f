// A failure as a person reads it: headline, cause, next step, and the ids for Microsoft's support.
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { title } from "@orderwatch/core/PartnerCenterError"
import { plain } from "@orderwatch/core/text"
import type { Theme } from "../theme.ts"
import { supportIds } from "./report.ts"

export const problem = (
  error: PartnerCenterError,
  what: string | undefined,
  theme: Theme
): ReadonlyArray<string> => {
  const { reason, support } = error
  const { code, description, httpStatus } = reason
  const source = [
    ...(httpStatus === undefined ? [] : [`HTTP ${httpStatus}`]),
    ...(code === undefined || description?.includes(code) ? [] : [`code ${code}`])
  ].join(", ")
  const cause = [description, source === "" ? undefined : `(${source})`].filter(
    (part) => part !== undefined
  )
  const wait =
    "retryAfter" in reason && reason.retryAfter !== undefined
      ? ` It can be asked again in ${reason.retryAfter} s.`
      : ""
  return [
    `${theme.bad("✖")} ${what === undefined ? "" : `${what}: `}${theme.strong(title(reason))}`,
    ...(cause.length > 0 ? [`  ${plain(cause.join(" "))}`] : []),
    `  → ${reason.remedy}${wait}`,
    ...supportIds(support, theme).map((line) => `  ${line}`)
  ]
}
