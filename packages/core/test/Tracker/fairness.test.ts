import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { Budget } from "../../src/Budget.ts"
import { OrderId } from "../../src/Order.ts"
import { Tracker } from "../../src/Tracker.ts"
import { customer } from "../fixtures.ts"
import { flush } from "../layers.ts"
import {
  answering,
  follow,
  goodOrder,
  lastOf,
  minute,
  pass,
  second,
  stage,
  waitingStatus
} from "./stage.ts"
import type { Sent } from "./stage.ts"

const ids = (count: number) =>
  Array.from({ length: count }, (_, index) => OrderId.make(`order-${index}`))
const orderOf = ({ path }: Sent) => /orders\/([^/]+)/.exec(path)?.[1] ?? ""
const answers = answering(
  () => goodOrder(),
  () => waitingStatus
)
/** The most requests that any minute saw. */
const most = (sent: ReadonlyArray<Sent>) =>
  Math.max(
    ...sent.map(({ at: from }) => sent.filter(({ at }) => at >= from && at < from + minute).length)
  )
/** The orders in the order of their looks. */
const seen = (sent: ReadonlyArray<Sent>) =>
  [...Map.groupBy(sent, ({ headers }) => headers["ms-correlationid"]).values()].flatMap(([first]) =>
    first ? [orderOf(first)] : []
  )

describe("more orders than the budget allows", () => {
  it.effect("are looked at in turn, the longest unseen first, and never beyond the budget", () =>
    stage(
      answers,
      ({ sent }) =>
        Effect.gen(function* () {
          const all = ids(60)
          yield* Effect.forEach(all, (id) => Effect.andThen(follow({}, id), pass(20, 20)))
          yield* pass(32 * minute, 1000)
          const order = seen(sent)
          // Two requests for the first look, one for those after it.
          assert.deepStrictEqual(order.slice(0, 60), all)
          assert.deepStrictEqual(order.slice(60, 119), all.slice(0, 59))
          // The last of a round can be seen just after the first of the next one.
          for (const [at, id] of order.entries()) {
            const next = order.indexOf(id, at + 1)
            if (next >= 0) assert.closeTo(next - at, 60, 2, id)
          }
          assert.isAtMost(most(sent), 11)
          // And little of it is left unused.
          assert.isAtLeast(sent.length, 32 * 10 * 0.95)
        }),
      { requestsPerMinute: 10 }
    )
  )

  it.effect("a new one goes before all that were seen, and does not put them off twice", () =>
    stage(
      answers,
      ({ sent }) =>
        Effect.gen(function* () {
          const all = ids(30)
          yield* Effect.forEach(all, (id) => Effect.andThen(follow({}, id), pass(20, 20)))
          yield* pass(8 * minute, 1000)
          const before = seen(sent).length
          yield* follow({}, OrderId.make("new"))
          yield* pass(10 * minute, 1000)
          const later = seen(sent).slice(before)
          assert.isAtMost(later.indexOf("new"), 1)
          const others = later.filter((id) => id !== "new")
          assert.strictEqual(new Set(others.slice(0, 30)).size, 30)
        }),
      { requestsPerMinute: 10 }
    )
  )

  it.effect("one whose follower is in a hurry has no more turns than the others", () =>
    stage(
      answers,
      ({ sent }) =>
        Effect.gen(function* () {
          const [first, ...others] = ids(20)
          assert.isDefined(first)
          yield* follow({ interval: "1 second" }, first)
          yield* Effect.forEach(others, (id) => follow({}, id))
          yield* pass(12 * minute, 1000)
          const order = seen(sent)
          for (let at = 0; at + 20 <= 60; at += 20) {
            assert.isAtMost(order.slice(at, at + 20).filter((id) => id === first).length, 2)
          }
          for (const id of others) assert.include(order.slice(20, 62), id)
          assert.isAtMost(most(sent), 11)
        }),
      { requestsPerMinute: 10 }
    )
  )

  it.effect("are told that they wait for the budget, and about until when", () =>
    stage(
      answers,
      ({ sent }) =>
        Effect.gen(function* () {
          const all = yield* Effect.forEach(ids(40), (id) => follow({ interval: "30 seconds" }, id))
          yield* pass(20 * minute, 1000)
          const told = all.map((mine) => lastOf(mine, "NextLook"))
          assert.isAtLeast(told.filter((next) => next?.why === "budget").length, 15)
          const now = yield* Clock.currentTimeMillis
          yield* pass(6 * minute, 1000)
          for (const [index, id] of ids(40).entries()) {
            const next = sent.find((one) => one.at > now && orderOf(one) === id)
            if (told[index]?.why !== "budget") continue
            assert.closeTo(next?.at ?? 0, told[index].at.epochMilliseconds, minute, id)
          }
        }),
      { requestsPerMinute: 10 }
    )
  )

  it.effect("a direct report goes before those that wait", () =>
    stage(
      answers,
      ({ sent }) =>
        Effect.gen(function* () {
          yield* Effect.forEach(ids(30), (id) => follow({}, id))
          yield* pass(2 * minute, 1000)
          const tracker = yield* Tracker
          const before = sent.length
          const asking = yield* Effect.forkChild(tracker.report(customer, OrderId.make("direct")), {
            startImmediately: true
          })
          yield* pass(14 * second, 1000)
          assert.isDefined(asking.pollUnsafe())
          const [first, second_, third] = sent.slice(before).map(orderOf)
          assert.include([first, second_], "direct")
          assert.deepStrictEqual([first, second_, third].filter((id) => id === "direct").length, 2)
        }),
      { requestsPerMinute: 10 }
    )
  )

  it.effect("all have their looks on time where the budget is enough", () =>
    stage(
      answers,
      ({ sent, times }) =>
        Effect.gen(function* () {
          yield* Effect.forEach(ids(60), (id) => follow({}, id))
          yield* pass(59 * second, 500)
          assert.strictEqual(times().length, 120)
          const usage = yield* Effect.flatMap(Budget, (budget) => budget.usage)
          assert.strictEqual(usage.perMinute, 300)
          assert.isAtMost(Math.abs(usage.spent - sent.length), 10)
        }),
      { requestsPerMinute: 300 }
    )
  )
})

describe("looks under way at once", () => {
  it.effect.each([1, 4])("are as many as was set: %i", (concurrency) => {
    let open = 0
    let mostOpen = 0
    return stage(
      answering(
        () => goodOrder(),
        () =>
          Effect.acquireUseRelease(
            Effect.sync(() => (mostOpen = Math.max(mostOpen, ++open))),
            () => Effect.delay(Effect.succeed(waitingStatus), "2 seconds"),
            () => Effect.sync(() => open--)
          )
      ),
      ({ times }) =>
        Effect.gen(function* () {
          yield* Effect.forEach(ids(12), (id) => follow({}, id))
          yield* flush
          yield* pass(28 * second, 500)
          assert.strictEqual(mostOpen, concurrency)
          assert.strictEqual(times().length, 12)
        }),
      { concurrency }
    )
  })
})
