// Where an order stands: one look is the order, then its provisioning status, as one report.
import { Context, Effect, Layer, Option, Result } from "effect"
import type { CustomerId } from "./Customer.ts"
import * as Operation from "./Operation.ts"
import { isAnsweredBySubscriptions, linkedSubscription } from "./Order.ts"
import type { Order, OrderId } from "./Order.ts"
import * as OrderReport from "./OrderReport.ts"
import { PartnerCenter } from "./PartnerCenter.ts"
import { isNotFound, make, PartnerCenterError } from "./PartnerCenterError.ts"

export interface TrackerOptions {
  /** How long one look may take, both of its steps. Default 60 seconds. */
  readonly deadline?: Parameters<typeof Operation.within>[0] | undefined
}

/** A report and the order that it was made from, where that could be read. */
export interface Look {
  readonly report: OrderReport.OrderReport
  readonly order: Option.Option<Order>
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
      order: OrderId
    ) => Effect.Effect<OrderReport.OrderReport, PartnerCenterError>
    /** The same look, with the order that it read: for when it was placed, and what else it says. */
    readonly look: (customer: CustomerId, order: OrderId) => Effect.Effect<Look, PartnerCenterError>
  }
>()("@orderwatch/core/Tracker") {
  static readonly layer = (
    options: TrackerOptions = {}
  ): Layer.Layer<Tracker, never, PartnerCenter> => Layer.effect(Tracker, makeTracker(options))
}

type Seen = Pick<
  OrderReport.Look,
  "answered" | "source" | "isMiscounted" | "observedAt" | "support"
>

const makeTracker = Effect.fnUntraced(function* (options: TrackerOptions) {
  const partnerCenter = yield* PartnerCenter

  const byOrder = Effect.fnUntraced(function* (
    customer: CustomerId,
    order: OrderId
  ): Effect.fn.Return<Seen, PartnerCenterError> {
    const { observedAt, support, value } = yield* partnerCenter.provisioningStatus(customer, order)
    return {
      answered: OrderReport.answeredByOrder(value),
      source: "order",
      isMiscounted: OrderReport.isMiscounted(value),
      observedAt,
      support
    }
  })

  const bySubscriptions = Effect.fnUntraced(function* (
    customer: CustomerId,
    order: Order
  ): Effect.fn.Return<Seen, PartnerCenterError> {
    const linked = new Set(
      (order.lineItems ?? []).flatMap((line) => Option.toArray(linkedSubscription(line)))
    )
    const missing: Array<PartnerCenterError> = []
    const asked = yield* Effect.forEach(
      linked,
      (subscription) =>
        partnerCenter.subscriptionProvisioningStatus(customer, subscription).pipe(
          Effect.map((answer) => Option.some([subscription, answer] as const)),
          // One that is not there (yet) is a line without an answer; any other failure ends the look.
          Effect.catchIf(
            ({ reason }) => isNotFound(reason),
            (error) => Effect.sync(() => (missing.push(error), Option.none()))
          )
        ),
      { concurrency: 4 }
    )
    const answers = asked.flatMap(Option.toArray)
    const latest = answers.at(-1)?.[1]
    if (latest === undefined) {
      return yield* (
        missing[0] ?? Effect.die("an order without linked subscriptions was read by them")
      )
    }
    return {
      answered: OrderReport.answeredBySubscriptions(
        order,
        new Map(answers.map(([id, { value }]) => [id, value]))
      ),
      source: "subscription",
      isMiscounted: false,
      observedAt: latest.observedAt,
      support: latest.support
    }
  })

  const look = Effect.fn("Tracker.look")(
    function* (customerId: CustomerId, orderId: OrderId) {
      const read = yield* Effect.result(Operation.half(partnerCenter.order(customerId, orderId)))
      if (Result.isFailure(read) && !isUnreadable(read.failure)) return yield* read.failure
      const order = Option.getOrUndefined(Result.getSuccess(read))
      const seen = yield* (
        order !== undefined && isAnsweredBySubscriptions(order.value)
          ? bySubscriptions(customerId, order.value)
          : byOrder(customerId, orderId)
      ).pipe(
        Effect.mapError((error) => (Result.isFailure(read) ? both(read.failure, error) : error))
      )
      return {
        order: Option.map(Option.fromUndefinedOr(order), ({ value }) => value),
        report: OrderReport.make({
          customerId,
          orderId,
          ...(order !== undefined && { order }),
          ...seen
        })
      }
    },
    Operation.within(options.deadline ?? "60 seconds")
  )

  const report = Effect.fn("Tracker.report")((customer: CustomerId, order: OrderId) =>
    Effect.map(look(customer, order), (seen) => seen.report)
  )

  return Tracker.of({ look, report })
})

// What keeps an order from being read may leave its status readable.
const isUnreadable = ({ operation, reason }: PartnerCenterError): boolean => {
  // A sign-in that fails for the order fails for its status too.
  if (operation === "signIn") return false
  if (isNotFound(reason) || reason._tag === "TimedOut") return true
  if (reason._tag === "InsufficientPrivileges") return true
  if (reason._tag === "Unavailable" && reason.noAnswer === "silence") return true
  // Also where it asks for a wait beyond the deadline, and is Throttled for that. Without a connection
  // there is nothing to be had of the status either.
  const { httpStatus } = reason
  return httpStatus !== undefined && (httpStatus === 408 || httpStatus >= 500)
}

// Both failed: the status's reason counts, unless there is no such order in the first place.
const both = (order: PartnerCenterError, status: PartnerCenterError): PartnerCenterError => {
  if (!isNotFound(order.reason)) return status
  if (order.reason._tag !== "ProvisioningStatusNotFound") return order
  const { _tag: _, remedy: __, ...said } = order.reason
  return new PartnerCenterError({
    operation: "order",
    reason: make({ _tag: "OrderNotFound", ...said }),
    support: order.support
  })
}
