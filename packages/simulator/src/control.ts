// The simulator's own paths, under /_simulator: faults, the request log, refresh tokens.
import { Hono } from "hono"
import { customers, stranger } from "./customers.ts"
import { demoOrders } from "./demo.ts"
import type { FaultPlan } from "./faultPlan.ts"
import { faultOrders } from "./faultOrders.ts"
import { readFault } from "./faults.ts"
import { Invalid, type Reader, reader } from "./reader.ts"
import { actions, type RefreshTokens } from "./refreshTokens.ts"
import type { RequestLog } from "./requests.ts"

export interface ControlOptions {
  readonly plan: FaultPlan
  readonly log: RequestLog
  readonly refreshTokens: RefreshTokens
}

export const makeControl = ({ plan, log, refreshTokens }: ControlOptions) => {
  const control = new Hono()

  control.get("/", (context) => context.json(overview))

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

  control.post("/refresh-tokens", async (context) => {
    const body = await readBody(context.req.raw)
    const action = body.oneOf("action", [...actions.keys()])
    const condition = actions.get(action ?? "")
    const token = body.text("token")
    body.end()
    if (condition === undefined)
      throw new Invalid(`body.action is missing; one of ${[...actions.keys()].join(", ")}`)
    const changed = refreshTokens.put(condition, token)
    if (changed === 0) throw new Invalid("body.token is not a refresh token of this simulator")
    return context.json({ changed })
  })

  control.notFound((context) => context.json({ error: "Not a control; see GET /_simulator" }, 404))
  control.onError((error, context) =>
    error instanceof Invalid
      ? context.json({ error: error.message }, 400)
      : context.json({ error: "The simulator failed." }, 500)
  )
  return control
}

const readBody = async (request: Request): Promise<Reader> => {
  const text = await request.text()
  try {
    const value: unknown = JSON.parse(text)
    return reader(value, "body")
  } catch (error) {
    throw error instanceof SyntaxError ? new Invalid("body is not JSON") : error
  }
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
  faultOrders: [...faultOrders.keys()].map((name) => `fault-${name}`),
  controls: [
    "GET|POST|DELETE /_simulator/faults",
    "GET|DELETE /_simulator/requests",
    "POST /_simulator/refresh-tokens"
  ]
}
