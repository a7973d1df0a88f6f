// One run for all who ask for the same at the same time. It ends when nobody waits for it any more.
import { Effect, Fiber } from "effect"
import type { Context } from "effect"

interface Flight<A, E> {
  waiting: number
  readonly fiber: Fiber.Fiber<A, E>
}

// What has left a map may be kept by a table that the map has outgrown: only this much of it.
interface Slot<A, E> {
  flight: Flight<A, E> | undefined
}

/** Shares runs by their keys. They end with the scope. */
export const make = Effect.fnUntraced(function* <A, E>() {
  const slots = new Map<string, Slot<A, E>>()
  let isOver = false

  yield* Effect.addFinalizer(() => {
    isOver = true
    return Fiber.interruptAll(
      [...slots.values()].flatMap(({ flight }) => (flight === undefined ? [] : [flight.fiber]))
    )
  })

  const land = (key: string, slot: Slot<A, E>) => {
    slot.flight = undefined
    if (slots.get(key) === slot) slots.delete(key)
  }

  const begin = (key: string, run: Effect.Effect<A, E>, context: Context.Context<never>) => {
    const flight: Flight<A, E> = { waiting: 0, fiber: Effect.runForkWith(context)(run) }
    if (flight.fiber.pollUnsafe() === undefined) {
      const slot: Slot<A, E> = { flight }
      slots.set(key, slot)
      flight.fiber.addObserver(() => land(key, slot))
    }
    return flight
  }

  const leave = (key: string, flight: Flight<A, E>) => {
    flight.waiting -= 1
    if (flight.waiting > 0 || flight.fiber.pollUnsafe() !== undefined) return
    const slot = slots.get(key)
    if (slot?.flight === flight) land(key, slot)
    flight.fiber.interruptUnsafe()
  }

  return (key: string, run: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.contextWith((context: Context.Context<never>) => {
      if (isOver) return Effect.interrupt
      return Effect.callback<A, E>((resume) => {
        const flight = slots.get(key)?.flight ?? begin(key, run, context)
        flight.waiting += 1
        const forget = flight.fiber.addObserver(resume)
        return Effect.sync(() => {
          forget()
          leave(key, flight)
        })
      })
    })
})
