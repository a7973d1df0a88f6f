// Partner Center's reads, each asked once for all who ask at the same time, and served again while fresh.
// The Tracker stands on these, so that a look, a stream and upstream's own paths share what was read.
import type { CustomerId, CustomersPage } from "@orderwatch/core/Customer"
import type { Order, OrderId, Orders } from "@orderwatch/core/Order"
import * as Operation from "@orderwatch/core/Operation"
import * as OrderReport from "@orderwatch/core/OrderReport"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import type { CustomersQuery } from "@orderwatch/core/PartnerCenter"
import { isNotFound } from "@orderwatch/core/PartnerCenterError"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import type {
  OrderProvisioningStatus,
  SubscriptionProvisioningStatus
} from "@orderwatch/core/ProvisioningStatus"
import type { Answer } from "@orderwatch/core/Transport"
import { Clock, Effect, Layer } from "effect"
import { freshness } from "../metrics/requests.ts"
import { AtMost, Entries, keyOf } from "./entries.ts"
import type { Read } from "./entries.ts"
import * as Flights from "./flights.ts"
import * as Kept from "./kept.ts"

interface Failed {
  readonly error: PartnerCenterError
  readonly at: number
}

// Milliseconds between two questions that fail.
const atLeast = 1000

const noHeaders = {}

/** PartnerCenter over PartnerCenter: the same reads, shared; their answers are without `body` and `headers`. */
export const layer: Layer.Layer<PartnerCenter, never, Entries | PartnerCenter> = Layer.effect(
  PartnerCenter,
  Effect.gen(function* () {
    const upstream = yield* PartnerCenter
    const entries = yield* Entries
    const clock = yield* Clock.Clock
    const context = yield* Effect.context<never>()

    const observed = ({ answer, isSettled }: Read<unknown>) => ({
      at: answer.observedAt.epochMilliseconds,
      isSettled
    })

    // What is not there is not asked for more often than what is; any other failure once a second.
    const stillFails = ({ at, error }: Failed, atMost: number): boolean => {
      if (isNotFound(error.reason)) return entries.isFresh({ at, isSettled: false }, atMost)
      const age = clock.currentTimeMillisUnsafe() - at
      return age >= 0 && age < atLeast
    }

    /** What is kept while it is fresh, else one question for all. */
    const shared = Effect.fnUntraced(function* <A>() {
      const fly = yield* Flights.make<Answer<A>, PartnerCenterError>()
      // Each some 4 kB, for what it tells support.
      const failed = Kept.make<Failed>({ entries: 1000, weight: 1000 })
      return (
        key: string,
        kept: () => Read<A> | undefined,
        ask: () => Effect.Effect<Answer<A>, PartnerCenterError>,
        keep: (read: Read<A>) => void,
        isSettled: (answer: Answer<A>) => boolean
      ) =>
        Effect.withFiber<Answer<A>, PartnerCenterError>((fiber) => {
          const atMost = fiber.getRef(AtMost)
          const current = fiber.getRef(Operation.Current)
          const read = kept()
          const isFresh = read !== undefined && entries.isFresh(observed(read), atMost)
          // A look counts as one, however many reads it has.
          if (current === undefined) freshness(isFresh ? "hit" : "miss", context)
          if (isFresh) return Effect.succeed(read.answer)
          const refusal = failed.get(key)
          if (refusal !== undefined) {
            if (stillFails(refusal, atMost)) return Effect.fail(refusal.error)
            failed.delete(key)
          }
          return fly(
            key,
            Effect.mapBoth(ask(), {
              onFailure: (error) => {
                failed.set(key, { error, at: clock.currentTimeMillisUnsafe() }, 1)
                return error
              },
              onSuccess: (asked) => {
                // Neither the text of the body nor the headers are of any use any more.
                const answer = { ...asked, body: "", headers: noHeaders }
                keep({
                  answer,
                  isSettled: isSettled(answer),
                  isFollowed: current?.lane === "follow",
                  weight: asked.body.length
                })
                return answer
              }
            })
          )
        })
    })

    /** Answers that belong to no single order, kept for as long. */
    const bounded = Effect.fnUntraced(function* <A>(isSettled: (value: A, key: string) => boolean) {
      const kept = Kept.make<Read<A>>({ entries: 2000, weight: 32_000_000 })
      const share = yield* shared<A>()
      return (key: string, ask: () => Effect.Effect<Answer<A>, PartnerCenterError>) =>
        share(
          key,
          () => kept.get(key),
          ask,
          // What was read, and its text as it is sent again.
          (read) => kept.set(key, read, 500 + 2 * read.weight),
          ({ value }) => isSettled(value, key)
        )
    })

    const byOrder = yield* shared<Order>()
    const byStatus = yield* shared<OrderProvisioningStatus>()
    const never = () => false
    const customersPages = yield* bounded<CustomersPage>(never)
    const orders = yield* bounded<Orders>(never)
    const pricedOrders = yield* bounded<Order>(
      (_, key) => entries.get(key)?.status?.isSettled ?? false
    )
    // Once all of an order's have settled they are asked once more, and then it is its report that is kept.
    const bySubscription = yield* bounded<SubscriptionProvisioningStatus>(never)

    return PartnerCenter.of({
      ...upstream,
      customersPage: (query: CustomersQuery = {}) =>
        customersPages(JSON.stringify(query), () => upstream.customersPage(query)),
      orders: (customer, query = {}) =>
        orders(customer.toLowerCase() + JSON.stringify(query), () =>
          upstream.orders(customer, query)
        ),
      order: (customer, order, query) => {
        const key = keyOf(customer, order)
        // No look needs prices: an order with them is another answer.
        if (query?.includePrice)
          return pricedOrders(key, () => upstream.order(customer, order, query))
        return byOrder(
          key,
          () => entries.get(key)?.order,
          () => upstream.order(customer, order),
          (read) => entries.update(key, (entry) => ({ ...entry, order: read })),
          // A settled status says of an order that was read after it that nothing more is expected.
          () => entries.get(key)?.status?.isSettled ?? false
        )
      },
      provisioningStatus: (customer, order) => {
        const key = keyOf(customer, order)
        return byStatus(
          key,
          () => entries.get(key)?.status,
          () => upstream.provisioningStatus(customer, order),
          (read) => entries.update(key, (entry) => ({ ...entry, status: read })),
          (answer) => isSettled(customer, order, entries.get(key)?.order, answer)
        )
      },
      subscriptionProvisioningStatus: (customer, subscription) =>
        bySubscription(`${customer}/${subscription}`.toLowerCase(), () =>
          upstream.subscriptionProvisioningStatus(customer, subscription)
        )
    })
  })
)

/** Whether nothing more is expected, by the status, and by the order's lines where those are known. */
const isSettled = (
  customerId: CustomerId,
  orderId: OrderId,
  order: Read<Order> | undefined,
  { observedAt, support, value }: Answer<OrderProvisioningStatus>
): boolean => {
  const answered = OrderReport.answeredByOrder(value)
  // Without the order there is nothing to join.
  if (order === undefined) return OrderReport.isSettled(OrderReport.verdict(answered))
  return OrderReport.make({
    customerId,
    orderId,
    answered,
    source: "order",
    isMiscounted: false,
    observedAt,
    support,
    order: order.answer
  }).settled
}
