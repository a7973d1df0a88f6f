// The circuit breaker around upstream: what counts against it, and what is said while it is open.
import { Context, Duration, Effect, Exit, Layer, Option, Schedule } from "effect"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import { make, PartnerCenterError } from "../PartnerCenterError.ts"
import type { Operation as OperationName } from "../PartnerCenterError.ts"
import { seconds } from "./attempts.ts"
import { steadily } from "./steady.ts"

// Whether nobody else tells the store anything.
const IsOurs = Context.Reference<boolean>("@orderwatch/core/internal/breaker/IsOurs", {
  defaultValue: () => false
})

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
).pipe(Layer.provide(CircuitBreaker.layerStoreMemory()), Layer.merge(Layer.succeed(IsOurs, true)))

/**
 * The breaker counts operations after their retries: those that upstream could not answer. It opens
 * after five in a row, for 5 seconds and then longer, up to a minute.
 *
 * Over a store that is ours it is asked and told only what can change something: while it is closed and has
 * nothing to remember, another success cannot.
 */
export const makeBreaker = Effect.fnUntraced(function* (key: string) {
  const store = yield* CircuitBreaker.CircuitBreakerStore
  const isOurs = yield* IsOurs
  let isQuiet = isOurs
  let openings = 0
  // Of the admission before.
  let generation: number | undefined
  let isOpeningRemembered = false
  const noted = CircuitBreaker.CircuitBreakerStore.of({
    state: store.state,
    admit: (key) =>
      Effect.map(store.admit(key), (admission) => {
        generation = admission.generation
        isOpeningRemembered = admission.consecutiveOpenings > 0
        return admission
      }),
    record: (options) =>
      Effect.map(store.record(options), (transition) => {
        if (transition?.to === "Open") {
          openings++
          generation = undefined
        }
        if (options.outcome !== "Ignored") {
          isQuiet =
            isOurs &&
            options.outcome === "Success" &&
            options.generation === generation &&
            !isOpeningRemembered
        }
        return transition
      })
  })
  const breaker = yield* CircuitBreaker.make({
    tripPolicy: CircuitBreaker.consecutive(5),
    openDuration: Schedule.min([Schedule.exponential("5 seconds"), Schedule.spaced("1 minute")]),
    maxOpenDuration: "1 hour"
  }).pipe(Effect.provideService(CircuitBreaker.CircuitBreakerStore, noted))
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
  const execute = <A, R>(effect: Effect.Effect<A, PartnerCenterError, R>) =>
    breaker.execute(effect, { key, classify })
  // How it ended is told afterwards, unless the breaker has opened since: that began anew.
  const toldAfterwards = <A, R>(effect: Effect.Effect<A, PartnerCenterError, R>) => {
    const before = openings
    return Effect.onExit(effect, (exit) => {
      const { _tag } = classify(exit)
      const isNews = _tag === "Failure" || (_tag === "Success" && !isQuiet)
      return isNews && before === openings ? Effect.exit(execute(exit)) : Effect.void
    })
  }
  const guard =
    (operation: OperationName) =>
    <A, R>(effect: Effect.Effect<A, PartnerCenterError, R>) =>
      Effect.suspend(() =>
        isQuiet
          ? toldAfterwards(effect)
          : Effect.catchTag(execute(effect), "CircuitBreakerError", ({ reason }) =>
              Effect.fail(
                suspended(operation, reason._tag === "CircuitOpen" ? seconds(reason.retryAfter) : 1)
              )
            )
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

const suspended = (operation: OperationName, retryAfter: number) =>
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
