import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import type { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import type { Tracker } from "@orderwatch/core/Tracker"
import { Context, Data, Effect, Option, Tracer } from "effect"
import { TestClock } from "effect/testing"
import { Access } from "../src/access.ts"
import type { Caller } from "../src/access.ts"
import { json } from "../src/answer.ts"
import type { Answer } from "../src/answer.ts"
import type { Services } from "../src/app.ts"
import { app } from "../src/app.ts"
import { Observer } from "../src/handler.ts"
import type { Served } from "../src/handler.ts"
import {
  base,
  customer,
  failing,
  gateway,
  jsonOf,
  order,
  other,
  services,
  settle,
  statusOf,
  upstream
} from "./gateway.ts"
import type { Path, Route } from "../src/route.ts"
import type { Failure } from "../src/problem.ts"
import { wallClock } from "./wall.ts"

class Unrendered extends Data.TaggedError("Unrendered")<{}> {}

const host = { headers: { host: "127.0.0.1:8780" } }

interface Asked {
  readonly path: string
  readonly init?: RequestInit
}

/** An app of one path that is answered so. */
const answering = <R>(run: Route<R>["run"]): ReadonlyArray<Path<R>> => [
  { path: "/test/:id", isUpstreams: false, isOpen: false, methods: { GET: { run } } }
]

describe("the adapter", () => {
  it("takes no route with a failure that nobody renders, nor one that needs what is not there", () => {
    type Run = Route<PartnerCenter>["run"]
    expectTypeOf<() => Effect.Effect<Answer, Failure, PartnerCenter>>().toExtend<Run>()
    expectTypeOf<() => Effect.Effect<Answer, Unrendered>>().not.toExtend<Run>()
    expectTypeOf<() => Effect.Effect<Answer, Failure | Unrendered>>().not.toExtend<Run>()
    expectTypeOf<() => Effect.Effect<Answer, never, Tracker>>().not.toExtend<Run>()
    expectTypeOf<Context.Context<never>>().not.toExtend<Context.Context<Services>>()
    expectTypeOf<typeof app<Tracker>>()
      .parameter(0)
      .toEqualTypeOf<Context.Context<Services | Tracker>>()
  })

  it.effect("says nothing of what nobody expected", () =>
    Effect.gen(function* () {
      const context = yield* services(upstream())
      const made = app(
        context,
        answering(() => Effect.die(new Error("secret inside")))
      )
      const response = yield* Effect.promise(async () => made.request("/test/1", host))
      assert.strictEqual(response.status, 500)
      const body = yield* jsonOf(response)
      assert.strictEqual(body["reason"], "Internal")
      assert.notInclude(JSON.stringify(body), "secret")
    })
  )

  it.effect("answers with the id of a request, the client's where that is a sane one", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      const with_ = (id: string) => ask(`${base}/report`, { headers: { "x-request-id": id } })
      assert.strictEqual((yield* with_("client-1")).headers.get("x-request-id"), "client-1")
      for (const id of ["a b", "<x>", "x".repeat(129)]) {
        assert.match((yield* with_(id)).headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/)
      }
      const lost = yield* ask("/nowhere", { headers: { "x-request-id": "client-2" } })
      assert.strictEqual(lost.headers.get("x-request-id"), "client-2")
      assert.strictEqual((yield* jsonOf(lost))["requestId"], "client-2")
    })
  )

  it.effect("answers so whatever it answers", () =>
    Effect.gen(function* () {
      const callers: Record<string, Caller> = {
        a: { id: "a", customers: new Set([customer]), ended: Effect.never }
      }
      const desk = "https://desk.example"
      const open = yield* gateway(upstream(), { settings: { origins: [desk], maxStreams: 3 } })
      const keyed = yield* gateway(upstream(), {
        callers,
        settings: { callerRequestsPerMinute: 3 }
      })
      const settled = yield* gateway({ ...upstream(), status: statusOf("fulfilled") })
      const failed = yield* gateway({
        ...upstream(),
        status: failing("provisioningStatus", "SignInRequired")
      })
      const broken = yield* gateway(upstream(), {
        access: Access.of({ isOpen: false, identify: () => Effect.die("a bug") })
      })
      const report = `${base}/report`
      const events = `${base}/events`
      const tagOf = ({ ask }: typeof open) =>
        Effect.map(ask(report), ({ headers }) => headers.get("etag") ?? "")
      const [pendingTag, settledTag] = [yield* tagOf(open), yield* tagOf(settled)]
      const posted = (body: string, type = "application/json"): Asked => ({
        path: "/v1/reports",
        init: { method: "POST", body, headers: { "content-type": type } }
      })
      const known = { authorization: "Bearer a" }
      const asked: ReadonlyArray<readonly [number, typeof open, Asked]> = [
        [200, open, { path: report }],
        [200, open, { path: base }],
        [200, open, { path: "/v1/customers" }],
        [200, open, posted('{"orders":[]}')],
        [200, open, { path: "/openapi.json" }],
        [200, open, { path: "/problems/Internal" }],
        [200, open, { path: events }],
        [200, open, { path: report, init: { method: "HEAD" } }],
        [200, open, { path: events, init: { method: "HEAD" } }],
        [404, open, { path: "/nowhere", init: { method: "HEAD" } }],
        [304, open, { path: report, init: { headers: { "if-none-match": pendingTag } } }],
        [204, settled, { path: events, init: { headers: { "last-event-id": settledTag } } }],
        [
          204,
          open,
          {
            path: report,
            init: {
              method: "OPTIONS",
              headers: { origin: desk, "access-control-request-method": "GET" }
            }
          }
        ],
        [400, open, { path: "/v1/customers/nobody/orders" }],
        [400, open, posted("{")],
        [401, keyed, { path: report }],
        [403, keyed, { path: `/v1/customers/${other}/orders`, init: { headers: known } }],
        [403, open, { path: report, init: { headers: { "sec-fetch-site": "cross-site" } } }],
        [404, open, { path: "/nowhere" }],
        [405, open, { path: base, init: { method: "DELETE" } }],
        [406, open, { path: report, init: { headers: { accept: "text/html" } } }],
        [413, open, posted(" ".repeat(70_000))],
        [415, open, posted("{}", "text/plain")],
        [421, open, { path: report, init: { headers: { host: "rebound.example" } } }],
        [503, failed, { path: report }],
        [500, broken, { path: report }]
      ]
      const ids = new Set<string>()
      for (const [status, { ask }, { init = {}, path }] of asked) {
        const name = `${init.method ?? "GET"} ${path} ${status}`
        const headers = new Headers(init.headers)
        const made = yield* ask(path, { ...init, headers })
        assert.strictEqual(made.status, status, name)
        assert.match(made.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/, name)
        ids.add(made.headers.get("x-request-id") ?? "")
        headers.set("x-request-id", "client-1")
        const named = yield* ask(path, { ...init, headers })
        assert.strictEqual(named.headers.get("x-request-id"), "client-1", name)
      }
      assert.strictEqual(ids.size, asked.length)
      yield* keyed.ask(report, { headers: known })
      const throttled = yield* keyed.ask(report, { headers: known })
      assert.strictEqual(throttled.status, 429)
      assert.match(throttled.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/)
      const late = open.begin(report, { headers: { prefer: "wait=5", "x-request-id": "client-2" } })
      yield* settle
      yield* TestClock.adjust("5 seconds")
      const waited = yield* Effect.promise(async () => late)
      assert.strictEqual(waited.headers.get("x-request-id"), "client-2")
    })
  )

  it.effect("continues the trace of the caller, in a span by the path's template", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const context = Context.add(yield* services(upstream()), Tracer.Tracer, tracer)
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      yield* Effect.promise(async () =>
        app(context).request(`${base}/report`, { headers: { ...host.headers, traceparent } })
      )
      const server = spans.find(({ kind }) => kind === "server")
      assert.strictEqual(server?.name, "GET /v1/customers/:customer/orders/:order/report")
      assert.strictEqual(server?.traceId, "0af7651916cd43dd8448eb211c80319c")
      assert.isTrue(
        Option.exists(
          server?.parent ?? Option.none(),
          ({ spanId }) => spanId === "b7ad6b7169203331"
        )
      )
      assert.isTrue(spans.every(({ traceId }) => traceId === server?.traceId))
    })
  )

  it.effect("tells of every request once, without what is in its path", () =>
    Effect.gen(function* () {
      const seen: Array<Served> = []
      const context = Context.add(yield* services(upstream()), Observer, (served: Served) =>
        Effect.sync(() => {
          seen.push(served)
        })
      )
      const made = app(context)
      for (const [path, method] of [
        [`${base}/report`, "GET"],
        ["/nowhere", "BREW"],
        [`/v1/customers/x/orders/${order}`, "GET"]
      ] as const) {
        yield* Effect.promise(async () => made.request(path, { ...host, method }))
      }
      assert.deepStrictEqual(
        seen.map(({ callerId, method, route, status }) => [method, route, status, callerId]),
        [
          ["GET", "/v1/customers/:customer/orders/:order/report", 200, "local"],
          ["_OTHER", "*", 404, "local"],
          ["GET", "/v1/customers/:customer/orders/:order", 400, "local"]
        ]
      )
      assert.strictEqual(seen[0]?.support?.requestId, "upstream-request")
    })
  )

  it.effect("times a request by a clock that nobody puts back", () =>
    wallClock((wall) =>
      Effect.gen(function* () {
        const seen: Array<number> = []
        const context = Context.add(yield* services(upstream()), Observer, ({ millis }: Served) =>
          Effect.sync(() => {
            seen.push(millis)
          })
        )
        const made = app(
          context,
          answering(() => Effect.as(Effect.sleep("1500 micros"), json("{}")))
        )
        const answer = made.request("/test/1", host)
        wall.shift(-60_000)
        yield* TestClock.adjust("1500 micros")
        yield* Effect.promise(async () => answer)
        assert.deepStrictEqual(seen, [1.5])
      })
    )
  )

  it.effect("knows what is at no path, and which methods a path takes", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      for (const path of [
        "/",
        "/v1",
        "/v1/",
        "/v1/customers//",
        "/v2/customers",
        `${base}/report/`
      ]) {
        const response = yield* ask(path)
        assert.strictEqual(response.status, 404, path)
        assert.strictEqual((yield* jsonOf(response))["reason"], "RouteNotFound")
      }
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const response = yield* ask(base, {
          method,
          headers: { "content-type": "application/json" }
        })
        assert.strictEqual(response.status, 405, method)
        assert.strictEqual(response.headers.get("allow"), "GET, HEAD")
      }
      assert.strictEqual((yield* ask("/v1/reports")).headers.get("allow"), "POST")
    })
  )

  it.effect("carries what guards a browser on every answer", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      for (const path of [base, "/nowhere", `${base}/report`]) {
        const { headers } = yield* ask(path)
        assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
        assert.include(headers.get("content-security-policy") ?? "", "default-src 'none'")
        assert.isNull(headers.get("access-control-allow-origin"))
      }
    })
  )

  it.effect("answers by the name of the loopback address that it listens on", () =>
    Effect.gen(function* () {
      for (const [host, spelled] of [
        ["127.0.0.2", "127.0.0.2"],
        ["gateway.localhost", "Gateway.localhost"],
        ["0:0:0:0:0:0:0:1", "[0:0:0:0:0:0:0:1]"],
        ["0:0:0:0:0:0:0:1", "[::1]"]
      ] as const) {
        const { ask } = yield* gateway(upstream(), { settings: { host } })
        const statusOf = (host: string) =>
          Effect.map(ask("/v1/customers", { headers: { host } }), ({ status }) => status)
        assert.strictEqual(yield* statusOf(`${spelled}:8780`), 200, spelled)
        assert.strictEqual(yield* statusOf("localhost:8780"), 200, spelled)
        for (const other of [
          `${spelled}:8781`,
          spelled,
          "127.0.0.3:8780",
          "other.localhost:8780",
          // A name of somebody else's that was made to lead there.
          "127.0.0.2.evil.example:8780",
          "gateway.localhost.evil.example:8780",
          "evil.example:8780"
        ]) {
          assert.strictEqual(yield* statusOf(other), 421, other)
        }
      }
    })
  )

  it.effect("answers by no name of the address that others reach, unless it was given it", () =>
    Effect.gen(function* () {
      for (const host of ["10.0.0.5", "orders.example.com", "0.0.0.0"]) {
        const { ask } = yield* gateway(upstream(), { settings: { host } })
        const { status } = yield* ask("/v1/customers", { headers: { host: `${host}:8780` } })
        assert.strictEqual(status, 421, host)
      }
    })
  )

  it.effect("refuses other hosts' names and other sites' pages before it asks who", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream(), { callers: {} })
      const rebound = yield* ask(base, { headers: { host: "evil.example:8780" } })
      assert.strictEqual(rebound.status, 421)
      const page = yield* ask(base, { headers: { "sec-fetch-site": "cross-site" } })
      assert.strictEqual(page.status, 403)
      assert.strictEqual((yield* jsonOf(page))["reason"], "CrossSite")
      assert.strictEqual((yield* ask(base)).status, 401)
    })
  )

  it.effect("says what is left of the caller's requests, also where nothing is", () =>
    Effect.gen(function* () {
      const callers: Record<string, Caller> = {
        a: { id: "a", customers: "all", ended: Effect.never },
        b: { id: "b", customers: "all", ended: Effect.never }
      }
      const { ask } = yield* gateway(upstream(), {
        callers,
        settings: { callerRequestsPerMinute: 2 }
      })
      const as = (name: string) => ask(base, { headers: { authorization: `Bearer ${name}` } })
      assert.match((yield* as("a")).headers.get("ratelimit") ?? "", /r=1/)
      assert.strictEqual((yield* as("a")).status, 200)
      const refused = yield* as("a")
      assert.strictEqual(refused.status, 429)
      assert.match(refused.headers.get("ratelimit") ?? "", /r=0/)
      assert.match(refused.headers.get("retry-after") ?? "", /^\d+$/)
      assert.strictEqual((yield* jsonOf(refused))["reason"], "CallerThrottled")
      assert.strictEqual((yield* as("b")).status, 200)
    })
  )

  it.effect("lets the page of a configured origin read, and says that answers differ by it", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream(), {
        settings: { origins: ["https://desk.example"] }
      })
      const origin = { origin: "https://desk.example", "sec-fetch-site": "cross-site" }
      const response = yield* ask(`${base}/report`, { headers: origin })
      assert.strictEqual(response.headers.get("access-control-allow-origin"), origin.origin)
      assert.strictEqual(response.headers.get("vary"), "Authorization, Origin")
      const preflight = yield* ask(`${base}/report`, {
        method: "OPTIONS",
        headers: { ...origin, "access-control-request-method": "GET" }
      })
      assert.strictEqual(preflight.status, 204)
    })
  )

  it.effect("answers open paths to everybody", () =>
    Effect.gen(function* () {
      const context = yield* services(upstream(), { callers: {} })
      const path: Path<never> = {
        path: "/open",
        isUpstreams: false,
        isOpen: true,
        methods: { GET: { run: () => Effect.succeed(json("{}")) } }
      }
      const made = app(context, [path])
      const response = yield* Effect.promise(async () =>
        made.request("/open", { headers: { host: "10.0.0.1" } })
      )
      assert.strictEqual(response.status, 200)
    })
  )
})
