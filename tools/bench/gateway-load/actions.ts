// What clients do, each as often as it is likely: reports most of all, and now and then what is refused.
import { chance, oneOf, weighed } from "./chance.ts"
import type { Clients } from "./clients.ts"
import type { Tally } from "./tally.ts"
import type { Upstream } from "./upstream.ts"

/** Does one of them, chosen by chance, to its end. */
export const makeActions = (
  { customers, faultOrders, orders }: Upstream,
  { ask, stream }: Clients,
  tally: Tally
): (() => Promise<unknown>) => {
  const first = customers[0] ?? ""
  const troubled = faultOrders.map((order) => ({ customer: first, order }))
  const someOrder = () => (chance(0.97) ? oneOf(orders) : oneOf(troubled))
  const someCustomer = () => `/v1/customers/${oneOf(customers)}`
  const somePath = (last = "") => {
    const { customer, order } = someOrder()
    return `/v1/customers/${customer}/orders/${order}${last}`
  }
  const json = { "content-type": "application/json" }

  const etags = new Map<string, string>()
  const report = async () => {
    const to = somePath("/report")
    const known = etags.get(to)
    const isPolled = chance(0.15)
    if (isPolled) tally.polls += 1
    const answered = await ask(to, {
      headers: {
        ...(known !== undefined && chance(0.5) && { "if-none-match": known }),
        ...(chance(0.1) && { "cache-control": "no-cache" }),
        ...(isPolled && { prefer: `wait=${oneOf([1, 2, 5])}` })
      },
      ...(chance(0.05) && { leaveAfter: Math.random() * 300 })
    })
    const etag = answered?.headers["etag"]
    if (typeof etag === "string") etags.set(to, etag)
  }

  const batch = () => {
    const wanted = Array.from({ length: oneOf([1, 5, 20, 100]) }, someOrder)
    return ask("/v1/reports", {
      method: "POST",
      headers: json,
      body: JSON.stringify({
        orders: wanted.map(({ customer, order }) => ({ customerId: customer, orderId: order }))
      }),
      ...(chance(0.1) && { leaveAfter: Math.random() * 1000 })
    })
  }

  const text = { "content-type": "text/plain" }
  const refused: ReadonlyArray<() => Promise<unknown>> = [
    () => ask("/v1/customers/nobody/orders"),
    () => ask(`/v1/customers/${first}/orders/%2e%2e%2fsecret/report`),
    () => ask(`/v1/customers/${first}/orders/${"x".repeat(65)}`),
    () => ask("/v1/reports", { method: "POST", headers: json, body: "{" }),
    () => ask("/v1/reports", { method: "POST", headers: text, body: "{}" }),
    () => ask("/v1/customers", { method: "DELETE" }),
    () => ask("/v1/customers?size=many"),
    () => ask("/nowhere"),
    () => ask("/v1/customers", { headers: { "sec-fetch-site": "cross-site" } }),
    () => ask("/v1/customers", { headers: { host: "evil.example" } })
  ]

  const actions: ReadonlyArray<readonly [number, () => Promise<unknown>]> = [
    [40, report],
    [12, () => ask(somePath("/provisioningstatus"))],
    [8, () => ask(somePath(), chance(0.2) ? { method: "HEAD" } : {})],
    [6, () => ask(`${someCustomer()}/orders`)],
    [5, () => ask(`/v1/customers?size=${oneOf([0, 2, 5, 500])}`)],
    [6, batch],
    [8, () => stream(somePath("/events"), true, 500 + Math.random() * 8000)],
    [2, () => stream(somePath("/events"), false, 1000 + Math.random() * 15_000)],
    [6, () => oneOf(refused)()],
    [2, () => ask("/metrics")],
    [2, () => ask("/readyz")],
    [2, () => ask("/openapi.json")],
    [0.3, () => ask("/docs")]
  ]
  return () => weighed(actions)()
}
