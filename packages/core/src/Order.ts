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

/** The prices of a line, before tax, where they were asked for. */
export const Pricing = Schema.Struct({
  listPrice: Wire.passedOn(Schema.Finite),
  discountedPrice: Wire.passedOn(Schema.Finite),
  proratedPrice: Wire.passedOn(Schema.Finite),
  price: Wire.passedOn(Schema.Finite),
  extendedPrice: Wire.passedOn(Schema.Finite)
})
export type Pricing = typeof Pricing.Type

/**
 * One line of an order.
 *
 * https://learn.microsoft.com/partner-center/developer/order-resources#orderlineitem
 */
export const OrderLineItem = Schema.Struct({
  lineItemNumber: Wire.optional(Schema.Finite),
  offerId: Wire.optional(Schema.String),
  subscriptionId: Wire.passedOn(Schema.String),
  parentSubscriptionId: Wire.passedOn(Schema.String),
  friendlyName: Wire.optional(Schema.String),
  quantity: Wire.optional(Schema.Finite),
  termDuration: Wire.passedOn(Schema.String),
  customTermEndDate: Wire.passedOn(Schema.String),
  transactionType: Wire.optional(Schema.String),
  partnerIdOnRecord: Wire.passedOn(Schema.String),
  additionalPartnerIdsOnRecord: Wire.passedOn(Schema.Array(Schema.String)),
  provisioningContext: Wire.passedOn(Schema.Record(Schema.String, Schema.String)),
  promotionId: Wire.passedOn(Schema.String),
  pricing: Wire.passedOn(Pricing),
  renewsTo: Wire.passedOn(Schema.Struct({ termDuration: Wire.passedOn(Schema.String) })),
  attestationAccepted: Wire.passedOn(Schema.Boolean),
  links: Wire.optional(
    Schema.Struct({
      product: Wire.passedOn(Wire.Link),
      sku: Wire.passedOn(Wire.Link),
      availability: Wire.passedOn(Wire.Link),
      subscription: Wire.passedOn(Wire.Link),
      provisioningStatus: Wire.optional(Wire.Link),
      activationLinks: Wire.passedOn(Wire.Link)
    })
  ),
  attributes: Wire.passedOn(Wire.Attributes)
})
export type OrderLineItem = typeof OrderLineItem.Type

/**
 * An order. Its `status` is its own word (`completed`, `pending`, `cancelled`, …) and says nothing of
 * provisioning. `totalPrice`, like the `pricing` of its lines, is there only where it was asked for.
 *
 * https://learn.microsoft.com/partner-center/developer/order-resources#order
 */
export const Order = compiled(
  Schema.Struct({
    id: Schema.String,
    alternateId: Wire.passedOn(Schema.String),
    referenceCustomerId: Wire.passedOn(Schema.String),
    billingCycle: Wire.passedOn(Schema.String),
    transactionType: Wire.passedOn(Schema.String),
    lineItems: Wire.optional(Schema.Array(OrderLineItem)),
    currencyCode: Wire.passedOn(Schema.String),
    currencySymbol: Wire.passedOn(Schema.String),
    totalPrice: Wire.passedOn(Schema.Finite),
    creationDate: Wire.optional(Schema.String),
    status: Wire.optional(Schema.String),
    partnerOnRecordAttestationAccepted: Wire.passedOn(Schema.Boolean),
    client: Wire.passedOn(
      Schema.Struct({
        marketplaceCountry: Wire.passedOn(Schema.String),
        deviceFamily: Wire.passedOn(Schema.String),
        name: Wire.passedOn(Schema.String)
      })
    ),
    links: Wire.optional(
      Schema.Struct({
        self: Wire.passedOn(Wire.Link),
        provisioningStatus: Wire.optional(Wire.Link),
        patchOperation: Wire.passedOn(Wire.Link)
      })
    ),
    attributes: Wire.optional(Wire.Attributes)
  }).check(Wire.isObjectType("Order"))
)
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
