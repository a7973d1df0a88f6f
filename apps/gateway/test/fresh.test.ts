import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { TestClock } from "effect/testing"
import { read } from "../src/settings.ts"
import { base, customer, failing, gateway, order, statusOf, upstream } from "./gateway.ts"
import type { Upstream } from "./gateway.ts"

const status = `${base}/provisioningstatus`
const report = `${base}/report`
const orders = `/v1/customers/${customer}/orders`
const spelled = `/v1/customers/${customer.toUpperCase()}/orders/${order.toLowerCase()}`
const anew = { "cache-control": "no-cache" }

const batch = (
  headers: Record<string, string> = {},
  wanted = { customerId: customer, orderId: order }
) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify({ orders: [wanted, wanted] })
})

/** How often that was asked for. */
const count = ({ asked }: Upstream, name: string) =>
  asked.filter((one) => one.split(" ")[0] === name).length

describe("Cache-Control: no-cache", () => {
  it.effect.each([
    { path: status, name: "status" },
    { path: base, name: "order" },
    { path: `${base}?include_price=true`, name: "order" },
    { path: orders, name: "orders" },
    { path: "/v1/customers", name: "customers" }
  ])("asks anew on upstream's own $path, at most once a second", ({ name, path }) =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      yield* ask(path)
      yield* TestClock.adjust("999 millis")
      for (let n = 0; n < 5; n++) yield* ask(path, { headers: anew })
      assert.strictEqual(count(up, name), 1)
      yield* TestClock.adjust("1 millis")
      for (let n = 0; n < 5; n++) yield* ask(path, { headers: anew })
      assert.strictEqual(count(up, name), 2)
      // Who did not ask anew is served what that brought.
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual((yield* ask(path)).headers.get("age"), "9")
      assert.strictEqual(count(up, name), 2)
    })
  )

  it.effect("asks anew in a batch, at most once a second per order", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      yield* ask("/v1/reports", batch())
      yield* TestClock.adjust("999 millis")
      yield* ask("/v1/reports", batch(anew))
      assert.strictEqual(up.asked.length, 2)
      yield* TestClock.adjust("1 millis")
      for (let n = 0; n < 5; n++) yield* ask("/v1/reports", batch(anew))
      assert.strictEqual(up.asked.length, 4)
      // Another order has its own second.
      yield* ask("/v1/reports", batch(anew, { customerId: customer, orderId: "another" }))
      assert.strictEqual(up.asked.length, 6)
    })
  )

  it.effect("is one for all paths, however the ids are spelled and however long it takes", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { begin } = yield* gateway(up)
      for (let round = 1; round <= 4; round++) {
        // The first round is answered at once, and the others while the one before is under way.
        up.takes = round === 1 ? 0 : "400 millis"
        const asked = [
          begin(status, { headers: anew }),
          begin(report, { headers: anew }),
          begin("/v1/reports", batch(anew)),
          begin(`${spelled}/report`, { headers: anew }),
          begin(`${spelled}/provisioningStatus`, { headers: anew }),
          begin(base, { headers: anew })
        ]
        yield* TestClock.adjust("500 millis")
        yield* TestClock.adjust("500 millis")
        const answers = yield* Effect.promise(() => Promise.all(asked))
        assert.deepStrictEqual(new Set(answers.map((answer) => answer.status)), new Set([200]))
        assert.isAtMost(count(up, "status"), round)
        assert.isAtMost(count(up, "order"), round)
      }
      assert.isAbove(count(up, "status"), 1)
    })
  )

  it.effect("asks anew after what is not there once a second as well", () =>
    Effect.gen(function* () {
      const up = upstream()
      up.order = failing("order", "OrderNotFound")
      up.status = failing("provisioningStatus", "ProvisioningStatusNotFound")
      const { ask } = yield* gateway(up)
      for (const path of [status, base, report]) yield* ask(path)
      yield* TestClock.adjust("999 millis")
      for (const path of [status, base, report]) yield* ask(path, { headers: anew })
      assert.deepStrictEqual([count(up, "order"), count(up, "status")], [1, 1])
      yield* TestClock.adjust("1 millis")
      for (const path of [status, base, report, status, base, report]) {
        assert.strictEqual((yield* ask(path, { headers: anew })).status, 404)
      }
      assert.deepStrictEqual([count(up, "order"), count(up, "status")], [2, 2])
    })
  )
})

/** A gateway whose environment says how long a look is fresh. */
const fresh = Effect.fnUntraced(function* (up: Upstream, freshFor: string) {
  const environment = ConfigProvider.fromEnvRecord({ ORDERWATCH_GATEWAY_FRESH_FOR: freshFor })
  const settings = yield* read().pipe(Effect.provide(ConfigProvider.layer(environment)))
  return yield* gateway(up, { settings })
})

describe("ORDERWATCH_GATEWAY_FRESH_FOR", () => {
  const paths = [
    { path: report, name: "status" },
    { path: status, name: "status" },
    { path: base, name: "order" },
    { path: orders, name: "orders" },
    { path: "/v1/customers", name: "customers" },
    { path: "/v1/reports", name: "status", init: batch() }
  ]

  it.effect.each(paths)("is how long $path serves a look again", ({ init, name, path }) =>
    Effect.gen(function* () {
      for (const [freshFor, before] of [
        ["3s", 2999],
        ["500ms", 499],
        ["10m", 599_999]
      ] as const) {
        const up = upstream()
        const { ask } = yield* fresh(up, freshFor)
        yield* ask(path, init)
        yield* TestClock.adjust(before)
        yield* ask(path, init)
        assert.strictEqual(count(up, name), 1, freshFor)
        yield* TestClock.adjust(1)
        yield* ask(path, init)
        assert.strictEqual(count(up, name), 2, freshFor)
      }
    })
  )

  it.effect.each(paths.filter(({ name }) => name === "status"))(
    "leaves $path of an order that has settled at five minutes",
    ({ init, name, path }) =>
      Effect.gen(function* () {
        for (const freshFor of ["3s", "10m"]) {
          const up = { ...upstream(), status: statusOf("fulfilled") }
          const { ask } = yield* fresh(up, freshFor)
          yield* ask(path, init)
          yield* TestClock.adjust(299_999)
          yield* ask(path, init)
          assert.strictEqual(count(up, name), 1, freshFor)
          yield* TestClock.adjust(1)
          yield* ask(path, init)
          assert.strictEqual(count(up, name), 2, freshFor)
        }
      })
  )

  it.effect("of 0 asks anew each time, and still once for all who ask at the same time", () =>
    Effect.gen(function* () {
      const up = { ...upstream(), takes: "1 seconds" as const }
      const { begin } = yield* fresh(up, "0")
      for (let round = 1; round <= 2; round++) {
        const asked = [begin(status), begin(status), begin(status)]
        yield* TestClock.adjust("1 seconds")
        yield* Effect.promise(() => Promise.all(asked))
        assert.strictEqual(count(up, "status"), round)
      }
    })
  )
})
