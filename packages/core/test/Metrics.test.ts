import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Metric, Stream } from "effect"
import { classOf } from "../src/Metrics.ts"
import { PartnerCenter } from "../src/PartnerCenter.ts"
import { Tracker } from "../src/Tracker.ts"
import { customer, fulfilled, order, paths, pending, reservation } from "./fixtures.ts"
import { advance, failed, run, stack } from "./layers.ts"

const ask = Effect.flatMap(PartnerCenter, (partnerCenter) =>
  partnerCenter.provisioningStatus(customer, order)
)

/** What every series says: `name{label="value"}` and its count, or its value. */
const counted = Effect.map(Metric.snapshot, (snapshots) =>
  Object.fromEntries(
    snapshots.map(({ attributes, id, state }) => {
      const labels = Object.entries(attributes ?? {}).map(([name, value]) => `${name}="${value}"`)
      return [
        `${id}${labels.length > 0 ? `{${labels.join(",")}}` : ""}`,
        "count" in state ? Number(state.count) : "value" in state ? Number(state.value) : -1
      ]
    })
  )
)

/** With a registry of the test's own. */
const own = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => Effect.provideService(effect, Metric.MetricRegistry, new Map()))

describe("the core's metrics", () => {
  it.effect(
    "count each attempt by operation and class, and throttling and retries by operation",
    () =>
      Effect.gen(function* () {
        yield* run(ask)
        const found = yield* counted
        const of = 'operation="provisioningStatus"'
        assert.deepInclude(found, {
          [`orderwatch_upstream_requests_total{${of},status="4xx"}`]: 1,
          [`orderwatch_upstream_requests_total{${of},status="5xx"}`]: 1,
          [`orderwatch_upstream_requests_total{${of},status="none"}`]: 1,
          [`orderwatch_upstream_requests_total{${of},status="2xx"}`]: 1,
          [`orderwatch_upstream_throttled_total{${of}}`]: 1,
          [`orderwatch_upstream_retries_total{${of}}`]: 3,
          [`orderwatch_upstream_request_duration_seconds{${of}}`]: 4,
          'orderwatch_token_refreshes_total{outcome="success"}': 1
        })
        assert.notMatch(JSON.stringify(found), new RegExp(`${customer}|${order}`, "i"))
      }).pipe(
        Effect.provide(
          stack({
            [paths.status]: [
              { status: 429, headers: { "retry-after": "1" } },
              { status: 503 },
              "reset",
              { body: fulfilled }
            ]
          })
        ),
        own
      )
  )

  it.effect("count a refused sign-in by its reason, and nothing sent upstream", () =>
    Effect.gen(function* () {
      yield* failed(ask)
      const found = yield* counted
      assert.deepEqual(found, {
        'orderwatch_token_refreshes_total{outcome="failure"}': 1,
        'orderwatch_token_refresh_failures_total{reason="SignInRequired"}': 1
      })
    }).pipe(
      Effect.provide(
        stack({ [paths.token]: [{ status: 400, body: '{"error":"invalid_grant"}' }] })
      ),
      own
    )
  )

  it.effect("time a followed order from pending to fulfilled, however many follow it", () =>
    Effect.gen(function* () {
      const tracker = yield* Tracker
      const follow = Stream.runDrain(tracker.follow(customer, order))
      const following = yield* Effect.forkChild(Effect.all([follow, follow], { concurrency: 2 }))
      yield* advance(600_000, 1000)
      yield* Fiber.join(following)
      const found = (yield* Metric.snapshot).find(
        ({ id }) => id === "orderwatch_order_fulfilment_seconds"
      )
      assert.isTrue(found?.type === "Histogram" && found.state.count === 1)
      const sum = found?.type === "Histogram" ? found.state.sum : 0
      assert.isTrue(sum >= 20 && sum < 600, `${sum}`)
    }).pipe(
      Effect.provide(
        stack({
          [paths.order]: [{ body: reservation }],
          [paths.status]: [{ body: pending }, { body: fulfilled }]
        })
      ),
      own
    )
  )
})

describe("classOf", () => {
  it.each([
    [200, "2xx"],
    [304, "3xx"],
    [404, "4xx"],
    [599, "5xx"],
    [0, "none"],
    [999, "none"],
    [undefined, "none"]
  ] as const)("of %s is %s", (status, expected) => {
    assert.strictEqual(classOf(status), expected)
  })
})
