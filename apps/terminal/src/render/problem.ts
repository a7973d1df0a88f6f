// A failure as a person reads it: headline, cause, next step, and the ids for Microsoft's support.
import type { PartnerCenterError, Reason } from "@orderwatch/core/PartnerCenterError"
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
  return [
    `${theme.bad("✖")} ${what === undefined ? "" : `${what}: `}${theme.strong(title(reason))}`,
    ...(cause.length > 0 ? [`  ${plain(cause.join(" "))}`] : []),
    `  → ${nextStep(reason)}`,
    ...supportIds(support, theme).map((line) => `  ${line}`)
  ]
}

/** What to do about it. */
export const nextStep = (reason: Reason): string => {
  if (reason._tag === "Throttled") return `Ask again in ${reason.retryAfter} s.`
  return reason._tag === "Unavailable" && reason.retryAfter !== undefined
    ? `${reason.remedy} It can be asked again in ${reason.retryAfter} s.`
    : reason.remedy
}
