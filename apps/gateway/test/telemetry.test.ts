import { createServer } from "node:http"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import { Tracker } from "@orderwatch/core/Tracker"
import * as Runtime from "@orderwatch/runtime/Runtime"
import * as Telemetry from "@orderwatch/runtime/Telemetry"
import { make } from "@orderwatch/simulator/Simulator"
import { ConfigProvider, Effect, Layer, Metric, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { upstreamOf } from "./live.ts"

const Attribute = Schema.Struct({
  key: Schema.String,
  value: Schema.Struct({ stringValue: Schema.optionalKey(Schema.String) })
})

const Spans = Schema.Struct({
  resourceSpans: Schema.Array(
    Schema.Struct({
      resource: Schema.Struct({ attributes: Schema.Array(Attribute) }),
      scopeSpans: Schema.Array(
        Schema.Struct({
          spans: Schema.Array(
            Schema.Struct({
              traceId: Schema.String,
              spanId: Schema.String,
              parentSpanId: Schema.optionalKey(Schema.String),
              name: Schema.String,
              kind: Schema.Int,
              attributes: Schema.Array(Attribute)
            })
          )
        })
      )
    })
  )
})
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Spans))

/** A collector on a socket, and everything that it was sent. */
const collector = Effect.acquireRelease(
  Effect.promise(async () => {
    const sent: Array<{ readonly path: string; readonly text: string }> = []
    const server = createServer((request, response) => {
      let text = ""
      request.setEncoding("utf8")
      request.on("data", (part: string) => (text += part))
      request.on("end", () => {
        sent.push({ path: request.url ?? "", text })
        response.writeHead(200, { "content-type": "application/json" }).end("{}")
      })
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return { sent, server, url: `http://127.0.0.1:${port}` }
  }),
  ({ server }) =>
    Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
)

/** A simulator whose login's answers are kept, to look for what is in them. */
const simulated = () => {
  const simulator = make()
  const granted: Array<string> = []
  const layer = FetchHttpClient.layer.pipe(
    Layer.provide(
      Layer.succeed(FetchHttpClient.Fetch, async (input, init) => {
        const request = new Request(input, init)
        const response = await simulator.fetch(request)
        if (new URL(request.url).pathname.endsWith("/token")) {
          granted.push(await response.clone().text())
        }
        return response
      })
    )
  )
  return { ...simulator, asked: Array<string>(), granted, layer }
}

const Granted = Schema.Struct({ access_token: Schema.String, refresh_token: Schema.String })
const grantedIn = Schema.decodeUnknownSync(Schema.fromJsonString(Granted))

describe("what leaves for a collector", () => {
  it.live("is the look as spans within one another, and no secret is in it", () =>
    Effect.gen(function* () {
      const simulator = simulated()
      const { sent, url } = yield* collector
      const { customerId, orderId } = simulator.sample
      const look = Effect.flatMap(Tracker, (tracker) =>
        Effect.all([
          tracker.look(CustomerId.make(customerId), OrderId.make(orderId)),
          Effect.flip(tracker.look(CustomerId.make(customerId), OrderId.make("none")))
        ])
      )
      yield* Effect.provide(
        look,
        Runtime.layer(upstreamOf(simulator)).pipe(
          Layer.provide(simulator.layer),
          Layer.provide(NodeServices.layer),
          Layer.provideMerge(Telemetry.layer({ service: "orderwatch-gateway", level: "fatal" })),
          Layer.provide(
            ConfigProvider.layer(ConfigProvider.fromEnvRecord({ OTEL_EXPORTER_OTLP_ENDPOINT: url }))
          ),
          Layer.provideMerge(Layer.succeed(Metric.MetricRegistry, new Map()))
        )
      )

      const batches = sent
        .filter(({ path }) => path === "/v1/traces")
        .map(({ text }) => decode(text))
      const resources = batches.flatMap(({ resourceSpans }) => resourceSpans)
      const spans = resources.flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) => spans)
      const attributes = resources.flatMap(({ resource }) => resource.attributes)
      assert.deepInclude(attributes, {
        key: "service.name",
        value: { stringValue: "orderwatch-gateway" }
      })
      const names = spans.map(({ name }) => name)
      for (const name of [
        "Tracker.look",
        "PartnerCenter.order",
        "PartnerCenter.provisioningStatus",
        "AccessToken.acquire",
        "Login.refresh"
      ]) {
        assert.include(names, name)
      }
      const inner = spans.find(({ name }) => name === "PartnerCenter.order")
      const outer = spans.find(({ spanId }) => spanId === inner?.parentSpanId)
      assert.strictEqual(outer?.name, "Tracker.look")
      assert.strictEqual(outer?.traceId, inner?.traceId)
      assert.strictEqual(inner?.kind, 3)
      // What Microsoft's support asks for leads to the trace, and back.
      const named = (inner?.attributes ?? []).map(({ key }) => key)
      assert.includeMembers(named, ["partnercenter.requestId", "partnercenter.correlationId"])

      const metrics = sent.filter(({ path }) => path === "/v1/metrics").map(({ text }) => text)
      assert.include(metrics.join(""), "orderwatch_upstream_requests_total")

      const everything = sent.map(({ text }) => text).join("\n")
      const { clientSecret, refreshToken } = simulator.credentials
      const tokens = simulator.granted.map((text) => grantedIn(text))
      assert.isNotEmpty(tokens)
      for (const secret of [
        clientSecret,
        refreshToken,
        ...tokens.flatMap((found) => [found.access_token, found.refresh_token])
      ]) {
        assert.isAbove(secret.length, 8)
        assert.notInclude(everything, secret)
        assert.notInclude(everything, encodeURIComponent(secret))
      }
      assert.notMatch(everything, /Bearer [\w-]{8}/)
    }).pipe(Effect.scoped)
  )
})
