// What holds for all paths at once, over the simulator.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, References, Schema } from "effect"
import { print } from "../src/access/keyFile.ts"
import { aKey, bearing, directory } from "./access/fixtures.ts"
import { asking, services, simulated } from "./live.ts"

const quietly = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, References.MinimumLogLevel, "Error")

const textOf = (response: Response) => Effect.promise(() => response.text())

const customer = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
const order = "34828C05-C16C-4D6F-9CFC-4D2650EF19A1"
const orders = `/v1/customers/${customer}/orders`

/** All that there are, and some that there are not. */
const paths = [
  "/v1/customers",
  orders,
  `${orders}/${order}`,
  `${orders}/${order}/provisioningstatus`,
  `${orders}/${order}/report`,
  `${orders}/${order}/events`,
  "/v1/reports",
  "/metrics",
  "/openapi.json",
  "/docs",
  "/problems/OrderNotFound",
  "/problems/nothing",
  "/v1/Customers/",
  "/",
  "/v1",
  "/v1/watches",
  "/nowhere",
  "/favicon.ico",
  "/livez/",
  "/Livez",
  "/livez/x",
  "//livez",
  "/readyz/",
  "/v1/livez",
  "/metrics/",
  "/%6civez/x"
]

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "BREW"]

const sent = (method: string, path: string): RequestInit => ({
  method,
  headers: {
    "content-type": "application/json",
    // What some servers take for the method.
    "x-http-method-override": "DELETE",
    "x-method-override": "PUT"
  },
  ...(method !== "GET" &&
    method !== "HEAD" && {
      body: JSON.stringify(
        path === "/v1/reports"
          ? { orders: [{ customerId: customer, orderId: order }] }
          : { status: "cancelled" }
      )
    })
})

describe("where keys exist", () => {
  const keyed = Effect.gen(function* () {
    const path = join(yield* directory, "keys.json")
    const { key, text } = yield* aKey()
    writeFileSync(path, print([key]), { mode: 0o600 })
    const simulator = simulated()
    const ask = asking(yield* services(simulator, { keysFile: Option.some(path) }))
    return { ask, simulator, text }
  })

  it.live.each(paths)("%s tells nothing to who has none, whatever the method", (path) =>
    Effect.gen(function* () {
      const { ask, simulator, text } = yield* keyed
      const stranger = yield* aKey()
      for (const method of methods) {
        const unknown = yield* ask(path, sent(method, path))
        assert.strictEqual(unknown.status, 401, method)
        assert.match(unknown.headers.get("www-authenticate") ?? "", /^Bearer /)
        const said = yield* textOf(unknown)
        if (method !== "HEAD") assert.include(said, '"reason":"Unauthenticated"')
      }
      const wrong = yield* ask(path, { headers: bearing(stranger.text) })
      assert.strictEqual(wrong.status, 401)
      assert.isFalse(simulator.asked.some((asked) => asked.startsWith("/v1/")))
      const known = yield* ask(path, { headers: bearing(text) })
      assert.notStrictEqual(known.status, 401)
      yield* Effect.promise(async () => known.body?.cancel())
    }).pipe(quietly)
  )

  it.live("the probes tell who has none one word", () =>
    Effect.gen(function* () {
      const { ask, text } = yield* keyed
      const stranger = yield* aKey()
      yield* Effect.repeat(ask("/readyz"), { until: ({ status }) => status === 200 })
      for (const headers of [new Headers(), bearing(stranger.text)]) {
        for (const [path, word] of [
          ["/livez", "alive\n"],
          // The simulator's sign-in is not kept anywhere.
          ["/readyz", "degraded\n"]
        ] as const) {
          const answer = yield* ask(path, { headers })
          assert.strictEqual(answer.status, 200, path)
          assert.strictEqual(yield* textOf(answer), word)
        }
      }
      const known = yield* ask("/readyz", { headers: bearing(text) })
      assert.include(yield* textOf(known), '"status":"degraded"')
    }).pipe(quietly)
  )
})

/** All that the gateway may ask for, as the contract lists it. */
const listed = [
  /^POST \/[\w.-]+\/oauth2\/v2\.0\/token$/,
  /^GET \/v1\/customers$/,
  /^GET \/v1\/customers\/[0-9a-f-]{36}\/orders$/,
  /^GET \/v1\/customers\/[0-9a-f-]{36}\/orders\/[\w-]+$/,
  /^GET \/v1\/customers\/[0-9a-f-]{36}\/orders\/[\w-]+\/provisioningstatus$/,
  // The lines of older orders, one by one.
  /^GET \/v1\/customers\/[0-9a-f-]{36}\/subscriptions\/[\w-]+\/provisioningstatus$/i
]

// An order of licences, whose lines are answered by their subscriptions.
const older =
  "/v1/customers/a45f1416-3300-4f65-9e8d-f123b397a4ea/orders/eeba9d00-7b46-443a-917e-22887a8fc993"

// What the simulator tells of a request, as far as it is read here.
const Log = Schema.Array(Schema.Struct({ method: Schema.String, path: Schema.String }))

describe("read-only by construction", () => {
  it.live("nothing but the listed reads is asked of Partner Center, whatever is asked here", () =>
    Effect.gen(function* () {
      const simulator = simulated()
      const ask = asking(yield* services(simulator))
      const tricks = [
        `${older}/report`,
        `${older}/events`,
        `${orders}/${order}%2factivationlinks/report`,
        `${orders}/..%2f..%2fsubscriptions/provisioningstatus`,
        `${orders}/${order}/activationlinks`,
        `${orders}/${order}/lineitems/0/activationlinks`,
        `${orders}?indirect_reseller_id=x`,
        `${orders}?continuationToken=..%2fx`,
        `/v1/customers/${customer}`,
        `/v1/customers/${customer}/subscriptions`,
        `/v1/customers/${customer}/carts`,
        "/v1/invoices",
        "/_simulator/requests"
      ]
      for (const path of [...paths, ...tricks]) {
        for (const method of methods) {
          const answer = yield* ask(path, sent(method, path))
          yield* Effect.promise(async () => answer.body?.cancel())
        }
      }
      const log = yield* Effect.promise(() =>
        simulator.fetch("http://127.0.0.1/_simulator/requests")
      )
      const asked = (yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Log))(
        yield* textOf(log)
      )).map(({ method, path }) => `${method} ${path}`)
      for (const one of asked)
        assert.isTrue(
          listed.some((pattern) => pattern.test(one)),
          one
        )
      for (const pattern of listed)
        assert.isTrue(
          asked.some((one) => pattern.test(one)),
          String(pattern)
        )
      assert.lengthOf(
        asked.filter((one) => one.startsWith("POST ")),
        1
      )
    }).pipe(quietly)
  )
})
