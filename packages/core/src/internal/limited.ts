// Time limits of what nearly always ends long before them. `Effect.timeout` runs two more fibers for each and sets a
// timer; here one fiber sleeps for all that are under way.
import { Clock, Duration, Effect, Fiber } from "effect"
import * as Heap from "./heap.ts"
import { steadyMillisOf } from "./steady.ts"

/** Interrupts the effect when so many milliseconds are over, waits for its end, and does `orElse` instead. */
export type Limited = <A, E, R, A2, E2, R2>(
  effect: Effect.Effect<A, E, R>,
  millis: number,
  orElse: () => Effect.Effect<A2, E2, R2>
) => Effect.Effect<A | A2, E | E2, R | R2>

interface Limit extends Heap.Member {
  /** By the steady clock. */
  readonly at: number
  readonly reached: () => void
}

/** Limits that are kept for as long as the scope is open. */
export const makeLimited = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const run = Effect.runForkWith(yield* Effect.context())
  const limits = Heap.make<Limit>((self, that) => self.at < that.at)
  let sleeper: Fiber.Fiber<void> | undefined
  // Until when it sleeps; while it is awake, nobody need wake it.
  let until = Number.POSITIVE_INFINITY

  const sleep = Effect.gen(function* () {
    until = Number.NEGATIVE_INFINITY
    for (let first = limits.first(); first !== undefined; first = limits.first()) {
      const left = first.at - steadyMillisOf(clock)
      if (left > 0) {
        until = first.at
        yield* clock.sleep(Duration.millis(left))
        until = Number.NEGATIVE_INFINITY
      } else {
        limits.remove(first)
        first.reached()
      }
    }
    until = Number.POSITIVE_INFINITY
  })

  const add = (limit: Limit) => {
    limits.add(limit)
    if (limit.at >= until) return
    sleeper?.interruptUnsafe()
    sleeper = run(sleep)
  }

  // Asleep for nobody, it would keep a process that has nothing else to do.
  const remove = (limit: Limit) => {
    limits.remove(limit)
    if (until === Number.NEGATIVE_INFINITY || limits.first() !== undefined) return
    until = Number.POSITIVE_INFINITY
    sleeper?.interruptUnsafe()
  }

  yield* Effect.addFinalizer(() => (sleeper === undefined ? Effect.void : Fiber.interrupt(sleeper)))

  const limited: Limited = (effect, millis, orElse) =>
    Effect.contextWith((context) =>
      Effect.callback((resume) => {
        const fiber = Effect.runForkWith(context)(effect)
        const ended = fiber.pollUnsafe()
        if (ended !== undefined) {
          resume(ended)
          return
        }
        let isOver = false
        const limit: Limit = {
          at: steadyMillisOf(clock) + millis,
          position: -1,
          reached: () => {
            isOver = true
            fiber.interruptUnsafe()
          }
        }
        fiber.addObserver((exit) => {
          remove(limit)
          resume(isOver ? orElse() : exit)
        })
        add(limit)
        return Fiber.interrupt(fiber)
      })
    )
  return limited
})
