import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber, Layer, Scheduler } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { TestClock } from "effect/testing"
import { Budget } from "../src/Budget.ts"
import * as Operation from "../src/Operation.ts"
import { advance, wallClock } from "./layers.ts"

const minute = 60_000
const layer = (requestsPerMinute?: number) => Budget.layer({ key: "tenant", requestsPerMinute })

/** Takes that many at once: all that the bucket holds. */
const takeAll = (count: number) =>
  Effect.gen(function* () {
    const budget = yield* Budget
    yield* Effect.replicateEffect(budget.take, count)
  })

/** Forks a take whose end is noted under that name, with the milliseconds that it took. */
const taking = (
  done: Array<[string, number]>,
  name: string,
  lane?: "direct" | "follow",
  limit: Duration.Input = "1 hour"
) =>
  Effect.gen(function* () {
    const budget = yield* Budget
    const began = yield* Clock.currentTimeMillis
    yield* budget.take
    done.push([name, (yield* Clock.currentTimeMillis) - began])
  }).pipe(Operation.within(limit, lane), Effect.forkChild({ startImmediately: true }))

/** The most that any minute saw, of times in their order. */
const most = (times: ReadonlyArray<number>): number => {
  let first = 0
  let found = 0
  for (const [index, time] of times.entries()) {
    while ((times[first] ?? time) <= time - minute) first++
    found = Math.max(found, index - first + 1)
  }
  return found
}

describe("Budget", () => {
  it.effect("a tenth of the minute may go at once, the rest is spread evenly", () =>
    Effect.gen(function* () {
      yield* takeAll(30)
      const done: Array<[string, number]> = []
      for (const name of ["a", "b", "c"]) yield* taking(done, name)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(done, [
        ["a", 200],
        ["b", 400],
        ["c", 600]
      ])
    }).pipe(Effect.provide(layer()))
  )

  it.effect.each([3, 4, 5, 6, 7, 8])(
    "whoever is interrupted while queueing leaves the others to be served: yielding every %i steps",
    (steps) =>
      Effect.gen(function* () {
        yield* takeAll(30)
        const budget = yield* Budget
        const first = yield* Effect.forkChild(
          Effect.provideService(budget.take, Scheduler.MaxOpsBeforeYield, steps),
          { startImmediately: true }
        )
        yield* Fiber.interrupt(first)
        const done: Array<[string, number]> = []
        yield* taking(done, "a")
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(
          done.map(([name]) => name),
          ["a"]
        )
      }).pipe(Effect.provide(layer()))
  )

  it.effect.each([3, 4, 5, 6, 7, 8])(
    "whoever comes just as the queue has emptied is served too: yielding every %i steps",
    (steps) =>
      Effect.gen(function* () {
        yield* takeAll(30)
        const budget = yield* Budget
        let served = 0
        const caller = Effect.gen(function* () {
          for (let turn = 0; turn < 20; turn++) {
            yield* budget.take
            served++
          }
        }).pipe(Effect.provideService(Scheduler.MaxOpsBeforeYield, steps))
        for (let at = 0; at < 3; at++) yield* Effect.forkChild(caller, { startImmediately: true })
        yield* advance(40_000)
        assert.strictEqual(served, 60)
      }).pipe(Effect.provide(layer()))
  )

  it.effect("a pause is an hour at most, whatever an answer asks for", () =>
    Effect.gen(function* () {
      const budget = yield* Budget
      yield* budget.pause(Duration.days(10_000))
      assert.strictEqual(yield* budget.pausedUntil, 3_600_000)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("a follow that direct reads keep passing is told before its deadline is over", () =>
    Effect.gen(function* () {
      yield* takeAll(30)
      const budget = yield* Budget
      const follow = yield* budget.take.pipe(
        Operation.within("1 second", "follow"),
        Effect.flip,
        Effect.forkChild({ startImmediately: true })
      )
      const done: Array<[string, number]> = []
      for (let at = 0; at < 20; at++) yield* taking(done, `${at}`)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(follow))._tag, "BudgetExhausted")
    }).pipe(Effect.provide(layer()))
  )

  it.effect.each([5, 10, 15, 60, 300, 500])(
    "no minute sees more than 1.1 times the setting: %i, by callers who never stop",
    (setting) =>
      Effect.gen(function* () {
        const budget = yield* Budget
        const times: Array<number> = []
        const caller = Effect.forever(
          Effect.andThen(
            budget.take,
            Effect.map(Clock.currentTimeMillis, (now) => times.push(now))
          )
        )
        const callers = yield* Effect.forkChild(
          Effect.all(
            Array.from({ length: 40 }, () => caller),
            { concurrency: "unbounded" }
          )
        )
        for (let second = 0; second < 210; second++) yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(callers)
        assert.isAtMost(most(times), setting * 1.1)
        // Nothing is lost either: over the whole time nearly the setting was reached.
        assert.isAtLeast(times.length, setting * 3.4)
      }).pipe(Effect.provide(layer(setting)))
  )

  it.effect("no minute sees more than 1.1 times the setting, by callers who come in waves", () =>
    Effect.gen(function* () {
      const times: Array<number> = []
      const budget = yield* Budget
      const one = Effect.andThen(
        budget.take,
        Effect.map(Clock.currentTimeMillis, (now) => times.push(now))
      )
      for (let wave = 0; wave < 24; wave++) {
        for (let index = 0; index < (wave % 4) * 30; index++) {
          yield* Effect.forkChild(one, { startImmediately: true })
        }
        yield* TestClock.adjust(Duration.millis(1_000 + (wave % 5) * 4_300))
      }
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(times.length, 6 * (30 + 60 + 90))
      assert.isAtMost(most(times), 330)
    }).pipe(Effect.provide(layer(300)))
  )

  it.effect("direct reads go before follows, each in the order they came", () =>
    Effect.gen(function* () {
      yield* takeAll(6)
      const done: Array<[string, number]> = []
      yield* taking(done, "follow 1", "follow")
      yield* taking(done, "follow 2", "follow")
      yield* taking(done, "direct 1", "direct")
      yield* taking(done, "direct 2", "direct")
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(
        done.map(([name]) => name),
        ["direct 1", "direct 2", "follow 1", "follow 2"]
      )
    }).pipe(Effect.provide(layer(60)))
  )

  it.effect(
    "a wait beyond the operation's deadline fails at once and says how long it would be",
    () =>
      Effect.gen(function* () {
        yield* takeAll(6)
        const budget = yield* Budget
        const before = yield* Clock.currentTimeMillis
        const exhausted = yield* budget.take.pipe(Operation.within("500 millis"), Effect.flip)
        assert.strictEqual(yield* Clock.currentTimeMillis, before)
        assert.strictEqual(exhausted._tag, "BudgetExhausted")
        assert.strictEqual(Duration.toMillis(exhausted.wait), 1000)
      }).pipe(Effect.provide(layer(60)))
  )

  it.effect("those who wait before count towards the wait", () =>
    Effect.gen(function* () {
      yield* takeAll(6)
      const done: Array<[string, number]> = []
      for (const name of ["a", "b", "c", "d"]) yield* taking(done, name)
      const budget = yield* Budget
      const exit = yield* budget.take.pipe(Operation.within("3 seconds"), Effect.exit)
      assert.isTrue(Exit.isFailure(exit))
    }).pipe(Effect.provide(layer(60)))
  )

  it.effect("interrupted waiters leave, and those behind them move up", () =>
    Effect.gen(function* () {
      yield* takeAll(6)
      const done: Array<[string, number]> = []
      const first = yield* taking(done, "first")
      const second = yield* taking(done, "second")
      yield* taking(done, "third")
      yield* Fiber.interrupt(first)
      yield* Fiber.interrupt(second)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(done, [["third", 1000]])
    }).pipe(Effect.provide(layer(60)))
  )

  it.effect("a pause holds everybody until its time, and a shorter one does not end it", () =>
    Effect.gen(function* () {
      const budget = yield* Budget
      yield* budget.pause(Duration.seconds(20))
      yield* budget.pause(Duration.seconds(1))
      assert.strictEqual(yield* budget.pausedUntil, 20_000)
      const done: Array<[string, number]> = []
      yield* taking(done, "direct")
      yield* taking(done, "follow", "follow")
      yield* TestClock.adjust("19999 millis")
      assert.deepStrictEqual(done, [])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(done[0], ["direct", 20_000])
      assert.strictEqual(done.length, 2)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("a pause fails at once those who cannot wait so long, and keeps the others", () =>
    Effect.gen(function* () {
      yield* takeAll(6)
      const budget = yield* Budget
      const done: Array<[string, number]> = []
      const late = yield* taking(done, "late", "direct", "10 seconds")
      yield* taking(done, "patient")
      yield* budget.pause(Duration.seconds(30))
      const exhausted = yield* Effect.flip(Fiber.join(late))
      assert.strictEqual(Duration.toMillis(exhausted.wait), 30_000)
      const refused = yield* budget.take.pipe(Operation.within("10 seconds"), Effect.flip)
      assert.isAtLeast(Duration.toMillis(refused.wait), 30_000)
      yield* TestClock.adjust("31 seconds")
      assert.deepStrictEqual(
        done.map(([name]) => name),
        ["patient"]
      )
    }).pipe(Effect.provide(layer(60)))
  )

  it.effect("tenants do not share a budget, layers over one store do", () =>
    Effect.gen(function* () {
      const limiter = yield* Layer.build(
        RateLimiter.layer.pipe(Layer.provide(RateLimiter.layerStoreMemory))
      )
      const of = (key: string) =>
        Layer.build(
          Budget.layerNoDeps({ key, requestsPerMinute: 60 }).pipe(
            Layer.provide(Layer.succeedContext(limiter))
          )
        )
      const [mine, also, other] = [yield* of("a"), yield* of("a"), yield* of("b")]
      yield* Effect.provide(takeAll(6), mine)
      const now = Effect.flatMap(Budget, (budget) => budget.take).pipe(
        Operation.within("10 millis"),
        Effect.exit
      )
      assert.isTrue(Exit.isFailure(yield* Effect.provide(now, also)))
      assert.isTrue(Exit.isSuccess(yield* Effect.provide(now, other)))
    })
  )

  it.effect("a store that is down does not stop the reads", () =>
    Effect.gen(function* () {
      yield* takeAll(100)
    }).pipe(
      Effect.provide(
        Budget.layerNoDeps({ key: "tenant" }).pipe(
          Layer.provide(
            Layer.mock(RateLimiter.RateLimiter)({
              [RateLimiter.TypeId]: RateLimiter.TypeId,
              consume: () =>
                Effect.fail(
                  new RateLimiter.RateLimiterError({
                    reason: new RateLimiter.RateLimitStoreError({ message: "down", cause: "down" })
                  })
                )
            })
          )
        )
      )
    )
  )
})

describe("the turns of what is followed", () => {
  const turn = Effect.flatMap(Budget, (budget) => budget.takeForFollow)
  const take = Effect.flatMap(Budget, (budget) => budget.take)

  it.effect("are waited for however long, whatever the operation around allows", () =>
    Effect.gen(function* () {
      const budget = yield* Budget
      yield* budget.pause(Duration.minutes(59))
      const fiber = yield* turn.pipe(
        Operation.within("1 second"),
        Effect.forkChild({ startImmediately: true })
      )
      yield* TestClock.adjust("58 minutes")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 minute")
      assert.isFalse((yield* Fiber.join(fiber)).isUsed)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("are the first request of their operation, and of no other one", () =>
    Effect.gen(function* () {
      yield* takeAll(5)
      const given = yield* turn
      const asking = yield* Effect.forkChild(
        Effect.gen(function* () {
          const before = yield* Clock.currentTimeMillis
          yield* take
          const first = yield* Clock.currentTimeMillis
          yield* take
          return [first - before, (yield* Clock.currentTimeMillis) - before]
        }).pipe(Operation.following("1 minute", given)),
        { startImmediately: true }
      )
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* Fiber.join(asking), [0, 1000])
      assert.isTrue(given.isUsed)
    }).pipe(Effect.provide(layer(60)))
  )

  it.effect("wait out a pause that began after they were given", () =>
    Effect.gen(function* () {
      const budget = yield* Budget
      const given = yield* turn
      yield* budget.pause(Duration.seconds(20))
      const asking = yield* take.pipe(
        Operation.following("1 minute", given),
        Effect.andThen(Clock.currentTimeMillis),
        Effect.forkChild({ startImmediately: true })
      )
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* Fiber.join(asking), 20_000)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("come after direct reads, in the order they were asked for", () =>
    Effect.gen(function* () {
      yield* takeAll(6)
      const done: Array<string> = []
      const noting = (name: string) =>
        Effect.forkChild(
          Effect.andThen(
            turn,
            Effect.sync(() => done.push(name))
          ),
          {
            startImmediately: true
          }
        )
      yield* noting("follow 1")
      yield* noting("follow 2")
      yield* taking([], "direct")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(done, [])
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(done, ["follow 1", "follow 2"])
    }).pipe(Effect.provide(layer(60)))
  )

  it.effect("of who no longer waits go to the next", () =>
    Effect.gen(function* () {
      yield* takeAll(6)
      const leaving = yield* Effect.forkChild(turn, { startImmediately: true })
      const staying = yield* Effect.forkChild(turn, { startImmediately: true })
      yield* Fiber.interrupt(leaving)
      yield* TestClock.adjust("1 second")
      assert.isTrue(Exit.isSuccess(yield* Fiber.await(staying)))
    }).pipe(Effect.provide(layer(60)))
  )
})

describe("the usage", () => {
  const usage = Effect.flatMap(Budget, (budget) => budget.usage)

  it.effect("is what may be asked in a minute, and what was in the last 60 seconds", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* usage, { perMinute: 300, spent: 0 })
      yield* takeAll(10)
      assert.deepStrictEqual(yield* usage, { perMinute: 300, spent: 10 })
      yield* TestClock.adjust("30 seconds")
      const budget = yield* Budget
      yield* budget.takeForFollow
      assert.strictEqual((yield* usage).spent, 11)
      yield* TestClock.adjust("31 seconds")
      assert.strictEqual((yield* usage).spent, 1)
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* usage).spent, 0)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* usage).spent, 0)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("is never above 1.1 times the setting, and does not count a turn twice", () =>
    Effect.gen(function* () {
      const budget = yield* Budget
      const asking = Effect.gen(function* () {
        const given = yield* budget.takeForFollow
        yield* Effect.orDie(Operation.following("1 hour", given)(budget.take))
      })
      const callers = yield* Effect.forkChild(Effect.forever(asking))
      for (let second = 0; second < 180; second++) {
        yield* TestClock.adjust("1 second")
        assert.isAtMost((yield* usage).spent, 66)
      }
      assert.isAtLeast((yield* usage).spent, 58)
      yield* Fiber.interrupt(callers)
    }).pipe(Effect.provide(layer(60)))
  )
})

describe("a clock on the wall that is put right", () => {
  it.effect.each([-60 * minute, 24 * 60 * minute])(
    "neither holds the requests nor lets more go: by %i milliseconds",
    (shift) =>
      wallClock((wall) =>
        Effect.gen(function* () {
          const budget = yield* Budget
          const times: Array<number> = []
          const steady = Clock.clockWith((clock) =>
            Effect.sync(() => Number(clock.monotonicTimeNanosUnsafe()) / 1e6)
          )
          const caller = yield* Effect.forkChild(
            Effect.forever(
              Effect.andThen(
                budget.takeForFollow,
                Effect.map(steady, (now) => times.push(now))
              )
            )
          )
          for (let second = 0; second < 60; second++) yield* TestClock.adjust("1 second")
          const before = times.length
          wall.shift(shift)
          for (let second = 0; second < 120; second++) yield* TestClock.adjust("1 second")
          yield* Fiber.interrupt(caller)
          assert.closeTo(times.length - before, 120, 2)
          assert.isAtMost(most(times), 66)
        }).pipe(Effect.provide(layer(60)))
      )
  )

  it.effect.each([-60 * minute, 24 * 60 * minute])(
    "does not change how long a pause lasts: by %i milliseconds",
    (shift) =>
      wallClock((wall) =>
        Effect.gen(function* () {
          const budget = yield* Budget
          yield* budget.pause(Duration.seconds(20))
          wall.shift(shift)
          assert.strictEqual(yield* budget.pausedUntil, 20_000 + shift)
          const taken = yield* Effect.forkChild(budget.takeForFollow, { startImmediately: true })
          yield* TestClock.adjust("19 seconds")
          assert.isUndefined(taken.pollUnsafe())
          yield* TestClock.adjust("1 second")
          assert.isTrue(Exit.isSuccess(yield* Fiber.await(taken)))
        }).pipe(Effect.provide(layer(60)))
      )
  )
})
