// One clock for the heartbeats of all streams: a fiber and a timer for each would cost more than the streams.
import { Context, Effect, Layer } from "effect"
import type { Scope } from "effect"
import { joined } from "./closing.ts"

/** Seconds between two beats of one stream. Proxies give up on what is silent for 30 to 60. */
export const every = 15

export class Pulse extends Context.Service<
  Pulse,
  {
    /** Beats every 15 seconds until the scope ends, the first time after 14 to 15. */
    readonly join: (beat: () => void) => Effect.Effect<void, never, Scope.Scope>
  }
>()("@orderwatch/gateway/Pulse") {
  static readonly layer: Layer.Layer<Pulse> = Layer.effect(
    Pulse,
    Effect.gen(function* () {
      const groups = Array.from({ length: every }, () => new Set<() => void>())
      let second = 0
      const group = (at: number) => groups[at % every] ?? new Set()
      yield* Effect.sync(() => {
        second += 1
        for (const beat of group(second)) beat()
      }).pipe(Effect.delay("1 seconds"), Effect.forever, Effect.forkScoped)
      return Pulse.of({ join: (beat) => Effect.suspend(() => joined(group(second), beat)) })
    })
  )
}
