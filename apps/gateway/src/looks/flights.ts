// One run for all who ask for the same at the same time. It ends when nobody waits for it any more.
import { Effect, Fiber } from "effect"

interface Flight<A, E> {
  waiting: number
  fiber: Fiber.Fiber<A, E> | undefined
}

/** Shares runs by their keys. They end with the scope. */
export const make = Effect.fnUntraced(function* <A, E>() {
  const scope = yield* Effect.scope
  const flights = new Map<string, Flight<A, E>>()

  const land = (key: string, flight: Flight<A, E>) => {
    if (flights.get(key) === flight) flights.delete(key)
  }

  const take = (key: string, run: Effect.Effect<A, E>) =>
    Effect.gen(function* () {
      const known = flights.get(key)
      if (known !== undefined) {
        known.waiting += 1
        return known
      }
      const flight: Flight<A, E> = { waiting: 1, fiber: undefined }
      flights.set(key, flight)
      flight.fiber = yield* run.pipe(
        Effect.ensuring(Effect.sync(() => land(key, flight))),
        Effect.interruptible,
        Effect.forkIn(scope)
      )
      return flight
    })

  const leave = (key: string, flight: Flight<A, E>) =>
    Effect.sync(() => {
      flight.waiting -= 1
      if (flight.waiting > 0 || flight.fiber?.pollUnsafe() !== undefined) return
      land(key, flight)
      flight.fiber?.interruptUnsafe()
    })

  return (key: string, run: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.acquireUseRelease(
      take(key, run),
      ({ fiber }) =>
        fiber === undefined ? Effect.die("a flight without a fiber") : Fiber.join(fiber),
      (flight) => leave(key, flight)
    )
})
