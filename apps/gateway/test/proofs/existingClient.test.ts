// A client that knows Partner Center alone, and of the gateway only its address.
import { assert, beforeAll, describe, it } from "@effect/vitest"
import {
  cleaningUp,
  freePort,
  gateway,
  jsonOf,
  keyring,
  messageOf,
  partnerCenter,
  raw
} from "./running.ts"
import type { Upstream } from "./running.ts"

cleaningUp()

// https://learn.microsoft.com/partner-center/developer/get-order-provisioning-status, as it is printed.
const printed = `GET https://api.partnercenter.microsoft.com/v1/customers/0c39d6d5-c70d-4c55-bc02-f620844f3fd1/orders/34828C05-C16C-4D6F-9CFC-4D2650EF19A1/provisioningstatus HTTP/1.1
Accept: application/json, text/plain, */*
Authorization: Bearer <token>
MS-RequestId: d0e38dfd-a2c5-4a14-ac06-12d30f0ec54e
MS-CorrelationId: e937630b-8341-4d70-8f73-450d32ee0189
X-Locale: en-US
Host: api.partnercenter.microsoft.com

`

/** The printed request to another host, with that token; nothing else of it is changed. */
const requestTo = (port: number, token: string) =>
  printed
    .replaceAll("api.partnercenter.microsoft.com", `127.0.0.1:${port}`)
    .replace("<token>", token)
    .replaceAll("\n", "\r\n")

let upstream: Upstream
let at: { readonly port: number; readonly url: string }
let key: string
let token: string

/** What a client of Partner Center does to be let in. */
const signIn = async ({ credentials, url }: Upstream) => {
  const { clientId, clientSecret, refreshToken, tenantId } = credentials
  const response = await fetch(`${url}/${tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
      scope: "https://api.partnercenter.microsoft.com/user_impersonation offline_access"
    })
  })
  return (await jsonOf<{ readonly access_token: string }>(response)).access_token
}

beforeAll(async () => {
  upstream = await partnerCenter()
  const keys = keyring()
  key = await keys.add("client", "*")
  at = await gateway(upstream, await freePort(), keys.env)
  token = await signIn(upstream)
})

/** The same asked of both, by a client that is given an address and a token. */
const both = async <A>(ask: (url: string, token: string) => Promise<A>) => ({
  theirs: await ask(upstream.url, token),
  ours: await ask(at.url, key)
})

const plain = async (url: string, token: string, path: string) => {
  const response = await fetch(url + path, {
    headers: { authorization: `Bearer ${token}`, accept: "application/json" }
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  return {
    status: response.status,
    headers: response.headers,
    hasMark: bytes.subarray(0, 3).equals(Buffer.from("\uFEFF")),
    body: JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, ""))
  }
}

/** Everything in the one is in the other, with the same value. */
const assertWithin = (part: unknown, whole: unknown, where = "body"): void => {
  if (typeof part !== "object" || part === null) return assert.strictEqual(part, whole, where)
  assert.isObject(Array.isArray(whole) ? { ...whole } : whole, where)
  if (Array.isArray(part) && Array.isArray(whole)) {
    assert.strictEqual(part.length, whole.length, where)
  }
  for (const [name, value] of Object.entries(part)) {
    assertWithin(value, (whole as Record<string, unknown>)[name], `${where}.${name}`)
  }
}

describe("the document's request, as it is printed, over TCP", () => {
  it("is answered as Partner Center answers it", async () => {
    const theirPort = Number(new URL(upstream.url).port)
    const until = (text: string) => text.endsWith("}")
    const [theirs, ours] = (
      await Promise.all([
        raw(theirPort, requestTo(theirPort, token), { until }),
        raw(at.port, requestTo(at.port, key), { until })
      ])
    ).map(({ text }) => messageOf(text))
    assert.strictEqual(ours?.status, 200)
    assert.strictEqual(theirs?.status, 200)
    for (const name of ["content-type", "ms-requestid", "ms-correlationid"]) {
      assert.strictEqual(ours?.headers[name], theirs?.headers[name], name)
    }
    assert.strictEqual(ours?.headers["ms-requestid"], "d0e38dfd-a2c5-4a14-ac06-12d30f0ec54e")
    for (const name of ["content-length", "date"]) assert.isDefined(ours?.headers[name], name)
    assert.deepStrictEqual(
      JSON.parse(ours?.body ?? ""),
      JSON.parse((theirs?.body ?? "").replace(/^\uFEFF/, ""))
    )
    // What the document prints, and no mark before it, which JSON does not allow.
    assert.match(ours?.body ?? "", /^\{"totalCount":1,"items":\[\{"orderLineItemId":0,/)
  })
})

describe("the two steps of the C# sample, as plain fetch", () => {
  it("say what Partner Center says, in its words", async () => {
    const { customerId, orderId } = upstream.sample
    const { ours, theirs } = await both(async (url, token) => {
      const orders = `/v1/customers/${customerId}/orders`
      const order = await plain(url, token, `${orders}/${orderId}`)
      const status = await plain(url, token, `${orders}/${order.body.id}/provisioningstatus`)
      return { order, status }
    })
    assert.deepStrictEqual(ours.status.body, theirs.status.body)
    assertWithin(ours.order.body, theirs.order.body)
    // Of the order as the document of orders has it, nothing that was there is missing.
    for (const name of [
      "id",
      "referenceCustomerId",
      "billingCycle",
      "lineItems",
      "status",
      "creationDate",
      "currencyCode"
    ]) {
      assert.isDefined(ours.order.body[name], name)
    }
    for (const step of [ours.order, ours.status]) {
      assert.strictEqual(step.headers.get("content-type"), "application/json; charset=utf-8")
      assert.isFalse(step.hasMark)
    }
    assert.isTrue(theirs.status.hasMark)
  })

  it("do so for every order there is", async () => {
    const { customers } = await upstream.overview()
    const all = customers.flatMap(({ id, orders }) =>
      orders.map((order) => `/v1/customers/${id}/orders/${order.id}`)
    )
    assert.isAbove(all.length, 20)
    for (const path of all) {
      for (const last of ["", "/provisioningstatus"]) {
        const { ours, theirs } = await both((url, token) => plain(url, token, path + last))
        assert.strictEqual(ours.status, theirs.status, path + last)
        if (theirs.status === 200 && last === "")
          assert.deepStrictEqual(ours.body, theirs.body, path)
        else if (theirs.status === 200) assertWithin(ours.body, theirs.body, path + last)
        else assert.strictEqual(ours.body.code, theirs.body.code, path + last)
      }
    }
  })
})

describe("what else such a client does", () => {
  it("lists orders and customers", async () => {
    const { customerId } = upstream.sample
    const orders = `/v1/customers/${customerId}/orders`
    for (const path of [
      orders,
      `${orders}?billingType=monthly`,
      `${orders}?include_price=true`,
      `${orders}/5cf72f146967?include_price=true`,
      "/v1/customers?size=500"
    ]) {
      const { ours, theirs } = await both((url, token) => plain(url, token, path))
      assert.strictEqual(theirs.status, 200, path)
      assert.deepStrictEqual(ours.body, theirs.body, path)
    }
  })

  it("pages through the customers as Partner Center's links say", async () => {
    const { ours, theirs } = await both(async (url, token) => {
      const seen: Array<string> = []
      let uri: string | undefined = "/customers?size=5"
      let more: Record<string, string> = {}
      while (uri !== undefined) {
        const response: Response = await fetch(`${url}/v1${uri}`, {
          headers: { authorization: `Bearer ${token}`, ...more }
        })
        const page = JSON.parse((await response.text()).replace(/^\uFEFF/, ""))
        seen.push(...page.items.map(({ id }: { readonly id: string }) => id))
        const next:
          | {
              readonly uri: string
              readonly headers: ReadonlyArray<{ readonly key: string; readonly value: string }>
            }
          | undefined = page.links?.next
        uri = next?.uri
        more = Object.fromEntries((next?.headers ?? []).map(({ key, value }) => [key, value]))
      }
      return seen
    })
    assert.deepStrictEqual(ours, theirs)
    assert.strictEqual(ours.length, upstream.customers.length)
  })

  it.each([
    ["an order that is not there", "/v1/customers/{c}/orders/nothing"],
    ["a status that is not there", "/v1/customers/{c}/orders/nothing/provisioningstatus"],
    ["a customer that is not there", "/v1/customers/00000000-0000-4000-8000-000000000000/orders"],
    [
      "a customer without a relationship",
      "/v1/customers/d1e2f3a4-b5c6-4d7e-8f90-a1b2c3d4e5f6/orders"
    ]
  ])("is told of %s by the same status, code and description", async (_, path) => {
    const { ours, theirs } = await both((url, token) =>
      plain(url, token, path.replace("{c}", upstream.sample.customerId))
    )
    assert.strictEqual(ours.status, theirs.status)
    assert.strictEqual(ours.body.code, theirs.body.code)
    assert.isString(ours.body.description)
    assert.isNotEmpty(ours.headers.get("ms-requestid") ?? ours.body.requestId)
  })
})
