// That the gateway is about to end: streams say so and end, long polls answer with what they have.
import { Context, Deferred, Effect, Layer } from "effect"
import type { Scope } from "effect"

export class Closing extends Context.Service<
  Closing,
  {
    /** Completes when it begins. */
    readonly begun: Effect.Effect<void>
    readonly begin: Effect.Effect<void>
    readonly isBegun: Effect.Effect<boolean>
    /** Calls back when it begins, until the scope ends: for those who are too many to wait in fibers. */
    readonly onBegun: (then: () => void) => Effect.Effect<void, never, Scope.Scope>
  }
>()("@orderwatch/gateway/Closing") {
  static readonly layer: Layer.Layer<Closing> = Layer.effect(
    Closing,
    Effect.map(Deferred.make<void>(), (begun) => {
      const waiting = new Set<() => void>()
      return Closing.of({
        begun: Deferred.await(begun),
        begin: Effect.andThen(
          Deferred.succeed(begun, undefined),
          Effect.sync(() => {
            for (const then of waiting) then()
          })
        ),
        isBegun: Deferred.isDone(begun),
        onBegun: (then) => joined(waiting, then)
      })
    })
  )
}

/** In the set until the scope ends. */
export const joined = <A>(set: Set<A>, one: A): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      set.add(one)
    }),
    () =>
      Effect.sync(() => {
        set.delete(one)
      })
  )
