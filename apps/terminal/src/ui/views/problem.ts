// A failure: what is the matter, why, what to do, and the ids for Microsoft's support.
import { title, toProblem } from "@orderwatch/core/PartnerCenterError"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { plain } from "@orderwatch/core/text"
import { version } from "@orderwatch/core/version"
import { json } from "../../render/json.ts"
import { nextStep } from "../../render/problem.ts"
import { supportIds } from "../../render/report.ts"
import { wrap } from "../../render/text.ts"
import type { Theme } from "../../theme.ts"
import { isSignIn } from "../state/signsIn.ts"

export const problemLines = (
  error: PartnerCenterError,
  what: string,
  { columns, theme }: { readonly columns: number; readonly theme: Theme }
): ReadonlyArray<string> => {
  const { reason, support } = error
  const source = [
    ...(reason.httpStatus === undefined ? [] : [`HTTP ${reason.httpStatus}`]),
    ...(reason.code === undefined ? [] : [`code ${reason.code}`])
  ].join(", ")
  const ids = supportIds(support, theme)
  return [
    `${theme.bad("✖")} ${theme.strong(title(reason))}`,
    theme.dim(`  while asking for ${what}`),
    "",
    ...(reason.description === undefined ? [] : [`  ${plain(reason.description)}`]),
    ...(source === "" ? [] : [`  ${theme.dim(source)}`]),
    "",
    `  → ${nextStep(reason)}`,
    ...(isSignIn(error) ? [`  ${theme.accent("s")} signs in again.`] : []),
    "",
    ...(ids.length === 0
      ? []
      : [theme.strong("For Microsoft's support"), ...ids.map((id) => `  ${id}`), ""]),
    `${theme.accent("y")} copies all of this, ${theme.accent("R")} asks again.`
  ].flatMap((line) => wrap(line, columns))
}

/** The same for a support request, as text. It holds no secret. */
export const supportBundle = (error: PartnerCenterError, what: string): string =>
  json({ orderwatch: version, asked: plain(what), ...toProblem(error), support: error.support })
