// The API's operations: who may ask, about whom, and what they are told.
import * as customers from "./customers.ts"
import { demoOrders } from "./demo.ts"
import { faultOrder, readFaultOrder } from "./faultOrders.ts"
import type { Call } from "./gate.ts"
import { idKey, isGuid } from "./guid.ts"
import {
  isLegacy,
  type Order,
  orderResource,
  ordersResource,
  statusResource,
  subscriptionResource
} from "./orders.ts"
import { customersPage } from "./paging.ts"
import type { Users } from "./login/users.ts"
import type { Clock } from "./time.ts"
import { type AccessToken, clouds, type Tokens } from "./token.ts"
import { fail, ok, okText } from "./wire.ts"

export interface ApiOptions {
  /** How far the orders' courses went; not skewed. */
  readonly clock: Clock
  readonly tokens: Tokens
  readonly users: Users
}

const customersById = new Map(customers.customers.map((each) => [idKey(each.id), each]))
const ordersById = new Map(
  demoOrders.map((order) => [`${order.customerId}/${idKey(order.id)}`, order])
)

/** The operations, each a reply to a call; they fail by code. */
export const makeApi = ({ clock, tokens, users }: ApiOptions) => {
  const startedAt = clock.now()
  const elapsed = () => clock.now() - startedAt

  const isVisible = (order: Order) => elapsed() >= (order.readableFrom ?? 0)

  const findOrder = (customerId: string, orderId: string) => {
    if (readFaultOrder(orderId) !== undefined) return faultOrder(customerId, orderId)
    const order = ordersById.get(`${customerId}/${idKey(orderId)}`)
    return order !== undefined && isVisible(order) ? order : undefined
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
      if (idKey(id) === customers.stranger) return fail(call.at, 20002)
      const customer = customersById.get(idKey(id))
      return customer === undefined ? fail(call.at, 60003) : reply(call, customer.id)
    })

  return {
    customers: validated((call) => {
      const refused = refusal(call.request, "any")
      if (refused !== undefined) return fail(call.at, refused)
      const page = customersPage(call.query, call.request.headers.get("MS-ContinuationToken"))
      return typeof page === "number" ? fail(call.at, page) : ok(call.at, page)
    }),

    orders: about("any", (call, customerId) => {
      const asked = call.query.get("billingType")
      const billing = asked === null ? undefined : billingCycles.get(asked.toLowerCase())
      if (asked !== null && billing === undefined) return fail(call.at, 900126)
      const found = demoOrders.filter(
        (order) =>
          order.customerId === customerId &&
          isVisible(order) &&
          (billing === undefined || order.billingCycle === billing)
      )
      return ok(call.at, ordersResource(customerId, found, startedAt, elapsed()))
    }),

    order: about("any", (call, customerId) => {
      const order = findOrder(customerId, call.param("order"))
      return order === undefined
        ? fail(call.at, 20000)
        : ok(call.at, orderResource(order, startedAt, elapsed()))
    }),

    provisioningStatus: about("user", (call, customerId) => {
      const order = findOrder(customerId, call.param("order"))
      if (order === undefined) return fail(call.at, 20000)
      if (isLegacy(order) || elapsed() < (order.answeredFrom ?? 0)) return fail(call.at, 800007)
      return order.statusText === undefined
        ? ok(call.at, statusResource(order, elapsed()))
        : okText(call.at, order.statusText)
    }),

    subscriptionProvisioningStatus: about("user", (call, customerId) => {
      const line = demoOrders
        .filter((order) => order.customerId === customerId && isVisible(order))
        .flatMap((order) => order.lines)
        .find(
          ({ subscription }) =>
            subscription !== undefined &&
            idKey(subscription.id) === idKey(call.param("subscription"))
        )
      return line === undefined
        ? fail(call.at, 20003)
        : ok(call.at, subscriptionResource(line, elapsed(), clock.now()))
    })
  }
}

// The query's words lack the underscore that the resource's have.
const billingCycles: ReadonlyMap<string, Order["billingCycle"]> = new Map([
  ["onetime", "one_time"],
  ["monthly", "monthly"],
  ["annual", "annual"]
])

/** Whether an app-only token will do. */
type Needs = "any" | "user"

const bearer = (request: Request) =>
  /^bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1]
