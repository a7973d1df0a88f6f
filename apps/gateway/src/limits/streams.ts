// How many streams are open, of all callers and of each.
import { Effect } from "effect"
import type { Scope } from "effect"
import { CallerThrottled, StreamsExhausted } from "../problem.ts"

export interface Streams {
  /** Takes a place until the scope ends. */
  readonly open: (
    callerId: string
  ) => Effect.Effect<void, StreamsExhausted | CallerThrottled, Scope.Scope>
  /** How many are open now. */
  readonly count: Effect.Effect<number>
}

// In seconds. Streams end when orders settle, which nobody can foretell.
const retryAfter = 10

export const make = (limits: { readonly all: number; readonly each: number }): Streams => {
  const open = new Map<string, number>()
  let all = 0
  const leave = (id: string) => {
    all--
    const left = (open.get(id) ?? 1) - 1
    if (left === 0) open.delete(id)
    else open.set(id, left)
  }
  return {
    count: Effect.sync(() => all),
    open: (id) =>
      Effect.acquireRelease(
        Effect.suspend((): Effect.Effect<void, StreamsExhausted | CallerThrottled> => {
          const own = open.get(id) ?? 0
          if (all >= limits.all) return Effect.fail(new StreamsExhausted({ retryAfter }))
          if (own >= limits.each) return Effect.fail(new CallerThrottled({ retryAfter }))
          all++
          open.set(id, own + 1)
          return Effect.void
        }),
        () => Effect.sync(() => leave(id))
      )
  }
}
