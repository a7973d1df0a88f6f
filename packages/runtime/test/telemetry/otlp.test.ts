import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import { ConfigProvider, Data, Effect, Layer, Metric } from "effect"
import * as Telemetry from "../../src/Telemetry.ts"
import { collector } from "./collector.ts"
import type { Delivery } from "./collector.ts"

let stderr = ""

beforeEach(() => {
  stderr = ""
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += String(text)
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

class Odd extends Data.TaggedError("Odd")<{ readonly message: string }> {}

const token = `eyJ${"abcDEF123_-".repeat(4)}.eyJ${"payload".repeat(4)}.c2lnbmF0dXJl`

const work = Effect.log("it works", { token }).pipe(
  Effect.annotateLogs({ header: `Bearer ${token}` }),
  Effect.andThen(Metric.update(Metric.counter("things_total", { incremental: true }), 1)),
  Effect.withSpan("Work.do", { attributes: { authorization: `Bearer ${token}` } }),
  Effect.andThen(
    Effect.ignore(Effect.withSpan(Effect.fail(new Odd({ message: token })), "Work.fail"))
  )
)

/** Runs with telemetry by those variables; how many milliseconds that took, its end included. */
const ran = <A, E>(
  variables: Record<string, string>,
  effect: Effect.Effect<A, E>,
  options: Partial<Telemetry.TelemetryOptions> = {}
) =>
  Effect.suspend(() => {
    const began = performance.now()
    return effect.pipe(
      Effect.provide(
        Layer.provide(
          Telemetry.layer({ service: "orderwatch", ...options }),
          ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables))
        )
      ),
      Effect.provideService(Metric.MetricRegistry, new Map()),
      Effect.map(() => performance.now() - began)
    )
  })

const textOf = (all: ReadonlyArray<Delivery>, path: string) =>
  all
    .filter((delivery) => delivery.path === path)
    .map(({ text }) => text)
    .join("\n")

describe("telemetry", () => {
  it.live("arrives at the collector: spans, logs and metrics, without a token", () =>
    Effect.gen(function* () {
      const { all, url } = yield* collector()
      yield* ran({ OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/otlp/` }, work, { level: "info" })
      const traces = textOf(all, "/otlp/v1/traces")
      assert.include(traces, '"name":"Work.do"')
      assert.include(traces, '"name":"Work.fail"')
      assert.include(textOf(all, "/otlp/v1/logs"), '"it works"')
      assert.include(textOf(all, "/otlp/v1/metrics"), '"name":"things_total"')
      for (const { headers, text } of all) {
        assert.strictEqual(headers["content-type"], "application/json")
        assert.notInclude(text, "abcDEF123")
        assert.include(text, '{"key":"service.name","value":{"stringValue":"orderwatch"}}')
        assert.match(text, /"service\.version","value":\{"stringValue":"\d+\.\d+\.\d+"/)
        JSON.parse(text)
      }
      // People are told as ever.
      assert.strictEqual(stderr.split("\n").length, 2)
      assert.include(stderr, "it works")
    })
  )

  it.live(
    "takes headers, name, attributes and compression from OpenTelemetry's own variables",
    () =>
      Effect.gen(function* () {
        const { all, url } = yield* collector()
        yield* ran(
          {
            OTEL_EXPORTER_OTLP_ENDPOINT: url,
            OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=s3cret%20key,x-team=desk",
            OTEL_SERVICE_NAME: "orders-north",
            OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test",
            OTEL_EXPORTER_OTLP_COMPRESSION: "gzip"
          },
          Effect.forEach(Array.from({ length: 20 }), () => work)
        )
        const traces = all.find(({ path }) => path === "/v1/traces")
        assert.strictEqual(traces?.headers["x-api-key"], "s3cret key")
        assert.strictEqual(traces?.headers["content-encoding"], "gzip")
        assert.include(traces?.text, "orders-north")
        assert.include(traces?.text, "deployment.environment")
      })
  )

  it.live.each([
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: "  " },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_SDK_DISABLED: "true" }
  ])("is nothing but logs with %j", (variables) =>
    Effect.gen(function* () {
      yield* ran(variables, work)
      assert.strictEqual(stderr, "")
    })
  )

  it.live.each(["orderwatch", "orderwatch-gateway"] as const)(
    "of %s says once that nobody takes it, and ends in time",
    (service) =>
      Effect.gen(function* () {
        const took = yield* ran(
          { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" },
          Effect.andThen(work, Effect.sleep("1200 millis")),
          { service, level: "all" }
        )
        const said = stderr.split("\n").filter((line) => line.includes("telemetry"))
        assert.lengthOf(said, 1, stderr)
        assert.match(said.join(""), /does not reach http:\/\/127\.0\.0\.1:1 \(TransportError\)/)
        assert.notMatch(stderr, /exporter|Otlp/i)
        assert.isBelow(took, service === "orderwatch" ? 1800 : 3600)
      })
  )

  it.live("waits 2 seconds at its end for a collector that does not answer", () =>
    Effect.gen(function* () {
      const { url } = yield* collector({ silent: true })
      const took = yield* ran({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, work)
      assert.isBelow(took, 2600)
    })
  )

  it.live("is refused by a collector in one line", () =>
    Effect.gen(function* () {
      const { url } = yield* collector({ status: 401 })
      yield* ran({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, work)
      assert.match(stderr, /^.*does not reach http:\/\/127\.0\.0\.1:\d+ \(HTTP 401\).*\n$/)
    })
  )

  it.live.each([
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "not an address"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "x=%zz"],
    ["OTEL_RESOURCE_ATTRIBUTES", "x=%zz"]
  ] as const)("refuses %s=%s in one line that names it", ([name, value]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        ran({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", [name]: value }, work)
      )
      assert.strictEqual(error.message.split(" ")[0], name)
      assert.notInclude(error.message, value)
    })
  )
})

describe("logs as JSON lines", () => {
  it.live("tell when, how bad, what, and of which span and request", () =>
    Effect.gen(function* () {
      yield* ran(
        {},
        Effect.logError("it broke", new Error(`first\r\nsecond ${token}`)).pipe(
          Effect.annotateLogs({ requestId: "r1", correlationId: "c1", customer: "x\u001b[2J" }),
          Effect.withSpan("Work.do")
        ),
        { format: "json", service: "orderwatch-gateway" }
      )
      const lines = stderr.split("\n").slice(0, -1)
      assert.lengthOf(lines, 1)
      const line = JSON.parse(lines[0] ?? "")
      assert.match(line.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      assert.strictEqual(line.level, "ERROR")
      assert.include(JSON.stringify(line.message), "it broke")
      assert.match(line.traceId, /^[0-9a-f]{32}$/)
      assert.match(line.spanId, /^[0-9a-f]{16}$/)
      assert.deepEqual(line.support, { requestId: "r1", correlationId: "c1" })
      assert.deepEqual(line.annotations, { customer: "x\u001b[2J" })
      assert.notInclude(stderr, "abcDEF123")
      assert.notMatch(lines.join(""), /[\u0000-\u001f\u007f-\u009f]/)
    })
  )
})
