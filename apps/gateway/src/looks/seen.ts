// A report as it is served: its validator, its bytes, and what an earlier one says of it.
import { createHash } from "node:crypto"
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import * as OrderReport from "@orderwatch/core/OrderReport"
import { Schema } from "effect"
import type { Entry, Read, Seen } from "./entries.ts"

const encode = Schema.encodeSync(OrderReport.OrderReportJson)

const anybody = CustomerId.make("00000000-0000-0000-0000-000000000000")
const anything = OrderId.make("0")

// However its ids are spelled, the order is the same; the key has the one spelling.
const etagOf = (key: string, report: OrderReport.OrderReport): string => {
  const said = OrderReport.essence({ ...report, customerId: anybody, orderId: anything })
  return `W/"${createHash("sha256").update(key).update("\n").update(said).digest("base64url").slice(0, 22)}"`
}

const servedAs = (key: string, report: OrderReport.OrderReport): Seen => ({
  report,
  etag: etagOf(key, report),
  body: encode(report)
})

// What a line went back from is told against what is kept here, which every path shares.
const withoutHistory = (report: OrderReport.OrderReport): OrderReport.OrderReport => ({
  ...report,
  lines: report.lines.map((line) =>
    line.warnings.includes("wentBack")
      ? { ...line, warnings: line.warnings.filter((warning) => warning !== "wentBack") }
      : line
  )
})

const settled = <A>(
  read: Read<A> | undefined,
  at: OrderReport.OrderReport["observedAt"] | undefined,
  isSettled: boolean
): Read<A> | undefined =>
  read === undefined ||
  (isSettled && read.answer.observedAt.epochMilliseconds !== at?.epochMilliseconds)
    ? read
    : { ...read, isSettled }

// Reports tell whole milliseconds.
const exact = 1

/**
 * What is known once the report was made: it, unless a later one is there already, for a look that took longer is
 * overtaken by one that began after it. `seenAt` is when it was observed, in steady milliseconds.
 */
export const published = (
  key: string,
  entry: Entry,
  report: OrderReport.OrderReport,
  seenAt: number
): Entry & { readonly seen: Seen } => {
  const before = entry.seen
  if (before !== undefined && entry.seenAt !== undefined && entry.seenAt > seenAt + exact) {
    return { ...entry, seen: before }
  }
  const plain = withoutHistory(report)
  const compared = before === undefined ? plain : OrderReport.after(before.report, plain)
  const order = settled(entry.order, report.orderObservedAt, report.settled)
  const status = settled(entry.status, report.observedAt, report.settled)
  return {
    ...entry,
    ...(order !== undefined && { order }),
    ...(status !== undefined && { status }),
    seen: servedAs(key, compared),
    seenAt
  }
}

/** The same report, with the ids as somebody spelled them. */
export const spelled = (seen: Seen, customerId: CustomerId, orderId: OrderId): Seen => {
  if (seen.report.customerId === customerId && seen.report.orderId === orderId) return seen
  const report = { ...seen.report, customerId, orderId }
  return { report, etag: seen.etag, body: encode(report) }
}
