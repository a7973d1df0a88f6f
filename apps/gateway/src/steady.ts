// Time that nobody sets: how long something takes goes by it, and what has to be waited for.
import { Clock, Effect } from "effect"

/** Milliseconds of that clock, with fractions, since some moment; they never go back. */
export const steadyMillisOf = (clock: Clock.Clock): number =>
  Number(clock.monotonicTimeNanosUnsafe()) / 1e6

/** The same, of the clock that an effect runs by. */
export const steadyMillis: Effect.Effect<number> = Clock.clockWith((clock) =>
  Effect.sync(() => steadyMillisOf(clock))
)
