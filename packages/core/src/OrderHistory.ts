// What was seen of an order while it was followed: since when it is pending, what changed, how long it took.
import { DateTime, Duration, Option, Schema } from "effect"
import { Units, Verdict } from "./OrderReport.ts"
import type { OrderReport } from "./OrderReport.ts"

/** A state that the order was seen to come into. */
export const Change = Schema.Struct({
  at: Schema.DateTimeUtcFromString,
  verdict: Verdict,
  units: Units
})
export type Change = typeof Change.Type

/**
 * The history of an order since somebody began to follow it. Times are ISO 8601 in UTC: `pendingSince`
 * when it was first seen pending, `settledAt` when it was seen to have settled.
 */
export const OrderHistory = Schema.Struct({
  firstSeenAt: Schema.DateTimeUtcFromString,
  pendingSince: Schema.optionalKey(Schema.DateTimeUtcFromString),
  settledAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  /** The oldest first, the last hundred at most. */
  changes: Schema.Array(Change)
})
export type OrderHistory = typeof OrderHistory.Type

const most = 100

/** The history with one more report, which is another than the one before. */
export const record = (history: OrderHistory | undefined, report: OrderReport): OrderHistory => {
  const { observedAt, settled, units, verdict } = report
  const pendingSince = history?.pendingSince ?? (verdict === "pending" ? observedAt : undefined)
  return {
    firstSeenAt: history?.firstSeenAt ?? observedAt,
    ...(pendingSince !== undefined && { pendingSince }),
    ...(settled && { settledAt: observedAt }),
    changes: [...(history?.changes ?? []).slice(1 - most), { at: observedAt, verdict, units }]
  }
}

/** From when it was first seen pending until it was seen fulfilled; none before, or if it never was. */
export const timeToFulfilment = (history: OrderHistory): Option.Option<Duration.Duration> => {
  const { changes, pendingSince, settledAt } = history
  return pendingSince === undefined ||
    settledAt === undefined ||
    changes.at(-1)?.verdict !== "fulfilled"
    ? Option.none()
    : Option.some(DateTime.distance(pendingSince, settledAt))
}
