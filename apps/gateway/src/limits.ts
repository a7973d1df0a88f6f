// How much a caller may ask, and how much those may try whom nobody knows.
import { Clock, Context, Effect, Layer, Option } from "effect"
import type { Scope } from "effect"
import type { Caller } from "./access.ts"
import { partyOf } from "./limits/address.ts"
import * as Buckets from "./limits/buckets.ts"
import { headersOf, take } from "./limits/quota.ts"
import type { Quota } from "./limits/quota.ts"
import * as Streams from "./limits/streams.ts"
import { CallerThrottled } from "./problem.ts"
import type { StreamsExhausted } from "./problem.ts"
import { GatewaySettings } from "./settings.ts"
import { steadyMillisOf } from "./steady.ts"

/** What a request cost, as headers of its answer; where nothing was left, the failure as well. */
export interface Spent {
  readonly headers: Readonly<Record<string, string>>
  readonly refused?: CallerThrottled
}

// Each some 100 bytes.
const most = { callers: 100_000, addresses: 4096 } as const

/** How many requests a minute from one address may fail to say who asks before that is all they are told. */
export const strangersPerMinute = 60

export class Limits extends Context.Service<
  Limits,
  {
    /** Takes one of the caller's requests. */
    readonly spend: (caller: Caller) => Spent
    /**
     * Takes the rest of what a batch of so many is worth, once `spend` took the first. One that is larger than
     * the caller's quota is worth all of it: it could never be asked for otherwise.
     */
    readonly spendRest: (caller: Caller, count: number) => Spent
    /**
     * Counts a request that nobody was known by, for an answer of 401 or, when there were too many, 429.
     * It is asked for after looking who asks, so that nobody's wrong keys keep a caller out who shares
     * the address, as all do behind one proxy.
     */
    readonly spendUnknown: (address: string) => Spent
    /** Takes one of the streams until the scope ends; no caller may have more than half of them. */
    readonly stream: (
      caller: Caller
    ) => Effect.Effect<void, StreamsExhausted | CallerThrottled, Scope.Scope>
    /** How many streams are open. */
    readonly streams: Effect.Effect<number>
  }
>()("@orderwatch/gateway/Limits") {
  static readonly layer: Layer.Layer<Limits, never, GatewaySettings> = Layer.effect(
    Limits,
    Effect.gen(function* () {
      const { callerRequestsPerMinute, keysFile, maxStreams, oidc } = yield* GatewaySettings
      const clock = yield* Clock.Clock
      const callers = Buckets.make(most.callers)
      const addresses = Buckets.make(most.addresses)
      const isOneCaller = Option.isNone(keysFile) && Option.isNone(oidc)
      const streams = Streams.make({
        all: maxStreams,
        each: isOneCaller ? maxStreams : Math.ceil(maxStreams / 2)
      })
      // By a clock that nobody sets.
      const now = () => steadyMillisOf(clock)
      const spent = (quota: Quota): Spent => {
        const headers = headersOf(quota)
        return quota.isExceeded
          ? { headers, refused: new CallerThrottled({ retryAfter: quota.reset }) }
          : { headers }
      }
      const limit = callerRequestsPerMinute
      return Limits.of({
        spend: ({ id }) => spent(take(callers, id, limit, 1, now())),
        spendRest: ({ id }, count) => {
          const at = now()
          const all = Math.max(1, Math.min(count, limit))
          const rest = take(callers, id, limit, all - 1, at)
          // Whoever comes again pays for the first one again: it is to wait until there are all of them, which
          // there are not where the rest is too much.
          return spent(rest.isExceeded ? take(callers, id, limit, all, at) : rest)
        },
        spendUnknown: (address) =>
          spent(take(addresses, partyOf(address), strangersPerMinute, 1, now())),
        stream: ({ id }) => streams.open(id),
        streams: streams.count
      })
    })
  )
}
