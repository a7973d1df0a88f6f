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
import type { Clock } from "./time.ts"
import { type AccessToken, clouds, type Tokens } from "./token.ts"
import { fail, ok, okText } from "./wire.ts"

export interface ApiOptions {
  readonly clock: Clock
  readonly tokens: Tokens
}

const customersById = new Map(customers.customers.map((each) => [idKey(each.id), each]))
const ordersById = new Map(
  demoOrders.map((order) => [`${order.customerId}/${idKey(order.id)}`, order])
)

/** The operations, each a reply to a call; they fail by code. */
export const makeApi = ({ clock, tokens }: ApiOptions) => {
  const startedAt = clock.now()
  const elapsed = () => clock.now() - startedAt

  const isVisible = (order: Order) => elapsed() >= (order.readableFrom ?? 0)

  const findOrder = (customerId: string, orderId: string) => {
    if (readFaultOrder(orderId) !== undefined) return faultOrder(customerId, orderId)
    const order = ordersById.get(`${customerId}/${idKey(orderId)}`)
    return order !== undefined && isVisible(order) ? order : undefined
  }

  /** Checks token and customer, then answers about that customer. */
  const about =
    (needs: Needs, reply: (call: Call, customerId: string) => Response) => (call: Call) => {
      const refused = refusal(call.request, tokens, needs)
      if (refused !== undefined) return fail(call.at, refused)
      const id = call.param("customer")
      if (!isGuid(id)) return fail(call.at, 2000)
      if (idKey(id) === customers.stranger) return fail(call.at, 20002)
      const customer = customersById.get(idKey(id))
      return customer === undefined ? fail(call.at, 60003) : reply(call, customer.id)
    }

  return {
    customers: (call: Call) => {
      const refused = refusal(call.request, tokens, "any")
      if (refused !== undefined) return fail(call.at, refused)
      const page = customersPage(call.query, call.request.headers.get("MS-ContinuationToken"))
      return typeof page === "number" ? fail(call.at, page) : ok(call.at, page)
    },

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

/** The code with which a bearer token is refused, if it is. */
const refusal = (request: Request, tokens: Tokens, needs: Needs) => {
  const [, text] = /^bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? []
  if (text === undefined) return 800001
  const token = tokens.find(text)
  if (token === undefined || tokens.isExpired(token)) return 400
  return wrongToken(token, needs)
}

const wrongToken = (token: AccessToken, needs: Needs) => {
  if (!clouds.includes(token.audience)) return 900420
  if (token.kind === "app") return needs === "user" ? 900329 : undefined
  return token.mfa ? undefined : 900421
}
