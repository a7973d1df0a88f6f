// One clock for the heartbeats of all streams and the limits of all requests: a fiber and a timer for each would
// cost more than they do.
import { Cause, Context, Effect, Layer } from "effect"
import type { Scope } from "effect"
import * as Crowd from "./crowd.ts"

/** Seconds between two beats of one stream. Proxies give up on what is silent for 30 to 60. */
export const every = 15

interface Limit {
  readonly second: number
  readonly reached: () => void
}

export class Pulse extends Context.Service<
  Pulse,
  {
    /** Beats every 15 seconds until the scope ends, the first time after 14 to 15. */
    readonly join: (beat: () => void) => Effect.Effect<void, never, Scope.Scope>
    /**
     * Calls back when so many milliseconds are over, up to a second early; not once what this gives was
     * called. For what nearly always ends long before.
     */
    readonly limit: (millis: number, reached: () => void) => () => void
  }
>()("@orderwatch/gateway/Pulse") {
  static readonly layer: Layer.Layer<Pulse> = Layer.effect(
    Pulse,
    Effect.gen(function* () {
      const groups = Array.from({ length: every }, () => Crowd.make<() => void>())
      const limits = Crowd.make<Limit>()
      let second = 0
      const group = (at: number) => groups[at % every] ?? Crowd.make<() => void>()
      const due = () => {
        second += 1
        const reached = limits.members().filter((limit) => limit.second === second)
        return [...group(second).members(), ...reached.map((limit) => limit.reached)]
      }
      // What throws must not take the beat from all others.
      const one = (then: () => void) =>
        Effect.catchDefect(Effect.sync(then), (defect) =>
          Effect.logError("an error of the gateway's own", Cause.die(defect))
        )
      yield* Effect.suspend(() => Effect.forEach(due(), one, { discard: true })).pipe(
        Effect.delay("1 seconds"),
        Effect.forever,
        Effect.forkScoped
      )
      return Pulse.of({
        join: (beat) => Effect.suspend(() => Crowd.joined(group(second), beat)),
        limit: (millis, reached) =>
          limits.join({ second: second + Math.max(1, Math.ceil(millis / 1000)), reached })
      })
    })
  )
}
