import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Caller } from "../src/access.ts"
import { customer, failing, gateway, jsonOf, order, other, statusOf, upstream } from "./gateway.ts"

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body)
})

const wanted = (customerId: string, orderId: string) => ({ customerId, orderId })

describe("POST /v1/reports", () => {
  it.effect("answers each order in the order of the request, failures among them", () =>
    Effect.gen(function* () {
      const up = upstream()
      const caller: Caller = { id: "a", customers: new Set([customer]), ended: Effect.never }
      const { ask } = yield* gateway(up, { callers: { a: caller } })
      const orders = [
        wanted(other, order),
        wanted(customer, order),
        wanted(customer, "../x"),
        wanted("nobody", order),
        wanted(customer, order.toLowerCase())
      ]
      const response = yield* ask("/v1/reports", post({ orders }, { authorization: "Bearer a" }))
      assert.strictEqual(response.status, 200)
      const { results } = yield* jsonOf(response)
      assert.isArray(results)
      const said = Array.isArray(results)
        ? results.map((one) => [one.customerId, one.orderId, one.verdict ?? one.problem.reason])
        : []
      assert.deepStrictEqual(said, [
        [other, order, "CallerNotAllowed"],
        [customer, order, "pending"],
        [customer, "../x", "InvalidRequest"],
        ["nobody", order, "InvalidRequest"],
        [customer, order.toLowerCase(), "pending"]
      ])
      assert.deepStrictEqual(up.asked, ["order", "status"])
    })
  )

  it.effect("says a failure of one order as its problem", () =>
    Effect.gen(function* () {
      const up = { ...upstream(), order: failing("order", "SignInRequired") }
      const { ask } = yield* gateway(up)
      const body = yield* jsonOf(
        yield* ask("/v1/reports", post({ orders: [wanted(customer, order)] }))
      )
      assert.include(JSON.stringify(body), '"reason":"SignInRequired"')
    })
  )

  it.effect("takes a hundred orders and not one more", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway({ ...upstream(), status: statusOf("fulfilled") })
      const many = (count: number) =>
        Array.from({ length: count }, (_, n) => wanted(customer, `o${n}`))
      const all = yield* ask("/v1/reports", post({ orders: many(100) }))
      const { results } = yield* jsonOf(all)
      assert.strictEqual(Array.isArray(results) && results.length, 100)
      assert.strictEqual((yield* ask("/v1/reports", post({ orders: many(101) }))).status, 400)
      assert.strictEqual((yield* ask("/v1/reports", post({ orders: [] }))).status, 200)
    })
  )

  it.effect("refuses bodies that are none", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      for (const body of [
        "",
        "{",
        "[]",
        "null",
        '{"orders":{}}',
        '{"orders":[1]}',
        '{"orders":[{}]}'
      ]) {
        const response = yield* ask("/v1/reports", post(body))
        assert.strictEqual(response.status, 400, body)
        assert.strictEqual((yield* jsonOf(response))["reason"], "InvalidRequest")
      }
      const large = yield* ask("/v1/reports", post(`"${"x".repeat(70_000)}"`))
      assert.strictEqual(large.status, 413)
      const form = yield* ask("/v1/reports", post("a=b", { "content-type": "text/plain" }))
      assert.strictEqual(form.status, 415)
      const binary = yield* ask("/v1/reports", { ...post(""), body: new Uint8Array([0xff, 0xfe]) })
      assert.strictEqual(binary.status, 400)
    })
  )

  it.effect("tells what is left after all that it cost, served or not", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(
        { ...upstream(), status: statusOf("fulfilled") },
        { settings: { callerRequestsPerMinute: 50 } }
      )
      const many = (count: number) =>
        post({ orders: Array.from({ length: count }, (_, n) => wanted(customer, `o${n}`)) })
      const first = yield* ask("/v1/reports", many(20))
      assert.strictEqual(first.status, 200)
      assert.strictEqual(first.headers.get("ratelimit"), '"default";r=30;t=24')
      const next = yield* ask("/v1/customers")
      assert.strictEqual(next.headers.get("ratelimit"), '"default";r=29;t=26')
      const refused = yield* ask("/v1/reports", many(51))
      assert.strictEqual(refused.status, 429)
      assert.strictEqual((yield* jsonOf(refused))["reason"], "CallerThrottled")
      assert.strictEqual(refused.headers.get("ratelimit"), '"default";r=28;t=27')
      assert.strictEqual(refused.headers.get("retry-after"), "27")
      yield* TestClock.adjust("27 seconds")
      const served = yield* ask("/v1/reports", many(51))
      assert.strictEqual(served.status, 200)
      assert.strictEqual(served.headers.get("ratelimit"), '"default";r=0;t=60')
    })
  )
})
