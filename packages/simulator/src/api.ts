// The API's operations: who may ask, about whom, and what they are told.
import { stranger } from "./customers.ts"
import { isWithin, type Window } from "./course.ts"
import { faultOrder, readFaultOrder } from "./faultOrders.ts"
import type { Call } from "./gate.ts"
import { idKey, isGuid } from "./guid.ts"
import {
  isLegacy,
  type Order,
  orderResource,
  ordersResource,
  type Placed,
  statusResource,
  subscriptionResource
} from "./orders.ts"
import type { OrderBook } from "./orderBook.ts"
import { customersPage } from "./paging.ts"
import { named } from "./parameters.ts"
import type { Users } from "./login/users.ts"
import type { Time } from "./time.ts"
import { type AccessToken, clouds, type Tokens } from "./token.ts"
import { fail, ok, okText } from "./wire.ts"

export interface ApiOptions {
  readonly time: Time
  readonly book: OrderBook
  readonly tokens: Tokens
  readonly users: Users
}

/** The operations, each a reply to a call; they fail by code. */
export const makeApi = ({ time, book, tokens, users }: ApiOptions) => {
  const { elapsed } = time
  const startedAt = time.now()

  const isIn = (windows: ReadonlyArray<Window> | undefined, placed: Placed) =>
    windows !== undefined && windows.some((window) => isWithin(window, elapsed() - placed.beganAt))

  const isVisible = (placed: Placed) =>
    elapsed() >= placed.beganAt && !isIn(placed.order.missing, placed)

  const findOrder = (customerId: string, orderId: string): Placed | undefined => {
    if (readFaultOrder(orderId) !== undefined) {
      const order = faultOrder(customerId, orderId)
      return { order, beganAt: 0, createdAt: startedAt - order.age }
    }
    const placed = book.find(customerId, orderId)
    return placed !== undefined && isVisible(placed) ? placed : undefined
  }

  /** The code with which a bearer token is refused, if it is. */
  const refusal = (request: Request, needs: Needs) => {
    const text = bearer(request)
    if (text === undefined) return 800001
    const token = tokens.find(text)
    return token === undefined || tokens.isExpired(token) ? 400 : wrongToken(token, needs)
  }

  const wrongToken = ({ audience, upn, mfa }: AccessToken, needs: Needs) => {
    if (!clouds.includes(audience)) return 900420
    if (upn === undefined) return needs === "user" ? 900329 : undefined
    if (!mfa) return 900421
    return users.find(upn)?.isAdminAgent ? undefined : 900150
  }

  /** Tells who asks for it whether a user's token shows multi-factor, whatever else is answered. */
  const validated =
    (reply: (call: Call) => Response) =>
    (call: Call): Response => {
      const response = reply(call)
      const token = tokens.find(bearer(call.request) ?? "")
      const isAsked = call.request.headers.get("ValidateMfa")?.toLowerCase() === "true"
      if (isAsked && token?.upn !== undefined && !tokens.isExpired(token))
        response.headers.set("isMfaCompliant", String(token.mfa))
      return response
    }

  /** Checks token and customer, then answers about that customer. */
  const about = (needs: Needs, reply: (call: Call, customerId: string) => Response) =>
    validated((call) => {
      const refused = refusal(call.request, needs)
      if (refused !== undefined) return fail(call.at, refused)
      const id = call.param("customer")
      if (!isGuid(id)) return fail(call.at, 2000)
      if (idKey(id) === stranger) return fail(call.at, 20002)
      const customer = book.customer(id)
      return customer === undefined ? fail(call.at, 60003) : reply(call, customer.id)
    })

  return {
    customers: validated((call) => {
      const refused = refusal(call.request, "any")
      if (refused !== undefined) return fail(call.at, refused)
      const token = call.request.headers.get("MS-ContinuationToken")
      const page = customersPage(book.customers(), call.query, token)
      return typeof page === "number" ? fail(call.at, page) : ok(call.at, page)
    }),

    orders: about("any", (call, customerId) => {
      const asked = named(call.query, "billingType")
      const billing = asked === null ? undefined : billingCycles.get(asked.toLowerCase())
      if (asked !== null && billing === undefined) return fail(call.at, 900126)
      const found = book
        .ofCustomer(customerId)
        .filter(
          (placed) =>
            isVisible(placed) && (billing === undefined || placed.order.billingCycle === billing)
        )
      return ok(call.at, ordersResource(customerId, found, elapsed(), isPriced(call)))
    }),

    order: about("any", (call, customerId) => {
      const placed = findOrder(customerId, call.param("order"))
      return placed === undefined
        ? fail(call.at, 20000)
        : ok(call.at, orderResource(placed, elapsed(), isPriced(call)))
    }),

    provisioningStatus: about("user", (call, customerId) => {
      const placed = findOrder(customerId, call.param("order"))
      if (placed === undefined) return fail(call.at, 20000)
      const { order } = placed
      if (isLegacy(order) || isIn(order.statusMissing, placed)) return fail(call.at, 800007)
      return order.statusText === undefined
        ? ok(call.at, statusResource(placed, elapsed()))
        : okText(call.at, order.statusText)
    }),

    subscriptionProvisioningStatus: about("user", (call, customerId) => {
      const found = book.findSubscription(customerId, call.param("subscription"))
      return found === undefined ||
        !isVisible(found.placed) ||
        isIn(found.placed.order.statusMissing, found.placed)
        ? fail(call.at, 20003)
        : ok(call.at, subscriptionResource(found, elapsed(), time.now()))
    })
  }
}

// The query's words lack the underscore that the resource's have.
const billingCycles: ReadonlyMap<string, Order["billingCycle"]> = new Map([
  ["onetime", "one_time"],
  ["monthly", "monthly"],
  ["annual", "annual"]
])

const isPriced = ({ query }: Call) => named(query, "include_price")?.toLowerCase() === "true"

/** Whether an app-only token will do. */
type Needs = "any" | "user"

const bearer = (request: Request) =>
  /^bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1]
