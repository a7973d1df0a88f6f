import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option, Schema } from "effect"
import { Order } from "../../src/Order.ts"
import type { Scripted } from "../../src/testing.ts"
import { Tracker } from "../../src/Tracker.ts"
import {
  answered,
  customer,
  legacyOrder,
  licences,
  marked,
  order,
  otherSubscription,
  paths,
  subscription,
  subscriptionLine,
  subscriptionStatus
} from "../fixtures.ts"
import { run } from "../layers.ts"
import {
  doneStatus,
  endOf,
  follow,
  good,
  goodOrder,
  lastOf,
  listed,
  minute,
  nameOf,
  notFound,
  orderOf,
  pass,
  pendingWord,
  placed,
  second,
  stage,
  statusOf,
  waitingStatus,
  waits
} from "./stage.ts"

const decodeOrder = Schema.decodeUnknownSync(Order)
const at = (millis: number) => DateTime.makeUnsafe(millis)
const name = placed().lineItems[0]?.friendlyName

describe("later looks", () => {
  it.effect("ask only the status: two requests first, one for each look after it", () =>
    stage({ [paths.order]: [goodOrder()], [paths.status]: [waitingStatus] }, ({ looks, sent }) =>
      Effect.gen(function* () {
        yield* follow()
        yield* pass(5 * minute)
        assert.isAtLeast(looks().length, 4)
        const [first, ...later] = looks()
        assert.deepStrictEqual(first, ["order", "status"])
        for (const look of later) assert.deepStrictEqual(look, ["status"])
        assert.strictEqual(sent.length, looks().length + 1)
      })
    )
  )

  it.effect("are operations of their own, each with its correlation id", () =>
    stage({ [paths.order]: [goodOrder()], [paths.status]: [waitingStatus] }, ({ sent }) =>
      Effect.gen(function* () {
        yield* follow()
        yield* pass(3 * minute)
        const ids = sent.map(({ headers }) => headers["ms-correlationid"])
        assert.strictEqual(ids[0], ids[1])
        assert.strictEqual(new Set(ids).size, sent.length - 1)
        assert.strictEqual(
          new Set(sent.map(({ headers }) => headers["ms-requestid"])).size,
          sent.length
        )
      })
    )
  )

  it.effect("know the order from before: its names, and when it was read", () =>
    stage(
      {
        [paths.order]: [goodOrder(60, 2)],
        [paths.status]: [statusOf(pendingWord, pendingWord), statusOf("fulfilled", pendingWord)]
      },
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(40 * second)
          const [before, now] = mine.reports()
          assert.strictEqual(nameOf(now), name)
          assert.strictEqual(orderOf(now), order)
          assert.deepStrictEqual(now?.report.orderObservedAt, before?.report.orderObservedAt)
          assert.deepStrictEqual(now?.report.observedAt, at(waits[0]))
        })
    )
  )
})

describe("the order is read again", () => {
  it.effect.each<readonly [string, Scripted]>([
    ["404", notFound(20000)],
    ["501", { status: 501 }],
    ["403 for want of privileges", { status: 403 }]
  ])("where it could not be read before: %s", ([_, unreadable]) =>
    stage(
      { [paths.order]: [unreadable, unreadable, goodOrder()], [paths.status]: [waitingStatus] },
      ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow({ interval: "10 seconds" })
          yield* pass(minute)
          assert.deepStrictEqual(looks().slice(0, 4), [
            ["order", "status"],
            ["order", "status"],
            ["order", "status"],
            ["status"]
          ])
          assert.deepStrictEqual(
            mine.reports().map((changed) => [changed.report.warnings, nameOf(changed)]),
            [
              [["orderUnreadable"], undefined],
              [[], name]
            ]
          )
        })
    )
  )

  it.effect("where the status answers a line that the order does not have", () =>
    stage(
      {
        [paths.order]: [goodOrder(60, 1), goodOrder(60, 2)],
        [paths.status]: [waitingStatus, statusOf(pendingWord, pendingWord)]
      },
      ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(3 * minute)
          assert.deepStrictEqual(looks().slice(0, 4), [
            ["order", "status"],
            ["status", "order"],
            ["status"],
            ["status"]
          ])
          assert.deepStrictEqual(
            mine
              .reports()
              .at(-1)
              ?.report.lines.map(({ warnings }) => warnings),
            [[], []]
          )
        })
    )
  )

  it.effect("where a line of the order is not answered, as long as it is not", () =>
    stage(
      {
        [paths.order]: [goodOrder(60, 2)],
        [paths.status]: [waitingStatus, waitingStatus, statusOf(pendingWord, pendingWord)]
      },
      ({ looks }) =>
        Effect.gen(function* () {
          yield* follow()
          yield* pass(3 * minute)
          assert.deepStrictEqual(looks().slice(0, 4), [
            ["order", "status"],
            ["status", "order"],
            ["status"],
            ["status"]
          ])
        })
    )
  )

  it.effect("where the status was not found", () =>
    stage(
      {
        [paths.order]: [goodOrder(1)],
        [paths.status]: [notFound(800007), notFound(800007), waitingStatus]
      },
      ({ looks }) =>
        Effect.gen(function* () {
          yield* follow()
          yield* pass(3 * minute)
          assert.deepStrictEqual(looks().slice(0, 4), [
            ["order", "status"],
            ["order", "status"],
            ["order", "status"],
            ["status"]
          ])
        })
    )
  )

  it.effect("where the verdict settles", () =>
    stage(
      {
        [paths.order]: [good({ ...placed(), status: "pending" }), goodOrder()],
        [paths.status]: [waitingStatus, doneStatus]
      },
      ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(minute)
          assert.deepStrictEqual(looks(), [
            ["order", "status"],
            ["status", "order"]
          ])
          assert.strictEqual(endOf(mine), "done")
          const settled = mine.reports().at(-1)?.report
          assert.deepStrictEqual(
            [settled?.settled, settled?.orderStatus, settled?.orderObservedAt],
            [true, "completed", settled?.observedAt]
          )
        })
    )
  )

  it.effect("not where the first look finds it settled: it has just been read", () =>
    stage({ [paths.order]: [goodOrder()], [paths.status]: [doneStatus] }, ({ looks }) =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(minute)
        assert.deepStrictEqual(looks(), [["order", "status"]])
        assert.strictEqual(endOf(mine), "done")
      })
    )
  )

  it.effect("where 30 minutes have passed, and again after as many", () =>
    stage({ [paths.order]: [goodOrder()], [paths.status]: [waitingStatus] }, ({ sent }) =>
      Effect.gen(function* () {
        yield* follow()
        yield* pass(70 * minute, 1000)
        const reads = sent.filter(({ what }) => what === "order").map(({ at }) => at)
        assert.strictEqual(reads.length, 3)
        const [first = 0, second = 0, third = 0] = reads
        for (const gap of [second - first, third - second]) {
          assert.isAtLeast(gap, 30 * minute)
          assert.isAtMost(gap, 35 * minute)
        }
      })
    )
  )

  it.effect.each<readonly [string, Scripted]>([
    ["404", notFound(20000)],
    ["501", { status: 501 }],
    ["403 for want of privileges", { status: 403 }],
    ["503 that asks for a long wait", { status: 503, headers: { "Retry-After": "100" } }],
    ["silence", "silence"]
  ])("and where that fails the one from before is kept, until it can be read: %s", ([_, answer]) =>
    stage(
      {
        [paths.order]: [goodOrder(60, 2), answer, answer, answer, goodOrder(60, 2)],
        [paths.status]: [statusOf(pendingWord, pendingWord)]
      },
      ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(60 * minute, 1000)
          const rereads = looks()
            .slice(1)
            .filter((look) => look.includes("order"))
          assert.isAtLeast(rereads.length, 2)
          for (const look of rereads) assert.strictEqual(look.at(-1), "status")
          // Nothing that could be told has changed.
          assert.strictEqual(mine.reports().length, 1)
          assert.strictEqual(endOf(mine), "follows")
        })
    )
  )

  it.effect.each<readonly [string, Scripted]>([
    ["404", notFound(20000)],
    ["500", { status: 500 }],
    ["a refusal", { status: 403 }],
    ["no connection", "reset"],
    ["another shape", { body: "[]" }]
  ])("and where that fails as it settles, it has settled with the one from before: %s", ([_, no]) =>
    stage({ [paths.order]: [goodOrder(), no], [paths.status]: [waitingStatus, doneStatus] }, () =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(2 * minute)
        assert.strictEqual(endOf(mine), "done")
        const changed = mine.reports().at(-1)
        assert.deepStrictEqual(
          [changed?.report.verdict, changed?.report.warnings, nameOf(changed)],
          ["fulfilled", [], name]
        )
      })
    )
  )

  it.effect("and a flip as that is read does not pass for settled", () =>
    stage(
      {
        // The order has grown by a line that the status does not know yet.
        [paths.order]: [goodOrder(60, 1), goodOrder(60, 2)],
        [paths.status]: [waitingStatus, doneStatus, statusOf("fulfilled", "fulfilled")]
      },
      ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(40 * second)
          assert.deepStrictEqual(
            mine.reports().map(({ report }) => report.verdict),
            ["pending", "unknown"]
          )
          yield* pass(minute)
          assert.strictEqual(endOf(mine), "done")
          assert.strictEqual(mine.reports().at(-1)?.report.verdict, "fulfilled")
          assert.strictEqual(looks().length, 3)
        })
    )
  )
})

describe("an order from a list", () => {
  const value = decodeOrder(placed())

  it.effect("counts as read: the first look asks only the status", () =>
    stage({ [paths.order]: [goodOrder()], [paths.status]: [waitingStatus] }, ({ looks }) =>
      Effect.gen(function* () {
        yield* pass(minute)
        const mine = yield* follow(listed(value, at(50_000)))
        yield* pass(minute)
        assert.deepStrictEqual(looks().slice(0, 2), [["status"], ["status"]])
        const changed = mine.reports()[0]
        assert.strictEqual(nameOf(changed), name)
        assert.deepStrictEqual(changed?.report.orderObservedAt, at(50_000))
      })
    )
  )

  it.effect("is read anew half an hour after the list was", () =>
    stage({ [paths.order]: [goodOrder()], [paths.status]: [waitingStatus] }, ({ looks }) =>
      Effect.gen(function* () {
        yield* pass(31 * minute, 10_000)
        yield* follow(listed(value, at(0)))
        yield* pass(second)
        assert.deepStrictEqual(looks(), [["order", "status"]])
      })
    )
  )

  it.effect("counts for one look too", () =>
    stage({ [paths.order]: [goodOrder()], [paths.status]: [waitingStatus] }, ({ looks }) =>
      Effect.gen(function* () {
        const tracker = yield* Tracker
        const report = yield* run(tracker.report(customer, order, listed(value, at(0))))
        assert.deepStrictEqual(looks(), [["status"]])
        assert.strictEqual(report.lines[0]?.name, name)
        const look = yield* run(tracker.look(customer, order, listed(value, at(0))))
        assert.deepStrictEqual(Option.getOrUndefined(look.order), value)
      })
    )
  )

  it.effect("where the list had other lines, the order is read after the status", () =>
    stage(
      { [paths.order]: [goodOrder(60, 2)], [paths.status]: [statusOf(pendingWord, pendingWord)] },
      ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow(listed(value, at(0)))
          yield* pass(second)
          assert.deepStrictEqual(looks(), [["status", "order"]])
          assert.deepStrictEqual(
            mine.reports()[0]?.report.lines.map(({ warnings }) => warnings),
            [[], []]
          )
        })
    )
  )
})

describe("the look that an app makes", () => {
  it.effect("has the order that it read, for when it was placed", () =>
    stage({ [paths.order]: [goodOrder()], [paths.status]: [doneStatus] }, () =>
      Effect.gen(function* () {
        const tracker = yield* Tracker
        const { order, report } = yield* run(tracker.look(customer, placedId))
        assert.strictEqual(
          Option.getOrUndefined(order)?.creationDate,
          new Date(-60 * minute).toISOString()
        )
        assert.isTrue(report.settled)
      })
    )
  )

  it.effect("has none where that could not be read", () =>
    stage({ [paths.order]: [{ status: 403 }], [paths.status]: [doneStatus] }, () =>
      Effect.gen(function* () {
        const tracker = yield* Tracker
        assert.isTrue(Option.isNone((yield* run(tracker.look(customer, placedId))).order))
      })
    )
  )
})

const placedId = order

describe("later looks at an older licence order", () => {
  const sub = (word: string): Scripted => ({
    body: marked(subscriptionStatus(word)),
    headers: answered
  })
  const older = (
    first: ReadonlyArray<Scripted>,
    second: ReadonlyArray<Scripted>,
    orders: ReadonlyArray<Scripted> = [good(licences)]
  ) => ({
    [paths.legacyOrder]: orders,
    [paths.subscription]: first,
    [paths.otherSubscription]: second
  })

  it.effect("ask only for the lines that have not settled, and for all once more at the end", () =>
    stage(older([sub("success")], [sub("pending"), sub("pending"), sub("success")]), ({ looks }) =>
      Effect.gen(function* () {
        const mine = yield* follow({}, legacyOrder)
        yield* pass(3 * minute)
        assert.deepStrictEqual(
          looks().map((look) => look.toSorted()),
          [
            ["order", "other subscription", "subscription"],
            ["other subscription"],
            ["order", "other subscription", "subscription"]
          ]
        )
        assert.strictEqual(endOf(mine), "done")
        assert.strictEqual(mine.reports().at(-1)?.report.verdict, "fulfilled")
      })
    )
  )

  it.effect("the lines that were not asked keep what they answered", () =>
    stage(older([sub("success")], [sub("pending")]), () =>
      Effect.gen(function* () {
        const mine = yield* follow({}, legacyOrder)
        yield* pass(5 * minute)
        assert.strictEqual(mine.reports().length, 1)
        assert.deepStrictEqual(
          mine.reports()[0]?.report.lines.map(({ status }) => status),
          ["fulfilled", "pending"]
        )
      })
    )
  )

  it.effect(
    "a subscription that flips back at the last asking keeps the order open, and is told",
    () =>
      stage(
        older(
          [sub("success"), sub("pending"), sub("success")],
          [sub("pending"), sub("success"), sub("success")]
        ),
        ({ looks }) =>
          Effect.gen(function* () {
            const mine = yield* follow({}, legacyOrder)
            yield* pass(40 * second)
            assert.strictEqual(endOf(mine), "follows")
            const lines = mine.reports().at(-1)?.report.lines
            assert.deepStrictEqual(
              lines?.map(({ status, warnings }) => [status, warnings]),
              [
                ["pending", ["wentBack"]],
                ["fulfilled", []]
              ]
            )
            yield* pass(minute)
            assert.strictEqual(endOf(mine), "done")
            // The one that had flipped, then the other once more, then the order.
            assert.deepStrictEqual(looks().at(-1), ["subscription", "other subscription", "order"])
            assert.deepStrictEqual(
              mine
                .reports()
                .at(-1)
                ?.report.lines.map(({ warnings }) => warnings),
              [[], []]
            )
          })
      )
  )

  it.effect(
    "a subscription that failed counts as settled, and one with a word we do not know not",
    () =>
      stage(older([sub("failed")], [sub("none"), sub("none"), sub("success")]), ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow({}, legacyOrder)
          yield* pass(3 * minute)
          assert.deepStrictEqual(looks()[1], ["other subscription"])
          assert.strictEqual(mine.reports().at(-1)?.report.verdict, "partiallyFulfilled")
          assert.strictEqual(endOf(mine), "done")
        })
      )
  )

  it.effect("a failed look does not forget what the lines answered before", () =>
    stage(older([sub("success")], [sub("pending"), { status: 501 }, sub("success")]), ({ looks }) =>
      Effect.gen(function* () {
        const mine = yield* follow({}, legacyOrder)
        yield* pass(3 * minute)
        assert.deepStrictEqual(looks()[1], ["other subscription"])
        assert.strictEqual(lastOf(mine, "Retrying")?.error.reason._tag, "Unavailable")
        assert.deepStrictEqual(looks()[2], ["other subscription", "subscription", "order"])
        assert.strictEqual(endOf(mine), "done")
      })
    )
  )

  it.effect("a subscription that the order no longer links to is asked no more", () =>
    stage(
      older(
        [sub("success")],
        [sub("pending")],
        [good(licences), good({ ...licences, lineItems: [subscriptionLine(0, subscription)] })]
      ),
      ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow({}, legacyOrder)
          yield* pass(40 * minute, 1000)
          assert.strictEqual(endOf(mine), "done")
          assert.deepStrictEqual(looks().at(-1), ["order", "subscription"])
          assert.strictEqual(mine.reports().at(-1)?.report.lines.length, 1)
          assert.notInclude(JSON.stringify(mine.reports().at(-1)?.report), otherSubscription)
        })
    )
  )
})
