// What is known of each order: what was read of it, and the report that came of that.
import type { CustomerId } from "@orderwatch/core/Customer"
import { isGuid } from "@orderwatch/core/Order"
import type { Order, OrderId } from "@orderwatch/core/Order"
import type { OrderReport } from "@orderwatch/core/OrderReport"
import type { Answer } from "@orderwatch/core/Transport"
import type { OrderProvisioningStatus } from "@orderwatch/core/ProvisioningStatus"
import { Clock, Context, Duration, Effect, Layer } from "effect"
import { GatewaySettings } from "../settings.ts"
import * as Kept from "./kept.ts"

/** The most that an answer to this request may be old, in milliseconds. */
export const AtMost = Context.Reference<number>("@orderwatch/gateway/AtMost", {
  defaultValue: () => Number.POSITIVE_INFINITY
})

/** Something that was read, and whether it says that nothing more is expected. */
export interface Read<A> {
  readonly answer: Answer<A>
  readonly isSettled: boolean
  /** Whether it was read for those who follow the order. */
  readonly isFollowed: boolean
  /** The length of its body, which itself is not kept. */
  readonly weight: number
}

/** A report as it is served. */
export interface Seen {
  readonly report: OrderReport
  /** A weak validator of what it says, times and support ids apart. */
  readonly etag: string
  readonly body: string
}

export interface Entry {
  readonly order?: Read<Order>
  readonly status?: Read<OrderProvisioningStatus>
  readonly seen?: Seen
  /** When that was observed, in steady milliseconds. */
  readonly seenAt?: number
}

/** The same for everybody who means that order: ids that are GUIDs compare without case. */
export const keyOf = (customer: CustomerId, order: OrderId): string =>
  `${customer.toLowerCase()}/${isGuid(order) ? order.toLowerCase() : order}`

const weightOf = ({ order, seen, status }: Entry): number =>
  500 + (order?.weight ?? 0) + (status?.weight ?? 0) + 2 * (seen?.body.length ?? 0)

/** What is known of the orders that were asked for lately. */
export class Entries extends Context.Service<
  Entries,
  {
    readonly get: (key: string) => Entry | undefined
    readonly update: <E extends Entry>(key: string, change: (entry: Entry) => E) => E
    /** Whether what was observed then may still be served to who asks now, for something that old at most. */
    readonly isFresh: (
      observed: { readonly at: number; readonly isSettled: boolean },
      atMost: number
    ) => boolean
  }
>()("@orderwatch/gateway/Entries") {
  static readonly layer: Layer.Layer<Entries, never, GatewaySettings> = Layer.effect(
    Entries,
    Effect.gen(function* () {
      const settings = yield* GatewaySettings
      const clock = yield* Clock.Clock
      const freshFor = Duration.toMillis(settings.freshFor)
      const settledFreshFor = Duration.toMillis(settings.settledFreshFor)
      const kept = Kept.make<Entry>({ entries: 10_000, weight: 32_000_000 })
      return Entries.of({
        get: kept.get,
        update: (key, change) => {
          const entry = change(kept.get(key) ?? {})
          kept.set(key, entry, weightOf(entry))
          return entry
        },
        isFresh: ({ at, isSettled }, atMost) => {
          const age = clock.currentTimeMillisUnsafe() - at
          // A clock that was put back must not make anything last.
          return age >= 0 && age < Math.min(atMost, isSettled ? settledFreshFor : freshFor)
        }
      })
    })
  )
}
