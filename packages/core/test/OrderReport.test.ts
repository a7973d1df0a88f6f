import { assert, describe, it } from "@effect/vitest"
import { DateTime, Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { Order } from "../src/Order.ts"
import * as OrderReport from "../src/OrderReport.ts"
import { OrderProvisioningStatus, ProvisioningState } from "../src/ProvisioningStatus.ts"
import type { SubscriptionProvisioningStatus } from "../src/ProvisioningStatus.ts"
import { customer, fulfilled, licences, order, reservation, subscriptionLine } from "./fixtures.ts"

const decodeOrder = Schema.decodeUnknownSync(Order)
const decodeStatus = Schema.decodeUnknownSync(OrderProvisioningStatus)
const at = DateTime.makeUnsafe("2026-11-22T10:00:00Z")

const item = (
  lineItemNumber: number,
  status: string,
  ...parts: ReadonlyArray<[number, string]>
) => ({
  lineItemNumber,
  status,
  quantityProvisioningInformation: parts.map(([quantity, word]) => ({ quantity, status: word }))
})

/** The report of an order with those lines (or of none) and of a status with those items. */
const report = (
  lines: ReadonlyArray<object> | undefined,
  items: ReadonlyArray<object>,
  totalCount = items.length
) => {
  const status = decodeStatus({ totalCount, items })
  return OrderReport.make({
    customerId: customer,
    orderId: order,
    ...(lines !== undefined && {
      order: { value: decodeOrder({ id: order, lineItems: lines }), observedAt: at }
    }),
    answered: OrderReport.answeredByOrder(status),
    source: "order",
    isMiscounted: OrderReport.isMiscounted(status),
    observedAt: at,
    support: {}
  })
}

const Judged = Schema.Struct({
  status: ProvisioningState,
  quantities: Schema.Array(Schema.Struct({ quantity: Schema.Int, status: ProvisioningState }))
})

const warningsOf = (made: OrderReport.OrderReport) => made.lines.map(({ warnings }) => warnings)

describe("the report", () => {
  it("joins the order's line with the answered one", () => {
    const made = report(reservation.lineItems, fulfilled.items)
    assert.deepStrictEqual(made, {
      customerId: customer,
      orderId: order,
      verdict: "fulfilled",
      settled: true,
      units: { total: 1, fulfilled: 1, pending: 0, unfulfilled: 0, unknown: 0 },
      lines: [
        {
          lineItemNumber: 0,
          name: "Reserved_VM_Instance_Standard_NC12_AU_East_1_Year",
          offerId: "DZH318Z0BQ4Z:002L:DZH318Z0CMNP",
          ordered: 1,
          status: "fulfilled",
          rawStatus: "fulfilled",
          source: "order",
          quantities: [{ quantity: 1, status: "fulfilled", rawStatus: "fulfilled" }],
          warnings: []
        }
      ],
      warnings: [],
      observedAt: at,
      orderObservedAt: at,
      support: {}
    })
  })

  it("an answer with an orderLineItemId only is joined by it", () => {
    const made = report(
      [
        { lineItemNumber: 0, friendlyName: "first" },
        { lineItemNumber: 7, friendlyName: "second" }
      ],
      [
        { orderLineItemId: 7, status: "fulfilled" },
        { orderLineItemId: 0, status: "fulfilled" }
      ]
    )
    assert.deepStrictEqual(
      made.lines.map(({ lineItemNumber, name }) => [lineItemNumber, name]),
      [
        [0, "first"],
        [7, "second"]
      ]
    )
    assert.deepStrictEqual(warningsOf(made), [[], []])
  })

  it("the line item number goes before the orderLineItemId", () => {
    const made = report(
      [{ lineItemNumber: 1 }],
      [{ lineItemNumber: 1, orderLineItemId: 5, status: "fulfilled" }]
    )
    assert.deepStrictEqual(
      made.lines.map((line) => line.lineItemNumber),
      [1]
    )
  })

  it("without any number, lines are joined by position", () => {
    const made = report(
      [{ friendlyName: "first" }, { friendlyName: "second" }],
      [{ status: "fulfilled" }, { status: "Unfulfilled" }]
    )
    assert.deepStrictEqual(
      made.lines.map(({ lineItemNumber, name, rawStatus }) => [lineItemNumber, name, rawStatus]),
      [
        [0, "first", "fulfilled"],
        [1, "second", "Unfulfilled"]
      ]
    )
  })

  it("a line keeps the raw word beside our state", () => {
    const made = report(
      [{ lineItemNumber: 0 }],
      [item(0, "Prefulfillment_Pending", [1, "odd word"])]
    )
    assert.strictEqual(made.lines[0]?.status, "pending")
    assert.strictEqual(made.lines[0]?.rawStatus, "Prefulfillment_Pending")
    assert.deepStrictEqual(made.lines[0]?.quantities, [
      { quantity: 1, status: "unknown", rawStatus: "odd word" }
    ])
  })

  it("an item without a word is unknown and invents none", () => {
    const made = report([{ lineItemNumber: 0 }], [{ lineItemNumber: 0 }])
    assert.strictEqual(made.lines[0]?.status, "unknown")
    assert.isFalse("rawStatus" in (made.lines[0] ?? {}))
    assert.strictEqual(made.verdict, "unknown")
  })

  it("an order line that was not answered is unknown, with notReported", () => {
    const made = report(
      [{ lineItemNumber: 0 }, { lineItemNumber: 1, quantity: 3 }],
      [item(0, "fulfilled")]
    )
    assert.deepStrictEqual(warningsOf(made), [[], ["notReported"]])
    assert.strictEqual(made.lines[1]?.status, "unknown")
    assert.strictEqual(made.verdict, "unknown")
    assert.strictEqual(made.units.unknown, 3)
  })

  it.each([
    "cancel",
    "Cancel",
    "removeQuantity",
    "remove_quantity",
    "RemoveQuantity",
    "customerCredit",
    "customer-credit"
  ])("a line of the transaction '%s' that was not answered is left out", (transactionType) => {
    const made = report(
      [{ lineItemNumber: 0 }, { lineItemNumber: 1, transactionType, quantity: 3 }],
      [item(0, "fulfilled")]
    )
    assert.deepStrictEqual(
      made.lines.map((line) => line.lineItemNumber),
      [0]
    )
    assert.strictEqual(made.verdict, "fulfilled")
  })

  it("a line taken back that was answered is in the report", () => {
    const made = report(
      [{ lineItemNumber: 0, transactionType: "cancel" }],
      [item(0, "unfulfilled")]
    )
    assert.strictEqual(made.verdict, "unfulfilled")
    assert.deepStrictEqual(warningsOf(made), [[]])
  })

  it("an answered line that the order does not have is in the report, with notInOrder", () => {
    const made = report([{ lineItemNumber: 0 }], [item(0, "fulfilled"), item(4, "unfulfilled")])
    assert.deepStrictEqual(warningsOf(made), [[], ["notInOrder"]])
    assert.strictEqual(made.verdict, "partiallyFulfilled")
  })

  it.each([
    ["fewer", 2],
    ["more", 4]
  ])("quantities that are %s than ordered are a quantityMismatch, not repaired", (_, quantity) => {
    const made = report(
      [{ lineItemNumber: 0, quantity: 3 }],
      [item(0, "fulfilled", [quantity, "fulfilled"])]
    )
    assert.deepStrictEqual(warningsOf(made), [["quantityMismatch"]])
    assert.strictEqual(made.lines[0]?.ordered, 3)
    assert.strictEqual(made.units.total, quantity)
  })

  it("quantities that add up to what was ordered are no mismatch, and a line without any is none", () => {
    const made = report(
      [
        { lineItemNumber: 0, quantity: 3 },
        { lineItemNumber: 1, quantity: 2 }
      ],
      [
        item(0, "prefulfillmentPending", [2, "fulfilled"], [1, "prefulfillmentPending"]),
        { lineItemNumber: 1, status: "fulfilled" }
      ]
    )
    assert.deepStrictEqual(warningsOf(made), [[], []])
  })

  it.each([
    ["fulfilled", "prefulfillmentPending"],
    ["fulfilled", "unfulfilled"],
    ["unfulfilled", "fulfilled"],
    ["prefulfillmentPending", "fulfilled"]
  ])("quantities against the word are a stateMismatch: %s, %s", (word, part) => {
    const made = report([{ lineItemNumber: 0, quantity: 1 }], [item(0, word, [1, part])])
    assert.deepStrictEqual(warningsOf(made), [["stateMismatch"]])
    assert.strictEqual(made.lines[0]?.rawStatus, word)
  })

  it("a quantity of 0 contradicts nothing", () => {
    const made = report(
      [{ lineItemNumber: 0, quantity: 1 }],
      [item(0, "fulfilled", [1, "fulfilled"], [0, "unfulfilled"])]
    )
    assert.deepStrictEqual(warningsOf(made), [[]])
  })

  it("a count that is not the number of items is a countMismatch", () => {
    assert.deepStrictEqual(report([{ lineItemNumber: 0 }], [item(0, "fulfilled")], 2).warnings, [
      "countMismatch"
    ])
    assert.deepStrictEqual(report([{ lineItemNumber: 0 }], [item(0, "fulfilled")], 1).warnings, [])
  })

  it("without an order it has no names, says so, and finds no line missing from the order", () => {
    const made = report(undefined, fulfilled.items)
    assert.deepStrictEqual(made.warnings, ["orderUnreadable"])
    assert.deepStrictEqual(warningsOf(made), [[]])
    assert.isFalse("name" in (made.lines[0] ?? {}))
    assert.isFalse("orderObservedAt" in made)
    assert.strictEqual(made.verdict, "fulfilled")
  })

  it("lines stand by number, whatever the order of the answer", () => {
    const made = report([{ lineItemNumber: 2 }], [item(1, "fulfilled"), item(0, "fulfilled")])
    assert.deepStrictEqual(
      made.lines.map((line) => line.lineItemNumber),
      [0, 1, 2]
    )
  })
})

describe("an older licence order", () => {
  const status = (word: string, quantity?: number): SubscriptionProvisioningStatus => ({
    status: word,
    ...(quantity !== undefined && { quantity })
  })

  it.each([
    ["success", "fulfilled"],
    ["Pending", "pending"],
    ["failed", "unfulfilled"],
    ["none", "unknown"],
    ["fulfilled", "unknown"]
  ] as const)("a subscription's '%s' is %s, with the subscription as source", (word, state) => {
    const answered = OrderReport.answeredBySubscriptions(
      decodeOrder({ ...licences, lineItems: [subscriptionLine(0, "s1")] }),
      new Map([["s1", status(word, 5)]])
    )
    assert.deepStrictEqual(answered, [
      {
        lineItemNumber: 0,
        status: state,
        rawStatus: word,
        source: "subscription",
        subscriptionId: "s1",
        quantities: [{ quantity: 5, status: state, rawStatus: word }]
      }
    ])
  })

  it("a subscription without a quantity leaves the line's quantities empty", () => {
    const answered = OrderReport.answeredBySubscriptions(
      decodeOrder({ ...licences, lineItems: [subscriptionLine(0, "s1")] }),
      new Map([["s1", status("success")]])
    )
    assert.deepStrictEqual(answered[0]?.quantities, [])
  })

  it("every line of a shared subscription is answered by it", () => {
    const answered = OrderReport.answeredBySubscriptions(
      decodeOrder({
        ...licences,
        lineItems: [subscriptionLine(0, "s1"), subscriptionLine(1, "s1")]
      }),
      new Map([["s1", status("pending", 5)]])
    )
    assert.deepStrictEqual(
      answered.map(({ lineItemNumber, status }) => [lineItemNumber, status]),
      [
        [0, "pending"],
        [1, "pending"]
      ]
    )
  })

  it("no line of a shared subscription claims the units of them all", () => {
    const answered = OrderReport.answeredBySubscriptions(
      decodeOrder({
        ...licences,
        lineItems: [subscriptionLine(0, "s1"), subscriptionLine(1, "s1"), subscriptionLine(2, "s2")]
      }),
      new Map([
        ["s1", status("success", 7)],
        ["s2", status("success", 3)]
      ])
    )
    assert.deepStrictEqual(
      answered.map(({ quantities }) => quantities.map(({ quantity }) => quantity)),
      [[], [], [3]]
    )
  })
})

describe("the verdict", () => {
  const line = (
    status: ProvisioningState,
    ...parts: ReadonlyArray<readonly [number, ProvisioningState]>
  ) => ({ status, quantities: parts.map(([quantity, state]) => ({ quantity, status: state })) })

  it.each([
    ["no line at all", [], "unknown"],
    ["all fulfilled", [line("fulfilled"), line("fulfilled")], "fulfilled"],
    ["all unfulfilled", [line("unfulfilled"), line("unfulfilled")], "unfulfilled"],
    ["a mixture", [line("fulfilled"), line("unfulfilled")], "partiallyFulfilled"],
    ["any pending", [line("fulfilled"), line("pending"), line("unknown")], "pending"],
    ["any unknown, none pending", [line("fulfilled"), line("unknown")], "unknown"],
    ["a pending quantity below a fulfilled word", [line("fulfilled", [1, "pending"])], "pending"],
    ["an unknown quantity below a fulfilled word", [line("fulfilled", [1, "unknown"])], "unknown"],
    [
      "an unfulfilled quantity below a fulfilled word",
      [line("fulfilled", [2, "fulfilled"], [1, "unfulfilled"])],
      "partiallyFulfilled"
    ],
    ["a pending word above fulfilled quantities", [line("pending", [1, "fulfilled"])], "pending"],
    [
      "a quantity of 0 does not count",
      [line("fulfilled", [1, "fulfilled"], [0, "pending"])],
      "fulfilled"
    ],
    ["a negative quantity does not count", [line("fulfilled", [-1, "pending"])], "fulfilled"]
  ] as const)("%s", (_, lines, verdict) => {
    assert.strictEqual(OrderReport.verdict(lines), verdict)
  })

  it.each([
    ["fulfilled", true],
    ["partiallyFulfilled", true],
    ["unfulfilled", true],
    ["pending", false],
    ["unknown", false]
  ] as const)("%s is settled: %s", (verdict, settled) => {
    assert.strictEqual(OrderReport.isSettled(verdict), settled)
  })

  it.prop(
    "is total: every set of lines has one",
    { lines: Schema.Array(Judged) },
    ({ lines }) => {
      const verdict = OrderReport.verdict(lines)
      assert.isTrue(Schema.is(OrderReport.Verdict)(verdict))
      assert.strictEqual(OrderReport.verdict(lines.toReversed()), verdict)
    },
    { arbitrary: { seed: "verdict", runs: 300 } }
  )

  it.prop(
    "a pending line more never makes it settled",
    { lines: Schema.Array(Judged), pending: Judged },
    ({ lines, pending }) => {
      const verdict = OrderReport.verdict([...lines, { ...pending, status: "pending" }])
      assert.strictEqual(verdict, "pending")
      assert.isFalse(OrderReport.isSettled(verdict))
    },
    { arbitrary: { seed: "pending", runs: 300 } }
  )

  it.prop(
    "is fulfilled only where nothing speaks against it",
    { lines: Schema.Array(Judged) },
    ({ lines }) => {
      if (OrderReport.verdict(lines) !== "fulfilled") return
      assert.isTrue(lines.length > 0)
      for (const { quantities, status } of lines) {
        assert.strictEqual(status, "fulfilled")
        for (const part of quantities) {
          assert.isTrue(part.quantity <= 0 || part.status === "fulfilled")
        }
      }
    },
    { arbitrary: { seed: "fulfilled", runs: 300 } }
  )
})

describe("units", () => {
  const quantity = (count: number, status: ProvisioningState) => ({ quantity: count, status })

  it("are the given quantities by state", () => {
    const units = OrderReport.units([
      {
        status: "pending",
        ordered: 9,
        quantities: [quantity(2, "fulfilled"), quantity(3, "pending"), quantity(1, "unknown")]
      },
      { status: "unfulfilled", quantities: [quantity(4, "unfulfilled")] }
    ])
    assert.deepStrictEqual(units, {
      total: 10,
      fulfilled: 2,
      pending: 3,
      unfulfilled: 4,
      unknown: 1
    })
  })

  it("are the ordered quantity in the line's state where none are given, else nothing", () => {
    const units = OrderReport.units([
      { status: "pending", ordered: 5, quantities: [] },
      { status: "fulfilled", quantities: [] }
    ])
    assert.deepStrictEqual(units, {
      total: 5,
      fulfilled: 0,
      pending: 5,
      unfulfilled: 0,
      unknown: 0
    })
  })
})

describe("a report after an earlier one", () => {
  const word = { pending: "prefulfillmentPending", fulfilled: "fulfilled", no: "unfulfilled" }
  const two = [
    { lineItemNumber: 0, quantity: 5 },
    { lineItemNumber: 1, quantity: 5 }
  ]
  const seen = (first: object, second: object = item(1, word.pending)) =>
    report(two, [first, second])
  const first = (before: object, now: object) =>
    OrderReport.after(seen(before), seen(now)).lines[0]?.warnings ?? []

  it("is the same where nothing has gone back", () => {
    const now = seen(item(0, word.fulfilled))
    assert.strictEqual(OrderReport.after(seen(item(0, word.pending)), now), now)
    assert.strictEqual(OrderReport.after(now, now), now)
  })

  it.each([
    ["fulfilled", "pending", word.fulfilled, word.pending],
    ["unfulfilled", "pending", word.no, word.pending],
    ["fulfilled", "a word we do not know", word.fulfilled, "transfered"]
  ])("says of a line that it was %s and is %s", (_, __, before, now) => {
    assert.deepStrictEqual(first(item(0, before), item(0, now)), ["wentBack"])
  })

  it.each([
    ["from one end to the other", word.fulfilled, word.no],
    ["from pending to a word we do not know", word.pending, "transfered"],
    ["from a word we do not know to pending", "transfered", word.pending]
  ])("does not say it of a line that goes %s", (_, before, now) => {
    assert.deepStrictEqual(first(item(0, before), item(0, now)), [])
  })

  it("says it of a line that has fewer fulfilled units, and not of one that has as many", () => {
    const parts = (done: number) =>
      item(0, word.pending, [done, word.fulfilled], [5 - done, word.pending])
    assert.deepStrictEqual(first(parts(3), parts(2)), ["wentBack"])
    assert.deepStrictEqual(first(parts(3), parts(3)), [])
    assert.deepStrictEqual(first(parts(3), parts(4)), [])
  })

  it("says it of a line that is no longer answered", () => {
    const now = report(two, [item(1, word.pending)])
    const after = OrderReport.after(seen(item(0, word.fulfilled)), now)
    assert.deepStrictEqual(after.lines[0]?.warnings, ["notReported", "wentBack"])
  })

  it("keeps saying it until the line has settled", () => {
    const gone = OrderReport.after(seen(item(0, word.fulfilled)), seen(item(0, word.pending)))
    const still = OrderReport.after(gone, seen(item(0, "transfered")))
    assert.deepStrictEqual(still.lines[0]?.warnings, ["wentBack"])
    const again = OrderReport.after(still, seen(item(0, word.fulfilled)))
    assert.deepStrictEqual(again.lines[0]?.warnings, [])
  })

  it("says it of that line only, and leaves the earlier warnings and the verdict", () => {
    const now = seen(item(0, word.pending, [2, word.pending]))
    const after = OrderReport.after(seen(item(0, word.fulfilled)), now)
    assert.deepStrictEqual(warningsOf(after), [["quantityMismatch", "wentBack"], []])
    assert.deepStrictEqual({ ...after, lines: now.lines }, now)
  })

  it("knows lines by their number: one more or one less changes nothing for the others", () => {
    const one = report([{ lineItemNumber: 1 }], [item(1, word.fulfilled)])
    const both = report(two, [item(0, word.pending), item(1, word.fulfilled)])
    assert.strictEqual(OrderReport.after(one, both), both)
    assert.strictEqual(OrderReport.after(both, one), one)
  })

  it.prop(
    "changes nothing but warnings, and never those of a line that has settled whole",
    { before: Schema.Array(Judged), now: Schema.Array(Judged) },
    ({ before, now }) => {
      const made = (lines: ReadonlyArray<typeof Judged.Type>): OrderReport.OrderReport => ({
        ...report([], []),
        lines: lines.map((line, lineItemNumber) => ({
          ...line,
          lineItemNumber,
          source: "order",
          warnings: []
        }))
      })
      const report_ = made(now)
      const after = OrderReport.after(made(before), report_)
      assert.deepStrictEqual(
        after.lines.map((line) => ({ ...line, warnings: [] })),
        report_.lines
      )
      for (const { quantities, status, warnings } of after.lines) {
        const isDone = status === "fulfilled" || status === "unfulfilled"
        if (isDone && quantities.length === 0) assert.deepStrictEqual(warnings, [])
      }
    },
    { arbitrary: { seed: "after", runs: 200 } }
  )
})

describe("what a report says", () => {
  const made = report(reservation.lineItems, fulfilled.items)

  it("is the same whenever and by whichever request it was observed", () => {
    const later: OrderReport.OrderReport = {
      ...made,
      observedAt: DateTime.add(at, { minutes: 5 }),
      orderObservedAt: DateTime.add(at, { minutes: 4 }),
      support: { requestId: "other", correlationId: "another" }
    }
    assert.isTrue(OrderReport.isSame(made, later))
    assert.strictEqual(OrderReport.essence(made), OrderReport.essence(later))
    const { orderObservedAt: _, ...unread } = made
    assert.isTrue(OrderReport.isSame(made, unread))
  })

  it.each<readonly [string, Partial<OrderReport.OrderReport>]>([
    ["verdict", { verdict: "pending", settled: false }],
    ["the order's word", { orderStatus: "cancelled" }],
    ["units", { units: { ...made.units, pending: 1 } }],
    ["warnings", { warnings: ["orderUnreadable"] }],
    [
      "a line's raw word",
      { lines: made.lines.map((line) => ({ ...line, rawStatus: "FULFILLED" })) }
    ],
    [
      "a line's warnings",
      { lines: made.lines.map((line) => ({ ...line, warnings: ["wentBack"] })) }
    ],
    ["a line's name", { lines: made.lines.map((line) => ({ ...line, name: "another" })) }],
    ["one line less", { lines: [] }]
  ])("is another with another %s", (_, other) => {
    assert.isFalse(OrderReport.isSame(made, { ...made, ...other }))
  })

  it("has no times and no support ids in it", () => {
    const essence = OrderReport.essence({ ...made, support: { requestId: "the-request" } })
    assert.notInclude(essence, "the-request")
    assert.notInclude(essence, "2026-11-22")
    assert.include(essence, order)
  })
})

describe("as JSON", () => {
  it("times are ISO 8601 in UTC and absent fields are absent", () => {
    const json = Schema.encodeSync(OrderReport.OrderReportJson)(report(undefined, fulfilled.items))
    assert.deepStrictEqual(JSON.parse(json), {
      customerId: customer,
      orderId: order,
      verdict: "fulfilled",
      settled: true,
      units: { total: 1, fulfilled: 1, pending: 0, unfulfilled: 0, unknown: 0 },
      lines: [
        {
          lineItemNumber: 0,
          status: "fulfilled",
          rawStatus: "fulfilled",
          source: "order",
          quantities: [{ quantity: 1, status: "fulfilled", rawStatus: "fulfilled" }],
          warnings: []
        }
      ],
      warnings: ["orderUnreadable"],
      observedAt: "2026-11-22T10:00:00.000Z",
      support: {}
    })
  })

  it.prop(
    "every report comes back as it went",
    { report: Arbitrary.schema(OrderReport.OrderReport) },
    ({ report }) => {
      const json = Schema.encodeSync(OrderReport.OrderReportJson)(report)
      const back = Schema.decodeSync(OrderReport.OrderReportJson)(json)
      assert.strictEqual(Schema.encodeSync(OrderReport.OrderReportJson)(back), json)
      assert.isTrue(Schema.toEquivalence(OrderReport.OrderReport)(back, report))
    },
    { arbitrary: { seed: "report", runs: 100 } }
  )
})
