import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Option, Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import * as OrderHistory from "../src/OrderHistory.ts"
import type { OrderReport, Verdict } from "../src/OrderReport.ts"
import { customer, order } from "./fixtures.ts"

const seen = (verdict: Verdict, seconds: number, fulfilled = 0): OrderReport => ({
  customerId: customer,
  orderId: order,
  verdict,
  settled: verdict !== "pending" && verdict !== "unknown",
  units: { total: 3, fulfilled, pending: 3 - fulfilled, unfulfilled: 0, unknown: 0 },
  lines: [],
  warnings: [],
  observedAt: DateTime.makeUnsafe(seconds * 1000),
  support: {}
})

const after = (...reports: ReadonlyArray<OrderReport>) =>
  reports.reduce<OrderHistory.OrderHistory | undefined>(OrderHistory.record, undefined)
const recorded = (first: OrderReport, ...more: ReadonlyArray<OrderReport>) =>
  more.reduce(OrderHistory.record, OrderHistory.record(undefined, first))
const at = (seconds: number) => DateTime.makeUnsafe(seconds * 1000)

describe("OrderHistory", () => {
  it("begins with the first report", () => {
    const report = seen("pending", 5)
    assert.deepStrictEqual(recorded(report), {
      firstSeenAt: at(5),
      pendingSince: at(5),
      changes: [{ at: at(5), verdict: "pending", units: report.units }]
    })
  })

  it("an order that was never seen pending has no such time", () => {
    assert.notProperty(after(seen("unknown", 1), seen("fulfilled", 2, 3)), "pendingSince")
    assert.notProperty(after(seen("fulfilled", 1, 3)), "pendingSince")
  })

  it("is pending since it was first seen so, whatever it was in between", () => {
    const history = recorded(
      seen("unknown", 1),
      seen("pending", 2),
      seen("unknown", 3),
      seen("pending", 4, 1)
    )
    assert.deepStrictEqual([history.firstSeenAt, history.pendingSince], [at(1), at(2)])
  })

  it.each<Verdict>(["fulfilled", "partiallyFulfilled", "unfulfilled"])(
    "has settled when it was seen to be %s",
    (verdict) => {
      assert.deepStrictEqual(recorded(seen("pending", 1), seen(verdict, 9)).settledAt, at(9))
    }
  )

  it.each<Verdict>(["pending", "unknown"])("has not settled while it is %s", (verdict) => {
    assert.notProperty(recorded(seen(verdict, 1)), "settledAt")
  })

  it("an order that is no longer settled has no such time", () => {
    assert.notProperty(recorded(seen("fulfilled", 1, 3), seen("pending", 2, 1)), "settledAt")
  })

  it("keeps the states in their order", () => {
    const history = recorded(seen("pending", 1), seen("pending", 2, 1), seen("fulfilled", 3, 3))
    assert.deepStrictEqual(
      history.changes.map(({ at, units, verdict }) => [
        at.epochMilliseconds,
        verdict,
        units.fulfilled
      ]),
      [
        [1000, "pending", 0],
        [2000, "pending", 1],
        [3000, "fulfilled", 3]
      ]
    )
  })

  it("keeps the last hundred at most, and still knows when it began", () => {
    const first = seen("pending", 0)
    const history = recorded(
      first,
      ...Array.from({ length: 250 }, (_, index) => seen("pending", index + 1, index % 2))
    )
    assert.strictEqual(history.changes.length, 100)
    assert.deepStrictEqual(history.changes[0]?.at, at(151))
    assert.deepStrictEqual(history.changes.at(-1)?.at, at(250))
    assert.deepStrictEqual([history.firstSeenAt, history.pendingSince], [at(0), at(0)])
  })

  it("leaves the history that it was given as it is", () => {
    const before = recorded(seen("pending", 1))
    OrderHistory.record(before, seen("fulfilled", 2, 3))
    assert.strictEqual(before.changes.length, 1)
    assert.notProperty(before, "settledAt")
  })

  it.prop(
    "comes back from JSON as it went",
    { history: Arbitrary.schema(OrderHistory.OrderHistory) },
    ({ history }) => {
      const codec = Schema.fromJsonString(OrderHistory.OrderHistory)
      const json = Schema.encodeSync(codec)(history)
      assert.strictEqual(Schema.encodeSync(codec)(Schema.decodeSync(codec)(json)), json)
    },
    { arbitrary: { seed: "history", runs: 60 } }
  )
})

describe("the time to fulfilment", () => {
  it("is from when it was first seen pending until it was seen fulfilled", () => {
    const history = recorded(seen("unknown", 1), seen("pending", 10), seen("fulfilled", 100, 3))
    assert.deepStrictEqual(
      OrderHistory.timeToFulfilment(history),
      Option.some(Duration.seconds(90))
    )
  })

  it.each([
    ["it is still pending", [seen("pending", 1)]],
    ["it was never seen pending", [seen("unknown", 1), seen("fulfilled", 2, 3)]],
    ["only a part is fulfilled", [seen("pending", 1), seen("partiallyFulfilled", 2, 1)]],
    ["it is unfulfilled", [seen("pending", 1), seen("unfulfilled", 2)]]
  ] as const)("is none where %s", (_, [first, ...more]) => {
    const history = recorded(first, ...more)
    assert.isTrue(Option.isNone(OrderHistory.timeToFulfilment(history)))
  })
})
