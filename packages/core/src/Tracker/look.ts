// One look at an order, the first or a later one: what is asked, and what is remembered for the next.
import { Clock, Duration, Effect, Option, Result } from "effect"
import type { DateTime } from "effect"
import type { CustomerId } from "../Customer.ts"
import * as Operation from "../Operation.ts"
import { isAnsweredBySubscriptions, linkedSubscription } from "../Order.ts"
import type { Order, OrderId, SubscriptionId } from "../Order.ts"
import * as OrderReport from "../OrderReport.ts"
import type { PartnerCenter } from "../PartnerCenter.ts"
import { isNotFound, make, PartnerCenterError } from "../PartnerCenterError.ts"
import { fromSubscriptionWord } from "../ProvisioningStatus.ts"
import type { SubscriptionProvisioningStatus } from "../ProvisioningStatus.ts"

/** An order as it was read, by itself or in a list. */
export interface KnownOrder {
  readonly value: Order
  readonly observedAt: DateTime.Utc
}

/** A report and the order that it was made from, where that could be read. */
export interface Look {
  readonly report: OrderReport.OrderReport
  readonly order: Option.Option<Order>
}

type Subscriptions = ReadonlyMap<SubscriptionId, SubscriptionProvisioningStatus>

/** What is remembered of an order between two looks. */
export interface Memory {
  readonly order: KnownOrder | undefined
  /** Whether the order is to be read again, however lately it was. */
  readonly isStale: boolean
  /** Whether there was no look yet: then an order from a list is what this look would have read. */
  readonly isFirst: boolean
  /** Older licence orders: what each subscription answered last. */
  readonly subscriptions: Subscriptions
}

/** Nothing but the order, where a list had it. */
export const remember = (order: KnownOrder | undefined): Memory => ({
  order,
  isStale: false,
  isFirst: true,
  subscriptions: new Map()
})

/** How a look ended, and what is remembered after it. */
export interface Looked {
  readonly result: Result.Result<Look, PartnerCenterError>
  readonly memory: Memory
}

interface Seen extends Pick<
  OrderReport.Look,
  "source" | "isMiscounted" | "observedAt" | "support"
> {
  readonly answered: (order: Order | undefined) => OrderReport.Look["answered"]
  readonly subscriptions: Subscriptions
}

// What was read that long ago is read again.
const lasting = Duration.toMillis("30 minutes")

/** Looks at an order, given what is remembered of it. To be run as one operation. */
export const makeLook = (partnerCenter: PartnerCenter["Service"]) => {
  const byOrder = Effect.fnUntraced(function* (
    customer: CustomerId,
    order: OrderId
  ): Effect.fn.Return<Seen, PartnerCenterError> {
    const { observedAt, support, value } = yield* partnerCenter.provisioningStatus(customer, order)
    const answered = OrderReport.answeredByOrder(value)
    return {
      answered: () => answered,
      source: "order",
      isMiscounted: OrderReport.isMiscounted(value),
      subscriptions: new Map(),
      observedAt,
      support
    }
  })

  const bySubscriptions = Effect.fnUntraced(function* (
    customer: CustomerId,
    order: Order,
    known: Subscriptions
  ): Effect.fn.Return<Seen, PartnerCenterError> {
    const linked = new Set(
      (order.lineItems ?? []).flatMap((line) => Option.toArray(linkedSubscription(line)))
    )
    const answers = new Map([...known].filter(([id]) => linked.has(id)))
    const missing: Array<PartnerCenterError> = []
    let latest: Pick<Seen, "observedAt" | "support"> | undefined
    const ask = (ids: Iterable<SubscriptionId>) =>
      Effect.forEach(
        ids,
        (id) =>
          partnerCenter.subscriptionProvisioningStatus(customer, id).pipe(
            Effect.map(({ observedAt, support, value }) => {
              answers.set(id, value)
              // A service that shares what it reads may answer with what was observed before.
              if (latest === undefined || !isBefore(observedAt, latest.observedAt)) {
                latest = { observedAt, support }
              }
            }),
            // One that is not there (yet) is a line without an answer; any other failure ends the look.
            Effect.catchIf(
              ({ reason }) => isNotFound(reason),
              (error) =>
                Effect.sync(() => {
                  missing.push(error)
                  answers.delete(id)
                })
            )
          ),
        { concurrency: 4, discard: true }
      )
    const isOpen = (id: SubscriptionId) => !isDone(answers.get(id))
    const open = [...linked].filter(isOpen)
    yield* ask(open.length > 0 ? open : linked)
    const done = [...linked].filter((id) => open.length > 0 && !open.includes(id))
    // Nothing is open any more, or nothing of it answered: those that were not asked are asked once more.
    if (latest === undefined || ![...linked].some(isOpen)) yield* ask(done)
    if (latest === undefined) {
      return yield* (
        missing[0] ?? Effect.die("an order without linked subscriptions was read by them")
      )
    }
    return {
      answered: (order) =>
        order === undefined ? [] : OrderReport.answeredBySubscriptions(order, answers),
      source: "subscription",
      isMiscounted: false,
      subscriptions: answers,
      ...latest
    }
  })

  return Effect.fnUntraced(function* (
    customerId: CustomerId,
    orderId: OrderId,
    memory: Memory
  ): Effect.fn.Return<Looked> {
    const readOrder = Effect.result(Operation.half(partnerCenter.order(customerId, orderId)))
    const read = isToBeRead(memory, yield* Clock.currentTimeMillis) ? yield* readOrder : undefined
    const failed = read !== undefined && Result.isFailure(read) ? read.failure : undefined
    if (failed !== undefined && !isUnreadable(failed)) {
      return { result: Result.fail(failed), memory }
    }
    const order = read !== undefined && Result.isSuccess(read) ? read.success : memory.order
    const asked = yield* Effect.result(
      order !== undefined && isAnsweredBySubscriptions(order.value)
        ? bySubscriptions(customerId, order.value, memory.subscriptions)
        : byOrder(customerId, orderId)
    )
    if (Result.isFailure(asked)) {
      const error = failed === undefined ? asked.failure : both(failed, asked.failure)
      const isStale = failed !== undefined || isNotFound(asked.failure.reason)
      return { result: Result.fail(error), memory: { ...memory, order, isStale, isFirst: false } }
    }
    const seen = asked.success
    const looked = (order: KnownOrder | undefined, report: OrderReport.OrderReport): Looked => ({
      result: Result.succeed({ report, order: Option.fromUndefinedOr(order?.value) }),
      memory: {
        order,
        isStale: failed !== undefined,
        isFirst: false,
        subscriptions: seen.subscriptions
      }
    })
    const reportOf = (order: KnownOrder | undefined) =>
      OrderReport.make({
        customerId,
        orderId,
        ...seen,
        answered: seen.answered(order?.value),
        ...(order !== undefined && { order })
      })
    const report = reportOf(order)
    const isToBeConfirmed = report.settled && !memory.isFirst
    if (read !== undefined || !(isToBeConfirmed || isMismatched(report))) {
      return looked(order, report)
    }
    const again = yield* readOrder
    return Result.isFailure(again)
      ? looked(order, report)
      : looked(again.success, reportOf(again.success))
  })
}

const isBefore = (self: DateTime.Utc, that: DateTime.Utc): boolean =>
  self.epochMilliseconds < that.epochMilliseconds

const isDone = (answer: SubscriptionProvisioningStatus | undefined): boolean => {
  const state = fromSubscriptionWord(answer?.status)
  return state === "fulfilled" || state === "unfulfilled"
}

const isToBeRead = ({ isStale, order }: Memory, now: number): boolean =>
  order === undefined || isStale || now - order.observedAt.epochMilliseconds >= lasting

const isMismatched = ({ lines }: OrderReport.OrderReport): boolean =>
  lines.some(({ warnings }) => warnings.includes("notReported") || warnings.includes("notInOrder"))

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
