// An order and its lines, as the wire sends them.
import { DateTime, Option, Schema } from "effect"
import { compiled } from "./internal/compiled.ts"
import * as Wire from "./internal/wire.ts"

/**
 * An order's id: a GUID (older licence orders), 32 to 33 characters of base64url, or 12 hex digits.
 *
 * Case is kept: only GUIDs compare without it. The documentation says GUID; its own samples differ.
 * https://learn.microsoft.com/partner-center/developer/get-an-order-by-id
 */
export const OrderId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9_-]{1,64}$/u, {
    message: "an order id is 1 to 64 letters, digits, - or _"
  })
).pipe(Schema.brand("OrderId"))
export type OrderId = typeof OrderId.Type

const guidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether an id is a GUID: those compare without case. */
export const isGuid = (id: string): boolean => guidForm.test(id)

/** Whether two ids name the same thing: GUIDs compare without case, all others exactly. */
export const sameId = (self: string, that: string): boolean =>
  self === that || (isGuid(self) && isGuid(that) && self.toLowerCase() === that.toLowerCase())

/**
 * One line of an order.
 *
 * https://learn.microsoft.com/partner-center/developer/order-resources#orderlineitem
 */
export const OrderLineItem = Schema.Struct({
  lineItemNumber: Wire.optional(Schema.Finite),
  offerId: Wire.optional(Schema.String),
  subscriptionId: Wire.optional(Schema.String),
  parentSubscriptionId: Wire.optional(Schema.String),
  friendlyName: Wire.optional(Schema.String),
  quantity: Wire.optional(Schema.Finite),
  termDuration: Wire.optional(Schema.String),
  transactionType: Wire.optional(Schema.String),
  links: Wire.optional(Schema.Struct({ provisioningStatus: Wire.optional(Wire.Link) }))
})
export type OrderLineItem = typeof OrderLineItem.Type

/**
 * An order. Its `status` is its own word (`completed`, `pending`, `cancelled`, …) and says nothing of
 * provisioning.
 *
 * https://learn.microsoft.com/partner-center/developer/order-resources#order
 */
export const Order = Schema.Struct({
  id: Schema.String,
  alternateId: Wire.optional(Schema.String),
  referenceCustomerId: Wire.optional(Schema.String),
  billingCycle: Wire.optional(Schema.String),
  transactionType: Wire.optional(Schema.String),
  lineItems: Wire.optional(Schema.Array(OrderLineItem)),
  currencyCode: Wire.optional(Schema.String),
  currencySymbol: Wire.optional(Schema.String),
  creationDate: Wire.optional(Schema.String),
  status: Wire.optional(Schema.String),
  links: Wire.optional(Schema.Struct({ provisioningStatus: Wire.optional(Wire.Link) })),
  attributes: Wire.optional(Wire.Attributes)
}).check(Wire.isObjectType("Order"))
export type Order = typeof Order.Type

/** All orders of a customer: one answer, not paged; a new order can take 15 minutes to appear. */
export const Orders = compiled(Wire.collection(Order))
export type Orders = typeof Orders.Type

const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i

/** When the order was placed, where upstream gave a date that can be read. UTC unless it says. */
export const createdAt = (order: Order): Option.Option<DateTime.Utc> => {
  const date = order.creationDate
  return date === undefined
    ? Option.none()
    : Option.map(DateTime.make(zoned.test(date) ? date : `${date}Z`), DateTime.toUtc)
}

/** A subscription's id: a GUID in either case, as far as is known. */
export const SubscriptionId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9-]{1,64}$/u, {
    message: "a subscription id is 1 to 64 letters, digits or -"
  })
).pipe(Schema.brand("SubscriptionId"))
export type SubscriptionId = typeof SubscriptionId.Type

const decodeSubscriptionId = Schema.decodeUnknownOption(SubscriptionId)
const subscriptionUri = /(?:^|\/)subscriptions\/([^/?#]+)\/provisioningstatus\/?$/i

/** The subscription that a line of an older licence order links to for its provisioning status. */
export const linkedSubscription = (line: OrderLineItem): Option.Option<SubscriptionId> =>
  decodeSubscriptionId(subscriptionUri.exec(line.links?.provisioningStatus?.uri ?? "")?.[1])

/**
 * Which operation answers for the order: an order that links a status uses it, one whose lines link
 * to subscriptions (older licence orders) is answered by those, any other by the order-level status.
 */
export const isAnsweredBySubscriptions = (order: Order): boolean =>
  order.links?.provisioningStatus?.uri === undefined &&
  (order.lineItems ?? []).some((line) => Option.isSome(linkedSubscription(line)))
