// What the gateway counts, for Prometheus. The series of the core are in the same registry.
import { Budget } from "@orderwatch/core/Budget"
import * as CoreMetrics from "@orderwatch/core/Metrics"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { Tracker } from "@orderwatch/core/Tracker"
import { Clock, Duration, Effect, Layer } from "effect"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import type { Answer } from "./answer.ts"
import { Limits } from "./limits.ts"
import { observed } from "./metrics/gauge.ts"
import { processMetrics } from "./metrics/process.ts"
import { initial } from "./metrics/requests.ts"
import type { Path } from "./route.ts"

export { answered, freshness } from "./metrics/requests.ts"

/** Shows what goes on at this moment: in the process, of the tenant's budget, in follows and streams. */
export const layer: Layer.Layer<never, never, Budget | Limits | PartnerCenter | Tracker> =
  Layer.effectDiscard(
    Effect.gen(function* () {
      const budget = yield* Budget
      const limits = yield* Limits
      const partnerCenter = yield* PartnerCenter
      const tracker = yield* Tracker
      yield* CoreMetrics.initial
      yield* initial
      yield* processMetrics
      yield* observed(
        "orderwatch_follows",
        { description: "Orders that are followed now." },
        Effect.map(tracker.following, ({ orders }) => orders)
      )
      yield* observed(
        "orderwatch_followers",
        { description: "How many follow those orders now; the streams of one order are one." },
        Effect.map(tracker.following, ({ followers }) => followers)
      )
      yield* observed(
        "orderwatch_gateway_streams",
        { description: "Event streams that are open now." },
        limits.streams
      )
      yield* observed(
        "orderwatch_budget_spent_requests",
        {
          description: "Requests that this process sent to Partner Center in the last 60 seconds."
        },
        Effect.map(budget.usage, ({ spent }) => spent)
      )
      yield* observed(
        "orderwatch_budget_limit_requests",
        { description: "Requests that may be sent to Partner Center in a minute." },
        Effect.map(budget.usage, ({ perMinute }) => perMinute)
      )
      yield* observed(
        "orderwatch_budget_paused_seconds",
        { description: "How long requests are still held because Partner Center asked for it." },
        Effect.zipWith(budget.pausedUntil, Clock.currentTimeMillis, (until, now) =>
          Math.max(0, (until - now) / 1000)
        )
      )
      yield* observed(
        "orderwatch_upstream_suspended_seconds",
        { description: "How long asking is still suspended after repeated failures." },
        Effect.map(partnerCenter.suspendedFor, Duration.toSeconds)
      )
    })
  )

// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
const contentType = "text/plain; version=0.0.4; charset=utf-8"

/** All series of this process as Prometheus reads them. */
export const metrics: Effect.Effect<Answer> = Effect.map(PrometheusMetrics.format(), (body) => ({
  status: 200,
  headers: { "content-type": contentType, "cache-control": "no-store" },
  body
}))

export const path: Path<never> = {
  path: "/metrics",
  isUpstreams: false,
  isOpen: false,
  methods: { GET: { run: () => metrics } }
}
