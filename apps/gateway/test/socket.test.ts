// The gateway over a real socket, and Partner Center over another: as clients meet it.
import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Cloud } from "@orderwatch/core/Cloud"
import * as Http from "@orderwatch/runtime/Http"
import { serve } from "@orderwatch/simulator/serve"
import { make } from "@orderwatch/simulator/Simulator"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Context, Duration, Effect, Exit, Layer, References, Result, Scope } from "effect"
import { EventSource } from "eventsource"
import { Closing } from "../src/closing.ts"
import { Limits } from "../src/limits.ts"
import { listen } from "../src/listener.ts"
import * as Services from "../src/services.ts"
import type { GatewaySettingsShape } from "../src/settings.ts"
import { settings } from "./gateway.ts"
import { simulated, upstreamOf } from "./live.ts"

/** Partner Center on a socket, by a clock that the test moves. */
const partnerCenter = Effect.gen(function* () {
  const time = { ahead: 0 }
  const simulator = make({ now: () => Date.now() + time.ahead })
  const served = yield* Effect.acquireRelease(
    Effect.promise(() => serve(simulator)),
    ({ close }) => Effect.promise(close)
  )
  const control = (path: string, init?: RequestInit) =>
    Effect.promise(() => fetch(`${served.url}/_simulator${path}`, init))
  return { simulator, url: served.url, time, control }
})

/** A gateway on a socket, over that Partner Center, until the scope ends. */
const gateway = Effect.fnUntraced(function* (
  url: string,
  port: number,
  more: Partial<GatewaySettingsShape> = {}
) {
  const own = { ...settings, port, shutdownWithin: Duration.seconds(3), ...more }
  const cloud = Result.getOrThrow(Cloud.make("global", { apiUrl: url, loginUrl: url }))
  const layer = Services.layer({ ...upstreamOf(simulated()), cloud }, own).pipe(
    Layer.provide(Layer.merge(Http.layer, NodeServices.layer)),
    Layer.provideMerge(Layer.succeed(References.MinimumLogLevel, "Error"))
  )
  const context = yield* Layer.build(layer)
  yield* listen(Services.make(context), {
    host: "127.0.0.1",
    port,
    silence: Duration.minutes(2),
    shutdownWithin: own.shutdownWithin,
    closing: Context.get(context, Closing).begin
  })
  return { context, url: `http://127.0.0.1:${port}` }
})

let next = 18_780 + (process.pid % 1000) * 10
const port = () => next++

/** What comes back for these bytes, until the other side closes or says no more. */
const raw = (port: number, text: string, within = 4000) =>
  Effect.promise(
    () =>
      new Promise<string>((resolve) => {
        let answer = ""
        const socket = connect(port, "127.0.0.1", () => socket.write(text))
        const done = () => {
          socket.destroy()
          resolve(answer)
        }
        socket.setTimeout(within, done)
        socket.on("data", (data) => {
          answer += String(data)
        })
        socket.on("error", done)
        socket.on("close", done)
      })
  )

const get = (url: string, init?: RequestInit) => Effect.promise(() => fetch(url, init))
const json = (response: Response) =>
  Effect.promise(async () => (await response.json()) as Record<string, unknown>)

const live = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.scoped(effect)

describe("a client of Partner Center that only changes its base URL", () => {
  it.live("is answered the document's own request, as it is printed", () =>
    live(
      Effect.gen(function* () {
        const upstream = yield* partnerCenter
        const at = port()
        yield* gateway(upstream.url, at)
        const { customerId, orderId } = upstream.simulator.sample
        const answer = yield* raw(
          at,
          [
            `GET http://127.0.0.1:${at}/v1/customers/${customerId}/orders/${orderId}/provisioningstatus HTTP/1.1`,
            "Accept: application/json, text/plain, */*",
            "Authorization: Bearer <token>",
            "MS-RequestId: d0e38dfd-a2c5-4a14-ac06-12d30f0ec54e",
            "MS-CorrelationId: e937630b-8341-4d70-8f73-450d32ee0189",
            "X-Locale: en-US",
            `Host: 127.0.0.1:${at}`,
            "Connection: close",
            "",
            ""
          ].join("\r\n")
        )
        assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
        assert.match(answer, /content-type: application\/json; charset=utf-8/i)
        assert.match(answer, /ms-correlationid: e937630b-8341-4d70-8f73-450d32ee0189/i)
        assert.deepStrictEqual(JSON.parse(answer.split("\r\n\r\n")[1] ?? ""), {
          totalCount: 1,
          items: [
            {
              orderLineItemId: 0,
              lineItemNumber: 0,
              status: "fulfilled",
              quantityProvisioningInformation: [{ quantity: 1, status: "fulfilled" }]
            }
          ],
          attributes: { objectType: "Collection" }
        })
      })
    )
  )

  it.live("takes the two steps of the C# sample", () =>
    live(
      Effect.gen(function* () {
        const upstream = yield* partnerCenter
        const { url } = yield* gateway(upstream.url, port())
        const { customerId, orderId } = upstream.simulator.sample
        const orders = `${url}/v1/customers/${customerId}/orders`
        const order = yield* json(yield* get(`${orders}/${orderId}`))
        const status = yield* json(
          yield* get(`${orders}/${String(order["id"])}/provisioningstatus`)
        )
        assert.strictEqual(status["totalCount"], 1)
        const linked = yield* json(yield* get(`${orders}/YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1`))
        const [, uri = ""] = /"uri":"([^"]*)"/.exec(JSON.stringify(linked["links"])) ?? []
        // The SDK puts `/v1` before what lacks it.
        assert.strictEqual((yield* get(`${url}/v1${uri}`)).status, 200)
      })
    )
  )

  it.live("pages through the customers", () =>
    live(
      Effect.gen(function* () {
        const upstream = yield* partnerCenter
        const { url } = yield* gateway(upstream.url, port())
        const seen: Array<string> = []
        let path: string | undefined = "/v1/customers?size=2"
        while (path !== undefined) {
          const response: Response = yield* get(url + path)
          const page = (yield* json(response)) as { items: ReadonlyArray<{ id: string }> }
          seen.push(...page.items.map(({ id }) => id))
          path = /^<(.*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1]
        }
        const all = upstream.simulator.customers.map(({ id }) => id)
        assert.deepStrictEqual(seen.toSorted(), all.toSorted())
      })
    )
  )
})

describe("on a socket", () => {
  it.live("who hangs up stops the request to Partner Center", () =>
    live(
      Effect.gen(function* () {
        const upstream = yield* partnerCenter
        const { context, url } = yield* gateway(upstream.url, port())
        const { customerId, orderId } = upstream.simulator.sample
        const gone = new AbortController()
        const stream = yield* get(`${url}/v1/customers/${customerId}/orders/none-yet/events`, {
          signal: gone.signal
        })
        assert.strictEqual(stream.status, 200)
        const { streams } = Context.get(context, Limits)
        assert.strictEqual(yield* streams, 1)
        gone.abort()
        yield* Effect.sleep("300 millis")
        assert.strictEqual(yield* streams, 0)
        assert.isDefined(orderId)
      })
    )
  )

  it.live("what is no HTTP is refused as a problem", () =>
    live(
      Effect.gen(function* () {
        const upstream = yield* partnerCenter
        const at = port()
        yield* gateway(upstream.url, at)
        const host = `Host: 127.0.0.1:${at}\r\n`
        const refusals = {
          "not http": "hello\r\n\r\n",
          "two lengths": `POST /v1/reports HTTP/1.1\r\n${host}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
          "length and chunks": `POST /v1/reports HTTP/1.1\r\n${host}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
          "a space before the colon": `GET /livez HTTP/1.1\r\nHost : 127.0.0.1:${at}\r\n\r\n`,
          "a bare line feed in a header": `GET /livez HTTP/1.1\r\n${host}A: b\n c: d\r\n\r\n`,
          "NUL in a header": `GET /livez HTTP/1.1\r\n${host}A: \0\r\n\r\n`,
          "a path with a backslash": `GET /v1\\customers HTTP/1.1\r\n${host}\r\n`,
          "no host": `GET /v1/customers HTTP/1.1\r\nConnection: close\r\n\r\n`
        }
        for (const [name, text] of Object.entries(refusals)) {
          const answer = yield* raw(at, text, 1000)
          assert.match(answer, /^HTTP\/1\.1 400 /, `${name}: ${answer}`)
          assert.match(answer, /content-type: application\/problem\+json/i, name)
          assert.match(answer, /\r\nx-request-id: [0-9a-f-]{36}\r\n/i, name)
        }
        const large = yield* raw(
          at,
          `GET /livez HTTP/1.1\r\n${host}A: ${"x".repeat(20_000)}\r\n\r\n`
        )
        assert.match(large, /^HTTP\/1\.1 431 /)
        assert.include(large, "application/problem+json")
        assert.match(large, /\r\nx-request-id: [0-9a-f-]{36}\r\n/i)
        const alive = yield* raw(at, `GET /livez HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)
        assert.match(alive, /^HTTP\/1\.1 200 /)
      })
    )
  )

  it.live("a path that `.` or `..` makes one of ours is none", () =>
    live(
      Effect.gen(function* () {
        const upstream = yield* partnerCenter
        const at = port()
        yield* gateway(upstream.url, at)
        const host = `127.0.0.1:${at}`
        const statusOf = (target: string) =>
          Effect.map(
            raw(at, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
            (text) => text.slice(0, 12)
          )
        for (const target of [
          "/v1/x/../customers",
          "/v1/x/%2e%2E/customers",
          "/./v1/customers",
          "/v1/customers/.",
          "/x/../livez",
          "/openapi.json/x/..?a=b",
          `http://${host}/v1/x/../customers`
        ]) {
          assert.strictEqual(yield* statusOf(target), "HTTP/1.1 404", target)
        }
        // That is no way to write a slash at all.
        assert.strictEqual(yield* statusOf("/v1\\customers"), "HTTP/1.1 400")
        for (const target of ["/v1/customers?a=/../b", `http://${host}/livez`, "/openapi.json"]) {
          assert.strictEqual(yield* statusOf(target), "HTTP/1.1 200", target)
        }
      })
    )
  )

  it.live("every answer has an id, also to what few ask", () =>
    live(
      Effect.gen(function* () {
        const upstream = yield* partnerCenter
        const at = port()
        yield* gateway(upstream.url, at)
        const { customerId, orderId } = upstream.simulator.sample
        const order = `/v1/customers/${customerId}/orders/${orderId}`
        const rest = `Host: 127.0.0.1:${at}\r\nConnection: close\r\n`
        const asked = {
          "a stream": [`GET ${order}/events HTTP/1.1\r\n${rest}`, 200],
          HEAD: [`HEAD ${order}/report HTTP/1.1\r\n${rest}`, 200],
          "HEAD of a stream": [`HEAD ${order}/events HTTP/1.1\r\n${rest}`, 200],
          "what is at hand": [`GET ${order}/report HTTP/1.1\r\n${rest}If-None-Match: *\r\n`, 304],
          "HTTP/1.0": [`GET /livez HTTP/1.0\r\n${rest}`, 200],
          "an asterisk": [`OPTIONS * HTTP/1.1\r\n${rest}`, 400],
          TRACE: [`TRACE ${order} HTTP/1.1\r\n${rest}`, 405],
          "another method": [`PROPFIND ${order} HTTP/1.1\r\n${rest}`, 405],
          "an expectation": [`GET /livez HTTP/1.1\r\n${rest}Expect: wonders\r\n`, 200],
          "an upgrade": [
            `GET /livez HTTP/1.1\r\nHost: 127.0.0.1:${at}\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n`,
            200
          ],
          "HTTP/2": ["PRI * HTTP/2.0\r\n\r\nSM\r\n", 400],
          "another host in its line": [`GET http://other.example/livez HTTP/1.1\r\n${rest}`, 421]
        } as const
        for (const [name, [text, status]] of Object.entries(asked)) {
          const answer = yield* raw(at, `${text}\r\n`, 1000)
          assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), name)
          assert.match(answer, /\r\nx-request-id: [0-9a-f-]{36}\r\n/i, name)
        }
      })
    )
  )

  it.live("a body that is too large is refused without being read", () =>
    live(
      Effect.gen(function* () {
        const upstream = yield* partnerCenter
        const { url } = yield* gateway(upstream.url, port())
        const response = yield* get(`${url}/v1/reports`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: "x".repeat(1_000_000)
        })
        assert.strictEqual(response.status, 413)
      })
    )
  )

  it.live("an end lets requests finish, tells streams to come back, and takes no more", () =>
    live(
      Effect.gen(function* () {
        const upstream = yield* partnerCenter
        const scope = yield* Scope.make()
        const { url } = yield* Scope.provide(gateway(upstream.url, port()), scope)
        const { customerId, orderId } = upstream.simulator.sample
        const base = `${url}/v1/customers/${customerId}/orders/${orderId}`
        yield* get(`${base}/report`)
        const latency = { match: {}, fault: { kind: "latency", ms: 800 }, times: 10 }
        yield* upstream.control("/faults", { method: "POST", body: JSON.stringify(latency) })
        const stream = yield* get(`${url}/v1/customers/${customerId}/orders/none-yet/events`)
        const text = stream.text()
        const slow = fetch(`${url}/v1/customers/${customerId}/orders`)
        yield* Effect.sleep("200 millis")
        const begun = Date.now()
        const ending = yield* Effect.forkChild(Scope.close(scope, Exit.void))
        assert.strictEqual((yield* Effect.promise(() => slow)).status, 200)
        assert.match(yield* Effect.promise(() => text), /retry: \d{4}\n\n$/)
        yield* Effect.yieldNow
        const refused = yield* Effect.promise(() => fetch(`${url}/livez`).catch(() => "refused"))
        assert.strictEqual(refused, "refused")
        yield* Effect.sleep("10 millis")
        assert.isBelow(Date.now() - begun, 2500)
        assert.isDefined(ending)
      })
    )
  )

  it.live("an EventSource survives a restart and ends with the true final state", () =>
    live(
      Effect.gen(function* () {
        const upstream = yield* partnerCenter
        const at = port()
        const first = yield* Scope.make()
        const { url } = yield* Scope.provide(gateway(upstream.url, at), first)
        const order = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1"
        const { customerId } = upstream.simulator.sample
        const verdicts: Array<string> = []
        const source = new EventSource(`${url}/v1/customers/${customerId}/orders/${order}/events`)
        yield* Effect.addFinalizer(() => Effect.sync(() => source.close()))
        const ended = new Promise<string>((resolve) => {
          source.addEventListener("report", ({ data }) => verdicts.push(JSON.parse(data).verdict))
          source.addEventListener("end", ({ data }) => resolve(data))
        })
        yield* Effect.sleep("500 millis")
        assert.deepStrictEqual(verdicts, ["pending"])
        yield* Scope.close(first, Exit.void)
        upstream.time.ahead = 60_000
        yield* gateway(upstream.url, at)
        assert.strictEqual(yield* Effect.promise(() => ended), '{"why":"settled"}')
        assert.deepStrictEqual(verdicts, ["pending", "fulfilled"])
      })
    )
  )
})
