// One logical operation: the correlation id and the deadline that all of its requests share.
import { Clock, Context, Duration, Effect } from "effect"
import { guidUnsafe } from "./internal/guid.ts"
import { steadyMillisOf } from "./internal/steady.ts"

export interface OperationShape {
  /** Sent as `MS-CorrelationId` with every request of the operation. */
  readonly correlationId: string
  /**
   * No request of the operation is waited for longer: in milliseconds of the steady clock
   * (`Clock.monotonicTimeNanos`), so that a clock that is set neither ends nor prolongs anything.
   */
  readonly deadline: number
  /** What somebody waits for goes before what is being followed, when requests are scarce. */
  readonly lane: "direct" | "follow"
  /** A request that the budget gave before the operation began: its first one is that. */
  readonly turn?: Turn | undefined
}

/** The right to make one request, until it is used or too old: turns must not pile up. */
export interface Turn {
  isUsed: boolean
  /** When it was had, in milliseconds of the steady clock. */
  readonly at: number
}

/** The operation that the current request belongs to; without one, each request is its own. */
export const Current = Context.Reference<OperationShape | undefined>("@orderwatch/core/Operation", {
  defaultValue: () => undefined
})

/** A random GUID, for request and correlation ids. */
export const guid: Effect.Effect<string> = Effect.sync(guidUnsafe)

export { guidUnsafe }

/** Runs as part of the current operation, or as a new one that may take that long. */
export const within =
  (limit: Duration.Input, lane: OperationShape["lane"] = "direct") =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.updateContext(effect, (context: Context.Context<R>) =>
      Context.get(context, Current) === undefined ? begun(context, limit, { lane }) : context
    )

/** Runs as an operation of its own, whatever it is called from. */
export const separate =
  (limit: Duration.Input) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    started(effect, limit, { lane: "direct" })

/** Runs as an operation of its own that nobody waits for, whose first request has had its turn. */
export const following =
  (limit: Duration.Input, turn: Turn) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    started(effect, limit, { lane: "follow", turn })

const started = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  limit: Duration.Input,
  options: Pick<OperationShape, "lane" | "turn">
): Effect.Effect<A, E, R> =>
  Effect.updateContext(effect, (context: Context.Context<R>) => begun(context, limit, options))

const begun = <R>(
  context: Context.Context<R>,
  limit: Duration.Input,
  options: Pick<OperationShape, "lane" | "turn">
): Context.Context<R> =>
  Context.add(context, Current, {
    correlationId: guidUnsafe(),
    deadline: steadyMillisOf(Context.get(context, Clock.Clock)) + Duration.toMillis(limit),
    ...options
  })

/** Gives the effect at most half of the time that its operation has left. */
export const half = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const current = fiber.getRef(Current)
    if (current === undefined) return effect
    const now = steadyMillisOf(fiber.getRef(Clock.Clock))
    return Effect.provideService(effect, Current, {
      ...current,
      deadline: now + Math.max(0, current.deadline - now) / 2
    })
  })

/** Milliseconds that the current operation has left; forever outside of one. */
export const remaining: Effect.Effect<number> = Effect.withFiber((fiber) =>
  Effect.succeed(remainingIn(fiber.context))
)

/** What `remaining` gives where that is the context. */
export const remainingIn = (context: Context.Context<never>): number => {
  const current = Context.get(context, Current)
  return current === undefined
    ? Number.POSITIVE_INFINITY
    : current.deadline - steadyMillisOf(Context.get(context, Clock.Clock))
}
