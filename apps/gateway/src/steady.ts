// Time that nobody sets: how long something took, and which of two came first.
import type { Clock } from "effect"

/** Milliseconds of that clock since some moment, with fractions, always going forward. */
export const steadyMillis = (clock: Clock.Clock): number =>
  Number(clock.monotonicTimeNanosUnsafe()) / 1e6
