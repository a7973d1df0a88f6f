// Those who come and go: a Set that keeps nothing of who has left. Its tables that were outgrown may be kept, and
// all that was in them (docs/decisions/0019-what-has-left-is-let-go.md).
import { Effect } from "effect"
import type { Scope } from "effect"

interface Slot<A> {
  one: A | undefined
}

export interface Crowd<A> {
  /** Adds one, until what this gives is called. */
  readonly join: (one: A) => () => void
  /** Who is there now. */
  readonly members: () => ReadonlyArray<A>
  readonly size: () => number
}

export const make = <A>(): Crowd<A> => {
  const slots = new Set<Slot<A>>()
  return {
    join: (one) => {
      const slot: Slot<A> = { one }
      slots.add(slot)
      return () => {
        slots.delete(slot)
        slot.one = undefined
      }
    },
    members: () => {
      const found: Array<A> = []
      for (const { one } of slots) if (one !== undefined) found.push(one)
      return found
    },
    size: () => slots.size
  }
}

/** In the crowd until the scope ends. */
export const joined = <A>(crowd: Crowd<A>, one: A): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.sync(() => crowd.join(one)),
      (leave) => Effect.sync(leave)
    )
  )
