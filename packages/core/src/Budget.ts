// The tenant's requests a minute: who may send now, who waits, and when the next may go.
import { Clock, Context, Data, Deferred, Duration, Effect, Layer } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { steadily, steadyMillis, steadyMillisOf } from "./internal/steady.ts"
import * as Operation from "./Operation.ts"

/** Waiting for a request would take longer than the operation may. */
export class BudgetExhausted extends Data.TaggedError("BudgetExhausted")<{
  readonly wait: Duration.Duration
}> {}

export interface BudgetOptions {
  /** Whose budget: the partner's tenant. Everything with that key shares it, across one store. */
  readonly key: string
  /**
   * Default 300: the vendor's 500 are for everything that the partner runs.
   * https://learn.microsoft.com/partner-center/developer/api-throttling-guidance
   */
  readonly requestsPerMinute?: number | undefined
}

/** Requests. */
export interface Usage {
  readonly perMinute: number
  readonly spent: number
}

// A faulty answer must not hold a tenant for years.
const longest = Duration.hours(1)

// Milliseconds that a turn is good for: a sign-in that takes longer must not set free many at once.
const lasting = 1000

interface Waiter {
  readonly turn: Deferred.Deferred<void, BudgetExhausted>
  readonly deadline: number
}

/**
 * The right to make requests, smoothed over tenths of a minute, so that no minute sees more than 1.1
 * times the setting. Direct reads go before follows; a pause holds everybody.
 */
export class Budget extends Context.Service<
  Budget,
  {
    /** Waits for the right to make one attempt; fails at once where that would pass the deadline. */
    readonly take: Effect.Effect<void, BudgetExhausted>
    /** Holds every request of the tenant for that long, an hour at most: what a 429 asks for. */
    readonly pause: (wait: Duration.Duration) => Effect.Effect<void>
    /** Waits, however long, for the right to make one request for what is being followed. */
    readonly takeForFollow: Effect.Effect<Operation.Turn>
    /** Milliseconds since the epoch until which requests are held, or a time that has passed. */
    readonly pausedUntil: Effect.Effect<number>
    /** What may be asked in a minute, and what this process asked in the last 60 seconds. */
    readonly usage: Effect.Effect<Usage>
  }
>()("@orderwatch/core/Budget") {
  /** Over any store of Effect's rate limiter. */
  static readonly layerNoDeps = (
    options: BudgetOptions
  ): Layer.Layer<Budget, never, RateLimiter.RateLimiter> => Layer.effect(Budget, make(options))

  /** Within this process. */
  static readonly layer = (options: BudgetOptions): Layer.Layer<Budget> =>
    Budget.layerNoDeps(options).pipe(Layer.provide(RateLimiter.layer), Layer.provide(storeMemory))
}

// By the clock on the wall, a clock that is put back would stop all requests until it caught up.
const storeMemory = Layer.effect(
  RateLimiter.RateLimiterStore,
  Effect.map(RateLimiter.RateLimiterStore, (store) =>
    RateLimiter.RateLimiterStore.of({
      ...store,
      tokenBucket: (options) => steadily(store.tokenBucket(options))
    })
  )
).pipe(Layer.provide(RateLimiter.layerStoreMemory))

const make = Effect.fnUntraced(function* (options: BudgetOptions) {
  const limiter = yield* RateLimiter.RateLimiter
  const scope = yield* Effect.scope
  const perMinute = options.requestsPerMinute ?? 300
  const limit = Math.max(1, Math.floor(perMinute / 10))
  const spacing = 60_000 / perMinute

  const direct: Array<Waiter> = []
  const follow: Array<Waiter> = []
  const spent = makeSpent()
  // By the steady clock.
  let pausedUntil = Number.NEGATIVE_INFINITY
  let pumping = false

  const heldAt = (now: number) => Math.max(0, pausedUntil - now)
  const paused = Effect.map(steadyMillis, heldAt)

  const counted = Effect.withFiber((fiber) => {
    spent.add(steadyMillisOf(fiber.getRef(Clock.Clock)))
    return Effect.succeed(0)
  })

  // Milliseconds until a token can be had; 0 when one was taken.
  const consume: Effect.Effect<number> = limiter
    .consume({
      key: options.key,
      algorithm: "token-bucket",
      onExceeded: "fail",
      limit,
      window: Duration.millis(limit * spacing)
    })
    .pipe(
      Effect.matchEffect({
        onSuccess: () => counted,
        onFailure: ({ reason }) =>
          reason._tag === "RateLimitExceeded"
            ? Effect.succeed(Math.max(1, Duration.toMillis(reason.retryAfter)))
            : // A store that is down must not stop the reads that it counts.
              Effect.andThen(
                Effect.logWarning("the request budget cannot be counted", reason),
                counted
              )
      })
    )

  // Fails those who cannot wait that long.
  const refuse = Effect.fnUntraced(function* (wait: number) {
    const now = yield* steadyMillis
    for (const waiter of [...direct, ...follow]) {
      if (waiter.deadline >= now + wait) continue
      leave(waiter)
      yield* Deferred.fail(waiter.turn, new BudgetExhausted({ wait: Duration.millis(wait) }))
    }
  })

  const pump = Effect.gen(function* () {
    while (direct.length + follow.length > 0) {
      const held = yield* paused
      const wait = held > 0 ? held : yield* consume
      if (wait > 0) {
        // Direct reads may have overtaken a follow that can no longer be in time.
        yield* refuse(wait)
        if (direct.length + follow.length > 0) yield* Effect.sleep(wait)
        continue
      }
      const next = direct.shift() ?? follow.shift()
      if (next !== undefined) yield* Deferred.succeed(next.turn, undefined)
    }
    // In one step with the look at the queues, or who comes in between would wait for no pump.
    pumping = false
  }).pipe(Effect.onError(() => Effect.sync(() => (pumping = false))))

  const take = Effect.withFiber<void, BudgetExhausted>((fiber) => {
    const operation = fiber.getRef(Operation.Current)
    const now = steadyMillisOf(fiber.getRef(Clock.Clock))
    const held = heldAt(now)
    if (operation?.turn?.isUsed === false && held === 0) {
      operation.turn.isUsed = true
      if (now - operation.turn.at < lasting) return Effect.void
    }
    const queue = operation?.lane === "follow" ? follow : direct
    const ahead = queue === direct ? direct.length : direct.length + follow.length
    const deadline = operation?.deadline ?? Number.POSITIVE_INFINITY
    if (ahead > 0) return wait(queue, held + spacing + ahead * spacing, deadline)
    if (held > 0) return wait(queue, held, deadline)
    return Effect.flatMap(consume, (first) =>
      first === 0 ? Effect.void : wait(queue, first, deadline)
    )
  })

  const wait = Effect.fnUntraced(function* (
    queue: Array<Waiter>,
    expected: number,
    deadline: number
  ) {
    if ((yield* steadyMillis) + expected > deadline) {
      return yield* new BudgetExhausted({ wait: Duration.millis(expected) })
    }
    const waiter: Waiter = { turn: yield* Deferred.make<void, BudgetExhausted>(), deadline }
    // Queued and pumped for in one step, or an interruption between the two would leave all waiting.
    yield* Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        queue.push(waiter)
        if (!pumping) {
          pumping = true
          yield* Effect.forkIn(Effect.interruptible(pump), scope)
        }
        yield* Effect.onInterrupt(restore(Deferred.await(waiter.turn)), () =>
          Effect.sync(() => leave(waiter))
        )
      })
    )
  })

  const leave = (waiter: Waiter) => {
    for (const queue of [direct, follow]) {
      const position = queue.indexOf(waiter)
      if (position >= 0) queue.splice(position, 1)
    }
  }

  const pause = Effect.fnUntraced(function* (wait: Duration.Duration) {
    const held = Duration.min(wait, longest)
    pausedUntil = Math.max(pausedUntil, (yield* steadyMillis) + Duration.toMillis(held))
    yield* refuse(yield* paused)
  })

  const takeForFollow = Effect.andThen(
    Effect.provideService(Effect.orDie(take), Operation.Current, {
      correlationId: "",
      deadline: Number.POSITIVE_INFINITY,
      lane: "follow"
    }),
    Effect.map(steadyMillis, (at): Operation.Turn => ({ isUsed: false, at }))
  )

  return Budget.of({
    take,
    takeForFollow,
    pause,
    pausedUntil: Effect.zipWith(Clock.currentTimeMillis, paused, (now, held) => now + held),
    usage: Effect.map(steadyMillis, (now) => ({ perMinute, spent: spent.inMinuteBefore(now) }))
  })
})

// How many requests were made in each of the last 60 seconds.
const makeSpent = () => {
  const counts = Array.from({ length: 60 }, () => ({ second: -1, count: 0 }))
  const secondOf = (millis: number) => Math.floor(millis / 1000)
  return {
    add: (now: number) => {
      const second = secondOf(now)
      const slot = counts[second % counts.length]
      if (slot === undefined) return
      if (slot.second !== second) Object.assign(slot, { second, count: 0 })
      slot.count++
    },
    inMinuteBefore: (now: number) =>
      counts.reduce(
        (sum, { count, second }) => sum + (second > secondOf(now) - counts.length ? count : 0),
        0
      )
  }
}
