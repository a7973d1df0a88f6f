// Partner Center's reads, each by its own path and schema.
import { Context, Effect, Layer, Option, Stream, Tracer } from "effect"
import type { Duration, Schema } from "effect"
import type { CircuitBreakerStore } from "effect/persistence/CircuitBreaker"
import type { HttpClient } from "effect/http/HttpClient"
import type { AccessToken } from "./AccessToken.ts"
import type { Budget } from "./Budget.ts"
import type { Cloud } from "./Cloud.ts"
import { CustomersPage } from "./Customer.ts"
import type { Customer, CustomerId } from "./Customer.ts"
import * as Operation from "./Operation.ts"
import { Order, Orders } from "./Order.ts"
import type { OrderId, SubscriptionId } from "./Order.ts"
import { make, PartnerCenterError } from "./PartnerCenterError.ts"
import { OrderProvisioningStatus, SubscriptionProvisioningStatus } from "./ProvisioningStatus.ts"
import type { Support } from "./Support.ts"
import { visible } from "./text.ts"
import { Transport } from "./Transport.ts"
import type { Answer, Question, TransportOptions } from "./Transport.ts"

export interface CustomersQuery {
  /** How many customers a page has. Default 500, which is upstream's most. */
  readonly size?: number | undefined
  /** Only customers whose company name or domain begins so. */
  readonly filter?:
    | { readonly field: "CompanyName" | "Domain"; readonly startsWith: string }
    | undefined
  /** Where the page before ended. */
  readonly continuationToken?: string | undefined
  /**
   * Asks also whether the token shows multi-factor authentication: the answer has a header
   * `isMfaCompliant`, `true` or `false`.
   */
  readonly validateMfa?: boolean | undefined
}

export interface OrderQuery {
  /** Asks also for `totalPrice` and the `pricing` of lines, which are left out otherwise. */
  readonly includePrice?: boolean | undefined
}

export interface OrdersQuery extends OrderQuery {
  /** Only orders that are billed so; upstream's own word, such as `onetime`. */
  readonly billingType?: string | undefined
  /** Asks also for orders that the system made. */
  readonly includeSystemPurchases?: boolean | undefined
}

/** The reads that this product makes; every failure is a `PartnerCenterError`. */
export class PartnerCenter extends Context.Service<
  PartnerCenter,
  {
    /** One page of customers: `GET /v1/customers`. */
    readonly customersPage: (
      query?: CustomersQuery
    ) => Effect.Effect<Answer<CustomersPage>, PartnerCenterError>
    /** All customers, a page at a time. */
    readonly customers: (
      query?: Omit<CustomersQuery, "continuationToken">
    ) => Stream.Stream<Customer, PartnerCenterError>
    /** The customer with exactly that domain; `CustomerNotFound` where there is none. */
    readonly customerByDomain: (domain: string) => Effect.Effect<Customer, PartnerCenterError>
    /** All orders of a customer: `GET /v1/customers/{customer}/orders`, which is not paged. */
    readonly orders: (
      customer: CustomerId,
      query?: OrdersQuery
    ) => Effect.Effect<Answer<Orders>, PartnerCenterError>
    /** `GET /v1/customers/{customer}/orders/{order}` */
    readonly order: (
      customer: CustomerId,
      order: OrderId,
      query?: OrderQuery
    ) => Effect.Effect<Answer<Order>, PartnerCenterError>
    /** `GET /v1/customers/{customer}/orders/{order}/provisioningstatus`. App+User only. */
    readonly provisioningStatus: (
      customer: CustomerId,
      order: OrderId
    ) => Effect.Effect<Answer<OrderProvisioningStatus>, PartnerCenterError>
    /** `GET /v1/customers/{customer}/subscriptions/{subscription}/provisioningstatus` */
    readonly subscriptionProvisioningStatus: (
      customer: CustomerId,
      subscription: SubscriptionId
    ) => Effect.Effect<Answer<SubscriptionProvisioningStatus>, PartnerCenterError>
    /** How long asking is suspended after repeated failures; zero while it is not. Asks nothing. */
    readonly suspendedFor: Effect.Effect<Duration.Duration>
  }
>()("@orderwatch/core/PartnerCenter") {
  static readonly layerNoDeps: Layer.Layer<PartnerCenter, never, Transport> = Layer.effect(
    PartnerCenter,
    Effect.suspend(() => makePartnerCenter)
  )

  static readonly layer = (
    options?: TransportOptions
  ): Layer.Layer<PartnerCenter, never, AccessToken | Budget | Cloud | HttpClient> =>
    PartnerCenter.layerNoDeps.pipe(Layer.provide(Transport.layer(options)))

  static readonly layerWithBreakerStore = (
    options?: TransportOptions
  ): Layer.Layer<
    PartnerCenter,
    never,
    AccessToken | Budget | CircuitBreakerStore | Cloud | HttpClient
  > => PartnerCenter.layerNoDeps.pipe(Layer.provide(Transport.layerNoDeps(options)))
}

const path = (...segments: ReadonlyArray<string>): string => {
  let path = "/v1"
  for (const segment of segments) path += `/${encodeURIComponent(segment)}`
  return path
}

const priced = (query: OrderQuery): Readonly<Record<string, string>> =>
  query.includePrice ? { include_price: "true" } : {}

// Where a span was made says nothing that its name does not.
const spanOptions = { kind: "client", captureStackTrace: false } as const

const makePartnerCenter = Effect.gen(function* () {
  const transport = yield* Transport

  const read = <S extends Schema.ConstraintDecoder<unknown>>(question: Question<S>) => {
    const asked = transport.ask(question)
    // A span of the default tracer is seen by nobody.
    return Effect.withFiber<Answer<S["Type"]>, PartnerCenterError>((fiber) =>
      fiber.getRef(Tracer.Tracer) === Tracer.nativeTracer
        ? asked
        : Effect.withSpan(asked, `PartnerCenter.${question.operation}`, spanOptions)
    )
  }

  const customersPage = (query: CustomersQuery = {}) =>
    read({
      operation: "customers",
      path: path("customers"),
      query: {
        size: String(query.size ?? 500),
        ...(query.filter !== undefined && {
          filter: JSON.stringify({
            Field: query.filter.field,
            Value: query.filter.startsWith,
            Operator: "starts_with"
          })
        }),
        ...(query.continuationToken !== undefined && { seekOperation: "Next" })
      },
      headers: {
        ...(query.continuationToken !== undefined && {
          "MS-ContinuationToken": query.continuationToken
        }),
        ...(query.validateMfa && { ValidateMfa: "true" })
      },
      schema: CustomersPage
    })

  const customers = (query: Omit<CustomersQuery, "continuationToken"> = {}) =>
    Stream.suspend(() => {
      const seen = new Set<string>()
      return Stream.paginate<string | undefined, Customer, PartnerCenterError, never>(
        undefined,
        (token) =>
          Effect.flatMap(customersPage({ ...query, continuationToken: token }), (page) => {
            const next = continuationToken(page.value)
            // A page that cannot be had must not pass for the end, nor one that comes again for another.
            const isLost = Option.isNone(next) && page.value.links?.next !== undefined
            if (isLost || Option.exists(next, (found) => seen.has(found))) {
              return Effect.fail(lostPage(page.support))
            }
            if (Option.isSome(next)) seen.add(next.value)
            return Effect.succeed([page.value.items ?? [], next] as const)
          })
      )
    })

  const customerByDomain = Effect.fnUntraced(function* (domain: string) {
    const filter = { field: "Domain", startsWith: domain } as const
    const named = (customer: Customer) =>
      customer.companyProfile?.domain?.toLowerCase() === domain.toLowerCase()
    const found = yield* Stream.runHead(Stream.filter(customers({ filter }), named))
    return yield* Option.match(found, {
      onSome: Effect.succeed,
      onNone: () =>
        Effect.fail(
          new PartnerCenterError({
            operation: "customers",
            reason: make({
              _tag: "CustomerNotFound",
              description: `no customer has the domain ${domain}`,
              remedy: "Check the domain: the list of customers has each one's."
            }),
            support: {}
          })
        )
    })
  }, Operation.within(transport.deadline))

  return PartnerCenter.of({
    suspendedFor: transport.suspendedFor,
    customersPage,
    customers,
    customerByDomain,
    orders: (customer, query = {}) =>
      read({
        operation: "orders",
        path: path("customers", customer, "orders"),
        query: {
          ...(query.billingType !== undefined && { billingType: query.billingType }),
          ...priced(query),
          ...(query.includeSystemPurchases && { include_system_purchases: "true" })
        },
        schema: Orders
      }),
    order: (customer, order, query = {}) =>
      read({
        operation: "order",
        path: path("customers", customer, "orders", order),
        query: priced(query),
        schema: Order
      }),
    provisioningStatus: (customer, order) =>
      read({
        operation: "provisioningStatus",
        path: path("customers", customer, "orders", order, "provisioningstatus"),
        schema: OrderProvisioningStatus
      }),
    subscriptionProvisioningStatus: (customer, subscription) =>
      read({
        operation: "subscriptionProvisioningStatus",
        path: path("customers", customer, "subscriptions", subscription, "provisioningstatus"),
        schema: SubscriptionProvisioningStatus
      })
  })
})

const lostPage = (support: Support) =>
  new PartnerCenterError({
    operation: "customers",
    support,
    reason: make({
      _tag: "UnexpectedResponse",
      path: "links.next",
      description: "the next page of customers is not named, or is one that was there before"
    })
  })

/**
 * The token of the next page. Of `links.next` only this is taken, never its address.
 *
 * https://learn.microsoft.com/partner-center/developer/get-a-list-of-customers
 */
export const continuationToken = (page: CustomersPage): Option.Option<string> => {
  const next = page.links?.next
  if (next === undefined) return Option.none()
  const header = (next.headers ?? []).find(
    ({ key }) => key.toLowerCase() === "ms-continuationtoken"
  )
  const token = Option.fromUndefinedOr(header?.value ?? page.continuationToken)
  return Option.filter(token, (found) => visible.test(found))
}
