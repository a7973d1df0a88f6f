// Partner Center and its login in one Hono app on web standards, called in-process or served.
import { Hono } from "hono"
import { makeApi } from "./api.ts"
import { makeControl } from "./control.ts"
import type { Customer } from "./customers.ts"
import { documentOrder } from "./document.ts"
import { faultOfOrder } from "./faultOrders.ts"
import { makeFaultPlan, type Target } from "./faultPlan.ts"
import { type Door, makeGate } from "./gate.ts"
import { type Certificate, makeCertificates } from "./login/certificate.ts"
import { confidential, publicClient } from "./login/clients.ts"
import { makeDeviceCodes } from "./login/deviceCodes.ts"
import { makeUsers } from "./login/users.ts"
import { credentials, makeLogin } from "./login.ts"
import { makeOrderBook } from "./orderBook.ts"
import { reader } from "./reader.ts"
import { makeRefreshTokens } from "./refreshTokens.ts"
import { makeRequestLog } from "./requests.ts"
import type { OrderScript } from "./script.ts"
import { makeTime, realNow, realSleep } from "./time.ts"
import { makeTokens } from "./token.ts"
import { exchange, fail } from "./wire.ts"

export interface SimulatorOptions {
  /** Epoch milliseconds; the real clock unless given. */
  readonly now?: () => number
  /** Ends after `ms` or rejects when the signal aborts; real timers unless given. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
  /** How many seconds of an order pass in one; 1 unless given. */
  readonly speed?: number
  /** Orders beside those of the demo; `make` throws `Invalid` at a mistake. */
  readonly orders?: ReadonlyArray<OrderScript>
  /** How many requests the log keeps, 10,000 unless given; with 0 they are only counted. */
  readonly keepRequests?: number
  /** Seconds, 3599 unless given. */
  readonly accessTokenLifetime?: number
  /** Registered for the apps that take a proof; more through control. */
  readonly certificates?: ReadonlyArray<Certificate>
  /**
   * Signs ID tokens, for clients that check them against the published keys; making the key takes a
   * tenth of a second. Otherwise they are JWTs in shape only, as access tokens always are.
   */
  readonly signIdTokens?: boolean
  /** Which data; there is one set so far. */
  readonly scenario?: "demo"
}

export interface Simulator {
  /**
   * The in-process door, to be used wherever a `fetch` is: any origin, paths as on the real hosts.
   * A reset rejects with a TypeError "fetch failed" whose cause has the code ECONNRESET; a body cut
   * short errors in its stream; an aborted signal rejects with its reason.
   */
  readonly fetch: (input: Request | URL | string, init?: RequestInit) => Promise<Response>
  /** For a socket, see `serve`; a reset is `Response.error()` here. */
  readonly app: Hono<Door>
  /** What the login accepts; this client proves itself or does not, as it likes. */
  readonly credentials: {
    readonly tenantId: string
    readonly clientId: string
    readonly clientSecret: string
    readonly refreshToken: string
  }
  /** Ids of the clients that must not and that must prove themselves; the secret is the same. */
  readonly clients: { readonly public: string; readonly confidential: string }
  /** The document's order. */
  readonly sample: { readonly customerId: string; readonly orderId: string }
  readonly customers: ReadonlyArray<Customer>
  /**
   * Adds an `OrderScript` of unknown origin and says how many orders it brought, or throws `Invalid`
   * with the path of what is wrong in it and adds nothing.
   */
  readonly addOrders: (script: unknown) => number
}

/** A simulator of its own: clock, tokens, faults and request log are not shared. */
export const make = (options: SimulatorOptions = {}): Simulator => {
  const now = options.now ?? realNow
  const time = makeTime({ now, sleep: options.sleep ?? realSleep }, options.speed)
  const clock = time.servers
  const book = makeOrderBook(time)
  const addOrders = (script: unknown) => book.add(reader(script, ""))
  for (const [index, script] of (options.orders ?? []).entries())
    book.add(reader(script, `orders[${index}]`))
  const tokens = makeTokens(clock)
  const refreshTokens = makeRefreshTokens(clock)
  const users = makeUsers()
  const certificates = makeCertificates(options.certificates ?? [])
  const deviceCodes = makeDeviceCodes(clock)
  const plan = makeFaultPlan()
  const log = makeRequestLog(now, options.keepRequests)
  const faultOf = (target: Target) =>
    plan.take(target) ?? faultOfOrder(target.operation, target.orderId) ?? book.faultOf(target)
  const gate = makeGate({ clock, faultOf, log })
  const api = makeApi({ time, book, tokens, users })
  const login = makeLogin({
    clock,
    tokens,
    refreshTokens,
    users,
    certificates,
    deviceCodes,
    lifetime: options.accessTokenLifetime ?? 3599,
    signIdTokens: options.signIdTokens ?? false
  })

  const customer = "/v1/customers/:customer"
  const order = `${customer}/orders/:order`
  const subscription = `${customer}/subscriptions/:subscription`
  const app = new Hono<Door>()
  app.route(
    "/_simulator",
    makeControl({ plan, log, time, book, refreshTokens, users, certificates, deviceCodes })
  )
  const read = ["GET"] as const
  app.all("/v1/customers", gate("customers", read, api.customers))
  app.all(`${customer}/orders`, gate("orders", read, api.orders))
  app.all(order, gate("order", read, api.order))
  app.all(`${order}/provisioningstatus`, gate("provisioningStatus", read, api.provisioningStatus))
  app.all(
    `${subscription}/provisioningstatus`,
    gate("subscriptionProvisioningStatus", read, api.subscriptionProvisioningStatus)
  )
  const tenant = "/:tenant"
  app.all(
    `${tenant}/v2.0/.well-known/openid-configuration`,
    gate("discovery", read, login.discovery)
  )
  app.all(`${tenant}/discovery/v2.0/keys`, gate("keys", read, login.keys))
  app.all(`${tenant}/oauth2/v2.0/authorize`, gate("authorize", ["GET", "POST"], login.authorize))
  app.all(`${tenant}/oauth2/v2.0/devicecode`, gate("deviceCode", ["POST"], login.deviceCode))
  app.all("/devicelogin", gate("deviceLogin", ["GET", "POST"], login.deviceLogin))
  app.all(`${tenant}/oauth2/v2.0/token`, gate("token", ["POST"], login.token))
  app.notFound(async (context) => {
    const at = exchange(context.req.raw, clock.now())
    const done = await log.add(context.req.raw, at.now)
    done(404)
    return fail(at, 1000)
  })
  app.onError((_, context) => fail(exchange(context.req.raw, clock.now()), 800003))

  return {
    app,
    fetch: door(app),
    credentials,
    clients: { public: publicClient.id, confidential: confidential.id },
    sample: documentOrder,
    get customers() {
      return book.customers()
    },
    addOrders
  }
}

const door =
  (app: Hono<Door>): Simulator["fetch"] =>
  async (input, init) => {
    const request = new Request(input, init)
    const response = await unlessAborted(request.signal, app.fetch(request, {}))
    if (response.type !== "error") return response
    const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })
    throw new TypeError("fetch failed", { cause })
  }

const unlessAborted = async <A>(signal: AbortSignal, work: A | Promise<A>) => {
  signal.throwIfAborted()
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener("abort", onAbort, { once: true })
    stop = () => signal.removeEventListener("abort", onAbort)
  })
  return Promise.race([work, aborted]).finally(stop)
}
