// One run for all who ask for the same at the same time. It ends when nobody waits for it any more.
import { Effect, Fiber } from "effect"
import type { Context } from "effect"

interface Flight<A, E> {
  waiting: number
  readonly fiber: Fiber.Fiber<A, E>
}

/** Shares runs by their keys. They end with the scope. */
export const make = Effect.fnUntraced(function* <A, E>() {
  const scope = yield* Effect.scope
  const flights = new Map<string, Flight<A, E>>()

  const land = (key: string, flight: Flight<A, E>) => {
    if (flights.get(key) === flight) flights.delete(key)
  }

  const begin = (key: string, run: Effect.Effect<A, E>, context: Context.Context<never>) => {
    const fiber = Fiber.runIn(Effect.runForkWith(context)(run), scope)
    const flight: Flight<A, E> = { waiting: 0, fiber }
    flights.set(key, flight)
    fiber.addObserver(() => land(key, flight))
    return flight
  }

  const leave = (key: string, flight: Flight<A, E>) => {
    flight.waiting -= 1
    if (flight.waiting > 0 || flight.fiber.pollUnsafe() !== undefined) return
    land(key, flight)
    flight.fiber.interruptUnsafe()
  }

  return (key: string, run: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.contextWith((context: Context.Context<never>) =>
      Effect.callback<A, E>((resume) => {
        const flight = flights.get(key) ?? begin(key, run, context)
        flight.waiting += 1
        const forget = flight.fiber.addObserver(resume)
        return Effect.sync(() => {
          forget()
          leave(key, flight)
        })
      })
    )
})
