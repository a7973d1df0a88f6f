import { assert, describe, it } from "@effect/vitest"
import {
  Clock,
  DateTime,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Schema,
  Scheduler,
  Scope,
  Stream
} from "effect"
import { Budget } from "../../src/Budget.ts"
import * as Operation from "../../src/Operation.ts"
import { Order, OrderId } from "../../src/Order.ts"
import { timeToFulfilment } from "../../src/OrderHistory.ts"
import { PartnerCenter } from "../../src/PartnerCenter.ts"
import { OrderProvisioningStatus } from "../../src/ProvisioningStatus.ts"
import type { Handler, Scripted } from "../../src/testing.ts"
import { Tracker } from "../../src/Tracker.ts"
import type { FollowEvent } from "../../src/Tracker.ts"
import { customer, legacyOrder, order, paths, pending } from "../fixtures.ts"
import { advance, flush, stack, wallClock } from "../layers.ts"
import {
  answering,
  doneStatus,
  endOf,
  follow,
  following,
  goodOrder,
  lastOf,
  minute,
  nobody,
  notFound,
  pass,
  pendingWord,
  placed,
  second,
  stage,
  statusOf,
  tagsOf,
  waitingStatus,
  waits
} from "./stage.ts"

const at = (millis: number) => DateTime.makeUnsafe(millis)
const statuses = (...answers: ReadonlyArray<Scripted>) => ({
  [paths.order]: [goodOrder()],
  [paths.status]: answers
})
const waiting = statuses(waitingStatus)
const gapsOf = (times: ReadonlyArray<number>) =>
  times.slice(1).map((time, index) => time - (times[index] ?? 0))
const assertGaps = (times: ReadonlyArray<number>, expected: ReadonlyArray<number>) => {
  const gaps = gapsOf(times)
  assert.isAtLeast(gaps.length, expected.length)
  for (const [index, gap] of expected.entries()) assert.closeTo(gaps[index] ?? 0, gap, 500)
}
/** A handler whose order's status never answers, and how many of those were given up. */
const hanging = (when: (count: number) => boolean) => {
  const seen = { begun: 0, aborted: 0 }
  const handler: Handler = answering(
    () => goodOrder(),
    (_, count) => {
      if (!when(count)) return waitingStatus
      seen.begun++
      return Effect.onInterrupt(Effect.never, () => Effect.sync(() => seen.aborted++))
    }
  )
  return { handler, seen }
}

describe("following", () => {
  it.effect("tells where the order stands, and each change, until it has settled", () =>
    stage(
      {
        [paths.order]: [goodOrder(60, 2)],
        [paths.status]: [
          statusOf(pendingWord, pendingWord),
          statusOf(pendingWord, pendingWord),
          statusOf("fulfilled", pendingWord),
          statusOf("fulfilled", "fulfilled")
        ]
      },
      ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(5 * minute)
          assert.strictEqual(endOf(mine), "done")
          assert.deepStrictEqual(
            mine.reports().map(({ report }) => [report.verdict, report.lines[0]?.status]),
            [
              ["pending", "pending"],
              ["pending", "fulfilled"],
              ["fulfilled", "fulfilled"]
            ]
          )
          assert.deepStrictEqual(tagsOf(mine), [
            "Changed",
            "NextLook",
            "NextLook",
            "Changed",
            "NextLook",
            "Changed"
          ])
          assert.strictEqual(looks().length, 4)
          assert.deepStrictEqual(yield* following, nobody)
        })
    )
  )

  it.effect("an order that is unknown is followed on: that is not settled", () =>
    stage(statuses(statusOf("Transfered")), () =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(10 * minute, 1000)
        assert.strictEqual(endOf(mine), "follows")
        assert.strictEqual(mine.reports()[0]?.report.verdict, "unknown")
      })
    )
  )

  it.effect("begins when it is run, not when it is described", () =>
    stage(waiting, ({ sent }) =>
      Effect.gen(function* () {
        const tracker = yield* Tracker
        const described = tracker.follow(customer, order)
        yield* pass(second)
        assert.deepStrictEqual(sent, [])
        assert.deepStrictEqual(yield* following, nobody)
        const fiber = yield* Effect.forkChild(Stream.runDrain(Stream.take(described, 1)))
        yield* pass(second)
        assert.isTrue(Exit.isSuccess(yield* Fiber.await(fiber)))
        assert.deepStrictEqual(yield* following, nobody)
      })
    )
  )
})

describe("the time between two looks", () => {
  it.effect("begins at 30 seconds and grows to five minutes while nothing changes", () =>
    stage(waiting, ({ times }) =>
      Effect.gen(function* () {
        yield* follow()
        yield* pass(30 * minute, 500)
        // The last one is at its most for good.
        assertGaps(times(), [...waits, waits[6]])
        for (const gap of gapsOf(times())) assert.isAtMost(gap, 5 * minute)
      })
    )
  )

  it.effect("comes back down on a change", () =>
    stage(
      statuses(
        waitingStatus,
        waitingStatus,
        waitingStatus,
        waitingStatus,
        statusOf("Prefulfillment_Pending")
      ),
      ({ times }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(10 * minute, 500)
          assertGaps(times(), [...waits.slice(0, 4), waits[0], waits[1]])
          assert.strictEqual(mine.reports().length, 2)
        })
    )
  )

  it.effect.each([1, 8, 64, 900])(
    "is never below what the caller asked for: %i seconds",
    (seconds) =>
      stage(waiting, ({ times }) =>
        Effect.gen(function* () {
          yield* follow({ interval: Duration.seconds(seconds) })
          yield* pass(seconds * 12 * second, 500)
          const gaps = gapsOf(times())
          assert.isAtLeast(gaps.length, 3)
          for (const gap of gaps) {
            assert.isAtLeast(gap, seconds * second)
            assert.isAtMost(gap, Math.max(5 * minute, seconds * 1.2 * second))
          }
        })
      )
  )

  it.effect("is told after every look: when the next one is, and why then", () =>
    stage(
      statuses(
        waitingStatus,
        waitingStatus,
        { status: 501 },
        notFound(800007),
        statusOf("Prefulfillment_Pending"),
        waitingStatus
      ),
      ({ times }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(10 * minute)
          const next = mine.events.filter((event) => event._tag === "NextLook")
          assert.deepStrictEqual(
            next.slice(0, 6).map(({ why }) => why),
            ["changed", "unchanged", "failed", "notVisible", "changed", "changed"]
          )
          for (const [index, time] of times().slice(1).entries()) {
            assert.closeTo(time, next[index]?.at.epochMilliseconds ?? 0, 250)
          }
          assert.strictEqual(next.length, times().length)
        })
    )
  )
})

describe("one poll for each order", () => {
  it.effect.each([1, 3, 20])("asks no more for %i followers than for one", (count) =>
    stage(waiting, ({ sent, times }) =>
      Effect.gen(function* () {
        const all = yield* Effect.replicateEffect(follow(), count)
        assert.deepStrictEqual(yield* following, { orders: 1, followers: count })
        yield* pass(5 * minute)
        assertGaps(times(), waits.slice(0, 3))
        assert.strictEqual(sent.length, times().length + 1)
        const [first] = all
        for (const one of all) assert.deepStrictEqual(one.events, first?.events)
      })
    )
  )

  it.effect("is shared by those who write a GUID in another case", () =>
    stage(
      { [paths.legacyOrder]: [goodOrder()], [paths.legacyStatus]: [waitingStatus] },
      ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow({}, legacyOrder)
          const other = yield* follow({}, OrderId.make(legacyOrder.toLowerCase()))
          assert.deepStrictEqual(yield* following, { orders: 1, followers: 2 })
          yield* pass(second)
          assert.strictEqual(looks().length, 1)
          assert.deepStrictEqual(other.events, mine.events)
        })
    )
  )

  it.effect("ids that are no GUIDs are other orders in another case", () =>
    stage(waiting, () =>
      Effect.gen(function* () {
        yield* follow()
        yield* follow({}, OrderId.make(order.toLowerCase()))
        assert.deepStrictEqual(yield* following, { orders: 2, followers: 2 })
      })
    )
  )

  it.effect("who comes later is told the latest at once, without a request", () =>
    stage(waiting, ({ sent }) =>
      Effect.gen(function* () {
        const first = yield* follow()
        yield* pass(3 * minute)
        const before = sent.length
        const late = yield* follow()
        yield* flush
        assert.deepStrictEqual(tagsOf(late), ["Changed", "NextLook"])
        assert.strictEqual(sent.length, before)
        // As it was seen last, not as it was seen to change.
        const seen = sent.at(-1)?.at ?? 0
        assert.closeTo(late.reports()[0]?.report.observedAt.epochMilliseconds ?? 0, seen, 250)
        assert.deepStrictEqual(late.reports()[0]?.history, first.reports()[0]?.history)
        assert.deepStrictEqual(lastOf(late, "NextLook"), lastOf(first, "NextLook"))
      })
    )
  )

  it.effect("who comes later is told of what is wrong, and of the next look", () =>
    stage(statuses(waitingStatus, { status: 501 }), () =>
      Effect.gen(function* () {
        const first = yield* follow()
        yield* pass(40 * second)
        const late = yield* follow()
        yield* flush
        assert.deepStrictEqual(tagsOf(late), ["Changed", "Retrying", "NextLook"])
        assert.deepStrictEqual(late.events.slice(1), first.events.slice(-2))
      })
    )
  )

  it.effect("who comes before the first look is over hears of it with the others", () => {
    const { handler, seen } = hanging((count) => count === 0)
    return stage(handler, ({ looks }) =>
      Effect.gen(function* () {
        const first = yield* follow()
        yield* pass(3 * second)
        const late = yield* follow()
        yield* pass(20 * second)
        assert.strictEqual(seen.begun, 1)
        assert.deepStrictEqual(tagsOf(late), ["Changed", "NextLook"])
        assert.deepStrictEqual(late.events, first.events)
        assert.strictEqual(looks().length, 1)
      })
    )
  })

  it.effect("ends when the last one leaves: nothing more is asked", () =>
    stage(waiting, ({ sent }) =>
      Effect.gen(function* () {
        const all = yield* Effect.replicateEffect(follow(), 2)
        yield* pass(minute)
        for (const { fiber } of all) yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* following, nobody)
        const before = sent.length
        yield* pass(20 * minute, 1000)
        assert.strictEqual(sent.length, before)
      })
    )
  )

  it.effect("goes on while one is left", () =>
    stage(waiting, ({ sent }) =>
      Effect.gen(function* () {
        const [leaving, staying] = [yield* follow(), yield* follow()]
        yield* pass(minute)
        yield* Fiber.interrupt(leaving.fiber)
        assert.deepStrictEqual(yield* following, { orders: 1, followers: 1 })
        const before = sent.length
        yield* pass(10 * minute, 1000)
        assert.isAbove(sent.length, before)
        assert.strictEqual(endOf(staying), "follows")
      })
    )
  )

  it.effect("a look under way ends with the last who leaves, and not before", () => {
    const { handler, seen } = hanging((count) => count === 1)
    return stage(handler, ({ sent }) =>
      Effect.gen(function* () {
        const [first, last] = [yield* follow(), yield* follow()]
        yield* pass(36 * second)
        assert.deepStrictEqual(seen, { begun: 1, aborted: 0 })
        yield* Fiber.interrupt(first.fiber)
        yield* pass(second)
        assert.deepStrictEqual(seen, { begun: 1, aborted: 0 })
        yield* Fiber.interrupt(last.fiber)
        assert.deepStrictEqual(seen, { begun: 1, aborted: 1 })
        const before = sent.length
        yield* pass(5 * minute, 1000)
        assert.strictEqual(sent.length, before)
      })
    )
  })

  it.effect("after its end, who follows again begins anew", () =>
    stage(statuses(waitingStatus, doneStatus, waitingStatus), ({ looks }) =>
      Effect.gen(function* () {
        const first = yield* follow()
        yield* pass(minute)
        assert.strictEqual(endOf(first), "done")
        const again = yield* follow()
        yield* pass(second)
        assert.deepStrictEqual(looks().at(-1), ["order", "status"])
        const [changed] = again.reports()
        assert.strictEqual(changed?.report.verdict, "pending")
        assert.deepStrictEqual(changed?.report.lines[0]?.warnings, [])
        assert.strictEqual(changed?.history.changes.length, 1)
      })
    )
  )

  it.effect("after the last has left, too", () =>
    stage(waiting, ({ looks }) =>
      Effect.gen(function* () {
        const first = yield* follow()
        yield* pass(minute)
        yield* Fiber.interrupt(first.fiber)
        const again = yield* follow()
        yield* pass(second)
        assert.deepStrictEqual(looks().at(-1), ["order", "status"])
        assert.deepStrictEqual(tagsOf(again), ["Changed", "NextLook"])
      })
    )
  )

  it.effect("is not told by a report of its own: those ask for themselves", () =>
    stage(waiting, ({ sent }) =>
      Effect.gen(function* () {
        yield* follow()
        yield* pass(second)
        const before = sent.length
        const tracker = yield* Tracker
        const asking = yield* Effect.forkChild(tracker.report(customer, order))
        yield* pass(second)
        yield* Fiber.join(asking)
        assert.strictEqual(sent.length, before + 2)
      })
    )
  )
})

describe("whoever comes just as the scheduler goes to rest", () => {
  const other = OrderId.make("another-order")
  const hangs = answering(
    () => goodOrder(),
    ({ path }) => (path.includes(other) ? waitingStatus : Effect.never)
  )

  it.effect.each([3, 5, 8])("is looked at all the same: yielding every %i steps", (every) =>
    Effect.forEach(
      Array.from({ length: 25 }, (_, index) => index),
      (count) =>
        stage(hangs, () =>
          Effect.gen(function* () {
            yield* follow()
            for (let step = 0; step < count; step++) yield* Effect.yieldNow
            const late = yield* follow({}, other)
            for (let turn = 0; turn < 400 && late.reports().length === 0; turn++) yield* flush
            assert.strictEqual(late.reports().length, 1, `after ${count} yields`)
          })
        ),
      { discard: true }
    ).pipe(Effect.provideService(Scheduler.MaxOpsBeforeYield, every))
  )
})

describe("someone in more of a hurry", () => {
  it.effect("has the interval shortened for all, and the plan begin anew", () =>
    stage(waiting, ({ times }) =>
      Effect.gen(function* () {
        const patient = yield* follow({ interval: "4 minutes" })
        yield* pass(minute)
        const hasty = yield* follow({ interval: "8 seconds" })
        yield* pass(second)
        // Its own interval since the last look is over already.
        assert.strictEqual(times().length, 2)
        yield* pass(34 * second)
        assert.strictEqual(times().length, 4)
        assert.deepStrictEqual(lastOf(patient, "NextLook"), lastOf(hasty, "NextLook"))
      })
    )
  )

  it.effect("still leaves their own interval since the last look", () =>
    stage(waiting, ({ times }) =>
      Effect.gen(function* () {
        const patient = yield* follow({ interval: "4 minutes" })
        yield* pass(5 * second)
        yield* follow({ interval: "20 seconds" })
        yield* flush
        assert.deepStrictEqual(lastOf(patient, "NextLook")?.at, at(20_000))
        yield* pass(30 * second)
        assert.deepStrictEqual(times(), [0, 20_000])
      })
    )
  )

  it.effect("has no say any more when they have left", () =>
    stage(waiting, ({ times }) =>
      Effect.gen(function* () {
        yield* follow({ interval: "4 minutes" })
        const hasty = yield* follow({ interval: "8 seconds" })
        yield* pass(minute)
        yield* Fiber.interrupt(hasty.fiber)
        const before = times().length
        yield* pass(4 * minute)
        assert.strictEqual(times().length, before + 1)
      })
    )
  )

  it.effect("who is in less of one changes nothing", () =>
    stage(waiting, ({ times }) =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(second)
        yield* follow({ interval: "4 minutes" })
        yield* pass(3 * minute)
        assertGaps(times(), waits.slice(0, 2))
        assert.strictEqual(mine.reports().length, 1)
      })
    )
  )

  it.effect("does not ask before the time that upstream has set", () =>
    stage(
      statuses(waitingStatus, { status: 429, headers: { "Retry-After": "200" } }, waitingStatus),
      ({ times }) =>
        Effect.gen(function* () {
          yield* follow()
          yield* pass(minute)
          yield* follow({ interval: "1 second" })
          yield* pass(2 * minute)
          assert.strictEqual(times().length, 2)
          yield* pass(2 * minute)
          assert.strictEqual(times()[2], waits[0] + 200_000)
        })
    )
  )
})

describe("a slow follower", () => {
  it.effect("is told the latest when it comes back, not what has been overtaken", () =>
    stage(
      {
        [paths.order]: [goodOrder(60, 3)],
        [paths.status]: [
          statusOf(pendingWord, pendingWord, pendingWord),
          { status: 501 },
          statusOf("fulfilled", pendingWord, pendingWord),
          statusOf("fulfilled", "fulfilled", pendingWord)
        ]
      },
      () =>
        Effect.gen(function* () {
          const tracker = yield* Tracker
          const events: Array<FollowEvent> = []
          const slow = yield* tracker.follow(customer, order).pipe(
            Stream.runForEach((event) => {
              events.push(event)
              return events.length === 1 ? Effect.sleep("10 minutes") : Effect.void
            }),
            Effect.forkChild({ startImmediately: true })
          )
          const quick = yield* follow()
          yield* pass(9 * minute, 500)
          assert.strictEqual(quick.reports().length, 3)
          assert.strictEqual(events.length, 1)
          yield* pass(minute + second, 500)
          // What came with the first report, and then only the last one.
          const changed = events.filter((event) => event._tag === "Changed")
          assert.deepStrictEqual(
            changed.map(({ report }) => report.units.fulfilled),
            [0, 2]
          )
          assert.notInclude(
            events.map(({ _tag }) => _tag),
            "Retrying"
          )
          assert.deepStrictEqual(changed.at(-1)?.history, quick.reports().at(-1)?.history)
          yield* Fiber.interrupt(slow)
        })
    )
  )

  it.effect("never loses the last report", () =>
    stage(statuses(waitingStatus, statusOf("Prefulfillment_Pending"), doneStatus), () =>
      Effect.gen(function* () {
        const tracker = yield* Tracker
        const events: Array<FollowEvent> = []
        const slow = yield* tracker.follow(customer, order).pipe(
          Stream.runForEach((event) => {
            events.push(event)
            return events.length === 1 ? Effect.sleep("10 minutes") : Effect.void
          }),
          Effect.forkChild({ startImmediately: true })
        )
        yield* pass(11 * minute, 500)
        assert.isTrue(Exit.isSuccess(yield* Fiber.await(slow)))
        const last = events.at(-1)
        assert.isTrue(last?._tag === "Changed" && last.report.settled)
        assert.deepStrictEqual(yield* following, nobody)
      })
    )
  )

  it.effect("does not hold up the others, nor the looks", () =>
    stage(waiting, ({ times }) =>
      Effect.gen(function* () {
        const tracker = yield* Tracker
        yield* tracker.follow(customer, order).pipe(
          Stream.runForEach(() => Effect.never),
          Effect.forkChild({ startImmediately: true })
        )
        const quick = yield* follow()
        yield* pass(5 * minute)
        assertGaps(times(), waits.slice(0, 3))
        assert.isAtLeast(quick.events.length, 4)
      })
    )
  )
})

describe("the history", () => {
  it.effect("says since when, what changed, and how long it took", () =>
    stage(
      {
        [paths.order]: [goodOrder(60, 2)],
        [paths.status]: [
          statusOf("new word", pendingWord.toUpperCase()),
          statusOf("fulfilled", pendingWord),
          statusOf("fulfilled", "fulfilled")
        ]
      },
      ({ times }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(3 * minute)
          const [first = 0, second = 0, third = 0] = times()
          const history = mine.reports().at(-1)?.history
          assert.deepStrictEqual(history?.firstSeenAt, at(first))
          assert.deepStrictEqual(history?.pendingSince, at(first))
          assert.deepStrictEqual(history?.settledAt, at(third))
          assert.deepStrictEqual(
            history?.changes.map(({ at, units, verdict }) => [
              at.epochMilliseconds,
              verdict,
              units.fulfilled
            ]),
            [
              [first, "pending", 0],
              [second, "pending", 1],
              [third, "fulfilled", 2]
            ]
          )
          assert.deepStrictEqual(
            Option.map(history ? timeToFulfilment(history) : Option.none(), Duration.toMillis),
            Option.some(third - first)
          )
        })
    )
  )

  it.effect("has a hundred changes at most", () =>
    stage(
      answering(
        () => goodOrder(),
        (_, count) => statusOf(count % 2 === 0 ? "prefulfillmentPending" : "Prefulfillment_Pending")
      ),
      () =>
        Effect.gen(function* () {
          const mine = yield* follow({ interval: "8 seconds" })
          yield* pass(20 * minute, 1000)
          assert.isAbove(mine.reports().length, 110)
          const history = mine.reports().at(-1)?.history
          assert.strictEqual(history?.changes.length, 100)
          assert.deepStrictEqual(history?.firstSeenAt, at(0))
        })
    )
  )
})

describe("a line that goes back", () => {
  it.effect("from fulfilled to pending says so, until it has settled again", () =>
    stage(
      {
        [paths.order]: [goodOrder(60, 2)],
        [paths.status]: [
          statusOf("fulfilled", pendingWord),
          statusOf(pendingWord, pendingWord),
          statusOf(pendingWord, pendingWord),
          statusOf(pendingWord, "fulfilled"),
          statusOf("fulfilled", "fulfilled")
        ]
      },
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(5 * minute)
          assert.deepStrictEqual(
            mine.reports().map(({ report }) => report.lines.map(({ warnings }) => warnings)),
            [
              [[], []],
              [["wentBack"], []],
              [["wentBack"], []],
              [[], []]
            ]
          )
          assert.strictEqual(mine.reports().at(-1)?.history.changes.length, 4)
        })
    )
  )

  it.effect("with fewer fulfilled units than before says so too", () =>
    stage(
      statuses(
        statusOf({ fulfilled: 3, [pendingWord]: 2 }),
        statusOf({ fulfilled: 1, [pendingWord]: 4 }),
        statusOf({ fulfilled: 4, [pendingWord]: 1 }),
        statusOf({ fulfilled: 5 })
      ),
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(5 * minute)
          assert.deepStrictEqual(
            mine.reports().map(({ report }) => report.lines[0]?.warnings.includes("wentBack")),
            [false, true, true, false]
          )
          assert.strictEqual(endOf(mine), "done")
        })
    )
  )
})

describe("leaving nothing behind", () => {
  const { handler: silent } = hanging(() => true)

  it.effect("a follow that is left before its first look asks nothing", () =>
    stage(waiting, ({ sent }) =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* Fiber.interrupt(mine.fiber)
        yield* pass(minute)
        assert.deepStrictEqual(yield* following, nobody)
        assert.deepStrictEqual(sent, [])
      })
    )
  )

  it.effect("left during its first look, that is given up", () =>
    stage(silent, ({ sent }) =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(2 * second)
        assert.strictEqual(sent.length, 2)
        yield* Fiber.interrupt(mine.fiber)
        assert.deepStrictEqual(yield* following, nobody)
        yield* pass(5 * minute, 1000)
        assert.strictEqual(sent.length, 2)
      })
    )
  )

  it.effect("left between two looks, there is no other", () =>
    stage(waiting, ({ sent }) =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(10 * second)
        yield* Fiber.interrupt(mine.fiber)
        assert.deepStrictEqual(yield* following, nobody)
        yield* pass(5 * minute, 1000)
        assert.strictEqual(sent.length, 2)
      })
    )
  )

  it.effect("left while it waits for its turn, it has none, and others have theirs", () =>
    stage(
      waiting,
      ({ sent }) =>
        Effect.gen(function* () {
          const budget = yield* Budget
          yield* budget.take
          const mine = yield* follow()
          const other = yield* follow({}, OrderId.make("another-order"))
          yield* pass(second)
          assert.deepStrictEqual(sent, [])
          yield* Fiber.interrupt(mine.fiber)
          assert.deepStrictEqual(yield* following, { orders: 1, followers: 1 })
          yield* pass(30 * second)
          assert.isTrue(sent.every(({ path }) => path.includes("another-order")))
          assert.isAtLeast(sent.length, 1)
          yield* Fiber.interrupt(other.fiber)
          const before = sent.length
          yield* pass(5 * minute, 1000)
          assert.strictEqual(sent.length, before)
          assert.deepStrictEqual(yield* following, nobody)
        }),
      { requestsPerMinute: 10 }
    )
  )

  it.effect("left during a pause, nothing is asked when it ends", () =>
    stage(statuses({ status: 429, headers: { "Retry-After": "120" } }), ({ sent }) =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(10 * second)
        yield* Fiber.interrupt(mine.fiber)
        yield* pass(5 * minute, 1000)
        assert.strictEqual(sent.length, 2)
        assert.deepStrictEqual(yield* following, nobody)
      })
    )
  )

  it.effect("many come and go, and the last one is served as the first", () =>
    stage(
      waiting,
      () =>
        Effect.gen(function* () {
          for (let round = 0; round < 50; round++) {
            const mine = yield* follow()
            for (let step = 0; step < round; step++) yield* Effect.yieldNow
            yield* Fiber.interrupt(mine.fiber)
          }
          yield* pass(2 * minute)
          assert.deepStrictEqual(yield* following, nobody)
          const last = yield* follow()
          yield* pass(second)
          assert.strictEqual(last.reports().length, 1)
        }),
      { requestsPerMinute: 60_000 }
    )
  )

  it.effect("when the layer ends, who follows is let go, and a look under way too", () => {
    const { handler, seen } = hanging((count) => count > 0)
    return Effect.gen(function* () {
      const scope = yield* Scope.make()
      const services = yield* Layer.buildWithScope(stack(handler), scope)
      const mine = yield* Effect.provide(follow({ interval: "8 seconds" }), services)
      const other = yield* Effect.provide(follow({}, OrderId.make("other")), services)
      yield* advance(10_000, 250)
      assert.strictEqual(mine.reports().length, 1)
      yield* Scope.close(scope, Exit.void)
      yield* flush
      assert.deepStrictEqual([endOf(mine), endOf(other)], ["died", "died"])
      assert.strictEqual(seen.aborted, seen.begun)
      assert.deepStrictEqual(yield* Effect.provide(following, services), nobody)
    })
  })
})

describe("a bug in a look", () => {
  const broken = (die: (count: number) => boolean) => {
    let count = 0
    return Tracker.layer().pipe(
      Layer.provide(Budget.layer({ key: "tenant" })),
      Layer.provide(
        Layer.mock(PartnerCenter)({
          order: () => (die(count++) ? Effect.die(new Error("a decoder is broken")) : Effect.never)
        })
      )
    )
  }

  it.effect("fails all who follow that order, with what it was", () =>
    Effect.gen(function* () {
      const [mine, other] = [yield* follow(), yield* follow()]
      yield* pass(second)
      for (const { fiber } of [mine, other]) {
        const exit = yield* Fiber.await(fiber)
        assert.isTrue(Exit.hasDies(exit))
        assert.include(String(Exit.isFailure(exit) ? exit.cause : ""), "a decoder is broken")
      }
      assert.deepStrictEqual(yield* following, nobody)
    }).pipe(Effect.provide(broken(() => true)))
  )

  it.effect("leaves the other orders as they are, and lets one begin anew", () =>
    Effect.gen(function* () {
      const mine = yield* follow()
      const other = yield* follow({}, OrderId.make("another-order"))
      yield* pass(second)
      assert.deepStrictEqual([endOf(mine), endOf(other)], ["died", "follows"])
      const again = yield* follow()
      yield* pass(second)
      assert.strictEqual(endOf(again), "follows")
    }).pipe(Effect.provide(broken((count) => count === 0)))
  )

  it.effect("does not use up the looks that may be under way at once", () =>
    Effect.gen(function* () {
      for (let round = 0; round < 40; round++) {
        const mine = yield* follow()
        yield* pass(second)
        assert.strictEqual(endOf(mine), "died")
      }
    }).pipe(Effect.provide(broken(() => true)))
  )
})

describe("looks that end as soon as they begin", () => {
  const answer = <A>(value: A) =>
    Effect.map(DateTime.now, (observedAt) => ({
      value,
      body: "",
      observedAt,
      support: {},
      headers: {}
    }))
  const order = Schema.decodeUnknownSync(Order)(placed())
  const status = Schema.decodeUnknownSync(OrderProvisioningStatus)(pending)

  it.effect.each([3, 4, 5, 6, 7, 8, 2048])(
    "leave their place to the next: yielding every %i steps",
    (every) =>
      Effect.gen(function* () {
        const ids = Array.from({ length: 5 }, (_, index) => OrderId.make(`order-${index}`))
        const all = yield* Effect.forEach(ids, (id) => follow({}, id))
        yield* pass(20 * second)
        assert.deepStrictEqual(
          all.map((mine) => mine.reports().length),
          [1, 1, 1, 1, 1]
        )
      }).pipe(
        Effect.provide(
          Tracker.layer({ concurrency: 1 }).pipe(
            Layer.provide(Budget.layer({ key: "tenant" })),
            Layer.provide(
              Layer.mock(PartnerCenter)({
                order: () => answer(order),
                provisioningStatus: () => answer(status)
              })
            )
          )
        ),
        Effect.provideService(Scheduler.MaxOpsBeforeYield, every)
      )
  )
})

describe("what runs for all", () => {
  it.effect("is not part of the operation of who came first", () =>
    stage(waiting, ({ sent }) =>
      Effect.gen(function* () {
        yield* follow().pipe(
          Effect.provideService(Operation.Current, {
            correlationId: "mine",
            deadline: 5000,
            lane: "direct"
          })
        )
        yield* pass(2 * minute)
        const ids = new Set(sent.map(({ headers }) => headers["ms-correlationid"]))
        assert.strictEqual(ids.size, sent.length - 1)
        assert.isFalse(ids.has("mine"))
      })
    )
  )

  it.effect("is not part of their span either", () => {
    const parents: Array<string> = []
    return Effect.gen(function* () {
      yield* Effect.withSpan(
        Effect.andThen(follow(), pass(40 * second)),
        "the first follower's span"
      )
      assert.deepStrictEqual(parents, ["Tracker.lookAgain"])
    }).pipe(
      Effect.provide(
        Tracker.layer().pipe(
          Layer.provide(Budget.layer({ key: "tenant" })),
          Layer.provide(
            Layer.mock(PartnerCenter)({
              order: () =>
                Effect.flatMap(Effect.currentSpan, (span) => {
                  for (
                    let at: Option.Option<typeof span> = Option.some(span);
                    Option.isSome(at);
                    at = Option.filter(at.value.parent, (parent) => parent._tag === "Span")
                  ) {
                    parents.push(at.value.name)
                  }
                  return Effect.never
                }).pipe(Effect.orDie)
            })
          )
        )
      )
    )
  })
})

describe("a clock on the wall that is put right", () => {
  it.effect.each([
    ["back by an hour", -60 * minute],
    ["forward by a day", 24 * 60 * minute]
  ] as const)("neither stalls the looks nor hurries them: %s", ([_, shift]) =>
    wallClock((wall) =>
      stage(waiting, () =>
        Effect.gen(function* () {
          const events: Array<number> = []
          const steady = Clock.clockWith((clock) =>
            Effect.sync(() => Number(clock.monotonicTimeNanosUnsafe()) / 1e6)
          )
          const tracker = yield* Tracker
          yield* tracker.follow(customer, order).pipe(
            Stream.runForEach((event) =>
              event._tag === "NextLook"
                ? Effect.map(steady, (now) => events.push(now))
                : Effect.void
            ),
            Effect.forkChild({ startImmediately: true })
          )
          yield* pass(45 * second)
          wall.shift(shift)
          yield* pass(10 * minute)
          assertGaps(events, waits.slice(0, 4))
        })
      )
    )
  )

  it.effect("back by an hour, 40 orders are all looked at on", () =>
    wallClock((wall) =>
      stage(waiting, ({ sent }) =>
        Effect.gen(function* () {
          const ids = Array.from({ length: 40 }, (_, index) => OrderId.make(`order-${index}`))
          yield* Effect.forEach(ids, (id) => follow({}, id))
          yield* pass(20 * second)
          wall.shift(-60 * minute)
          const before = sent.length
          yield* pass(minute)
          assert.isAtLeast(sent.length - before, 40)
        })
      )
    )
  )

  it.effect("during a look, does not end the following", () =>
    wallClock((wall) => {
      const { handler } = hanging((count) => count === 1)
      return stage(handler, () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(36 * second)
          wall.shift(24 * 60 * minute)
          yield* pass(5 * minute)
          assert.strictEqual(endOf(mine), "follows")
          assert.isUndefined(mine.events.find(({ _tag }) => _tag === "NotVisibleYet"))
          assert.strictEqual(lastOf(mine, "NextLook")?.why, "unchanged")
        })
      )
    })
  )

  it.effect("a grace is not cut short by it, nor made longer", () =>
    wallClock((wall) =>
      stage({ [paths.order]: [notFound(20000)], [paths.status]: [notFound()] }, () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(40 * second)
          wall.shift(24 * 60 * minute)
          yield* pass(60 * second)
          assert.strictEqual(endOf(mine), "follows")
          wall.shift(-48 * 60 * minute)
          yield* pass(70 * second)
          assert.strictEqual(endOf(mine), "OrderNotFound")
        })
      )
    )
  )
})
