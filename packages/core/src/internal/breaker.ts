// The circuit breaker around upstream: what counts against it, and what is said while it is open.
import { Duration, Effect, Exit, Layer, Option, Schedule } from "effect"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import { make, PartnerCenterError } from "../PartnerCenterError.ts"
import type { Operation as OperationName } from "../PartnerCenterError.ts"
import { seconds } from "./attempts.ts"
import { steadily } from "./steady.ts"

/** The breaker's state in this process. By the clock on the wall, one that is put back would hold it open. */
export const breakerStoreMemory = Layer.effect(
  CircuitBreaker.CircuitBreakerStore,
  Effect.map(CircuitBreaker.CircuitBreakerStore, (store) =>
    CircuitBreaker.CircuitBreakerStore.of({
      admit: (key) => steadily(store.admit(key)),
      record: (options) => steadily(store.record(options)),
      state: (key) => steadily(store.state(key))
    })
  )
).pipe(Layer.provide(CircuitBreaker.layerStoreMemory()))

/**
 * The breaker counts operations after their retries: those that upstream could not answer. It opens
 * after five in a row, for 5 seconds and then longer, up to a minute.
 */
export const makeBreaker = Effect.fnUntraced(function* (key: string) {
  const breaker = yield* CircuitBreaker.make({
    tripPolicy: CircuitBreaker.consecutive(5),
    openDuration: Schedule.min([Schedule.exponential("5 seconds"), Schedule.spaced("1 minute")]),
    maxOpenDuration: "1 hour"
  })
  const classify = (exit: Exit.Exit<unknown, PartnerCenterError>): CircuitBreaker.Outcome => {
    if (Exit.isSuccess(exit)) return CircuitBreaker.success
    const error = Option.getOrUndefined(Exit.findErrorOption(exit))
    if (error === undefined || error.operation === "signIn") return CircuitBreaker.ignored
    const { reason } = error
    const { httpStatus } = reason
    if (httpStatus === 408 || httpStatus === 429) return CircuitBreaker.ignored
    // A 4xx is an answer: upstream is well.
    if (httpStatus !== undefined && httpStatus < 500) return CircuitBreaker.success
    if (httpStatus !== undefined) {
      return CircuitBreaker.failure(
        "retryAfter" in reason && reason.retryAfter !== undefined
          ? { retryAfter: Duration.seconds(reason.retryAfter) }
          : {}
      )
    }
    // Upstream has no part in a sign-in that hangs, or in our own queue.
    if (reason._tag === "TimedOut" && reason.waitingFor !== "answer") return CircuitBreaker.ignored
    return reason._tag === "Unavailable" || reason._tag === "TimedOut"
      ? CircuitBreaker.failure()
      : CircuitBreaker.ignored
  }
  const guard =
    (operation: OperationName) =>
    <A, R>(effect: Effect.Effect<A, PartnerCenterError, R>) =>
      breaker.execute(effect, { key, classify }).pipe(
        Effect.catchTag("CircuitBreakerError", ({ reason }) => {
          const retryAfter = reason._tag === "CircuitOpen" ? seconds(reason.retryAfter) : 1
          return Effect.fail(
            new PartnerCenterError({
              operation,
              support: {},
              reason: make({
                _tag: "Unavailable",
                retryAfter,
                noAnswer: "suspended",
                description: `asking is suspended after repeated failures; the next try is in ${retryAfter} s`
              })
            })
          )
        })
      )
  // Where the state cannot be read, asking is tried.
  const suspendedFor = Effect.map(
    Effect.option(breaker.state(key)),
    Option.match({
      onNone: () => Duration.zero,
      onSome: (state) => (state._tag === "Open" ? state.retryAfter : Duration.zero)
    })
  )
  return { guard, suspendedFor }
})
