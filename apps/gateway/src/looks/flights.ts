// One run for all who ask for the same at the same time. It ends when nobody waits for it any more.
import { Deferred, Effect } from "effect"
import type { Fiber } from "effect"

interface Flight<A, E> {
  waiting: number
  readonly landed: Deferred.Deferred<A, E>
  fiber: Fiber.Fiber<unknown, unknown> | undefined
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
      // Others may join before there is a fiber.
      const landed = Deferred.makeUnsafe<A, E>()
      const flight: Flight<A, E> = { waiting: 1, landed, fiber: undefined }
      flights.set(key, flight)
      const fiber = yield* Effect.forkIn(Effect.interruptible(run), scope, {
        startImmediately: true
      })
      flight.fiber = fiber
      fiber.addObserver((exit) => {
        land(key, flight)
        Deferred.doneUnsafe(landed, exit)
      })
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
      ({ landed }) => Deferred.await(landed),
      (flight) => leave(key, flight)
    )
})
