import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { steadily, steadyMillis } from "../../src/internal/steady.ts"
import { wallClock } from "../layers.ts"

describe("the steady clock", () => {
  it.effect("goes on with time", () =>
    Effect.gen(function* () {
      const before = yield* steadyMillis
      yield* TestClock.adjust("1500 millis")
      assert.strictEqual((yield* steadyMillis) - before, 1500)
    })
  )

  it.effect.each([-3_600_000, 86_400_000])(
    "does not know of a clock on the wall that is put right by %i milliseconds",
    (millis) =>
      wallClock((wall) =>
        Effect.gen(function* () {
          yield* TestClock.adjust("1 minute")
          const before = yield* steadyMillis
          wall.shift(millis)
          assert.strictEqual(yield* steadyMillis, before)
          assert.strictEqual(yield* Clock.currentTimeMillis, 60_000 + millis)
        })
      )
  )

  it.effect("what runs by it counts its milliseconds, and sleeps as long as ever", () =>
    wallClock((wall) =>
      Effect.gen(function* () {
        const slept = yield* Effect.sleep("10 seconds").pipe(
          Effect.andThen(Clock.currentTimeMillis),
          steadily,
          Effect.forkChild({ startImmediately: true })
        )
        wall.shift(-3_600_000)
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(yield* Fiber.join(slept), 10_000)
        const [millis, unsafe, nanos] = yield* steadily(
          Effect.all([
            Clock.currentTimeMillis,
            Clock.clockWith((clock) => Effect.succeed(clock.currentTimeMillisUnsafe())),
            Clock.currentTimeNanos
          ])
        )
        assert.deepStrictEqual([millis, unsafe, nanos], [10_000, 10_000, 10_000_000_000n])
      })
    )
  )

  it.effect("afterwards the clock is the one from before", () =>
    wallClock((wall) =>
      Effect.gen(function* () {
        wall.shift(5000)
        yield* steadily(Effect.void)
        assert.strictEqual(yield* Clock.currentTimeMillis, 5000)
      })
    )
  )
})
