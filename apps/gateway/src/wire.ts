// What comes in decoded, and what goes out encoded, by the same schemas that the core reads upstream with.
import { CustomerId, CustomersPage } from "@orderwatch/core/Customer"
import type { Customer } from "@orderwatch/core/Customer"
import { Order, OrderId, Orders } from "@orderwatch/core/Order"
import { OrderReport } from "@orderwatch/core/OrderReport"
import { Problem } from "@orderwatch/core/PartnerCenterError"
import { OrderProvisioningStatus } from "@orderwatch/core/ProvisioningStatus"
import { Effect, Exit, Schema } from "effect"
import { mayAsk } from "./access.ts"
import { accepts } from "./headers.ts"
import { ownLinks } from "./links.ts"
import type { Link } from "./links.ts"
import { CallerNotAllowed, InvalidInput, NotAcceptable } from "./problem.ts"
import type { Call, Request } from "./route.ts"

const isCustomerId = Schema.is(CustomerId)
const isOrderId = Schema.is(OrderId)

const invalid = (detail: string) => Exit.fail(new InvalidInput({ detail }))

/** The id of a customer as a path or a body has it; else `InvalidInput`, which does not repeat it. */
export const decodeCustomer = (text: string): Exit.Exit<CustomerId, InvalidInput> =>
  isCustomerId(text)
    ? Exit.succeed(text)
    : invalid("A customer id is a GUID, such as 0c39d6d5-c70d-4c55-bc02-f620844f3fd1.")

/** The id of an order, likewise. */
export const decodeOrder = (text: string): Exit.Exit<OrderId, InvalidInput> =>
  isOrderId(text) ? Exit.succeed(text) : invalid("An order id is 1 to 64 letters, digits, - or _.")

/** The customer of the path, about whom the caller may ask. */
export const customerOf = Effect.fnUntraced(function* ({ caller, param }: Call) {
  const customer = yield* decodeCustomer(param("customer"))
  if (!mayAsk(caller, customer)) return yield* new CallerNotAllowed()
  return customer
})

/** Whether the caller may know of a customer that a list has. */
export const maySee = ({ caller }: Call, id: string): boolean =>
  caller.customers === "all" || (isCustomerId(id) && mayAsk(caller, id))

/** The order of the path. The caller's right is told of before anything of the order is. */
export const idsOf = (
  call: Call
): Effect.Effect<
  { readonly customer: CustomerId; readonly order: OrderId },
  InvalidInput | CallerNotAllowed
> => {
  const wanted = decodeCustomer(call.param("customer"))
  if (Exit.isFailure(wanted)) return Exit.failCause(wanted.cause)
  if (!mayAsk(call.caller, wanted.value)) return Exit.fail(new CallerNotAllowed())
  const asked = decodeOrder(call.param("order"))
  return Exit.isSuccess(asked)
    ? Exit.succeed({ customer: wanted.value, order: asked.value })
    : Exit.failCause(asked.cause)
}

/** An order that somebody means; its ids are looked at one by one, so that one typo spoils one answer. */
export const Wanted = Schema.Struct({
  customerId: Schema.String.check(Schema.isMaxLength(256)),
  orderId: Schema.String.check(Schema.isMaxLength(256))
}).annotate({ identifier: "Wanted" })
export type Wanted = typeof Wanted.Type

/** How many orders a batch may have. */
export const mostWanted = 100

/** The body of `POST /v1/reports`. */
export const ReportsRequest = Schema.Struct({
  orders: Schema.Array(Wanted).check(Schema.isMaxLength(mostWanted))
}).annotate({ identifier: "ReportsRequest" })

/** An order of a batch that could not be reported. */
export const FailedReport = Schema.Struct({
  customerId: Schema.String,
  orderId: Schema.String,
  problem: Problem.annotate({ identifier: "BatchProblem" })
}).annotate({ identifier: "FailedReport" })
export type FailedReport = typeof FailedReport.Type

/** What is answered to it: a result for each order, in the order in which they were asked for. */
export const ReportsAnswer = Schema.Struct({
  results: Schema.Array(Schema.Union([OrderReport, FailedReport]))
}).annotate({ identifier: "ReportsAnswer" })

const decodeRequest = Schema.decodeUnknownEffect(Schema.fromJsonString(ReportsRequest))

/** The orders of a batch. What does not fit is not repeated. */
export const reportsRequestOf = (body: string) =>
  Effect.mapError(
    decodeRequest(body),
    () =>
      new InvalidInput({
        detail: `The body is {"orders": [{"customerId": "…", "orderId": "…"}, …]} with at most ${mostWanted} orders.`
      })
  )

const safeOrder = ({ links, lineItems, ...order }: Order): Order => ({
  ...order,
  ...(lineItems !== undefined && {
    lineItems: lineItems.map(({ links, ...line }) => ({ ...line, ...ownLinks(links) }))
  }),
  ...ownLinks(links)
})

const safeCustomer = ({ companyProfile, links, ...customer }: Customer): Customer => {
  const { links: profileLinks, ...profile } = companyProfile ?? {}
  return {
    ...customer,
    ...(companyProfile !== undefined && {
      companyProfile: { ...profile, ...ownLinks(profileLinks) }
    }),
    ...ownLinks(links)
  }
}

interface Around {
  readonly totalCount?: number | undefined
  readonly links?: { readonly self?: Link; readonly next?: Link } | undefined
}

// Its count is upstream's own: one that is not the number of items is a fact worth telling.
const collection = <A>(items: ReadonlyArray<A>, { links, totalCount }: Around) => ({
  totalCount: totalCount ?? items.length,
  items,
  ...ownLinks(links),
  attributes: { objectType: "Collection" }
})

// Neither orders nor statuses are paged.
const unpaged = ({ links, totalCount }: Around): Around => ({
  totalCount,
  ...(links?.self !== undefined && { links: { self: links.self } })
})

// By the schema itself, which is compiled: one around it, to text, would be interpreted.
const json =
  <A>(encode: (value: A) => unknown) =>
  (value: A): string =>
    JSON.stringify(encode(value))

const encodeOrder = json(Schema.encodeSync(Order))
const encodeOrders = json(Schema.encodeSync(Orders))
const encodeStatus = json(Schema.encodeSync(OrderProvisioningStatus))
const encodePage = json(Schema.encodeSync(CustomersPage))

// Made once for what is long and is served again: to remember a short one takes longer than to make it.
const once = <A extends object>(encode: (value: A) => string) => {
  const made = new WeakMap<A, string>()
  return (value: A): string => {
    const known = made.get(value)
    if (known !== undefined) return known
    const body = encode(value)
    made.set(value, body)
    return body
  }
}

/** The JSON of an order as upstream has it, with those links alone that are paths of upstream's. */
export const orderBody = (value: Order): string => encodeOrder(safeOrder(value))

/** The JSON of a customer's orders, all on one page: it has no `links.next`. */
export const ordersBody = once((value: Orders) =>
  encodeOrders(collection((value.items ?? []).map(safeOrder), unpaged(value)))
)

/** The JSON of an order's status, a collection of its lines. */
export const statusBody = (value: OrderProvisioningStatus): string =>
  encodeStatus(collection(value.items ?? [], unpaged(value)))

/** The JSON of a page of customers; `around` has the count and the links of the whole, where it has any. */
export const customersBody = (items: NonNullable<CustomersPage["items"]>, around: Around): string =>
  encodePage(collection(items.map(safeCustomer), around))

/** The id that a client of Partner Center sent, to be sent back as Partner Center does. */
export const sentId = ({ header }: Request, name: string): string | undefined => {
  const id = header(name)
  return id !== undefined && /^[A-Za-z0-9-]{1,64}$/.test(id) ? id : undefined
}

/** Refuses who takes no answer of that type. */
export const accepting = ({ header }: Request, type: string) =>
  accepts(header("accept"), type) ? Effect.void : Effect.fail(new NotAcceptable({ offered: type }))
