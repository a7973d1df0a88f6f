// Each operation: what is asked, and what is answered. The schemas are those of the code.
import { billingTypes } from "../routes/asking.ts"
import { mostWanted } from "../wire.ts"
import { headers, problems, problemsOf, toCaller } from "./answers.ts"
import { ref } from "./components.ts"
import type { SchemaName } from "./components.ts"

export type Operation = Readonly<Record<string, unknown>>

const customer = { $ref: "#/components/parameters/customer" }
const order = { $ref: "#/components/parameters/order" }
const cacheControl = { $ref: "#/components/parameters/cacheControl" }

const parameter = (
  name: string,
  from: "header" | "query",
  description: string,
  schema: Readonly<Record<string, unknown>>
) => ({ name, in: from, description, schema })

/** The parameters that several operations have. */
export const parameters = {
  customer: {
    name: "customer",
    in: "path",
    required: true,
    description: "The customer's id.",
    schema: ref("CustomerId")
  },
  order: {
    name: "order",
    in: "path",
    required: true,
    description: "The order's id.",
    schema: ref("OrderId")
  },
  cacheControl: parameter(
    "Cache-Control",
    "header",
    "`no-cache` asks Partner Center anew, at most once a second; `max-age=N` where what is known is older.",
    { type: "string" }
  )
}

const json = (name: SchemaName, description: string, more: Operation = {}) => ({
  description,
  headers: { ...toCaller("Age", "Vary"), ...more },
  content: { "application/json": { schema: ref(name) } }
})

/** What upstream's own paths say beside: the ids of the exchange, as upstream says them. */
const upstreams = (name: SchemaName, description: string, more: Operation = {}) =>
  json(name, description, {
    ...headers("MS-RequestId", "MS-CorrelationId", "MS-CV", "MS-ServerId"),
    ...more
  })

const includePrice = parameter(
  "include_price",
  "query",
  "Whether `totalPrice` and each line's `pricing` are told.",
  { type: "boolean" }
)

const upstream = {
  tags: ["Partner Center"],
  externalDocs: { url: "https://learn.microsoft.com/partner-center/developer/" }
}

const page = {
  description: "A page.",
  headers: toCaller(),
  content: { "text/html": { schema: { type: "string" } } }
}

const text = { "text/plain": { schema: { type: "string" } } }
const word = (description: string) => ({
  description,
  headers: headers("X-Request-Id"),
  content: text
})
const told = (description: string) => ({
  ...word(description),
  content: { ...text, "application/json": { schema: ref("Readiness") } }
})

// Open to everybody: who asks is a probe.
const operation = { tags: ["Operation"], security: [] }

/** By method and path, as the app has them. */
export const operations: Readonly<Record<string, Operation>> = {
  "GET /v1/customers": {
    ...upstream,
    operationId: "listCustomers",
    summary: "Customers, a page at a time",
    parameters: [
      parameter("size", "query", "How many customers a page has; 0 or none is 500.", {
        type: "integer",
        minimum: 0,
        maximum: 500
      }),
      parameter(
        "filter",
        "query",
        "JSON with `Field` (`CompanyName` or `Domain`), `Value` and `Operator` (`starts_with`).",
        { type: "string" }
      ),
      parameter(
        "seekOperation",
        "query",
        "`Next`, with the token of the page before, or `First`.",
        { type: "string" }
      ),
      parameter("continuationToken", "query", "Where the page before ended, as `Link` has it.", {
        type: "string"
      }),
      parameter("MS-ContinuationToken", "header", "The same, as `links.next` has it.", {
        type: "string"
      }),
      cacheControl
    ],
    responses: {
      200: upstreams(
        "CustomersPage",
        "A page; the next one is named by `links.next` and by `Link`.",
        headers("Link")
      ),
      ...problems(400, 404, 409, 502, 504)
    }
  },
  "GET /v1/customers/:customer/orders": {
    ...upstream,
    operationId: "listOrders",
    summary: "All orders of a customer",
    parameters: [
      customer,
      parameter("billingType", "query", "Only orders that are billed so.", {
        type: "string",
        enum: billingTypes
      }),
      includePrice,
      parameter("include_system_purchases", "query", "Whether also orders that the system made.", {
        type: "boolean"
      }),
      cacheControl
    ],
    responses: {
      200: upstreams("Orders", "All of them, in one answer."),
      ...problems(400, 404, 409, 502, 504)
    }
  },
  "GET /v1/customers/:customer/orders/:order": {
    ...upstream,
    operationId: "getOrder",
    summary: "An order",
    parameters: [customer, order, includePrice, cacheControl],
    responses: { 200: upstreams("Order", "The order."), ...problems(400, 404, 409, 502, 504) }
  },
  "GET /v1/customers/:customer/orders/:order/provisioningstatus": {
    ...upstream,
    operationId: "getProvisioningStatus",
    summary: "The provisioning status of an order, line by line",
    description:
      "The order-level operation only. Older licence orders are answered by their subscriptions: ask for the report.",
    parameters: [customer, order, cacheControl],
    responses: {
      200: upstreams("OrderProvisioningStatus", "The status of each line."),
      ...problems(400, 404, 409, 502, 504)
    }
  },
  "GET /v1/customers/:customer/orders/:order/report": {
    tags: ["Reports"],
    operationId: "getReport",
    summary: "Where an order stands",
    parameters: [
      customer,
      order,
      parameter("If-None-Match", "header", "Entity tags of reports that are known already.", {
        type: "string"
      }),
      parameter(
        "Prefer",
        "header",
        "`wait=N`: answers as soon as the report is another one than `If-None-Match` names, or than it was on arrival; after N seconds (60 at most) with what there is.",
        { type: "string" }
      ),
      cacheControl
    ],
    responses: {
      200: json(
        "OrderReport",
        "The report.",
        headers("ETag", "Cache-Control", "Preference-Applied")
      ),
      304: {
        description: "It is a report that is known already.",
        headers: toCaller("ETag", "Cache-Control", "Preference-Applied")
      },
      ...problems(400, 404, 406, 409, 502, 504)
    }
  },
  "GET /v1/customers/:customer/orders/:order/events": {
    tags: ["Reports"],
    operationId: "followReport",
    summary: "Reports as they change, until the order has settled",
    description:
      "`report` events, each a whole OrderReport with its entity tag as `id`; a comment every 15 seconds; in the end an `end` event whose `why` is `settled`, `failed` or `refused`. Before the last two there is a `problem` event.",
    parameters: [
      customer,
      order,
      parameter(
        "Last-Event-ID",
        "header",
        "The report that was told last. Of a settled order: 204; the same: nothing until there is news.",
        { type: "string" }
      ),
      cacheControl
    ],
    responses: {
      200: {
        description: "The stream.",
        headers: toCaller("Cache-Control"),
        content: { "text/event-stream": { schema: { type: "string" } } }
      },
      204: { description: "Nothing more is expected.", headers: toCaller() },
      ...problems(400, 404, 406, 409, 502, 504)
    }
  },
  "POST /v1/reports": {
    tags: ["Reports"],
    operationId: "getReports",
    summary: `Where up to ${mostWanted} orders stand`,
    description:
      "The results are in the order of the request. An order that cannot be reported is a result with a `problem`. Each order counts as one of the caller's requests; a batch of more than the quota costs all of it.",
    parameters: [cacheControl],
    requestBody: {
      required: true,
      content: { "application/json": { schema: ref("ReportsRequest") } }
    },
    responses: {
      200: {
        description: "A result for each order.",
        headers: toCaller(),
        content: { "application/json": { schema: ref("ReportsAnswer") } }
      },
      ...problems(400, 406, 413, 415, 504)
    }
  },
  "GET /openapi.json": {
    tags: ["About"],
    operationId: "getOpenApi",
    summary: "This document",
    responses: {
      200: {
        description: "OpenAPI 3.1.",
        headers: toCaller(),
        content: { "application/json": { schema: { type: "object" } } }
      },
      ...problems()
    }
  },
  "GET /docs": {
    tags: ["About"],
    operationId: "getDocs",
    summary: "This document as a page",
    responses: { 200: page, ...problems() }
  },
  "GET /problems/:reason": {
    tags: ["About"],
    operationId: "getProblem",
    summary: "What a problem means, and what to do",
    parameters: [
      {
        name: "reason",
        in: "path",
        required: true,
        description: "The problem's `reason`.",
        schema: { type: "string" }
      }
    ],
    responses: { 200: page, ...problems(404) }
  },
  "GET /livez": {
    ...operation,
    operationId: "isAlive",
    summary: "Whether the process lives",
    responses: { 200: word("It does."), ...problemsOf(405) }
  },
  "GET /readyz": {
    ...operation,
    operationId: "isReady",
    summary: "Whether it can serve",
    description:
      "One word: `ready`, `degraded` or `unready`. Who may ask about every customer is told the reasons, and what is known of the credential.",
    responses: { 200: told("It can."), 503: told("It cannot."), ...problemsOf(405) }
  },
  "GET /metrics": {
    tags: ["Operation"],
    operationId: "getMetrics",
    summary: "Metrics for Prometheus",
    responses: { 200: { ...word("All series."), headers: toCaller() }, ...problems() }
  }
}
