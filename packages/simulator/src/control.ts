// The simulator's own paths, under /_simulator: faults, the request log, and two more files' controls.
import { Hono } from "hono"
import { readBody } from "./body.ts"
import { addLoginControls, type LoginControlOptions } from "./controlLogin.ts"
import { addRunControls, type RunControlOptions } from "./controlRun.ts"
import { stranger } from "./customers.ts"
import type { FaultPlan } from "./faultPlan.ts"
import { faultOrders } from "./faultOrders.ts"
import { readFault } from "./faults.ts"
import { clients } from "./login/clients.ts"
import type { OrderBook } from "./orderBook.ts"
import { Invalid } from "./reader.ts"
import type { RequestLog } from "./requests.ts"

export interface ControlOptions extends LoginControlOptions, RunControlOptions {
  readonly plan: FaultPlan
  readonly log: RequestLog
}

export const makeControl = ({ plan, log, ...others }: ControlOptions) => {
  const control = new Hono()

  control.get("/", (context) =>
    context.json({ customers: listed(others.book), ...overview, users: others.users.list() })
  )
  addLoginControls(control, others)
  addRunControls(control, others)

  control.get("/faults", (context) => context.json(plan.list()))
  control.post("/faults", async (context) => {
    const body = await readBody(context.req.raw)
    const match = body.object("match")
    const path = match?.text("path")
    const orderId = match?.text("orderId")
    match?.end()
    const fault = body.object("fault")
    if (fault === undefined) throw body.invalid("fault", "is missing")
    const times = body.integer("times", 0, 1_000_000) ?? 1
    body.end()
    const planned = plan.add(
      {
        ...(path === undefined ? {} : { path }),
        ...(orderId === undefined ? {} : { orderId })
      },
      readFault(fault),
      times
    )
    return context.json(planned, 201)
  })
  control.delete("/faults", (context) => {
    plan.clear()
    return context.body(null, 204)
  })

  control.get("/requests", (context) => context.json(log.list()))
  control.get("/requests/counts", (context) => context.json(log.counts()))
  control.post("/requests", async (context) => {
    const body = await readBody(context.req.raw)
    const keep = body.integer("keep", 0, mostKept)
    body.end()
    if (keep === undefined) throw body.invalid("keep", "is missing")
    log.setKept(keep)
    return context.json({ keep })
  })
  control.delete("/requests", (context) => {
    log.clear()
    return context.body(null, 204)
  })

  control.notFound((context) => context.json({ error: "Not a control; see GET /_simulator" }, 404))
  control.onError((error, context) =>
    error instanceof Invalid
      ? context.json({ error: error.message }, 400)
      : context.json({ error: "The simulator failed." }, 500)
  )
  return control
}

const mostKept = 100_000

const listed = (book: OrderBook) =>
  book.customers().map(({ id, name, domain }) => ({
    id,
    name,
    domain,
    orders: book.ofCustomer(id).map(({ order }) => ({ id: order.id, shows: order.shows }))
  }))

const overview = {
  withoutRelationship: stranger,
  clients: clients.map(({ id, name, proof }) => ({ id, name, proof })),
  faultOrders: [...faultOrders.keys()].map((name) => `fault-${name}`),
  controls: [
    "GET|POST|DELETE /_simulator/faults",
    "GET|POST|DELETE /_simulator/requests",
    "GET /_simulator/requests/counts",
    "POST|DELETE /_simulator/orders",
    "POST /_simulator/refresh-tokens",
    "POST /_simulator/users",
    "POST /_simulator/device-codes",
    "POST /_simulator/certificates",
    "GET|POST /_simulator/clock"
  ]
}
