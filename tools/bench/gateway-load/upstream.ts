// Partner Center under load: a simulator in this process, which remembers every secret that goes by.
import { serve } from "@orderwatch/simulator/serve"
import { make } from "@orderwatch/simulator/Simulator"
import { Schema } from "effect"

const Overview = Schema.Struct({
  customers: Schema.Array(
    Schema.Struct({ id: Schema.String, orders: Schema.Array(Schema.Struct({ id: Schema.String })) })
  ),
  faultOrders: Schema.Array(Schema.String)
})

// Every two minutes everything begins anew, so that orders go on moving, also back.
const round = 120_000

export type Upstream = Awaited<ReturnType<typeof startUpstream>>

export const startUpstream = async () => {
  const startedAt = Date.now()
  const simulator = make({
    now: () => startedAt + ((Date.now() - startedAt) % round),
    accessTokenLifetime: 400
  })
  const { app, credentials } = simulator
  const secrets = new Set([credentials.clientSecret, credentials.refreshToken])
  const counted = { requests: 0 }

  const listening = async (request: Request, env: object): Promise<Response> => {
    counted.requests += 1
    const bearer = request.headers.get("authorization")?.replace(/^bearer +/i, "")
    if (bearer !== undefined) secrets.add(bearer)
    const response = await app.fetch(request, env)
    if (!request.url.includes("/oauth2/")) return response
    const copy: unknown = await response
      .clone()
      .json()
      .catch(() => ({}))
    for (const [name, value] of Object.entries(copy ?? {})) {
      if (name.endsWith("_token") && typeof value === "string") secrets.add(value)
    }
    return response
  }

  const { close, url } = await serve({
    ...simulator,
    app: Object.assign(Object.create(app), { fetch: listening })
  })
  /** Asks the simulator itself. */
  const control = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await app.request(`/_simulator${path}`, init)
    return response.status === 204 ? undefined : response.json().catch(() => undefined)
  }
  const { customers, faultOrders } = Schema.decodeUnknownSync(Overview)(await control(""))
  return {
    url,
    close,
    control,
    credentials,
    /** What the gateway shows, is given, or may have been sent, so that none of it is found in its log. */
    secrets,
    counted,
    customers: customers.map(({ id }) => id),
    orders: customers.flatMap(({ id, orders }) =>
      orders.map((order) => ({ customer: id, order: order.id }))
    ),
    /** The ids of orders that are answered with a fault. */
    faultOrders
  }
}
