// The answer: an order and what is known of its provisioning, joined by line, counted, judged.
// Pure functions.
import { Option, Schema } from "effect"
import { CustomerId } from "./Customer.ts"
import * as Order from "./Order.ts"
import * as ProvisioningStatus from "./ProvisioningStatus.ts"
import { ProvisioningState } from "./ProvisioningStatus.ts"
import { Support } from "./Support.ts"

/**
 * Where the whole order stands. `fulfilled`, `partiallyFulfilled` and `unfulfilled` are settled: nothing
 * more is expected. `unknown` says that we cannot tell: it is neither success nor failure.
 */
export const Verdict = Schema.Literals([
  "fulfilled",
  "partiallyFulfilled",
  "unfulfilled",
  "pending",
  "unknown"
])
export type Verdict = typeof Verdict.Type

/**
 * What does not add up in a line; shown, never repaired.
 *
 * - `notReported`: the order has the line, the status did not answer it
 * - `notInOrder`: the status answered a line that the order does not have
 * - `quantityMismatch`: the quantities do not add up to what was ordered
 * - `stateMismatch`: the quantities contradict the line's own word
 * - `wentBack`: an earlier look saw it settled, or more of it fulfilled; only where an order is followed
 */
export const LineWarning = Schema.Literals([
  "notReported",
  "notInOrder",
  "quantityMismatch",
  "stateMismatch",
  "wentBack"
])
export type LineWarning = typeof LineWarning.Type

/**
 * What does not add up in the answer as a whole.
 *
 * - `orderUnreadable`: the order could not be read, so lines have no names
 * - `countMismatch`: `totalCount` is not the number of items
 */
export const ReportWarning = Schema.Literals(["orderUnreadable", "countMismatch"])
export type ReportWarning = typeof ReportWarning.Type

export const Quantity = Schema.Struct({
  quantity: Schema.Finite,
  status: ProvisioningState,
  rawStatus: Schema.optionalKey(Schema.String)
})
export type Quantity = typeof Quantity.Type

/** One line of the order. Fields that upstream did not give are absent. */
export const Line = Schema.Struct({
  lineItemNumber: Schema.Finite,
  name: Schema.optionalKey(Schema.String),
  offerId: Schema.optionalKey(Schema.String),
  ordered: Schema.optionalKey(Schema.Finite),
  status: ProvisioningState,
  rawStatus: Schema.optionalKey(Schema.String),
  source: Schema.Literals(["order", "subscription"]),
  subscriptionId: Schema.optionalKey(Schema.String),
  quantities: Schema.Array(Quantity),
  warnings: Schema.Array(LineWarning)
})
export type Line = typeof Line.Type

export const Units = Schema.Struct({
  total: Schema.Finite,
  fulfilled: Schema.Finite,
  pending: Schema.Finite,
  unfulfilled: Schema.Finite,
  unknown: Schema.Finite
})
export type Units = typeof Units.Type

/**
 * Where an order stands, as JSON everywhere in the product. Times are ISO 8601 in UTC: `observedAt` is
 * when the status was answered, `orderObservedAt` when the order was read.
 */
export const OrderReport = Schema.Struct({
  customerId: CustomerId,
  orderId: Order.OrderId,
  verdict: Verdict,
  settled: Schema.Boolean,
  orderStatus: Schema.optionalKey(Schema.String),
  units: Units,
  lines: Schema.Array(Line),
  warnings: Schema.Array(ReportWarning),
  observedAt: Schema.DateTimeUtcFromString,
  orderObservedAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  support: Support
})
export type OrderReport = typeof OrderReport.Type

/** The report as JSON, and back. */
export const OrderReportJson = Schema.fromJsonString(OrderReport)

/** A line's state as one of the two status operations answered it, in our terms. */
export interface Answered {
  readonly lineItemNumber: number
  readonly status: ProvisioningState
  readonly rawStatus?: string | undefined
  readonly source: "order" | "subscription"
  readonly subscriptionId?: string | undefined
  readonly quantities: ReadonlyArray<Quantity>
}

const numberOf = (
  item: {
    readonly lineItemNumber?: number | undefined
    readonly orderLineItemId?: number | undefined
  },
  position: number
): number => item.lineItemNumber ?? item.orderLineItemId ?? position

// Reports of hundreds of lines are made for every look, so these build objects without spreading.
const quantityOf = (
  quantity: number,
  status: ProvisioningState,
  word: string | undefined
): Quantity => (word === undefined ? { quantity, status } : { quantity, status, rawStatus: word })

/** What the order-level operation answered, line by line. */
export const answeredByOrder = (
  status: ProvisioningStatus.OrderProvisioningStatus
): ReadonlyArray<Answered> =>
  (status.items ?? []).map((item, position) => {
    const word = item.status
    return {
      lineItemNumber: numberOf(item, position),
      status: ProvisioningStatus.fromOrderWord(word),
      rawStatus: word,
      source: "order",
      quantities: (item.quantityProvisioningInformation ?? []).map((part) =>
        quantityOf(part.quantity ?? 0, ProvisioningStatus.fromOrderWord(part.status), part.status)
      )
    }
  })

/** What the subscriptions of an older licence order answered, by subscription id as it was asked. */
export const answeredBySubscriptions = (
  order: Order.Order,
  statuses: ReadonlyMap<string, ProvisioningStatus.SubscriptionProvisioningStatus>
): ReadonlyArray<Answered> =>
  (order.lineItems ?? []).flatMap((line, position, all) => {
    const subscriptionId = Option.getOrUndefined(Order.linkedSubscription(line))
    const answer = subscriptionId === undefined ? undefined : statuses.get(subscriptionId)
    if (subscriptionId === undefined || answer === undefined) return []
    const status = ProvisioningStatus.fromSubscriptionWord(answer.status)
    const isShared = all.some(
      (other) =>
        other !== line &&
        Option.exists(Order.linkedSubscription(other), (id) => Order.sameId(id, subscriptionId))
    )
    return [
      {
        lineItemNumber: numberOf(line, position),
        status,
        rawStatus: answer.status,
        source: "subscription",
        subscriptionId,
        // A subscription of several lines has the units of them all, which no line can claim.
        quantities:
          answer.quantity === undefined || isShared
            ? []
            : [quantityOf(answer.quantity, status, answer.status)]
      } satisfies Answered
    ]
  })

/** Whether the collection says that it has another number of items than it has. */
export const isMiscounted = (status: ProvisioningStatus.OrderProvisioningStatus): boolean =>
  status.totalCount !== undefined && status.totalCount !== (status.items ?? []).length

const isContradicted = (
  status: ProvisioningState,
  quantities: ReadonlyArray<Quantity>
): boolean => {
  let isGiven = false
  for (const part of quantities) {
    if (part.quantity <= 0) continue
    isGiven = true
    if (status === "pending" && (part.status === "pending" || part.status === "unknown"))
      return false
    if (status !== "pending" && status !== "unknown" && part.status !== status) return true
  }
  return isGiven && status === "pending"
}

const line = (
  ordered: Order.OrderLineItem | undefined,
  answered: Answered,
  warnings: ReadonlyArray<LineWarning>
): Line => {
  const made: { -readonly [Key in keyof Line]: Line[Key] } = {
    lineItemNumber: answered.lineItemNumber,
    status: answered.status,
    source: answered.source,
    quantities: answered.quantities,
    warnings
  }
  if (ordered?.friendlyName !== undefined) made.name = ordered.friendlyName
  if (ordered?.offerId !== undefined) made.offerId = ordered.offerId
  if (ordered?.quantity !== undefined) made.ordered = ordered.quantity
  if (answered.rawStatus !== undefined) made.rawStatus = answered.rawStatus
  if (answered.subscriptionId !== undefined) made.subscriptionId = answered.subscriptionId
  return made
}

const none: ReadonlyArray<LineWarning> = []

const contradictions = (
  ordered: Order.OrderLineItem | undefined,
  { quantities, status }: Answered
): ReadonlyArray<LineWarning> => {
  let sum = 0
  for (const part of quantities) sum += part.quantity
  const isOff = quantities.length > 0 && ordered?.quantity !== undefined && sum !== ordered.quantity
  const isContrary = isContradicted(status, quantities)
  if (!isOff && !isContrary) return none
  return isOff && isContrary
    ? ["quantityMismatch", "stateMismatch"]
    : [isOff ? "quantityMismatch" : "stateMismatch"]
}

const linesByNumber = (order: Order.Order | undefined) => {
  const found = new Map<number, Array<Order.OrderLineItem>>()
  for (const [position, item] of (order?.lineItems ?? []).entries()) {
    const number = numberOf(item, position)
    const same = found.get(number)
    if (same === undefined) found.set(number, [item])
    else same.push(item)
  }
  return found
}

/** The union of the order's lines and the answered ones, by line number. */
const join = (
  order: Order.Order | undefined,
  answered: ReadonlyArray<Answered>,
  source: Line["source"]
): ReadonlyArray<Line> => {
  const waiting = linesByNumber(order)
  const lines = answered.map((answer) => {
    const ordered = waiting.get(answer.lineItemNumber)?.shift()
    const found = contradictions(ordered, answer)
    return line(
      ordered,
      answer,
      order !== undefined && ordered === undefined ? ["notInOrder", ...found] : found
    )
  })
  for (const [lineItemNumber, items] of waiting) {
    for (const item of items) {
      // A line that takes something back has nothing to provision, and says nothing of the rest.
      if (ProvisioningStatus.isTakenBack(item.transactionType)) continue
      const answer: Answered = { lineItemNumber, status: "unknown", source, quantities: [] }
      lines.push(line(item, answer, ["notReported"]))
    }
  }
  const isInOrder = lines.every(
    (line, at) => at === 0 || (lines[at - 1]?.lineItemNumber ?? 0) <= line.lineItemNumber
  )
  return isInOrder ? lines : lines.toSorted((a, b) => a.lineItemNumber - b.lineItemNumber)
}

/**
 * The verdict over all line words and the states of all quantities greater than 0. Total: none at all
 * is `unknown`; any pending is `pending`; else any unknown is `unknown`; the rest is settled.
 */
export const verdict = (
  lines: ReadonlyArray<{
    readonly status: ProvisioningState
    readonly quantities: ReadonlyArray<Pick<Quantity, "quantity" | "status">>
  }>
): Verdict => {
  const states = new Set<ProvisioningState>()
  for (const { quantities, status } of lines) {
    states.add(status)
    for (const part of quantities) if (part.quantity > 0) states.add(part.status)
  }
  if (states.size === 0) return "unknown"
  if (states.has("pending")) return "pending"
  if (states.has("unknown")) return "unknown"
  if (states.size > 1) return "partiallyFulfilled"
  return states.has("fulfilled") ? "fulfilled" : "unfulfilled"
}

/** Whether nothing more is expected of an order with that verdict. */
export const isSettled = (verdict: Verdict): boolean =>
  verdict !== "pending" && verdict !== "unknown"

/** Units by state: the given quantities, else the ordered quantity in the line's state, else none. */
export const units = (
  lines: ReadonlyArray<Pick<Line, "status" | "quantities" | "ordered">>
): Units => {
  const counted = { total: 0, fulfilled: 0, pending: 0, unfulfilled: 0, unknown: 0 }
  for (const { ordered, quantities, status } of lines) {
    if (quantities.length === 0 && ordered !== undefined) {
      counted.total += ordered
      counted[status] += ordered
    }
    for (const part of quantities) {
      counted.total += part.quantity
      counted[part.status] += part.quantity
    }
  }
  return counted
}

/** What one look saw. `order` is absent where it could not be read. */
export interface Look extends Pick<
  OrderReport,
  "customerId" | "orderId" | "observedAt" | "support"
> {
  readonly order?: { readonly value: Order.Order; readonly observedAt: OrderReport["observedAt"] }
  readonly answered: ReadonlyArray<Answered>
  readonly source: Line["source"]
  readonly isMiscounted: boolean
}

/** The report of one look. */
export const make = (look: Look): OrderReport => {
  const order = look.order?.value
  const lines = join(order, look.answered, look.source)
  const judged = verdict(lines)
  const warnings: Array<ReportWarning> = []
  if (order === undefined) warnings.push("orderUnreadable")
  if (look.isMiscounted) warnings.push("countMismatch")
  return {
    customerId: look.customerId,
    orderId: look.orderId,
    verdict: judged,
    settled: isSettled(judged),
    ...(order?.status !== undefined && { orderStatus: order.status }),
    units: units(lines),
    lines,
    warnings,
    observedAt: look.observedAt,
    ...(look.order !== undefined && { orderObservedAt: look.order.observedAt }),
    support: look.support
  }
}

const isDone = (state: ProvisioningState): boolean =>
  state === "fulfilled" || state === "unfulfilled"

const isOpen = ({ quantities, status }: Line): boolean =>
  !isDone(status) || quantities.some((part) => part.quantity > 0 && !isDone(part.status))

const hasGoneBack = (before: Line, now: Line): boolean =>
  isOpen(now) &&
  (!isOpen(before) ||
    before.warnings.includes("wentBack") ||
    units([now]).fulfilled < units([before]).fulfilled)

/** The report with a warning at each line that an earlier one saw further along. */
export const after = (before: OrderReport, report: OrderReport): OrderReport => {
  const known = Map.groupBy(before.lines, ({ lineItemNumber }) => lineItemNumber)
  const lines = report.lines.map((now): Line => {
    const earlier = known.get(now.lineItemNumber)?.shift()
    return earlier !== undefined && hasGoneBack(earlier, now)
      ? { ...now, warnings: [...now.warnings, "wentBack"] }
      : now
  })
  return lines.every((line, at) => line === report.lines[at]) ? report : { ...report, lines }
}

/** What the report says apart from when it was observed and by which request: equal where nothing changed. */
export const essence = (report: OrderReport): string => {
  const { observedAt: _, orderObservedAt: __, support: ___, ...said } = report
  return JSON.stringify(said)
}

/** Whether both say the same of the same order, whenever it was observed. */
export const isSame = (self: OrderReport, that: OrderReport): boolean =>
  essence(self) === essence(that)
