// Time that nobody sets: waits go by it, so that a clock put right neither hurries nor holds them.
import { Clock, Effect } from "effect"

const millisOf = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

/** Milliseconds since some moment, always going forward. */
export const steadyMillis: Effect.Effect<number> = Clock.clockWith((clock) =>
  Effect.sync(() => millisOf(clock))
)

/** Runs with a clock whose milliseconds are steady; for what counts by the clock and stays in this process. */
export const steadily = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Clock.clockWith((clock) =>
    Effect.provideService(effect, Clock.Clock, {
      currentTimeMillisUnsafe: () => millisOf(clock),
      currentTimeMillis: Effect.sync(() => millisOf(clock)),
      currentTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
      currentTimeNanos: clock.monotonicTimeNanos,
      monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
      monotonicTimeNanos: clock.monotonicTimeNanos,
      sleep: (duration) => clock.sleep(duration)
    })
  )
