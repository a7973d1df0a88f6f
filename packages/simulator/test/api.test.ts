import { assert, describe, it } from "vitest"
import { stranger } from "../src/customers.ts"
import { harness, orderPath, statusPath } from "./harness.ts"

const { sample } = harness().simulator
const samplePath = statusPath(sample.customerId, sample.orderId)

describe("every answer", () => {
  it("echoes the ids of the request and carries the service's headers", async () => {
    const { get, time } = harness()
    const { headers } = await get(samplePath, {
      "MS-RequestId": "d0e38dfd-a2c5-4a14-ac06-12d30f0ec54e",
      "MS-CorrelationId": "e937630b-8341-4d70-8f73-450d32ee0189",
      "X-Locale": "de-DE"
    })
    assert.strictEqual(headers.get("MS-RequestId"), "d0e38dfd-a2c5-4a14-ac06-12d30f0ec54e")
    assert.strictEqual(headers.get("MS-CorrelationId"), "e937630b-8341-4d70-8f73-450d32ee0189")
    assert.strictEqual(headers.get("X-Locale"), "de-DE")
    assert.strictEqual(headers.get("Content-Type"), "application/json; charset=utf-8")
    assert.strictEqual(headers.get("Date"), new Date(time.now).toUTCString())
    for (const name of ["MS-CV", "MS-ServerId", "Request-Context"])
      assert.isTrue(headers.has(name), name)
  })

  it("has ids made for a request that sent none", async () => {
    const { get } = harness()
    const { headers } = await get(samplePath)
    assert.match(headers.get("MS-RequestId") ?? "", /^[0-9a-f-]{36}$/)
    assert.match(headers.get("MS-CorrelationId") ?? "", /^[0-9a-f-]{36}$/)
  })

  it("has a BOM and its length when it is a 200, and no BOM when it is an error", async () => {
    const { get, send } = harness()
    const good = await get(samplePath)
    assert.isTrue(good.hasBom)
    assert.strictEqual(
      Number(good.headers.get("Content-Length")),
      3 + new TextEncoder().encode(good.text).length
    )
    assert.isFalse((await send(samplePath)).hasBom)
  })
})

describe("the bearer token", () => {
  const as = (authorization: string) => ({ authorization })

  it("is missed with 800001, and refused with 400 when unknown", async () => {
    const { get, send } = harness()
    const missing = await send(samplePath)
    assert.strictEqual(missing.status, 401)
    assert.strictEqual(missing.json["code"], 800001)
    assert.strictEqual((await get(samplePath, as("Basic abc"))).json["code"], 800001)
    const unknown = await get(samplePath, as("Bearer abc"))
    assert.strictEqual(unknown.status, 401)
    assert.strictEqual(unknown.json["code"], 400)
  })

  it("expires by the clock", async () => {
    const { get, time } = harness()
    assert.strictEqual((await get(samplePath)).status, 200)
    time.now += 3_600_000
    assert.strictEqual((await get(samplePath)).status, 401)
  })

  it("may be app-only for customers, orders and an order, but not for a provisioning status", async () => {
    const { get, appToken } = harness()
    const app = as(`Bearer ${await appToken()}`)
    const orders = `/v1/customers/${sample.customerId}/orders`
    for (const path of ["/v1/customers", orders, orderPath(sample.customerId, sample.orderId)])
      assert.strictEqual((await get(path, app)).status, 200, path)
    const subscription = `/v1/customers/${sample.customerId}/subscriptions/x/provisioningstatus`
    for (const path of [samplePath, subscription]) {
      const { status, json } = await get(path, app)
      assert.strictEqual(status, 403)
      assert.deepInclude(json, { code: 900329, errorName: "AppOnlyNotSupported" })
    }
  })
})

describe("what is asked for", () => {
  it.each([
    ["a customer id that is no GUID", statusPath("contoso", sample.orderId), 400, 2000],
    ["an unknown customer", statusPath(crypto.randomUUID(), sample.orderId), 404, 60003],
    ["a customer of somebody else", statusPath(stranger, sample.orderId), 403, 20002],
    ["an unknown order", orderPath(sample.customerId, "nope"), 404, 20000],
    ["the status of an unknown order", statusPath(sample.customerId, "nope"), 404, 20000],
    ["an order under an encoded path", orderPath(sample.customerId, "../../x"), 404, 20000],
    [
      "an unknown subscription",
      `/v1/customers/${sample.customerId}/subscriptions/x/provisioningstatus`,
      404,
      20003
    ],
    ["an unknown path", "/v1/invoices", 404, 1000],
    ["a broken escape", `${orderPath(sample.customerId, "x")}%E0%A4`, 404, 20000]
  ])("%s fails", async (_, path, status, code) => {
    const { get } = harness()
    const answer = await get(path)
    assert.strictEqual(answer.status, status)
    assert.strictEqual(answer.json["code"], code)
  })

  it("is only ever read: other methods are 405", async () => {
    const { send } = harness()
    for (const method of ["POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"])
      assert.strictEqual((await send(samplePath, { method })).status, 405, method)
  })

  it("is found whatever the case of a GUID, but modern order ids are exact", async () => {
    const { get } = harness()
    const lower = statusPath(sample.customerId.toUpperCase(), sample.orderId.toLowerCase())
    assert.strictEqual((await get(lower)).status, 200)
    const modern = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1"
    assert.strictEqual((await get(statusPath(sample.customerId, modern))).status, 200)
    const folded = await get(statusPath(sample.customerId, modern.toLowerCase()))
    assert.strictEqual(folded.json["code"], 20000)
  })

  it("filters orders by billing type", async () => {
    const { get } = harness()
    const path = `/v1/customers/${sample.customerId}/orders`
    assert.strictEqual((await get(path)).json["totalCount"], 3)
    assert.strictEqual((await get(`${path}?billingType=onetime`)).json["totalCount"], 2)
    assert.strictEqual((await get(`${path}?billingType=one_time`)).status, 400)
  })
})
