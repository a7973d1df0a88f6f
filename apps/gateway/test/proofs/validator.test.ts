// A validator that nobody here wrote, between a client and the gateway, with nothing but the document of
// /openapi.json: it answers in the gateway's place where an answer is not what the document says.
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import {
  atTheEnd,
  cleaningUp,
  freePort,
  gateway,
  keyring,
  partnerCenter,
  pause,
  temporary
} from "./running.ts"
import type { Upstream } from "./running.ts"

cleaningUp()

const prism = fileURLToPath(new URL("../../node_modules/.bin/prism", import.meta.url))

const contoso = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
const pending = "Slow-TestOrder_PendingForEver0001"

let upstream: Upstream
let behind: string
let url: string
let keys: { readonly all: string; readonly contoso: string }
const seen = new Map<string, number>()

/** A Prism of its own process before that gateway; `changed` is what becomes of the gateway's document. */
const validator = async (
  behind: string,
  key: string,
  changed: (document: string) => string = (document) => document
) => {
  const document = join(temporary(), "openapi.json")
  const described = await fetch(`${behind}/openapi.json`, {
    headers: { authorization: `Bearer ${key}` }
  })
  writeFileSync(document, changed(await described.text()))
  const port = await freePort()
  // It would refuse bad requests itself; they are for the gateway to refuse.
  const child = spawn(
    prism,
    [
      "proxy",
      document,
      behind,
      "-h",
      "127.0.0.1",
      "-p",
      String(port),
      "--errors",
      "--no-validate-request"
    ],
    { stdio: ["ignore", "pipe", "pipe"], detached: true, env: { ...process.env, CI: "true" } }
  )
  let said = ""
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data) => (said += String(data)))
  const gone = new Promise((resolve) => child.on("close", resolve))
  atTheEnd(async () => {
    // Its `.bin` is a shell script, and the program is the script's child.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM")
    await gone
  })
  for (let tries = 0; !said.includes("Prism is listening"); tries++) {
    assert.isNull(child.exitCode, said)
    assert.isBelow(tries, 1000, said)
    await pause(20)
  }
  return `http://127.0.0.1:${port}`
}

beforeAll(async () => {
  upstream = await partnerCenter()
  const ring = keyring()
  keys = { all: await ring.add("all", "*"), contoso: await ring.add("contoso", contoso) }
  const served = await gateway(upstream, await freePort(), {
    ...ring.env,
    PARTNER_CENTER_ATTEMPT_TIMEOUT: "800ms",
    PARTNER_CENTER_DEADLINE: "1200ms"
  })
  behind = served.url
  url = await validator(behind, keys.all)
})

interface Sent {
  readonly key?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Asks through the validator; the answer has been held against the document. */
const ask = async (path: string, { key = keys.all, headers = {}, ...init }: Sent = {}) => {
  const response = await fetch(url + path, {
    ...init,
    headers: { ...(key !== "" && { authorization: `Bearer ${key}` }), ...headers }
  })
  const text = await response.text()
  assert.isNull(
    response.headers.get("sl-violations"),
    `${path}: ${response.headers.get("sl-violations")}`
  )
  assert.notMatch(text, /stoplight|#(?:VIOLATIONS|UNPROCESSABLE_ENTITY|NO_\w+)/, path)
  seen.set(String(response.status), (seen.get(String(response.status)) ?? 0) + 1)
  return { status: response.status, headers: response.headers, text }
}

const statusOf = async (path: string, sent?: Sent) => (await ask(path, sent)).status
const pathOf = (order: string, last = "") => `/v1/customers/${contoso}/orders/${order}${last}`
const post = (body: unknown, type = "application/json"): Sent => ({
  method: "POST",
  headers: { "content-type": type },
  body: typeof body === "string" ? body : JSON.stringify(body)
})

describe("through Prism", () => {
  it("an answer that is not of the document would be refused", async () => {
    // Or all that follows would say nothing.
    const other = await validator(behind, keys.all, (document) =>
      document.replaceAll('"verdict"', '"finding"').replaceAll('"remedy"', '"advice"')
    )
    for (const order of [upstream.sample.orderId, "nothing"]) {
      const response = await fetch(other + pathOf(order, "/report"), {
        headers: { authorization: `Bearer ${keys.all}` }
      })
      assert.strictEqual(response.status, 500)
      assert.include(await response.text(), "#VIOLATIONS")
    }
  })

  it("every order there is, on every path: 200, 304, and what Partner Center refuses", async () => {
    const { customers } = await upstream.overview()
    for (const { id, orders } of customers) {
      assert.strictEqual(await statusOf(`/v1/customers/${id}/orders`), 200)
      for (const order of orders) {
        const path = `/v1/customers/${id}/orders/${order.id}`
        await ask(path)
        await ask(`${path}/provisioningstatus`)
        const report = await ask(`${path}/report`)
        const etag = report.headers.get("etag")
        if (report.status !== 200 || etag === null) continue
        assert.strictEqual(
          await statusOf(`${path}/report`, { headers: { "if-none-match": etag } }),
          304
        )
      }
    }
  })

  it("lists, pages, filters", async () => {
    for (const query of [
      "",
      "?size=1",
      "?size=0",
      "?size=500",
      `?filter=${encodeURIComponent('{"Field":"Domain","Value":"con","Operator":"starts_with"}')}`
    ]) {
      const { headers, status } = await ask(`/v1/customers${query}`)
      assert.strictEqual(status, 200, query)
      const next = /^<([^>]*)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1]
      if (next !== undefined) assert.strictEqual(await statusOf(next), 200)
    }
    assert.strictEqual(await statusOf("/v1/customers", { key: keys.contoso }), 200)
  })

  it("long polls and batches", async () => {
    const held = await ask(pathOf(upstream.sample.orderId, "/report"))
    const known = { "if-none-match": held.headers.get("etag") ?? "", prefer: "wait=1" }
    assert.strictEqual(
      await statusOf(pathOf(upstream.sample.orderId, "/report"), { headers: known }),
      304
    )
    const waited = await ask(
      `/v1/customers/f4a6c2e8-0b1d-4357-8f9a-6c5d4e3b2a19/orders/${pending}/report`,
      {
        headers: { prefer: "wait=1" }
      }
    )
    assert.strictEqual(waited.status, 200)
    assert.strictEqual(waited.headers.get("preference-applied"), "wait=1")
    const wanted = (orderId: string, customerId = contoso) => ({ customerId, orderId })
    const orders = [
      wanted(upstream.sample.orderId),
      wanted("nothing"),
      wanted("fault-403-role"),
      wanted("fault-500"),
      wanted("../x", "nobody"),
      wanted("x", "b0d70a69-4c42-4b27-b17b-91a835d8686a")
    ]
    for (const key of Object.values(keys)) {
      assert.strictEqual(await statusOf("/v1/reports", { ...post({ orders }), key }), 200)
    }
    assert.strictEqual(await statusOf("/v1/reports", post({ orders: [] })), 200)
  })

  it("whatever Partner Center and the way to it do wrong", async () => {
    const { faultOrders } = await upstream.overview()
    // A 429 holds all that is asked of the tenant, so that those come last.
    const names = faultOrders
      .filter((name) => name !== "fault-hang")
      .toSorted((a, b) => Number(a.includes("429")) - Number(b.includes("429")))
    // The one read fails, and the report comes of the other.
    const halves = ["fault-order-500", "fault-order-404"].map((name) => pathOf(name, "/report"))
    const found = new Set(await Promise.all(halves.map((path) => statusOf(path))))
    for (const name of names) {
      const asked = ["", "/provisioningstatus", "/report"].map((last) =>
        statusOf(pathOf(name, last))
      )
      for (const status of await Promise.all(asked)) found.add(status)
      // After failures in a row it would not ask any more for a while; a 404 is an answer.
      assert.strictEqual(await statusOf(pathOf(`not-${name}`)), name.includes("429") ? 429 : 404)
    }
    for (const status of [200, 400, 403, 404, 409, 429, 502, 503, 504]) {
      assert.include([...found], status)
    }
  })

  it("what the gateway refuses by itself", async () => {
    const report = pathOf(upstream.sample.orderId, "/report")
    assert.strictEqual(await statusOf("/v1/customers?size=many"), 400)
    assert.strictEqual(await statusOf("/v1/customers/nobody/orders"), 400)
    assert.strictEqual(await statusOf(pathOf("%2e%2e%2fx", "/report")), 400)
    assert.strictEqual(await statusOf(pathOf("x".repeat(65))), 400)
    // Prism itself hangs on a body that is no JSON, and refuses a request without a key.
    assert.strictEqual(await statusOf("/v1/reports", post({ orders: 1 })), 400)
    assert.strictEqual(await statusOf(report, { key: "owk_none" }), 401)
    assert.strictEqual(
      await statusOf("/v1/customers/b0d70a69-4c42-4b27-b17b-91a835d8686a/orders", {
        key: keys.contoso
      }),
      403
    )
    assert.strictEqual(await statusOf(report, { headers: { "sec-fetch-site": "cross-site" } }), 403)
    assert.strictEqual(await statusOf("/problems/Nothing"), 404)
    assert.strictEqual(await statusOf(report, { headers: { accept: "image/png" } }), 406)
    assert.strictEqual(await statusOf("/v1/reports", post(`"${"x".repeat(70_000)}"`)), 413)
    assert.strictEqual(await statusOf("/v1/reports", post({ orders: [] }, "text/plain")), 415)
    const stranger = async () => statusOf("/v1/customers", { key: "owk_none" })
    const refused = await Promise.all(Array.from({ length: 70 }, stranger))
    assert.deepStrictEqual([...new Set(refused)].toSorted(), [401, 429])
  })

  it("what it says of itself", async () => {
    for (const path of [
      "/openapi.json",
      "/docs",
      "/problems/OrderNotFound",
      "/livez",
      "/readyz",
      "/metrics"
    ]) {
      assert.strictEqual(await statusOf(path), 200, path)
    }
    assert.strictEqual(await statusOf("/readyz", { key: "" }), 200)
  })

  it("a credential that is none any more, and a gateway that is asked too often", async () => {
    const lost = await partnerCenter()
    const ring = keyring()
    const key = await ring.add("all", "*")
    await lost.control("/refresh-tokens", { method: "POST", body: '{"action":"revoke"}' })
    const { url: own } = await gateway(lost, await freePort(), {
      ...ring.env,
      ORDERWATCH_GATEWAY_REQUESTS_PER_MINUTE: "4"
    })
    const before = url
    url = await validator(own, key)
    const statuses: Array<number> = []
    for (const path of [
      pathOf("x"),
      pathOf("x", "/report"),
      "/v1/customers",
      pathOf("x"),
      pathOf("x")
    ]) {
      statuses.push(await statusOf(path, { key }))
    }
    statuses.push(await statusOf("/readyz", { key }))
    url = before
    assert.include(statuses, 503)
    assert.include(statuses, 429)
  })

  it("was asked for all of that", () => {
    for (const status of [200, 304, 400, 401, 403, 404, 406, 409, 413, 415, 429, 502, 503, 504]) {
      assert.isAbove(seen.get(String(status)) ?? 0, 0, String(status))
    }
  })
})
