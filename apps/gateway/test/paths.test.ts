import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { app } from "../src/app.ts"
import { isDetour, pathOf, upstreamsPath } from "../src/paths.ts"
import { base, customer, gateway, jsonOf, order, services, statusOf, upstream } from "./gateway.ts"

describe("a request's path", () => {
  it("is what was sent, without host and query", () => {
    const paths = {
      "http://127.0.0.1:8780": "/",
      "http://127.0.0.1:8780/": "/",
      "http://127.0.0.1:8780?a=/b": "/",
      "http://127.0.0.1:8780/v1/customers?size=1/2": "/v1/customers",
      "http://[::1]/a%2fb/%00#c": "/a%2fb/%00"
    }
    for (const [url, path] of Object.entries(paths)) assert.strictEqual(pathOf(url), path, url)
  })
})

describe("a path that leads through others", () => {
  it("is told by its segments", () => {
    for (const target of [
      "/v1/x/../customers",
      "/v1/./customers",
      "/v1/customers/.",
      "/v1/customers/..",
      "/v1/customers/a/..?size=1",
      "/../v1/customers",
      "/v1/%2e/customers",
      "/v1/x/%2E%2e/customers",
      "/v1/x/.%2e/customers",
      "/v1/x/%2E.",
      "http://127.0.0.1:8780/v1/x/../customers",
      "http://127.0.0.1:8780/v1/customers/%2e#a"
    ]) {
      assert.isTrue(isDetour(target), target)
    }
  })

  it("is no other that has a dot, or a query with such a path", () => {
    for (const target of [
      "",
      "*",
      "/",
      "/openapi.json",
      `${base}/report`,
      "/v1/customers/",
      "/v1/customers?next=/../x",
      "/v1/customers#/../x",
      "/v1/customers/...",
      "/v1/customers/a..",
      "/v1/customers/..a/orders",
      "/v1/customers/.well-known",
      "/v1/customers/%2e%2e%2fx/orders",
      "/v1/customers/..%2f../orders",
      "/v1/customers/%2efoo",
      "http://127.0.0.1:8780/v1/customers/",
      "http://gateway.localhost./v1/customers"
    ]) {
      assert.isFalse(isDetour(target), target)
    }
  })
})

describe("upstream's paths", () => {
  it("are taken in any case and with a slash at the end, and ids stay as they are", () => {
    const id = "AbC-9_x"
    assert.strictEqual(upstreamsPath("/V1/Customers/"), "/v1/customers")
    assert.strictEqual(upstreamsPath(`/v1/customers/${id}/Orders`), `/v1/customers/${id}/orders`)
    assert.strictEqual(
      upstreamsPath(`/v1/customers/${id}/orders/Orders/`),
      `/v1/customers/${id}/orders/Orders`
    )
    assert.strictEqual(
      upstreamsPath(`/v1/Customers/${id}/orders/${id}/provisioningStatus/`),
      `/v1/customers/${id}/orders/${id}/provisioningstatus`
    )
    for (const path of [
      "/",
      "/v1",
      "/v2/customers",
      "/v1/customers//",
      "/v1/customers/a/b/c",
      `${base}/report`
    ]) {
      assert.isUndefined(upstreamsPath(path), path)
    }
  })

  it.effect("answer so over the gateway as well", () =>
    Effect.gen(function* () {
      const up = upstream()
      up.status = statusOf("fulfilled")
      const { ask } = yield* gateway(up)
      const usual = yield* jsonOf(yield* ask(`${base}/provisioningstatus`))
      const path = `/v1/Customers/${customer}/Orders/${order}/ProvisioningStatus/?a=b`
      const other = yield* ask(path)
      assert.strictEqual(other.status, 200)
      assert.deepStrictEqual(yield* jsonOf(other), usual)
      assert.strictEqual((yield* ask(`${base}/Report`)).status, 404)
      const posted = yield* ask("/v1/Customers/", {
        method: "POST",
        headers: { "content-type": "application/json" }
      })
      assert.strictEqual(posted.status, 405)
      assert.strictEqual(posted.headers.get("allow"), "GET, HEAD")
      const problem = yield* jsonOf(yield* ask("/V1/customers/nope/Orders/?x=y"))
      assert.strictEqual(problem["instance"], "/V1/customers/nope/Orders/")
    })
  )

  it.effect("are told in a problem as they were sent", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      const problem = yield* jsonOf(yield* ask("/v1/customers/a%2fb/orders?x=y"))
      assert.strictEqual(problem["instance"], "/v1/customers/a%2fb/orders")
    })
  )

  it.effect("are nowhere where they are spelled by `.` and `..`, as every other path is", () =>
    Effect.gen(function* () {
      const up = upstream()
      const made = app(yield* services(up))
      for (const [sent, resolved] of [
        ["/v1/x/../customers", "/v1/customers"],
        [`/v1/customers/x/%2e%2E/${customer}/orders`, `/v1/customers/${customer}/orders`],
        [`/x/..${base}/report`, `${base}/report`],
        ["/./openapi.json", "/openapi.json"]
      ] as const) {
        const ask = (url: string) =>
          Effect.promise(async () =>
            made.request(resolved, { headers: { host: "127.0.0.1:8780" } }, { incoming: { url } })
          )
        const response = yield* ask(sent)
        assert.strictEqual(response.status, 404, sent)
        assert.strictEqual((yield* jsonOf(response))["reason"], "RouteNotFound", sent)
        assert.deepStrictEqual(up.asked, [], sent)
      }
      const usual = { headers: { host: "127.0.0.1:8780" } }
      const { status } = yield* Effect.promise(async () =>
        made.request("/v1/customers", usual, { incoming: { url: "/v1/customers?a=/../b" } })
      )
      assert.strictEqual(status, 200)
    })
  )
})
