import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Schema } from "effect"
import * as TestConsole from "effect/testing/TestConsole"
import { first, fromNews, Message, printMessage, result } from "../src/messages.ts"
import { changed, failed, failure, later, nextLook, report, seen, unseen } from "./standings.ts"

const encode = Schema.encodeSync(Message)
const text = (message: Message) => JSON.stringify(encode(message))
const decode = Schema.decodeUnknownSync(Message)

describe("a message", () => {
  it.effect.prop(
    "is one line of JSON without anything that a terminal acts on, and is read back",
    { message: Message },
    ({ message }) =>
      Effect.gen(function* () {
        yield* printMessage(message)
        const line = String((yield* TestConsole.logLines).at(-1))
        assert.notMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/)
        // As text: JSON has no -0.
        assert.strictEqual(text(decode(JSON.parse(line))), text(message))
      }),
    { arbitrary: { seed: "messages", runs: 100 } }
  )

  it("of the beginning says which version of all this is spoken", () => {
    assert.deepStrictEqual(Object.keys(first), ["type", "orderwatch", "schema"])
    assert.deepInclude(encode(first), { type: "version", schema: 1 })
  })

  it("may have fields that nobody knows yet", () => {
    assert.deepStrictEqual(decode({ ...encode(first), later: true }), first)
  })
})

describe("an event as a message", () => {
  const standing = unseen()
  const about = { customerId: standing.customerId, orderId: "Order-1" }

  it("is a report with its history where the order has changed", () => {
    const before = changed(report("pending"))
    const event = changed(report("fulfilled", { observedAt: later(90) }), before.history)
    const units = { total: 2, fulfilled: 2, pending: 0, unfulfilled: 0, unknown: 0 }
    assert.deepStrictEqual(JSON.parse(text(fromNews(standing, event))), {
      type: "report",
      ...about,
      verdict: "fulfilled",
      settled: true,
      units,
      lines: [
        {
          lineItemNumber: 0,
          status: "fulfilled",
          rawStatus: "fulfilled",
          source: "order",
          quantities: [{ quantity: 2, status: "fulfilled", rawStatus: "fulfilled" }],
          warnings: []
        }
      ],
      warnings: [],
      observedAt: "2026-11-22T10:01:30.000Z",
      support: {},
      history: {
        firstSeenAt: "2026-11-22T10:00:00.000Z",
        pendingSince: "2026-11-22T10:00:00.000Z",
        settledAt: "2026-11-22T10:01:30.000Z",
        changes: [
          {
            at: "2026-11-22T10:00:00.000Z",
            verdict: "pending",
            units: { ...units, fulfilled: 0, pending: 2 }
          },
          { at: "2026-11-22T10:01:30.000Z", verdict: "fulfilled", units }
        ]
      }
    })
  })

  it("is about the order as it was written, not as a look has it", () => {
    const message = fromNews(standing, changed(report("pending", {}, unseen("ORDER-1").orderId)))
    assert.include(encode(message), about)
  })

  it("is a notice with its time and its problem otherwise", () => {
    const error = failure("Unavailable")
    const until = later(60)
    const notices = [
      fromNews(standing, nextLook(30, "unchanged")),
      fromNews(standing, { _tag: "Retrying", error }),
      fromNews(standing, { _tag: "Throttled", error, until }),
      fromNews(standing, { _tag: "NotVisibleYet", error, until })
    ].map((message) => encode(message))
    for (const notice of notices) assert.include(notice, { type: "notice", ...about })
    assert.deepStrictEqual(
      notices.map((notice) => [
        "notice" in notice && notice.notice,
        "at" in notice ? notice.at : "until" in notice ? notice.until : undefined,
        "problem" in notice ? notice.problem.reason : undefined
      ]),
      [
        ["nextLook", DateTime.formatIso(later(30)), undefined],
        ["retrying", undefined, "Unavailable"],
        ["throttled", DateTime.formatIso(until), "Unavailable"],
        ["notVisibleYet", DateTime.formatIso(until), "Unavailable"]
      ]
    )
  })
})

describe("the result", () => {
  it("has a verdict for what was seen, unknown for what was not, and a problem for what failed", () => {
    const all = [seen("fulfilled", "A-1"), unseen("A-2"), failed("OrderNotFound", "A-3")]
    const message = result(all, 5)
    const { customerId } = unseen()
    assert.deepStrictEqual(JSON.parse(text(message)), {
      type: "result",
      exitCode: 5,
      orders: [
        { customerId, orderId: "A-1", verdict: "fulfilled" },
        { customerId, orderId: "A-2", verdict: "unknown" },
        {
          customerId,
          orderId: "A-3",
          problem: {
            reason: "OrderNotFound",
            title: "The order was not found",
            detail: "it was\u001b[2J OrderNotFound",
            remedy:
              "Check the order id, upper and lower case included; a new order can take minutes to appear.",
            requestId: "the request"
          }
        }
      ]
    })
  })
})
