// Where an order stands: seen once, or followed until it has settled.
import { Context, Duration, Effect, Layer, Option, Stream } from "effect"
import type { DateTime } from "effect"
import { Budget } from "./Budget.ts"
import type { CustomerId } from "./Customer.ts"
import * as Operation from "./Operation.ts"
import type { OrderId } from "./Order.ts"
import { record } from "./OrderHistory.ts"
import type { OrderHistory } from "./OrderHistory.ts"
import type { OrderReport } from "./OrderReport.ts"
import { PartnerCenter } from "./PartnerCenter.ts"
import type { PartnerCenterError } from "./PartnerCenterError.ts"
import type { Why } from "./PollPlan.ts"
import { makeFollow } from "./Tracker/follow.ts"
import { makeLook, remember } from "./Tracker/look.ts"
import type { KnownOrder, Look } from "./Tracker/look.ts"

export type { KnownOrder, Look } from "./Tracker/look.ts"

export interface TrackerOptions {
  /** How long one look may take, all of its steps. Default 60 seconds. */
  readonly deadline?: Duration.Input | undefined
  /** How many looks for followed orders may be under way at once. Default 16. */
  readonly concurrency?: number | undefined
}

export interface LookOptions {
  /** The order as a list had it, which counts as read. */
  readonly order?: KnownOrder | undefined
}

export interface FollowOptions extends LookOptions {
  /**
   * The shortest time between two looks. Default 30 seconds. While nothing changes they become rarer, up
   * to five minutes. Of several who follow one order, the shortest counts.
   */
  readonly interval?: Duration.Input | undefined
  /**
   * How long an order that is not found is waited for. Default 2 minutes; 0 is not at all. A status that
   * is not found is waited for while the order is younger than 15 minutes, whatever is said here.
   */
  readonly notFoundGrace?: Duration.Input | undefined
}

/** Where the order stands: said first, and again whenever that is not what was said before. */
export interface Changed extends Look {
  readonly _tag: "Changed"
  readonly history: OrderHistory
}

/** A look failed in a way that passes. */
export interface Retrying {
  readonly _tag: "Retrying"
  readonly error: PartnerCenterError
}

/** Upstream asked to wait until then, or the tenant's requests are used up. */
export interface Throttled {
  readonly _tag: "Throttled"
  readonly error: PartnerCenterError
  readonly until: DateTime.Utc
}

/** The order or its status is not there, and is waited for until then at most. */
export interface NotVisibleYet {
  readonly _tag: "NotVisibleYet"
  readonly error: PartnerCenterError
  readonly until: DateTime.Utc
}

/** When the next look is, and why then. */
export interface NextLook {
  readonly _tag: "NextLook"
  readonly at: DateTime.Utc
  readonly why: Why
}

/** What one learns while following. Whoever is slow misses what has been overtaken, never the latest. */
export type FollowEvent = Changed | Retrying | Throttled | NotVisibleYet | NextLook

export interface WaitOptions extends FollowOptions {
  /** How long to wait. No limit unless given; 0 is one look. */
  readonly timeout?: Duration.Input | undefined
}

/** How a wait ended: whether the order settled in time, and what was seen last. */
export interface Waited {
  readonly isSettled: boolean
  readonly latest: Option.Option<Changed>
}

export class Tracker extends Context.Service<
  Tracker,
  {
    /**
     * One look: reads the order, then its provisioning status, as one operation (one correlation id,
     * one deadline). A report without names is made where only the order cannot be read.
     */
    readonly report: (
      customer: CustomerId,
      order: OrderId,
      options?: LookOptions
    ) => Effect.Effect<OrderReport, PartnerCenterError>
    /** The same look, with the order that it read: for when it was placed, and what else it says. */
    readonly look: (
      customer: CustomerId,
      order: OrderId,
      options?: LookOptions
    ) => Effect.Effect<Look, PartnerCenterError>
    /**
     * Looks again and again until the order has settled. However many follow an order in this process,
     * it is looked at once for them all; who comes later is told the latest at once; when the last one
     * leaves, the looking ends.
     *
     * Failures that pass do not end it. It fails with those that need somebody: a sign-in, a permission,
     * a request that is refused, an order that does not appear in its time.
     */
    readonly follow: (
      customer: CustomerId,
      order: OrderId,
      options?: FollowOptions
    ) => Stream.Stream<FollowEvent, PartnerCenterError>
    /** Follows until the order has settled, or the time is over. */
    readonly wait: (
      customer: CustomerId,
      order: OrderId,
      options?: WaitOptions
    ) => Effect.Effect<Waited, PartnerCenterError>
    /** How many orders are followed in this process, and by how many. */
    readonly following: Effect.Effect<{ readonly orders: number; readonly followers: number }>
  }
>()("@orderwatch/core/Tracker") {
  static readonly layer = (
    options: TrackerOptions = {}
  ): Layer.Layer<Tracker, never, Budget | PartnerCenter> =>
    Layer.effect(Tracker, makeTracker(options))
}

const makeTracker = Effect.fnUntraced(function* (options: TrackerOptions) {
  const budget = yield* Budget
  const lookAgain = makeLook(yield* PartnerCenter)
  const deadline = options.deadline ?? "60 seconds"

  const look = Effect.fn("Tracker.look")(
    (customer: CustomerId, order: OrderId, { order: known }: LookOptions = {}) =>
      Effect.flatMap(lookAgain(customer, order, remember(known)), ({ result }) =>
        Effect.fromResult(result)
      ),
    Operation.within(deadline)
  )

  const report = Effect.fn("Tracker.report")(
    (customer: CustomerId, order: OrderId, options?: LookOptions) =>
      Effect.map(look(customer, order, options), (seen) => seen.report)
  )

  const { follow, following } = yield* makeFollow({
    budget,
    look: Effect.fn("Tracker.lookAgain")(lookAgain),
    deadline,
    concurrency: options.concurrency ?? 16
  })

  const wait = Effect.fn("Tracker.wait")(function* (
    customer: CustomerId,
    order: OrderId,
    { timeout = Duration.infinity, ...options }: WaitOptions = {}
  ) {
    let latest: Option.Option<Changed> = Option.none()
    if (Duration.toMillis(timeout) === 0) {
      const seen = yield* look(customer, order, options)
      latest = Option.some({ _tag: "Changed", ...seen, history: record(undefined, seen.report) })
    } else {
      yield* follow(customer, order, options).pipe(
        Stream.runForEach((event) =>
          Effect.sync(() => {
            if (event._tag === "Changed") latest = Option.some(event)
          })
        ),
        Effect.timeoutOption(timeout)
      )
    }
    return { isSettled: Option.exists(latest, (seen) => seen.report.settled), latest }
  })

  return Tracker.of({ look, report, follow, wait, following })
})
