// One token for however many ask: got once, renewed early, dropped when it was refused.
import { DateTime, Duration, Effect, Exit, Redacted } from "effect"
import * as Operation from "../Operation.ts"
import type { PartnerCenterError } from "../PartnerCenterError.ts"

/** A bearer token and when it ends, where that is known. */
export interface Token {
  readonly value: Redacted.Redacted
  readonly expiresAt?: DateTime.Utc | undefined
}

// Renewed that early; a token that lives for less than twice that is renewed at half its life.
const early = Duration.minutes(2)
// A sign-in serves everybody who waits for it, so it does not end with the one who asked first.
const signInLimit = Duration.seconds(60)

/** Tells whether a token is the one that was refused last. */
export type IsRefused = (token: Redacted.Redacted) => boolean

export const held = Effect.fnUntraced(function* (
  acquire: (isRefused: IsRefused) => Effect.Effect<Token, PartnerCenterError>
) {
  let refused: string | undefined
  let latest: Token | undefined
  let generation = 0

  const acquired = Effect.suspend(() => {
    const own = generation
    return acquire((token) => Redacted.value(token) === refused).pipe(
      Effect.flatMap(timed),
      Effect.tap(({ token }) =>
        Effect.sync(() => {
          // What was under way when all was dropped is not the latest.
          if (own === generation) latest = token
        })
      )
    )
  }).pipe(Operation.separate(signInLimit), Effect.withSpan("AccessToken.acquire"))

  const [get, forget] = yield* Effect.cachedInvalidateWithTTL(acquired, (exit) =>
    Exit.isSuccess(exit) ? exit.value.goodFor : Duration.zero
  )

  const drop = Effect.suspend(() => {
    // The next to bring the same token must not end the renewal that this one begins.
    latest = undefined
    generation++
    return forget
  })

  return {
    get: Effect.map(get, ({ token }) => token),
    invalidate: (token: Token) =>
      Effect.suspend(() => {
        const value = Redacted.value(token.value)
        // A late refusal of an older token says nothing of the one in use.
        if (latest === undefined || Redacted.value(latest.value) !== value) return Effect.void
        refused = value
        return drop
      }),
    /** The next to ask gets a token anew. */
    drop
  }
})

const left = (now: DateTime.Utc, expiresAt: DateTime.Utc | undefined): Duration.Duration =>
  expiresAt === undefined
    ? Duration.infinity
    : Duration.max(DateTime.distance(now, expiresAt), Duration.zero)

/** Whether a token that ends then is worth handing out. */
export const lasts = (expiresAt: DateTime.Utc | undefined, now: DateTime.Utc): boolean =>
  Duration.isGreaterThan(left(now, expiresAt), early)

// How long the token is handed out before it is renewed.
const timed = (token: Token) =>
  Effect.map(DateTime.now, (now) => {
    const life = left(now, token.expiresAt)
    const margin = Duration.min(early, Duration.times(life, 0.5))
    return { token, goodFor: Duration.subtract(life, margin) }
  })
