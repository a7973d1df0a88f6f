// Where following is easily got wrong: interleavings, absurd values, slow sign-ins, clocks.
import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Duration, Effect, Exit, Fiber, Layer, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import { Order, OrderId } from "../../src/Order.ts"
import * as OrderReport from "../../src/OrderReport.ts"
import { OrderProvisioningStatus } from "../../src/ProvisioningStatus.ts"
import type { Scripted } from "../../src/testing.ts"
import { Tracker } from "../../src/Tracker.ts"
import {
  answered,
  customer,
  legacyOrder,
  licences,
  marked,
  order,
  paths,
  refused,
  subscriptionStatus,
  tokens
} from "../fixtures.ts"
import { flush, stack, wallClock } from "../layers.ts"
import {
  answering,
  doneStatus,
  endOf,
  follow,
  following,
  good,
  goodOrder,
  lastOf,
  minute,
  nobody,
  notFound,
  pass,
  pendingWord,
  second,
  stage,
  tagsOf,
  waitingStatus,
  waits,
  until
} from "./stage.ts"
import type { Following } from "./stage.ts"

const at = (millis: number) => DateTime.makeUnsafe(millis)
const other = OrderId.make("another-order")
const statuses = (...answers: ReadonlyArray<Scripted>) => ({
  [paths.order]: [goodOrder()],
  [paths.status]: answers
})

describe("an older licence order", () => {
  it.effect("whose one open subscription answers 404 stays reported, as at the first look", () =>
    stage(
      {
        [paths.legacyOrder]: [good(licences)],
        [paths.subscription]: [{ body: marked(subscriptionStatus("success")), headers: answered }],
        [paths.otherSubscription]: [notFound(20003)]
      },
      () =>
        Effect.gen(function* () {
          const mine = yield* follow({}, legacyOrder)
          yield* pass(10 * minute, 1000)
          assert.strictEqual(endOf(mine), "follows")
          assert.notInclude(tagsOf(mine), "NotVisibleYet")
          assert.deepStrictEqual(
            mine.reports().map(({ report }) => report.lines.map(({ warnings }) => warnings)),
            [[[], ["notReported"]]]
          )
        })
    )
  )
})

describe("a line that goes back", () => {
  const report = (items: ReadonlyArray<object>) =>
    OrderReport.make({
      customerId: customer,
      orderId: order,
      order: {
        value: Schema.decodeUnknownSync(Order)({
          id: order,
          lineItems: items.map(() => ({ lineItemNumber: 0 }))
        }),
        observedAt: at(0)
      },
      answered: OrderReport.answeredByOrder(
        Schema.decodeUnknownSync(OrderProvisioningStatus)({ items })
      ),
      source: "order",
      isMiscounted: false,
      observedAt: at(0),
      support: {}
    })

  it("is not said of lines that share a number and have not changed", () => {
    const same = report([
      { lineItemNumber: 0, status: pendingWord },
      { lineItemNumber: 0, status: "fulfilled" }
    ])
    assert.strictEqual(OrderReport.after(same, same), same)
  })

  it("is said where fewer units are fulfilled, though its own word is still fulfilled", () => {
    const line = (fulfilled: number, pending: number) =>
      report([
        {
          lineItemNumber: 0,
          status: "fulfilled",
          quantityProvisioningInformation: [
            { quantity: fulfilled, status: "fulfilled" },
            { quantity: pending, status: pendingWord }
          ]
        }
      ])
    const now = OrderReport.after(line(4, 1), line(1, 4))
    assert.isTrue(now.lines[0]?.warnings.includes("wentBack"))
  })
})

describe("someone in more of a hurry", () => {
  it.effect("does not ask before a wait that a look ended with", () =>
    stage(
      // A deadline of 30 seconds makes 40 seconds too long at once.
      statuses(waitingStatus, { status: 503, headers: { "Retry-After": "40" } }, waitingStatus),
      ({ times }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(waits[0] + second)
          const told = lastOf(mine, "Throttled")?.until
          assert.deepStrictEqual(told, at(waits[0] + 40_000))
          yield* follow({ interval: "2 seconds" })
          yield* pass(2 * minute)
          assert.isAtLeast(times()[2] ?? 0, waits[0] + 40_000)
        }),
      { deadline: "30 seconds" }
    )
  )

  it.effect("does not make a look that failed one that brought something new", () =>
    stage(statuses(waitingStatus, { status: 501 }), () =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(waits[0] + second)
        yield* follow({ interval: "8 seconds" })
        yield* flush
        assert.deepStrictEqual(lastOf(mine, "NextLook"), {
          _tag: "NextLook",
          at: at(waits[0] + 8000),
          why: "failed"
        })
      })
    )
  )
})

describe("a wait that upstream asks for", () => {
  it.effect("that is absurd does not end the following", () =>
    stage(
      statuses(waitingStatus, { status: 429, headers: { "Retry-After": "9999999999999" } }),
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(2 * minute)
          assert.strictEqual(endOf(mine), "follows")
        })
    )
  )

  it.effect.each([429, 503])("is kept for an hour at most, as the budget keeps it: %i", (status) =>
    stage(
      statuses(waitingStatus, { status, headers: { "Retry-After": "864000" } }, waitingStatus),
      ({ times }) =>
        Effect.gen(function* () {
          yield* follow()
          yield* pass(70 * minute, 1000)
          assert.isAtLeast(times().length, 3)
        })
    )
  )
})

describe("a time without end", () => {
  it.effect("as the grace is waited for", () =>
    stage({ [paths.order]: [notFound(20000)], [paths.status]: [notFound()] }, () =>
      Effect.gen(function* () {
        const mine = yield* follow({ notFoundGrace: Duration.infinity })
        yield* pass(5 * minute, 1000)
        assert.strictEqual(endOf(mine), "follows")
      })
    )
  )

  it.effect("as the interval looks once", () =>
    stage(statuses(waitingStatus), () =>
      Effect.gen(function* () {
        const mine = yield* follow({ interval: Duration.infinity })
        yield* pass(5 * minute, 1000)
        assert.strictEqual(endOf(mine), "follows")
        assert.strictEqual(mine.reports().length, 1)
      })
    )
  )
})

describe("a grace", () => {
  const appearing = (after: number) =>
    answering(
      () => until(after, notFound(20000), goodOrder()),
      () => until(after, notFound(20000), doneStatus)
    )

  it.effect("ends with a look, which finds what has come since the one before", () =>
    stage(appearing(110 * second), () =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(3 * minute, 1000)
        assert.strictEqual(endOf(mine), "done")
      })
    )
  )

  it.effect("of somebody who comes late does not end by a look from before", () =>
    stage(appearing(10 * second), () =>
      Effect.gen(function* () {
        yield* follow({ notFoundGrace: "10 minutes", interval: "4 minutes" })
        yield* pass(60 * second, 1000)
        const late = yield* follow({ notFoundGrace: 0, interval: "4 minutes" })
        yield* pass(15 * second, 1000)
        assert.strictEqual(endOf(late), "done")
      })
    )
  )

  it.effect("ends when it is over, not with the next look of a long interval", () =>
    stage({ [paths.order]: [notFound(20000)], [paths.status]: [notFound()] }, () =>
      Effect.gen(function* () {
        const mine = yield* follow({ interval: "10 minutes" })
        yield* pass(3 * minute, 1000)
        assert.strictEqual(endOf(mine), "OrderNotFound")
      })
    )
  )

  it.effect("of many who came one after another does not make a look for each of them", () =>
    stage({ [paths.order]: [notFound(20000)], [paths.status]: [notFound()] }, ({ times }) =>
      Effect.gen(function* () {
        const all: Array<Following> = []
        for (let index = 0; index < 40; index++) {
          all.push(yield* follow())
          yield* pass(500)
        }
        yield* pass(3 * minute)
        assert.deepStrictEqual(new Set(all.map(endOf)), new Set(["OrderNotFound"]))
        assert.isBelow(times().length, 12)
      })
    )
  )

  it.effect("does not begin anew when a look in between fails in another way", () =>
    stage(
      answering(
        (_, count) => (count % 4 === 3 ? { status: 501 } : notFound(20000)),
        (_, count) => (count % 4 === 3 ? { status: 501 } : notFound())
      ),
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(15 * minute, 1000)
          assert.strictEqual(endOf(mine), "OrderNotFound")
        })
    )
  )
})

describe("a pause that begins while the scheduler waits for its turn", () => {
  // Seven orders at ten requests a minute: there is always one whose turn is waited for.
  const ids = Array.from({ length: 7 }, (_, index) => OrderId.make(`order-${index}`))
  const throttling = answering(
    () => goodOrder(),
    ({ path }, count) =>
      path.includes("order-1/") && count === 1
        ? { status: 429, headers: { "Retry-After": "300" } }
        : waitingStatus
  )

  it.effect("is told to all who follow: no next look is left in the past", () =>
    stage(
      throttling,
      ({ sent }) =>
        Effect.gen(function* () {
          const all = yield* Effect.forEach(ids, (id) =>
            Effect.andThen(pass(250), follow({ interval: "8 seconds" }, id))
          )
          yield* pass(6 * minute, 500)
          const throttled = all[1]
          assert.isDefined(throttled)
          const told = throttled && lastOf(throttled, "Throttled")
          assert.isDefined(told)
          const paused = (told?.until.epochMilliseconds ?? 0) - 300_000
          yield* pass(Math.max(0, paused + 4 * minute - (yield* Clock.currentTimeMillis)), 500)
          const now = yield* Clock.currentTimeMillis
          assert.isTrue(sent.every(({ at }) => at <= paused || at >= paused + 300_000))
          for (const [index, one] of all.entries()) {
            const next = lastOf(one, "NextLook")
            assert.isAtLeast(
              next?.at.epochMilliseconds ?? 0,
              Math.min(now, paused + 300_000),
              ids[index]
            )
          }
        }),
      { requestsPerMinute: 10 }
    )
  )
})

describe("a pause that begins while others wait for a place", () => {
  it.effect("is told to them too", () =>
    stage(
      answering(
        () => goodOrder(),
        ({ path }, count) =>
          path.includes("order-0/") && count === 1
            ? { status: 429, headers: { "Retry-After": "300" } }
            : waitingStatus
      ),
      () =>
        Effect.gen(function* () {
          const ids = Array.from({ length: 4 }, (_, index) => OrderId.make(`order-${index}`))
          const all = yield* Effect.forEach(ids, (id) => follow({ interval: "8 seconds" }, id))
          yield* pass(2 * minute)
          const now = yield* Clock.currentTimeMillis
          for (const [index, mine] of all.entries()) {
            const next = lastOf(mine, "NextLook")?.at.epochMilliseconds ?? 0
            assert.isAtLeast(next, now, ids[index])
          }
        }),
      { concurrency: 1 }
    )
  )
})

describe("looks that hang", () => {
  it.effect("leave nobody with a next look in the past and no word why", () =>
    stage(
      answering(
        () => goodOrder(),
        ({ path }, count) => (path.includes(other) && count > 0 ? Effect.never : waitingStatus)
      ),
      () =>
        Effect.gen(function* () {
          const mine = yield* follow({ interval: "20 seconds" })
          yield* pass(second)
          yield* follow({ interval: "8 seconds" }, other)
          yield* pass(44 * second)
          const now = yield* Clock.currentTimeMillis
          assert.isAtLeast(lastOf(mine, "NextLook")?.at.epochMilliseconds ?? 0, now - 5 * second)
        }),
      { concurrency: 1 }
    )
  )
})

// Whatever is asked for is there.
const always = answering(
  () => goodOrder(),
  () => waitingStatus
)

describe("leaving just as a look begins", () => {
  const yields = [0, 1, 2, 3, 4]

  it.effect.each(yields)("gives its place among the looks back: after %i yields", (count) =>
    stage(
      always,
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          for (let step = 0; step < count; step++) yield* Effect.yieldNow
          yield* Fiber.interrupt(mine.fiber)
          yield* pass(second)
          const next = yield* follow({}, other)
          yield* pass(2 * second)
          assert.strictEqual(next.reports().length, 1)
        }),
      { concurrency: 1 }
    )
  )

  it.effect("does not end all following where it happens as often as there are places", () =>
    stage(
      always,
      () =>
        Effect.gen(function* () {
          for (let round = 0; round < 16; round++) {
            const mine = yield* follow()
            yield* Effect.yieldNow
            yield* Fiber.interrupt(mine.fiber)
            yield* pass(second)
          }
          const last = yield* follow()
          yield* pass(2 * minute)
          assert.strictEqual(last.reports().length, 1)
        }),
      { requestsPerMinute: 60_000 }
    )
  )
})

describe("orders that wait for the budget", () => {
  it.effect("are not left with a turn in the past, where first looks take two requests", () =>
    stage(
      always,
      () =>
        Effect.gen(function* () {
          const ids = Array.from({ length: 40 }, (_, index) => OrderId.make(`order-${index}`))
          const all = yield* Effect.forEach(ids, (id) => follow({}, id))
          yield* pass(9 * minute, 1000)
          const now = yield* Clock.currentTimeMillis
          for (const [index, mine] of all.entries()) {
            const next = lastOf(mine, "NextLook")?.at.epochMilliseconds ?? 0
            // A look takes a while, and so does the request before it.
            assert.isAtLeast(next, now - 30 * second, ids[index])
          }
        }),
      { requestsPerMinute: 10 }
    )
  )
})

describe("a sign-in", () => {
  it.effect(
    "that answers oddly once does not end what has worked, though something new fails",
    () =>
      stage(
        (request, count) =>
          request.method === "POST"
            ? count === 0
              ? tokens("t1", "r1", 200)
              : count === 1
                ? { body: "<html>Sign in to the airport's network</html>" }
                : tokens("t2", "r2", 3600)
            : request.path.endsWith("/provisioningstatus")
              ? waitingStatus
              : goodOrder(),
        () =>
          Effect.gen(function* () {
            const mine = yield* follow({ interval: "4 minutes" })
            yield* pass(150 * second)
            assert.strictEqual(mine.reports().length, 1)
            const fresh = yield* follow({}, other)
            yield* pass(10 * second)
            assert.strictEqual(endOf(fresh), "UnexpectedResponse")
            assert.strictEqual(endOf(mine), "follows")
          })
      )
  )

  it.effect("that takes long does not let more requests go in a minute than the budget has", () =>
    stage(
      (request, count) =>
        request.method === "POST"
          ? count < 4
            ? "silence"
            : tokens("t1", "r1")
          : request.path.endsWith("/provisioningstatus")
            ? waitingStatus
            : goodOrder(),
      ({ sent }) =>
        Effect.gen(function* () {
          for (let index = 0; index < 30; index++) yield* follow({}, OrderId.make(`order-${index}`))
          yield* pass(5 * minute, 500)
          const times = sent.map(({ at }) => at)
          const most = Math.max(
            ...times.map((from) => times.filter((at) => at >= from && at < from + minute).length)
          )
          assert.isAtMost(most, 11)
        }),
      { requestsPerMinute: 10 }
    )
  )

  it.effect("that is refused ends the looks under way too", () => {
    const seen = { begun: 0, aborted: 0 }
    return stage(
      (request, count) =>
        request.method === "POST"
          ? count === 0
            ? tokens("t1", "r1", 200)
            : refused(70008)
          : request.path.includes(other) && request.path.endsWith("/provisioningstatus")
            ? Effect.sync(() => seen.begun++).pipe(
                Effect.andThen(Effect.never),
                Effect.onInterrupt(() => Effect.sync(() => seen.aborted++))
              )
            : request.path.endsWith("/provisioningstatus")
              ? waitingStatus
              : goodOrder(),
      () =>
        Effect.gen(function* () {
          const mine = yield* follow({ interval: "90 seconds" })
          yield* pass(98 * second)
          const hanging = yield* follow({}, other)
          yield* pass(6 * second)
          assert.deepStrictEqual(
            [endOf(mine), endOf(hanging)],
            ["SignInRequired", "SignInRequired"]
          )
          assert.deepStrictEqual(seen, { begun: 1, aborted: 1 })
          assert.deepStrictEqual(yield* following, nobody)
        })
    )
  })
})

describe("clocks", () => {
  it.effect("a remainder of less than a nanosecond is not slept for again and again", () => {
    let sleeps = 0
    return TestClock.testClockWith((clock) => {
      const counting: TestClock.TestClock = {
        ...clock,
        sleep: (duration) => (++sleeps > 50_000 ? Effect.never : clock.sleep(duration))
      }
      return Effect.gen(function* () {
        yield* follow({ interval: "7 seconds" })
        yield* pass(5 * minute, 1000)
        assert.isBelow(sleeps, 1000)
      }).pipe(
        Effect.provide(stack(statuses(waitingStatus))),
        Effect.provideService(Clock.Clock, counting)
      )
    })
  })

  it.effect("a clock that goes back while the breaker is open does not keep it open", () =>
    wallClock((wall) =>
      stage(
        answering(
          () => goodOrder(),
          (_, count) => (count === 1 ? { status: 501 } : waitingStatus)
        ),
        ({ sent }) =>
          Effect.gen(function* () {
            const ids = Array.from({ length: 6 }, (_, index) => OrderId.make(`order-${index}`))
            const all = yield* Effect.forEach(ids, (id) =>
              Effect.andThen(pass(250), follow({ interval: "8 seconds" }, id))
            )
            yield* pass(11 * second)
            const suspended = all.flatMap(({ events }) =>
              events.filter(
                (event) =>
                  event._tag === "Retrying" &&
                  event.error.reason._tag === "Unavailable" &&
                  event.error.reason.noAnswer === "suspended"
              )
            )
            assert.isAtLeast(suspended.length, 1)
            const before = sent.length
            wall.shift(-2 * 60 * minute)
            yield* pass(10 * minute, 1000)
            assert.isAtLeast(sent.length, before + 12)
          })
      )
    )
  )
})

describe("after the layer has ended", () => {
  it.effect("a follow that begins then ends rather than hangs", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const services = yield* Layer.buildWithScope(stack(statuses(waitingStatus)), scope)
      yield* Scope.close(scope, Exit.void)
      const mine = yield* Effect.provide(follow(), services)
      yield* pass(minute)
      assert.notStrictEqual(endOf(mine), "follows")
      const tracker = yield* Effect.provide(Tracker, services)
      assert.deepStrictEqual(yield* tracker.following, nobody)
    })
  )
})
