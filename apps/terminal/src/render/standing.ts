// Where a followed order stands, in a line: what has changed, what it came to, what is waited for.
import { timeToFulfilment } from "@orderwatch/core/OrderHistory"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { title } from "@orderwatch/core/PartnerCenterError"
import type { Why } from "@orderwatch/core/PollPlan"
import { plain } from "@orderwatch/core/text"
import type { NotVisibleYet, Retrying, Throttled } from "@orderwatch/core/Tracker"
import { DateTime, Duration, Option } from "effect"
import type { Usage } from "@orderwatch/core/Budget"
import { isOver } from "../following.ts"
import type { Standing } from "../following.ts"
import { shown } from "../theme.ts"
import type { Theme } from "../theme.ts"
import { ago, count } from "./text.ts"

const span = (duration: Duration.Duration): string => ago(0, Duration.toMillis(duration))

/** The order's state, its units, and what is odd about them; the id as wide as that. */
export const state = (
  { latest, orderId }: Pick<Standing, "latest" | "orderId">,
  theme: Theme,
  width: number
): string => {
  const id = orderId.padEnd(width)
  const { glyph, style, word } = shown(latest?.report.verdict ?? "unknown")
  if (latest === undefined) return `${id}  ${theme[style](`${glyph} not seen yet`)}`
  const { history, report } = latest
  const { fulfilled, total, unfulfilled } = report.units
  const words = new Set(
    report.lines.flatMap((line) =>
      line.status === "unknown" && line.rawStatus !== undefined ? [plain(line.rawStatus)] : []
    )
  )
  const facts = [
    ...(total > 0 ? [`${fulfilled}/${count(total, "unit")}`] : []),
    ...(unfulfilled > 0 && report.verdict === "pending" ? [`${unfulfilled} unfulfilled`] : []),
    ...[...words].map((raw) => `“${raw}”`),
    ...report.lines.flatMap((line) =>
      line.warnings.includes("wentBack") ? [`! line ${line.lineItemNumber} went back`] : []
    ),
    ...Option.toArray(Option.map(timeToFulfilment(history), (took) => `after ${span(took)}`))
  ]
  return `${id}  ${theme[style](`${glyph} ${word}`)}  ${facts.join(" · ")}`.trimEnd()
}

/** The time before a line: by the clock on the wall for a person, in full for a file. */
export const stamp = (at: DateTime.Utc, isForPerson: boolean): string =>
  isForPerson
    ? DateTime.formatLocal(at, { locale: "en-GB", timeStyle: "medium" })
    : DateTime.formatIso(at).replace(/\.\d+Z$/, "Z")

/** What is wrong for the moment. */
export const trouble = (
  { orderId }: Pick<Standing, "orderId">,
  what: NotVisibleYet | Retrying | Throttled,
  isForPerson: boolean,
  theme: Theme
): string => {
  const { error } = what
  const until = (at: DateTime.Utc) => `until ${stamp(at, isForPerson)}`
  if (what._tag === "NotVisibleYet") {
    return theme.wait(`! ${orderId}: not visible yet; waiting for it ${until(what.until)}`)
  }
  return what._tag === "Throttled"
    ? theme.wait(`! ${orderId}: too many requests; held back ${until(what.until)}`)
    : theme.wait(`! ${orderId}: ${said(error)}; trying again`)
}

/** What went wrong, in a line. */
export const said = ({ reason }: PartnerCenterError): string =>
  [title(reason), reason.description]
    .filter((part) => part !== undefined)
    .map(plain)
    .join(" · ")

/** Why the next look is when it is. */
export const reasons: Readonly<Record<Why, string>> = {
  changed: "",
  unchanged: " (no change)",
  notVisible: " (not there yet)",
  failed: " (the last failed)",
  throttled: " (asked to wait)",
  budget: " (others first)"
}

const earliest = <A>(all: ReadonlyArray<A>, at: (one: A) => DateTime.Utc): A | undefined =>
  all.reduce<A | undefined>(
    (first, one) =>
      first === undefined || at(one).epochMilliseconds < at(first).epochMilliseconds ? one : first,
    undefined
  )

/** What is waited for, since when, when the next look is, and what is left of the budget. */
export const progress = (
  standings: ReadonlyArray<Standing>,
  usage: Usage,
  now: DateTime.Utc
): string => {
  const open = standings.filter((one) => !isOver(one))
  const verdicts = Map.groupBy(standings, (one) =>
    one.error === undefined ? (one.latest?.report.verdict ?? "not seen yet") : "failed"
  )
  const counts = [...verdicts].map(([verdict, { length }]) =>
    standings.length === 1 ? verdict : `${length} ${verdict}`
  )
  const since = earliest(
    open.flatMap(({ latest }) => latest?.history.pendingSince ?? []),
    (at) => at
  )
  const next = earliest(
    open.flatMap((one) => one.next ?? []),
    ({ at }) => at
  )
  const wait = next === undefined ? 0 : next.at.epochMilliseconds - now.epochMilliseconds
  const look =
    next === undefined || wait <= 0
      ? "looking"
      : `next look in ${ago(0, Math.ceil(wait / 1000) * 1000)}${reasons[next.why]}`
  return [
    `… ${counts.join(", ")}`,
    ...(since === undefined ? [] : [`for ${ago(since.epochMilliseconds, now.epochMilliseconds)}`]),
    ...(open.length === 0 ? [] : [look]),
    `${Math.max(0, usage.perMinute - usage.spent)}/${usage.perMinute} requests`
  ].join(" · ")
}
