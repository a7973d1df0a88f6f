// Orders as a follower knows them, for tests of what is made of that.
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import { record } from "@orderwatch/core/OrderHistory"
import type { OrderHistory } from "@orderwatch/core/OrderHistory"
import type { OrderReport, Verdict } from "@orderwatch/core/OrderReport"
import { make, PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import type { Changed, NextLook } from "@orderwatch/core/Tracker"
import { DateTime, Duration, Option } from "effect"
import { begin } from "../src/following.ts"
import type { Standing } from "../src/following.ts"

/** When all of this began. */
export const beginning = DateTime.makeUnsafe("2026-11-22T10:00:00Z")
/** That many seconds later. */
export const later = (seconds: number): DateTime.Utc =>
  DateTime.addDuration(beginning, Duration.seconds(seconds))

const customerId = CustomerId.make("0c39d6d5-c70d-4c55-bc02-f620844f3fd1")

/** An order of which nothing is known. */
export const unseen = (id = "Order-1"): Standing => begin({ customerId, orderId: OrderId.make(id) })

const settled: ReadonlyArray<Verdict> = ["fulfilled", "partiallyFulfilled", "unfulfilled"]

/** A report of one line with two units. */
export const report = (
  verdict: Verdict,
  fields: Partial<OrderReport> = {},
  orderId = OrderId.make("Order-1")
): OrderReport => {
  const status = verdict === "partiallyFulfilled" ? "unfulfilled" : verdict
  const units = { total: 2, fulfilled: 0, pending: 0, unfulfilled: 0, unknown: 0, [status]: 2 }
  return {
    customerId,
    orderId,
    verdict,
    settled: settled.includes(verdict),
    units,
    lines: [
      {
        lineItemNumber: 0,
        status,
        rawStatus: status,
        source: "order",
        quantities: [{ quantity: 2, status, rawStatus: status }],
        warnings: []
      }
    ],
    warnings: [],
    observedAt: beginning,
    support: {},
    ...fields
  }
}

/** That the report was seen, after what was seen before. */
export const changed = (report: OrderReport, history?: OrderHistory): Changed => ({
  _tag: "Changed",
  report,
  order: Option.none(),
  history: record(history, report)
})

/** An order that was seen to be so. */
export const seen = (verdict: Verdict, id?: string): Standing => {
  const standing = unseen(id)
  standing.latest = changed(report(verdict, {}, standing.orderId))
  return standing
}

/** A failure of a look. */
export const failure = (
  reason: "Conflict" | "MfaRequired" | "OrderNotFound" | "Unavailable"
): PartnerCenterError =>
  new PartnerCenterError({
    operation: "order",
    reason: make({ _tag: reason, description: `it was\u001b[2J ${reason}` }),
    support: { requestId: "the request" }
  })

/** An order that failed for good. */
export const failed = (reason: Parameters<typeof failure>[0], id?: string): Standing => {
  const standing = unseen(id)
  standing.error = failure(reason)
  return standing
}

/** The next look, that many seconds after the beginning. */
export const nextLook = (seconds: number, why: NextLook["why"]): NextLook => ({
  _tag: "NextLook",
  at: later(seconds),
  why
})
