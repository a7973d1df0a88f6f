// An order's report as a person reads it.
import { units } from "@orderwatch/core/OrderReport"
import type { Line, OrderReport } from "@orderwatch/core/OrderReport"
import type { Support } from "@orderwatch/core/Support"
import { plain } from "@orderwatch/core/text"
import { DateTime, Option } from "effect"
import { shown } from "../theme.ts"
import type { Theme } from "../theme.ts"
import { ago, count, table } from "./text.ts"
import type { Cell } from "./text.ts"

export interface View {
  readonly width: number
  readonly theme: Theme
  readonly isVerbose: boolean
  readonly now: DateTime.Utc
}

/** What each warning means. */
export const warnings: Readonly<Record<string, string>> = {
  orderUnreadable: "the order could not be read, so its lines have no names",
  countMismatch: "the answer counts another number of lines than it has",
  notReported: "the status does not answer it",
  notInOrder: "the order does not have it",
  quantityMismatch: "its units do not add up to what was ordered",
  stateMismatch: "its units contradict its state"
}

/** What else there is to say of an order: when it was placed, and by whom it was bought. */
export interface Extra {
  readonly createdAt: Option.Option<DateTime.Utc>
  readonly customerName: Option.Option<string>
}

/** The report in lines. */
export const report = (
  {
    customerId,
    lines,
    observedAt,
    orderId,
    orderStatus,
    support,
    units: counted,
    verdict,
    warnings: found
  }: OrderReport,
  extra: Extra,
  view: View
): ReadonlyArray<string> => {
  const { theme } = view
  const { glyph, style, word } = shown(verdict)
  const facts = [
    lines.length === 0
      ? "the order has no lines"
      : counted.total > 0
        ? `${counted.fulfilled}/${count(counted.total, "unit")} fulfilled`
        : "no units",
    ...Option.toArray(
      Option.map(
        extra.createdAt,
        (at) => `placed ${ago(at.epochMilliseconds, view.now.epochMilliseconds)} ago`
      )
    ),
    ...(orderStatus === undefined ? [] : [`order ${plain(orderStatus)}`])
  ]
  const who = Option.match(extra.customerName, {
    onNone: (): string => customerId,
    onSome: (name) => `${plain(name)} (${customerId})`
  })
  return [
    `${theme.strong("Order")} ${orderId}`,
    theme.dim(`Customer ${who}`),
    "",
    `${theme[style](`${glyph} ${word}`)}  ${facts.join(" · ")}`,
    ...found.map((warning) => theme.wait(`! ${warnings[warning] ?? warning}`)),
    ...(lines.length === 0 ? [] : ["", ...lineTable(lines, view)]),
    ...notes(lines).map((note) => theme.wait(note)),
    ...(view.isVerbose
      ? ["", theme.dim(`Observed ${DateTime.formatIso(observedAt)}`), ...supportIds(support, theme)]
      : [])
  ]
}

const lineTable = (lines: ReadonlyArray<Line>, view: View): ReadonlyArray<string> =>
  table(
    [
      { title: "Line", isRight: true },
      { title: "Name", isFlexible: true },
      { title: "Units", isRight: true },
      { title: "State", isFlexible: true, least: 28 }
    ],
    lines.map((line): ReadonlyArray<Cell> => [
      { text: String(line.lineItemNumber) },
      { text: plain(line.name ?? line.offerId ?? "—") },
      { text: unitsOf(line) },
      { text: stateOf(line, view), style: shown(line.status).style }
    ]),
    view
  )

const unitsOf = (line: Line): string => {
  const { fulfilled, total } = units([line])
  return `${fulfilled}/${total}`
}

/** A line's state in words, with upstream's own where that says more. */
export const stateOf = (line: Line, view: Pick<View, "isVerbose">): string => {
  const { glyph, word } = shown(line.status)
  // A word that we do not know is shown as it came; others only to who wants to know.
  const raw =
    line.rawStatus !== undefined && (line.status === "unknown" || view.isVerbose)
      ? [`“${plain(line.rawStatus)}”`]
      : []
  const parts = line.quantities.filter((part) => part.quantity > 0 && part.status !== line.status)
  const split = parts.map((part) => `${part.quantity} ${shown(part.status).word}`)
  return [`${glyph} ${word}`, ...raw, ...(split.length > 0 ? [`(${split.join(", ")})`] : [])].join(
    " "
  )
}

/** What is odd about the lines. */
export const notes = (lines: ReadonlyArray<Line>): ReadonlyArray<string> =>
  lines.flatMap((line) =>
    line.warnings.map((warning) => {
      const asked = warning === "quantityMismatch" ? ` (${line.ordered ?? 0})` : ""
      return `! line ${line.lineItemNumber}: ${warnings[warning] ?? warning}${asked}`
    })
  )

/** The ids that Microsoft's support asks for, a line each. */
export const supportIds = (support: Support, theme: Theme): ReadonlyArray<string> =>
  [
    ["request id", support.requestId],
    ["correlation id", support.correlationId],
    ["MS-CV", support.msCv],
    ["server id", support.serverId]
  ].flatMap(([name, id]) => (id === undefined ? [] : [theme.dim(`${name}: ${plain(id)}`)]))
