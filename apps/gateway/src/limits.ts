// How much a caller may ask, and how much those may try whom nobody knows.
import { Clock, Context, Effect, Layer, Option } from "effect"
import type { Scope } from "effect"
import type { Caller } from "./access.ts"
import { partyOf } from "./limits/address.ts"
import * as Buckets from "./limits/buckets.ts"
import { headersOf, take } from "./limits/quota.ts"
import * as Streams from "./limits/streams.ts"
import { CallerThrottled } from "./problem.ts"
import type { StreamsExhausted } from "./problem.ts"
import { GatewaySettings } from "./settings.ts"

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
    /** Takes one of the caller's requests, or as many as a batch is worth. */
    readonly spend: (caller: Caller, count?: number) => Spent
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
      const spend = (from: Buckets.Take, key: string, limit: number, count = 1): Spent => {
        // By a clock that nobody sets.
        const now = Number(clock.monotonicTimeNanosUnsafe()) / 1e6
        const quota = take(from, key, limit, Math.min(count, limit), now)
        const headers = headersOf(quota)
        return quota.isExceeded
          ? { headers, refused: new CallerThrottled({ retryAfter: quota.reset }) }
          : { headers }
      }
      return Limits.of({
        spend: ({ id }, count) => spend(callers, id, callerRequestsPerMinute, count),
        spendUnknown: (address) => spend(addresses, partyOf(address), strangersPerMinute),
        stream: ({ id }) => streams.open(id),
        streams: streams.count
      })
    })
  )
}
