// Orders named after a fault: at every customer, readable or not as their name says.
import { always } from "./course.ts"
import { days, reservation, units } from "./lines.ts"
import type { Fault } from "./faults.ts"
import type { Operation } from "./operation.ts"
import type { Order } from "./orders.ts"

const status = (status: number, code: number): Fault => ({ kind: "status", status, code })

/** Orders whose name tells their fault: `fault-{name}`, or only one of the two reads, see below. */
export const faultOrders: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  ["429-header", { kind: "throttled", retryAfter: 2, form: "seconds" }],
  ["429-date", { kind: "throttled", retryAfter: 2, form: "date" }],
  ["429-body", { kind: "throttled", retryAfter: 2, form: "body" }],
  ["400", status(400, 800002)],
  ["401", { kind: "unauthorized", code: 400 }],
  ["401-audience", { kind: "unauthorized", code: 900420 }],
  ["401-audience-message", { kind: "unauthorized", code: 900420, form: "C" }],
  ["401-mfa", { kind: "unauthorized", code: 900421 }],
  ["401-mfa-old", { kind: "unauthorized", code: 10001 }],
  ["403", status(403, 900308)],
  ["403-role", status(403, 900150)],
  ["403-conditional-access", status(403, 900309)],
  ["403-app-only", status(403, 900329)],
  ["403-no-relationship", status(403, 20002)],
  ["403-entra", status(403, 90000)],
  ["404", status(404, 1000)],
  ["404-order", status(404, 20000)],
  ["404-status", status(404, 800007)],
  ["404-customer", status(404, 60003)],
  ["408", status(408, 0)],
  ["409-in-progress", status(409, 800060)],
  ["409", status(409, 800014)],
  ["500", status(500, 800003)],
  ["503", status(503, 900192)],
  ["504", status(504, 900192)],
  ["html-502", { kind: "html", status: 502 }],
  ["html-200", { kind: "html", status: 200 }],
  ["empty-503", { kind: "empty", status: 503 }],
  ["empty", { kind: "empty", status: 200 }],
  ["reset", { kind: "reset" }],
  ["cut", { kind: "cut" }],
  ["slow", { kind: "latency", ms: 3000 }],
  ["hang", { kind: "latency", ms: 600_000 }],
  ["slow-body", { kind: "slowBody", ms: 3000 }],
  ["truncated", { kind: "truncated" }],
  ["wrong-resource", { kind: "wrongJson", as: "resource" }],
  ["array", { kind: "wrongJson", as: "array" }],
  ["error-in-200", { kind: "wrongJson", as: "error" }],
  [
    "redirect",
    { kind: "redirect", status: 302, location: "https://elsewhere.example/v1/customers" }
  ],
  ["text", { kind: "body", body: "OK", contentType: "text/plain", status: 200 }]
])

/** Which reads of `fault-{name}`, `fault-order-{name}`, `fault-status-{name}` fail, and how. */
export const readFaultOrder = (orderId: string) => {
  const parts = /^fault-(order-|status-)?(.+)$/.exec(orderId)
  const fault = faultOrders.get(parts?.[2] ?? "")
  if (fault === undefined) return undefined
  return { fault, order: parts?.[1] !== "status-", status: parts?.[1] !== "order-" }
}

/** The fault that an order's name asks for in this operation. */
export const faultOfOrder = (operation: Operation, orderId: string | undefined) => {
  const named = readFaultOrder(orderId ?? "")
  if (named === undefined) return undefined
  if (operation === "order") return named.order ? named.fault : undefined
  return operation === "provisioningStatus" && named.status ? named.fault : undefined
}

/** What such an order is where its fault lets it through: one line, fulfilled. */
export const faultOrder = (customerId: string, orderId: string): Order => ({
  id: orderId,
  customerId,
  shows: "a fault",
  age: days(1),
  status: always("completed"),
  billingCycle: "one_time",
  linked: true,
  lines: [reservation({ name: orderId, quantity: 1, provisioning: units(1, "fulfilled") })]
})
