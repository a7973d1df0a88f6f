// How old an answer may be, and how old it is.
import { Effect } from "effect"
import type { DateTime } from "effect"
import { oldest } from "./headers.ts"
import { AtMost } from "./looks/entries.ts"
import type { Request } from "./route.ts"

// Who asks anew is answered anew once a second.
const shortest = 1000

/** The milliseconds that the answer may be old, by the request's own `Cache-Control`; infinite without one. */
export const atMostOf = ({ header }: Request): number => {
  const seconds = oldest(header("cache-control"), header("pragma"))
  return seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(shortest, seconds * 1000)
}

/** Lets the request's own `Cache-Control` count for what is read. */
export const asFreshAs =
  (request: Request) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    withAtMost(effect, atMostOf(request))

/** Lets that count for what is read. */
export const withAtMost = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  atMost: number
): Effect.Effect<A, E, R> =>
  Number.isFinite(atMost) ? Effect.provideService(effect, AtMost, atMost) : effect

/** What caches may know of something that was observed then. */
export const cacheHeaders = ({ clock }: Request, observedAt: DateTime.Utc) => ({
  "cache-control": "private, no-cache",
  vary: "Authorization",
  age: String(
    Math.max(0, Math.floor((clock.currentTimeMillisUnsafe() - observedAt.epochMilliseconds) / 1000))
  )
})
