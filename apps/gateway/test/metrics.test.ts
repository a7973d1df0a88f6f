import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { asking, services, simulated } from "./live.ts"
import { families } from "./metrics/families.ts"
import type { Family } from "./metrics/families.ts"

/** The value of a series by its labels. */
const valueOf = (
  all: ReadonlyMap<string, Family>,
  name: string,
  labels: Record<string, string> = {}
) =>
  all
    .get(name)
    ?.series.find((series) =>
      Object.entries(labels).every(([label, value]) => series.labels[label] === value)
    )?.value

const textOf = (response: Response) => Effect.promise(() => response.text())

describe("GET /metrics", () => {
  it.live("is what an independent parser reads, with what has happened in it", () =>
    Effect.gen(function* () {
      const simulator = simulated()
      const { customerId, orderId } = simulator.sample
      const ask = asking(yield* services(simulator))
      const report = `/v1/customers/${customerId}/orders/${orderId}/report`
      for (const path of [report, report, "/v1/customers", "/nowhere", "/livez"]) yield* ask(path)
      yield* ask(report, { method: "PROPFIND" })
      const response = yield* ask("/metrics")
      assert.strictEqual(response.status, 200)
      assert.strictEqual(
        response.headers.get("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
      )
      const text = yield* textOf(response)
      const all = families(text)

      const route = "/v1/customers/:customer/orders/:order/report"
      const of = { route, method: "GET" }
      assert.strictEqual(
        valueOf(all, "orderwatch_gateway_requests_total", { ...of, status: "200" }),
        2
      )
      assert.strictEqual(
        valueOf(all, "orderwatch_gateway_requests_total", { route: "unmatched", status: "404" }),
        1
      )
      assert.strictEqual(
        valueOf(all, "orderwatch_gateway_requests_total", { method: "_OTHER", status: "405" }),
        1
      )
      // The parser knows histograms without labels only.
      const labels = `{route="${route}",method="GET"`
      assert.include(text, `_request_duration_seconds_bucket${labels},le="+Inf"} 2\n`)
      assert.include(text, `_request_duration_seconds_count${labels}} 2\n`)
      assert.strictEqual(all.get("orderwatch_gateway_request_duration_seconds")?.type, "HISTOGRAM")

      const provisioning = { operation: "provisioningStatus", status: "2xx" }
      assert.strictEqual(valueOf(all, "orderwatch_upstream_requests_total", provisioning), 1)
      assert.strictEqual(
        valueOf(all, "orderwatch_token_refreshes_total", { outcome: "success" }),
        1
      )
      // What has not happened is there, so that it can be compared with later.
      assert.strictEqual(
        valueOf(all, "orderwatch_token_refreshes_total", { outcome: "failure" }),
        0
      )
      assert.strictEqual(
        valueOf(all, "orderwatch_upstream_throttled_total", { operation: "order" }),
        0
      )
      assert.isAtLeast(valueOf(all, "orderwatch_budget_spent_requests") ?? 0, 3)
      assert.strictEqual(valueOf(all, "orderwatch_budget_limit_requests"), 10_000)
      assert.strictEqual(valueOf(all, "orderwatch_follows"), 0)
      assert.strictEqual(valueOf(all, "orderwatch_gateway_streams"), 0)
      assert.strictEqual(valueOf(all, "orderwatch_build_info"), 1)
      assert.isAbove(valueOf(all, "process_resident_memory_bytes") ?? 0, 10_000_000)
      assert.isAbove(valueOf(all, "nodejs_heap_size_used_bytes") ?? 0, 1_000_000)
      assert.isAbove(valueOf(all, "process_uptime_seconds") ?? 0, 0)
      const age = valueOf(all, "orderwatch_refresh_token_age_seconds") ?? -1
      assert.isTrue(age >= 0 && age < 60, `${age}`)
      const left = valueOf(all, "orderwatch_refresh_token_expires_in_seconds") ?? 0
      assert.approximately(left + age, 90 * 86_400, 1)
    }).pipe(Effect.scoped)
  )

  it.live("names everything in OpenMetrics' manner, explains it, and tells of no id", () =>
    Effect.gen(function* () {
      const simulator = simulated()
      const ask = asking(yield* services(simulator))
      for (const customer of simulator.customers) {
        yield* ask(`/v1/customers/${customer.id}/orders`)
        yield* ask(`/v1/customers/${customer.id}/orders/${simulator.sample.orderId}/report`)
      }
      const text = yield* textOf(yield* ask("/metrics"))
      assert.notMatch(text, /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i)
      const lines = text.split("\n")
      for (const [name, { help, type }] of families(text)) {
        assert.match(name, /^(orderwatch|process|nodejs)_[a-z_]+$/)
        assert.isNotEmpty(help, name)
        assert.strictEqual(type === "COUNTER", name.endsWith("_total"), name)
        // One family stands together, under one TYPE.
        assert.lengthOf(
          lines.filter((line) => line.startsWith(`# TYPE ${name} `)),
          1
        )
      }
    }).pipe(Effect.scoped)
  )

  it.live("forgets what ended with the gateway", () =>
    Effect.gen(function* () {
      const context = yield* Effect.scoped(services(simulated()))
      const text = yield* textOf(yield* asking(context)("/metrics"))
      assert.notInclude(text, "orderwatch_follows")
      assert.notInclude(text, "orderwatch_refresh_token_age_seconds")
    })
  )
})
