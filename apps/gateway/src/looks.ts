// Where an order stands, for everybody who may know: one look for all who ask at the same time, served
// again while it is fresh, and followed once however many wait for news.
import type { CustomerId } from "@orderwatch/core/Customer"
import type { OrderId } from "@orderwatch/core/Order"
import type { OrderReport } from "@orderwatch/core/OrderReport"
import type { Budget } from "@orderwatch/core/Budget"
import type { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { Tracker } from "@orderwatch/core/Tracker"
import type { FollowEvent, Look } from "@orderwatch/core/Tracker"
import { Clock, Context, Effect, Exit, Layer, Option, Stream } from "effect"
import type { Duration } from "effect"
import { withAtMost } from "./fresh.ts"
import { Entries, keyOf } from "./looks/entries.ts"
import type { Entry, Seen } from "./looks/entries.ts"
import * as Channels from "./looks/channels.ts"
import type { Heard, News } from "./looks/channels.ts"
import * as Flights from "./looks/flights.ts"
import * as Reads from "./looks/reads.ts"
import { published, spelled } from "./looks/seen.ts"
import { freshness } from "./metrics/requests.ts"
import type { GatewaySettings } from "./settings.ts"
import { steadyMillisOf } from "./steady.ts"

export type { News, Seen }

export class Looks extends Context.Service<
  Looks,
  {
    /**
     * Where the order stands, as fresh as the settings ask, and not older than `atMost` milliseconds. An
     * `Exit` where that is known when this is called.
     */
    readonly now: (
      customer: CustomerId,
      order: OrderId,
      atMost: number
    ) => Effect.Effect<Seen, PartnerCenterError>
    /** Looks at the normal interval until the order has settled; the first news is where it stands. */
    readonly follow: (
      customer: CustomerId,
      order: OrderId
    ) => Stream.Stream<News, PartnerCenterError>
    /** The same for those who are too many to follow in fibers of their own. */
    readonly listen: Channels.Listen<PartnerCenterError>
  }
>()("@orderwatch/gateway/Looks") {
  /** The looks alone, over a tracker of shared reads. */
  static readonly layerNoDeps: Layer.Layer<Looks, never, Entries | Tracker> = Layer.effect(
    Looks,
    Effect.suspend(() => makeLooks)
  )

  /** The looks, and the reads that they share with upstream's own paths. */
  static readonly layer = (options: {
    readonly deadline: Duration.Input
  }): Layer.Layer<
    Looks | PartnerCenter | Tracker,
    never,
    GatewaySettings | Budget | PartnerCenter
  > =>
    Looks.layerNoDeps.pipe(
      Layer.provideMerge(Tracker.layer({ deadline: options.deadline })),
      Layer.provideMerge(Reads.layer),
      Layer.provide(Entries.layer)
    )
}

const makeLooks = Effect.gen(function* () {
  const tracker = yield* Tracker
  const entries = yield* Entries
  const clock = yield* Clock.Clock
  const fly = yield* Flights.make<Seen, PartnerCenterError>()
  const context = yield* Effect.context<never>()

  // The clock on the wall may have been put elsewhere since the report before, hardly since this one.
  const observedAt = (report: OrderReport): number =>
    steadyMillisOf(clock) -
    Math.max(0, clock.currentTimeMillisUnsafe() - report.observedAt.epochMilliseconds)

  const publish = (key: string, { report }: Look): Seen =>
    entries.update(key, (entry) => published(key, entry, report, observedAt(report))).seen

  const isFresh = ({ report }: Seen, { status }: Entry, atMost: number): boolean => {
    const at = report.observedAt.epochMilliseconds
    const isOvertaken =
      report.lines[0]?.source !== "subscription" &&
      status !== undefined &&
      status.answer.observedAt.epochMilliseconds > at
    return !isOvertaken && entries.isFresh({ at, isSettled: report.settled }, atMost)
  }

  // While somebody follows the order its status is looked at alone, as in any later look.
  const knownOrder = ({ order, status }: Entry, atMost: number) => {
    if (order === undefined || status === undefined || !status.isFollowed) return undefined
    const at = status.answer.observedAt.epochMilliseconds
    return entries.isFresh({ at, isSettled: status.isSettled }, atMost) ? order.answer : undefined
  }

  const now = (
    customer: CustomerId,
    order: OrderId,
    atMost: number
  ): Effect.Effect<Seen, PartnerCenterError> => {
    const key = keyOf(customer, order)
    const entry = entries.get(key) ?? {}
    const { seen } = entry
    if (seen !== undefined && isFresh(seen, entry, atMost)) {
      freshness("hit", context)
      return Exit.succeed(spelled(seen, customer, order))
    }
    freshness("miss", context)
    const look = Effect.map(
      tracker.look(customer, order, { order: knownOrder(entry, atMost) }),
      (seen) => publish(key, seen)
    )
    // Who asks anew does not take part in a look that may use what is older.
    const found = fly(Number.isFinite(atMost) ? `${key} ${atMost}` : key, withAtMost(look, atMost))
    return Effect.map(found, (seen) => spelled(seen, customer, order))
  }

  const heard = (customer: CustomerId, order: OrderId) =>
    Stream.map(tracker.follow(customer, order), (event: FollowEvent): Heard => ({
      news:
        event._tag === "Changed"
          ? Option.some(spelled(publish(keyOf(customer, order), event), customer, order))
          : Option.none(),
      isVisible: event._tag !== "NotVisibleYet"
    }))

  const follow = (customer: CustomerId, order: OrderId) =>
    Stream.map(heard(customer, order), ({ news }) => news)

  const listen = yield* Channels.make(heard, (customer, order, latest) =>
    spelled(entries.get(keyOf(customer, order))?.seen ?? latest, customer, order)
  )

  return Looks.of({ now, follow, listen })
})
