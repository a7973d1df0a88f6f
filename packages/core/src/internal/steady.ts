// Time that nobody sets: waits go by it, so that a clock put right neither hurries nor holds them.
import { Clock, Context, Effect } from "effect"

/** Milliseconds of that clock since some moment, always going forward. */
export const steadyMillisOf = (clock: Clock.Clock): number =>
  Number(clock.monotonicTimeNanosUnsafe()) / 1e6

/** Milliseconds since some moment, always going forward. */
export const steadyMillis: Effect.Effect<number> = Clock.clockWith((clock) =>
  Effect.succeed(steadyMillisOf(clock))
)

const steadied = new WeakMap<Clock.Clock, Clock.Clock>()

const steady = (clock: Clock.Clock): Clock.Clock => {
  const known = steadied.get(clock)
  if (known !== undefined) return known
  const made: Clock.Clock = {
    currentTimeMillisUnsafe: () => steadyMillisOf(clock),
    currentTimeMillis: Effect.sync(() => steadyMillisOf(clock)),
    currentTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    currentTimeNanos: clock.monotonicTimeNanos,
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    sleep: (duration) => clock.sleep(duration)
  }
  steadied.set(clock, made)
  return made
}

/** Runs with a clock whose milliseconds are steady; for what counts by the clock and stays in this process. */
export const steadily = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateContext(effect, (context: Context.Context<R>) =>
    Context.add(context, Clock.Clock, steady(Context.get(context, Clock.Clock)))
  )
