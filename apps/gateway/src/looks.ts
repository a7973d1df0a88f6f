// Where an order stands, for everybody who may know: one look for all who ask at the same time, served
// again while it is fresh, and followed once however many wait for news.
import type { CustomerId } from "@orderwatch/core/Customer"
import type { OrderId } from "@orderwatch/core/Order"
import type { Budget } from "@orderwatch/core/Budget"
import type { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { Tracker } from "@orderwatch/core/Tracker"
import type { FollowEvent, Look } from "@orderwatch/core/Tracker"
import { Context, Effect, Layer, Option, Stream } from "effect"
import type { Duration } from "effect"
import { AtMost, Entries, keyOf } from "./looks/entries.ts"
import type { Entry, Seen } from "./looks/entries.ts"
import * as Flights from "./looks/flights.ts"
import * as Reads from "./looks/reads.ts"
import { published, spelled } from "./looks/seen.ts"
import { freshness } from "./metrics/requests.ts"
import type { GatewaySettings } from "./settings.ts"

export type { Seen }

/** What one learns while following: a report that is news, or only that something was heard. */
export type News = Option.Option<Seen>

export class Looks extends Context.Service<
  Looks,
  {
    /** Where the order stands, as fresh as `AtMost` and the settings ask. */
    readonly now: (customer: CustomerId, order: OrderId) => Effect.Effect<Seen, PartnerCenterError>
    /** Looks at the normal interval until the order has settled; the first news is where it stands. */
    readonly follow: (
      customer: CustomerId,
      order: OrderId
    ) => Stream.Stream<News, PartnerCenterError>
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
  const fly = yield* Flights.make<Seen, PartnerCenterError>()

  const publish = (key: string, { report }: Look): Seen =>
    entries.update(key, (entry) => published(key, entry, report)).seen

  const isFresh = ({ seen, status }: Entry) => {
    if (seen === undefined) return Effect.succeed(false)
    const at = seen.report.observedAt.epochMilliseconds
    const isOvertaken =
      seen.report.lines[0]?.source !== "subscription" &&
      status !== undefined &&
      status.answer.observedAt.epochMilliseconds > at
    return isOvertaken
      ? Effect.succeed(false)
      : entries.isFresh({ at, isSettled: seen.report.settled })
  }

  // While somebody follows the order its status is looked at alone, as in any later look.
  const knownOrder = Effect.fnUntraced(function* ({ order, status }: Entry) {
    if (order === undefined || status === undefined || !status.isFollowed) return undefined
    const at = status.answer.observedAt.epochMilliseconds
    return (yield* entries.isFresh({ at, isSettled: status.isSettled })) ? order.answer : undefined
  })

  const anew = Effect.fnUntraced(function* (
    key: string,
    entry: Entry,
    customer: CustomerId,
    order: OrderId
  ) {
    yield* freshness("miss")
    const look = Effect.map(
      tracker.look(customer, order, { order: yield* knownOrder(entry) }),
      (seen) => publish(key, seen)
    )
    // Who asks anew does not take part in a look that may use what is kept.
    const seen = yield* fly(Number.isFinite(yield* AtMost) ? `${key} anew` : key, look)
    return spelled(seen, customer, order)
  })

  const now = (customer: CustomerId, order: OrderId) =>
    Effect.suspend(() => {
      const key = keyOf(customer, order)
      const entry = entries.get(key) ?? {}
      const { seen } = entry
      if (seen === undefined) return anew(key, entry, customer, order)
      return Effect.flatMap(isFresh(entry), (is) =>
        is
          ? Effect.as(freshness("hit"), spelled(seen, customer, order))
          : anew(key, entry, customer, order)
      )
    })

  const follow = (customer: CustomerId, order: OrderId) =>
    Stream.map(tracker.follow(customer, order), (event: FollowEvent): News =>
      event._tag === "Changed"
        ? Option.some(spelled(publish(keyOf(customer, order), event), customer, order))
        : Option.none()
    )

  return Looks.of({ now, follow })
})
