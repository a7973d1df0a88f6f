// Where Effect's rate limiter keeps its token buckets here: in this process, not more than so many, by a
// clock that nobody sets. The store that comes with it forgets no key, and keys come from strangers.
import { Duration, Effect, Layer } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"

interface Bucket {
  readonly tokens: number
  readonly at: number
  readonly fullAt: number
}

/**
 * A bucket that is full again is as good as none, and is forgotten first. Beyond `most` the one that was
 * begun first goes, full or not.
 */
export const layerStore = (most: number): Layer.Layer<RateLimiter.RateLimiterStore> =>
  Layer.effect(
    RateLimiter.RateLimiterStore,
    Effect.map(RateLimiter.RateLimiterStore, (store) => {
      const buckets = new Map<string, Bucket>()

      const forget = (now: number) => {
        for (const [key, { fullAt }] of buckets) if (fullAt <= now) buckets.delete(key)
        for (const key of buckets.keys()) {
          if (buckets.size < most) return
          buckets.delete(key)
        }
      }

      return RateLimiter.RateLimiterStore.of({
        ...store,
        tokenBucket: ({ allowOverflow, key, limit, refillRate, tokens }) =>
          Effect.clockWith((clock) =>
            Effect.sync(() => {
              const now = Number(clock.monotonicTimeNanosUnsafe()) / 1e6
              const rate = Duration.toMillis(refillRate)
              const found = buckets.get(key) ?? { tokens: limit, at: now }
              const refills = Math.max(0, Math.floor((now - found.at) / rate))
              const had = Math.min(limit, found.tokens + refills)
              const at = had >= limit ? now : found.at + refills * rate
              const left = had - tokens
              const kept = allowOverflow || left >= 0 ? left : had
              if (!buckets.has(key) && buckets.size >= most) forget(now)
              buckets.set(key, { tokens: kept, at, fullAt: at + (limit - kept) * rate })
              return [left, Math.max(0, now - at)] as const
            })
          )
      })
    })
  ).pipe(Layer.provide(RateLimiter.layerStoreMemory))
