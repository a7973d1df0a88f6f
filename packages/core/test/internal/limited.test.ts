import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { makeLimited } from "../../src/internal/limited.ts"
import { wallClock } from "../layers.ts"

const over = () => Effect.succeed("over" as const)

describe("a time limit", () => {
  it.effect("gives what the effect gave, and its failure and its defect", () =>
    Effect.gen(function* () {
      const limited = yield* makeLimited
      assert.strictEqual(yield* limited(Effect.succeed(1), 1000, over), 1)
      assert.strictEqual(yield* Effect.flip(limited(Effect.fail("no"), 1000, over)), "no")
      assert.isTrue(Exit.hasDies(yield* Effect.exit(limited(Effect.die("bug"), 1000, over))))
      const later = yield* Effect.forkChild(limited(Effect.as(Effect.sleep(999), 2), 1000, over), {
        startImmediately: true
      })
      yield* TestClock.adjust(999)
      assert.strictEqual(yield* Fiber.join(later), 2)
    })
  )

  it.effect("ends what takes longer, exactly then, once its finalizers have run", () =>
    Effect.gen(function* () {
      const limited = yield* makeLimited
      const ended: Array<string> = []
      const slow = Effect.never.pipe(
        Effect.onInterrupt(() =>
          Effect.andThen(
            Effect.sleep(50),
            Effect.sync(() => ended.push("finalizer"))
          )
        )
      )
      const fiber = yield* Effect.forkChild(limited(slow, 1000, over), { startImmediately: true })
      yield* TestClock.adjust(999)
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust(50)
      assert.strictEqual(yield* Fiber.join(fiber), "over")
      assert.deepStrictEqual(ended, ["finalizer"])
    })
  )

  it.effect("of many comes in the order of their times, however they were set", () =>
    Effect.gen(function* () {
      const limited = yield* makeLimited
      const done: Array<[number, number]> = []
      const one = (millis: number) =>
        limited(Effect.never, millis, () =>
          Effect.map(Clock.currentTimeMillis, (now) => done.push([millis, now]))
        )
      yield* Effect.forEach([3000, 1000, 2000, 1000, 500], (millis) =>
        Effect.forkChild(one(millis), { startImmediately: true })
      )
      // Sets one more while it sleeps for another.
      yield* TestClock.adjust(600)
      yield* Effect.forkChild(one(100), { startImmediately: true })
      yield* TestClock.adjust(5000)
      assert.deepStrictEqual(done, [
        [500, 500],
        [100, 700],
        [1000, 1000],
        [1000, 1000],
        [2000, 2000],
        [3000, 3000]
      ])
    })
  )

  it.effect("that has passed ends what does not end at once", () =>
    Effect.gen(function* () {
      const limited = yield* makeLimited
      assert.strictEqual(yield* limited(Effect.never, 0, over), "over")
      assert.strictEqual(yield* limited(Effect.never, -5, over), "over")
      assert.strictEqual(yield* limited(Effect.succeed(1), -5, over), 1)
    })
  )

  it.effect("may be forever", () =>
    Effect.gen(function* () {
      const limited = yield* makeLimited
      const forever = yield* Effect.forkChild(
        limited(Effect.never, Number.POSITIVE_INFINITY, over),
        { startImmediately: true }
      )
      const short = yield* Effect.forkChild(limited(Effect.never, 10, over), {
        startImmediately: true
      })
      yield* TestClock.adjust("1 day")
      assert.isUndefined(forever.pollUnsafe())
      assert.strictEqual(yield* Fiber.join(short), "over")
      yield* Fiber.interrupt(forever)
    })
  )

  it.effect("whoever is interrupted interrupts what was limited, and waits for its end", () =>
    Effect.gen(function* () {
      const limited = yield* makeLimited
      const isEnding = yield* Deferred.make<void>()
      const slow = Effect.never.pipe(Effect.onInterrupt(() => Deferred.await(isEnding)))
      const fiber = yield* Effect.forkChild(limited(slow, 1000, over), { startImmediately: true })
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(fiber), {
        startImmediately: true
      })
      yield* TestClock.adjust(5000)
      assert.isUndefined(interrupting.pollUnsafe())
      yield* Deferred.succeed(isEnding, undefined)
      yield* Fiber.join(interrupting)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    })
  )

  it.effect("is set again from what comes after another one", () =>
    Effect.gen(function* () {
      const limited = yield* makeLimited
      const again = (left: number): Effect.Effect<number> =>
        left === 0 ? Clock.currentTimeMillis : limited(Effect.never, 1000, () => again(left - 1))
      const fiber = yield* Effect.forkChild(again(3), { startImmediately: true })
      yield* TestClock.adjust(3000)
      assert.strictEqual(yield* Fiber.join(fiber), 3000)
    })
  )

  it.effect("does not know of a clock on the wall that is put right", () =>
    wallClock((wall) =>
      Effect.gen(function* () {
        const limited = yield* makeLimited
        const fiber = yield* Effect.forkChild(limited(Effect.never, 1000, over), {
          startImmediately: true
        })
        wall.shift(-3_600_000)
        yield* TestClock.adjust(1000)
        assert.strictEqual(yield* Fiber.join(fiber), "over")
      })
    )
  )

  it.effect("leaves nothing asleep once nobody needs it, nor once the scope has closed", () =>
    Effect.gen(function* () {
      let sleeping = 0
      const clock = yield* Clock.Clock
      const counting: Clock.Clock = {
        ...clock,
        monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
        sleep: (duration) =>
          Effect.suspend(() => {
            sleeping++
            return Effect.ensuring(
              clock.sleep(duration),
              Effect.sync(() => sleeping--)
            )
          })
      }
      const scope = yield* Scope.make()
      const limited = yield* makeLimited.pipe(
        Scope.provide(scope),
        Effect.provideService(Clock.Clock, counting)
      )
      for (let count = 0; count < 10; count++) {
        yield* limited(Effect.yieldNow, 1000, over)
      }
      yield* Effect.yieldNow
      assert.strictEqual(sleeping, 0)
      const fiber = yield* Effect.forkChild(limited(Effect.never, 1000, over), {
        startImmediately: true
      })
      yield* limited(Effect.yieldNow, 500, over)
      assert.strictEqual(sleeping, 1)
      yield* Scope.close(scope, Exit.void)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(sleeping, 0)
    })
  )
})
