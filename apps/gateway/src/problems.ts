// What each `type` of a problem leads to: a page that says what it means and what to do.
import { make, title } from "@orderwatch/core/PartnerCenterError"
import type { ReasonTag } from "@orderwatch/core/PartnerCenterError"
import { internal, meanings, statuses } from "./problem.ts"

interface Meaning {
  readonly status: number
  readonly title: string
  readonly remedy: string
}

const isReason = (text: string): text is ReasonTag => Object.hasOwn(statuses, text)
const isOwn = (text: string): text is keyof typeof meanings => Object.hasOwn(meanings, text)

const meaningOf = (reason: string): Meaning | undefined => {
  if (reason === internal.reason) return internal
  if (isReason(reason)) {
    const known =
      reason === "Throttled" ? make({ _tag: reason, retryAfter: 1 }) : make({ _tag: reason })
    return { status: statuses[reason], title: title(known), remedy: known.remedy }
  }
  return isOwn(reason) ? meanings[reason] : undefined
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

/** The page of a reason, where there is such a reason. */
export const page = (reason: string): string | undefined => {
  const meaning = meaningOf(reason)
  return meaning === undefined
    ? undefined
    : `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(reason)}</title>
<h1>${escaped(meaning.title)}</h1>
<p><code>${escaped(reason)}</code>, HTTP ${meaning.status}</p>
<p>${escaped(meaning.remedy)}</p>
</html>
`
}
