// How old an answer may be, and how old it is.
import { Clock, Effect } from "effect"
import type { DateTime } from "effect"
import { oldest } from "./headers.ts"
import { AtMost } from "./looks/entries.ts"
import type { Request } from "./route.ts"

// Who asks anew is answered anew once a second.
const shortest = 1000

/** Lets the request's own `Cache-Control` count. */
export const asFreshAs =
  ({ header }: Request) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const seconds = oldest(header("cache-control"), header("pragma"))
    return seconds === undefined
      ? effect
      : Effect.provideService(effect, AtMost, Math.max(shortest, seconds * 1000))
  }

/** What caches may know of something that was observed then. */
export const cacheHeaders = (observedAt: DateTime.Utc) =>
  Effect.withFiber((fiber) => {
    const now = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
    return Effect.succeed({
      "cache-control": "private, no-cache",
      vary: "Authorization",
      age: String(Math.max(0, Math.floor((now - observedAt.epochMilliseconds) / 1000)))
    })
  })
