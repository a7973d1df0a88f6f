// That the gateway is about to end: streams say so and end, long polls answer with what they have.
import { Context, Deferred, Effect, Layer } from "effect"
import type { Scope } from "effect"
import * as Crowd from "./crowd.ts"

export class Closing extends Context.Service<
  Closing,
  {
    /** Completes when it begins. */
    readonly begun: Effect.Effect<void>
    readonly begin: Effect.Effect<void>
    readonly isBegun: Effect.Effect<boolean>
    /**
     * Calls back when it begins, until the scope ends, or at once if it has begun: for those who are too many to
     * wait in fibers.
     */
    readonly onBegun: (then: () => void) => Effect.Effect<void, never, Scope.Scope>
  }
>()("@orderwatch/gateway/Closing") {
  static readonly layer: Layer.Layer<Closing> = Layer.effect(
    Closing,
    Effect.map(Deferred.make<void>(), (begun) => {
      const waiting = Crowd.make<() => void>()
      let isBegun = false
      return Closing.of({
        begun: Deferred.await(begun),
        begin: Effect.andThen(
          Deferred.succeed(begun, undefined),
          Effect.sync(() => {
            isBegun = true
            for (const then of waiting.members()) then()
          })
        ),
        isBegun: Effect.sync(() => isBegun),
        onBegun: (then) =>
          Effect.andThen(
            Crowd.joined(waiting, then),
            // It may have begun while who asks was still about to ask.
            Effect.sync(() => {
              if (isBegun) then()
            })
          )
      })
    })
  )
}
