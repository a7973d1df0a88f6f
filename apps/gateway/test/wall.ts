// A clock on the wall that a test puts right while time goes on as ever.
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"

export interface Wall {
  /** Puts the clock forward, or back, by so many milliseconds. */
  readonly shift: (by: number) => void
}

/** Runs with the test's clock, whose time of day can be put right. */
export const wallClock = <A, E, R>(
  use: (wall: Wall) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  TestClock.testClockWith((clock) => {
    let offset = 0
    const millis = () => clock.currentTimeMillisUnsafe() + offset
    const nanos = () => clock.currentTimeNanosUnsafe() + BigInt(offset) * 1_000_000n
    const shifted: TestClock.TestClock = {
      ...clock,
      currentTimeMillisUnsafe: millis,
      currentTimeMillis: Effect.sync(millis),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos)
    }
    const shift = (by: number) => {
      offset += by
    }
    return Effect.provideService(use({ shift }), Clock.Clock, shifted)
  })
