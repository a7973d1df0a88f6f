// An order: where it stands and since when, its lines, when the next look is, what has changed so far.
import { timeToFulfilment } from "@orderwatch/core/OrderHistory"
import { units } from "@orderwatch/core/OrderReport"
import type { Line, OrderReport } from "@orderwatch/core/OrderReport"
import { createdAt } from "@orderwatch/core/Order"
import { plain } from "@orderwatch/core/text"
import type { Look } from "@orderwatch/core/Tracker"
import { DateTime, Duration, Option } from "effect"
import { nextStep } from "../../render/problem.ts"
import { notes, stateOf, supportIds, warnings } from "../../render/report.ts"
import { reasons, said, stamp } from "../../render/standing.ts"
import { ago, count, table, wrap } from "../../render/text.ts"
import { shown } from "../../theme.ts"
import type { Theme } from "../../theme.ts"
import { title } from "@orderwatch/core/PartnerCenterError"
import { bar } from "../components/bar.ts"
import type { Following } from "../state/following.ts"
import type { Target } from "../state/screen.ts"

export interface OrderProps {
  readonly target: Target
  readonly following: Following
  /** As some screen saw it before it was followed. */
  readonly look: Look | undefined
  readonly isRaw: boolean
  readonly isPaused: boolean
  readonly isWatched: boolean
  readonly isSpoken: boolean
  readonly columns: number
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly theme: Theme
}

/** The order in lines. */
export const orderLines = (props: OrderProps): ReadonlyArray<string> => {
  const { columns, following, isRaw, target, theme } = props
  const look = following.latest ?? props.look
  const fits = (lines: ReadonlyArray<string>) => lines.flatMap((line) => wrap(line, columns))
  const report = look?.report
  return [
    ...fits([...standing(props, report), ...outlook(props, report), "", ...identity(props, look)]),
    ...(report === undefined
      ? []
      : [
          "",
          ...lineTable(report.lines, props),
          ...fits(notes(report.lines).map((note) => theme.wait(note))),
          ...history(props),
          "",
          theme.strong("Support ids"),
          ...supportIds(report.support, theme).map((line) => `  ${line}`),
          ...(isRaw ? [theme.dim(`  observed ${DateTime.formatIso(report.observedAt)}`)] : [])
        ]),
    ...(target.customer.domain !== undefined && isRaw
      ? [theme.dim(`  domain ${plain(target.customer.domain)}`)]
      : [])
  ]
}

const standing = (
  { following, theme }: OrderProps,
  report: OrderReport | undefined
): ReadonlyArray<string> => {
  if (report === undefined) {
    return following.error === undefined ? [theme.dim("… looking")] : []
  }
  const { glyph, style, word } = shown(report.verdict)
  const { fulfilled, total } = report.units
  const facts = [
    report.lines.length === 0
      ? "the order has no lines"
      : total > 0
        ? `${fulfilled}/${count(total, "unit")} fulfilled`
        : "no units"
  ]
  return [
    `${theme[style](theme.strong(`${glyph} ${word}`))}  ${facts.join(" · ")}`,
    ...report.warnings.map((warning) => theme.wait(`! ${warnings[warning] ?? warning}`))
  ]
}

// What is to come: the next look, or why there is none.
const outlook = (
  { following, isPaused, isSpoken, now, theme }: OrderProps,
  report: OrderReport | undefined
): ReadonlyArray<string> => {
  const { error, latest, next, trouble } = following
  if (error !== undefined) {
    return [
      `${theme.bad("✖")} ${theme.strong(title(error.reason))}`,
      ...(error.reason.description === undefined ? [] : [`  ${plain(error.reason.description)}`]),
      `  → ${nextStep(error.reason)} (R: again, e: all of it)`
    ]
  }
  const since = latest?.history.pendingSince
  const sinceWords =
    since === undefined
      ? []
      : [
          isSpoken
            ? `pending since ${stamp(since, true)}`
            : `pending for ${ago(since.epochMilliseconds, now)}`
        ]
  const wrong =
    trouble === undefined
      ? []
      : [
          theme.wait(
            trouble._tag === "NotVisibleYet"
              ? `! not visible yet; waited for until ${stamp(trouble.until, true)}`
              : trouble._tag === "Throttled"
                ? `! too many requests; held back until ${stamp(trouble.until, true)}`
                : `! ${said(trouble.error)}; trying again`
          )
        ]
  if (report?.settled === true) {
    const took =
      latest === undefined
        ? []
        : Option.toArray(
            Option.map(
              timeToFulfilment(latest.history),
              (time) => `after ${ago(0, Duration.toMillis(time))}`
            )
          )
    const looked = `looked ${stamp(report.observedAt, true)}`
    return [theme.dim(["settled", ...took, looked].join(" · "))]
  }
  const wait = next === undefined ? 0 : next.at.epochMilliseconds - now
  const coming = isPaused
    ? "paused (p: go on)"
    : isSpoken
      ? "looked at again by itself"
      : next === undefined || wait <= 0
        ? "looking"
        : `next look in ${ago(0, wait)}${reasons[next.why]}`
  return [...wrong, theme.dim([...sinceWords, coming].join(" · "))]
}

const identity = (
  { isWatched, now, target, theme }: OrderProps,
  look: Look | undefined
): ReadonlyArray<string> => {
  const { customer, orderId } = target
  const name = customer.name === undefined ? "" : `${plain(customer.name)} `
  const order = look === undefined ? Option.none() : look.order
  const facts = [
    ...Option.toArray(
      Option.map(
        Option.flatMap(order, createdAt),
        (at) => `placed ${ago(at.epochMilliseconds, now)} ago`
      )
    ),
    ...(look?.report.orderStatus === undefined ? [] : [`order ${plain(look.report.orderStatus)}`]),
    ...(isWatched ? ["★ watched"] : [])
  ]
  return [
    `${theme.dim("Order   ")} ${theme.strong(orderId)}`,
    `${theme.dim("Customer")} ${name}${theme.dim(customer.id)}`,
    ...(facts.length === 0 ? [] : [theme.dim(facts.join(" · "))])
  ]
}

const lineTable = (
  lines: ReadonlyArray<Line>,
  { columns, isRaw, isSpoken, theme }: OrderProps
): ReadonlyArray<string> => {
  if (lines.length === 0) return []
  const size = isSpoken || columns < 60 ? 0 : columns >= 120 ? 20 : 8
  return table(
    [
      { title: "Line", isRight: true },
      { title: "Name", isFlexible: true },
      ...(size === 0 ? [] : [{ title: "" }]),
      { title: "Units", isRight: true },
      { title: "State", isFlexible: true, least: 22 }
    ],
    lines.map((line) => {
      const counted = units([line])
      const { style } = shown(line.status)
      return [
        { text: String(line.lineItemNumber) },
        { text: plain(line.name ?? line.offerId ?? "—") },
        ...(size === 0 ? [] : [{ text: bar(counted, size), style }]),
        { text: `${counted.fulfilled}/${counted.total}` },
        { text: stateOf(line, { isVerbose: isRaw }), style }
      ]
    }),
    { width: columns, theme }
  )
}

const history = ({ following, isSpoken, now, theme }: OrderProps): ReadonlyArray<string> => {
  const changes = following.latest?.history.changes ?? []
  if (changes.length === 0) return []
  return [
    "",
    theme.strong("Seen so far"),
    ...changes.toReversed().map(({ at, units: counted, verdict }) => {
      const { glyph, style, word } = shown(verdict)
      const split = [
        `${counted.fulfilled}/${counted.total}`,
        ...(counted.unfulfilled > 0 ? [`${counted.unfulfilled} unfulfilled`] : [])
      ].join(", ")
      const age = isSpoken ? "" : `  ${ago(at.epochMilliseconds, now).padStart(6)} ago`
      const when = `${stamp(at, true)}${age}`
      return `  ${theme.dim(when)}  ${theme[style](`${glyph} ${word}`)}  ${split}`
    })
  ]
}
