// A caller's quota, and how it is told (draft-ietf-httpapi-ratelimit-headers-11).
import { Duration, Effect } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"

/** What is left of a quota after a request. Times are in whole seconds. */
export interface Quota {
  readonly limit: number
  readonly remaining: number
  /** Until the quota is whole again; for who has none left, until there is something of it. */
  readonly reset: number
  readonly isExceeded: boolean
}

const window = Duration.minutes(1)

const seconds = (duration: Duration.Duration) => Math.ceil(Duration.toSeconds(duration))

/**
 * Takes from the key's bucket of a minute's requests, which is filled as time goes: whoever was quiet
 * may ask for all of them at once, and after that goes on at the rate. So a minute may see up to twice the
 * limit, which costs nothing upstream: that has a budget of its own, smoothed more strictly.
 */
export const take = (
  limiter: RateLimiter.RateLimiter,
  key: string,
  limit: number,
  tokens = 1
): Effect.Effect<Quota> =>
  limiter
    .consume({ key, limit, tokens, window, algorithm: "token-bucket", onExceeded: "fail" })
    .pipe(
      Effect.map(({ remaining, resetAfter }) => ({
        limit,
        remaining,
        reset: seconds(resetAfter),
        isExceeded: false
      })),
      Effect.catchReason("RateLimiterError", "RateLimitExceeded", ({ retryAfter }) =>
        Effect.succeed({
          limit,
          remaining: 0,
          reset: Math.max(1, seconds(retryAfter)),
          isExceeded: true
        })
      ),
      // The store is a map in this process.
      Effect.orDie
    )

/** The quota as headers. When it is used up, `t` is what `Retry-After` says. */
export const headersOf = ({ limit, remaining, reset }: Quota) => ({
  ratelimit: `"default";r=${remaining};t=${reset}`,
  "ratelimit-policy": `"default";q=${limit};w=${Duration.toSeconds(window)}`
})
