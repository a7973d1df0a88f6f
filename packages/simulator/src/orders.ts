// Orders as Partner Center writes them: the resource, and its answers about provisioning.
import { at, type Course, type Window } from "./course.ts"
import type { Fault } from "./faults.ts"
import type { Operation } from "./operation.ts"

/** How much of a line is in which upstream word. */
export interface Provisioned {
  readonly status: string
  readonly quantities: ReadonlyArray<readonly [quantity: number, status: string]>
}

export interface Line {
  readonly number: number
  readonly name: string
  readonly quantity: number
  readonly offerId: string
  readonly term: string
  readonly transactionType?: string
  /** Older licence orders: the subscription's id as the line has it, and as its link has it. */
  readonly subscription?: { readonly id: string; readonly linked: string; readonly skuId: string }
  /** Documented fields that few lines have; they come out as they are. */
  readonly more?: {
    readonly parentSubscriptionId?: string
    readonly customTermEndDate?: string
    readonly partnerIdOnRecord?: string
    readonly additionalPartnerIdsOnRecord?: ReadonlyArray<string>
    readonly provisioningContext?: Readonly<Record<string, string>>
    readonly promotionId?: string
    readonly renewsTo?: { readonly termDuration: string }
    readonly attestationAccepted?: boolean
  }
  /** Absent: the line is not answered. */
  readonly provisioning?: Course<Provisioned>
}

/** A fault for a while, in one operation or in all of Partner Center's. */
export interface Answer extends Window {
  readonly on?: Operation
  readonly fault: Fault
}

export interface Order {
  readonly id: string
  readonly customerId: string
  /** What this order is there to show. */
  readonly shows: string
  /** How old it is when it begins, ms. */
  readonly age: number
  /** Whether creationDate is written with an offset instead of seven digits and Z. */
  readonly pacific?: boolean
  readonly status: Course<string>
  readonly billingCycle: "monthly" | "annual" | "one_time"
  readonly lines: ReadonlyArray<Line>
  /** Whether the order links its provisioning status. */
  readonly linked: boolean
  /** Whether the partner attested to the reseller on record. */
  readonly attested?: boolean
  /** Whether answered items carry `attributes`. */
  readonly attributed?: boolean
  /** When it is 404 (20000), and in no list. */
  readonly missing?: ReadonlyArray<Window>
  /** When its status is 404 (800007). */
  readonly statusMissing?: ReadonlyArray<Window>
  readonly answers?: ReadonlyArray<Answer>
  /** Answered at /provisioningstatus with exactly this text. */
  readonly statusText?: string
}

/** An order on its course. */
export interface Placed {
  readonly order: Order
  /** When its course began, ms that the simulator had lived through. */
  readonly beganAt: number
  /** Epoch ms. */
  readonly createdAt: number
}

const link = (uri: string, method = "GET") => ({ uri, method, headers: [] })

const collection = (items: ReadonlyArray<object>, self?: string) => ({
  totalCount: items.length,
  items,
  ...(self === undefined ? {} : { links: { self: link(self) } }),
  attributes: { objectType: "Collection" }
})

// Any will do, as long as a line has the same each time.
const unitPrice = ({ number, term }: Line) => (term === "P1M" ? 12.5 : 480.25) + number

const pricing = (line: Line) => {
  const price = unitPrice(line)
  return {
    listPrice: price,
    discountedPrice: price,
    proratedPrice: price,
    price,
    extendedPrice: price * line.quantity
  }
}

const productLinks = (offerId: string) => {
  const [product = "", sku = "", availability] = offerId.split(":")
  const place = `/products/${product}`
  return {
    sku: link(`${place}/skus/${sku}?country=US`),
    ...(availability?.startsWith("CFQ")
      ? {
          product: link(`${place}?country=US`),
          availability: link(`${place}/skus/${sku}/availabilities/${availability}?country=US`)
        }
      : {})
  }
}

const lineResource = (order: Order, line: Line, isPriced: boolean) => {
  const { subscription } = line
  return {
    lineItemNumber: line.number,
    offerId: line.offerId,
    ...(subscription === undefined ? {} : { subscriptionId: subscription.id }),
    ...(line.term === "" ? {} : { termDuration: line.term }),
    ...(line.transactionType === undefined ? {} : { transactionType: line.transactionType }),
    friendlyName: line.name,
    quantity: line.quantity,
    ...line.more,
    ...(isPriced ? { pricing: pricing(line) } : {}),
    links:
      subscription === undefined
        ? productLinks(line.offerId)
        : {
            subscription: link(
              `/customers/${order.customerId}/subscriptions/${subscription.linked}`
            ),
            sku: link(`/products/${line.offerId}/skus/${subscription.skuId}?country=US`),
            provisioningStatus: link(`/subscriptions/${subscription.linked}/provisioningstatus`)
          }
  }
}

export const isLegacy = (order: Order) =>
  order.lines.some((line) => line.subscription !== undefined)

// Of the new commerce experience, whose orders have ids of 12 hex digits and can be changed.
const isNewCommerce = ({ id }: Order) => /^[\da-f]{12}$/.test(id)

/** Prices are there only if they are asked for. */
export const orderResource = (
  { order, beganAt, createdAt }: Placed,
  elapsed: number,
  isPriced = false
) => {
  const self = `/customers/${order.customerId}/orders/${encodeURIComponent(order.id)}`
  const etag = btoa(JSON.stringify({ id: order.id, version: 1 }))
  return {
    id: order.id,
    ...(isNewCommerce(order) ? { alternateId: order.id } : {}),
    referenceCustomerId: order.customerId,
    billingCycle: order.billingCycle,
    transactionType: "UserPurchase",
    currencyCode: "USD",
    currencySymbol: "$",
    lineItems: order.lines.map((line) => lineResource(order, line, isPriced)),
    ...(isPriced
      ? { totalPrice: order.lines.reduce((sum, line) => sum + pricing(line).extendedPrice, 0) }
      : {}),
    creationDate: writeDate(createdAt, order.pacific ?? false),
    status: at(order.status, elapsed - beganAt) ?? "unknown",
    links: {
      ...(order.linked ? { provisioningStatus: link(`${self}/provisioningstatus`) } : {}),
      self: link(self),
      ...(isNewCommerce(order) ? { patchOperation: link(self, "PATCH") } : {})
    },
    ...(order.attested ? { partnerOnRecordAttestationAccepted: true } : {}),
    client: { marketplaceCountry: "US", deviceFamily: "UniversalStore", name: "Partner Center" },
    attributes: { ...(isLegacy(order) ? { etag } : {}), objectType: "Order" }
  }
}

export const ordersResource = (
  customerId: string,
  orders: ReadonlyArray<Placed>,
  elapsed: number,
  isPriced = false
) =>
  collection(
    orders.map((order) => orderResource(order, elapsed, isPriced)),
    `/customers/${customerId}/orders`
  )

// Both forms are documented: seven fraction digits and Z, or three and an offset.
const writeDate = (epoch: number, pacific: boolean) =>
  pacific
    ? new Date(epoch - 8 * 3_600_000).toISOString().replace("Z", "-08:00")
    : new Date(epoch).toISOString().replace("Z", "6949Z")

export const statusResource = ({ order, beganAt }: Placed, elapsed: number) =>
  collection(order.lines.flatMap((line) => item(order, line, elapsed - beganAt)))

const item = (order: Order, line: Line, elapsed: number) => {
  const provisioned = at(line.provisioning ?? [], elapsed)
  if (provisioned === undefined) return []
  const typed = (objectType: string) => (order.attributed ? { attributes: { objectType } } : {})
  return [
    {
      lineItemNumber: line.number,
      status: provisioned.status,
      quantityProvisioningInformation: provisioned.quantities.map(([quantity, status]) => ({
        quantity,
        status,
        ...typed("QuantityProvisioningStatus")
      })),
      ...typed("OrderLineItemProvisioningStatus")
    }
  ]
}

/** The look-alike of older licence orders: one object, other words. */
export const subscriptionResource = (
  { line, placed }: { readonly line: Line; readonly placed: Placed },
  elapsed: number,
  now: number
) => ({
  skuId: line.subscription?.skuId ?? "",
  status: at(line.provisioning ?? [], elapsed - placed.beganAt)?.status ?? "none",
  quantity: line.quantity,
  endDate: `${new Date(now + 365 * 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`,
  attributes: { objectType: "SubscriptionProvisioningStatus" }
})
