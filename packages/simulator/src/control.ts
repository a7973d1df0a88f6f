// The simulator's own paths, under /_simulator: faults, the request log, and `controlLogin.ts`.
import { Hono } from "hono"
import { addLoginControls, type LoginControlOptions } from "./controlLogin.ts"
import { customers, stranger } from "./customers.ts"
import { demoOrders } from "./demo.ts"
import type { FaultPlan } from "./faultPlan.ts"
import { faultOrders } from "./faultOrders.ts"
import { readFault } from "./faults.ts"
import { clients } from "./login/clients.ts"
import { Invalid, readBody } from "./reader.ts"
import type { RequestLog } from "./requests.ts"

export interface ControlOptions extends LoginControlOptions {
  readonly plan: FaultPlan
  readonly log: RequestLog
}

export const makeControl = ({ plan, log, ...login }: ControlOptions) => {
  const control = new Hono()

  control.get("/", (context) => context.json({ ...overview, users: login.users.list() }))
  addLoginControls(control, login)

  control.get("/faults", (context) => context.json(plan.list()))
  control.post("/faults", async (context) => {
    const body = await readBody(context.req.raw)
    const match = body.object("match")
    const path = match?.text("path")
    const orderId = match?.text("orderId")
    match?.end()
    const fault = body.object("fault")
    if (fault === undefined) throw new Invalid("body.fault is missing")
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

const overview = {
  customers: customers.map(({ id, name, domain }) => ({
    id,
    name,
    domain,
    orders: demoOrders
      .filter((order) => order.customerId === id)
      .map((order) => ({ id: order.id, shows: order.shows }))
  })),
  withoutRelationship: stranger,
  clients: clients.map(({ id, name, proof }) => ({ id, name, proof })),
  faultOrders: [...faultOrders.keys()].map((name) => `fault-${name}`),
  controls: [
    "GET|POST|DELETE /_simulator/faults",
    "GET|DELETE /_simulator/requests",
    "POST /_simulator/refresh-tokens",
    "POST /_simulator/users",
    "POST /_simulator/device-codes",
    "POST /_simulator/certificates",
    "GET|POST /_simulator/clock"
  ]
}
