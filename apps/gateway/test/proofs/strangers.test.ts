// A caller asks about customers that are not on its list: those that exist, those that do not, those whose
// orders everybody else is looking at. It must not be able to tell them apart.
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { cleaningUp, freePort, gateway, keyring, partnerCenter, raw, say } from "./running.ts"
import type { Upstream } from "./running.ts"

cleaningUp()

const contoso = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
const fabrikam = "b0d70a69-4c42-4b27-b17b-91a835d8686a"
/** Exists, and has no relationship with the partner. */
const stranger = "d1e2f3a4-b5c6-4d7e-8f90-a1b2c3d4e5f6"
const nobody = "5c0ffee5-0000-4000-8000-000000000000"
const document = "34828C05-C16C-4D6F-9CFC-4D2650EF19A1"
const others = { contoso, stranger, nobody }

let upstream: Upstream
let port: number
let url: string
let keys: { readonly all: string; readonly fabrikam: string }
let etag: string

beforeAll(async () => {
  upstream = await partnerCenter()
  const ring = keyring()
  keys = { all: await ring.add("all", "*"), fabrikam: await ring.add("fabrikam", fabrikam) }
  port = await freePort()
  url = (await gateway(upstream, port, ring.env)).url
  const headers = { authorization: `Bearer ${keys.all}` }
  // Everything of Contoso's is known and fresh.
  const base = `${url}/v1/customers/${contoso}/orders`
  for (const path of ["", `/${document}`, `/${document}/provisioningstatus`])
    await fetch(base + path, { headers })
  etag = (await fetch(`${base}/${document}/report`, { headers })).headers.get("etag") ?? ""
  assert.isNotEmpty(etag)
})

/** What came, but for what differs from one request to the next anyway, and for the ids that were asked. */
const answerOf = async (
  customer: string,
  line: (customer: string) => string,
  more = "",
  body = ""
) => {
  const { text } = await raw(
    port,
    `${line(customer)} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${keys.fabrikam}\r\nX-Request-Id: one\r\nConnection: close\r\n${more}\r\n${body}`
  )
  return text
    .replaceAll(customer, "CUSTOMER")
    .replace(/^Date: .*$/m, "Date: NOW")
    .replace(/^ratelimit: .*$/m, "ratelimit: LEFT")
}

const base = (customer: string) => `/v1/customers/${customer}/orders`
const asked: ReadonlyArray<readonly [string, (customer: string) => string, () => string]> = [
  ["the orders", (customer) => `GET ${base(customer)}`, () => ""],
  ["the order", (customer) => `GET ${base(customer)}/${document}`, () => ""],
  ["an order that nobody has", (customer) => `GET ${base(customer)}/nothing`, () => ""],
  ["the status", (customer) => `GET ${base(customer)}/${document}/provisioningstatus`, () => ""],
  ["the report", (customer) => `GET ${base(customer)}/${document}/report`, () => ""],
  ["the report's headers", (customer) => `HEAD ${base(customer)}/${document}/report`, () => ""],
  [
    "the report by its tag",
    (customer) => `GET ${base(customer)}/${document}/report`,
    () => `If-None-Match: ${etag}\r\n`
  ],
  [
    "the report by any tag",
    (customer) => `GET ${base(customer)}/${document}/report`,
    () => "If-None-Match: *\r\n"
  ],
  [
    "the report anew",
    (customer) => `GET ${base(customer)}/${document}/report`,
    () => "Cache-Control: no-cache\r\n"
  ],
  [
    "the report, waiting",
    (customer) => `GET ${base(customer)}/${document}/report`,
    () => `Prefer: wait=2\r\nIf-None-Match: ${etag}\r\n`
  ],
  [
    "the report as an image",
    (customer) => `GET ${base(customer)}/${document}/report`,
    () => "Accept: image/png\r\n"
  ],
  ["the events", (customer) => `GET ${base(customer)}/${document}/events`, () => ""],
  [
    "the events after the last",
    (customer) => `GET ${base(customer)}/${document}/events`,
    () => `Last-Event-ID: ${etag}\r\n`
  ],
  ["the events' headers", (customer) => `HEAD ${base(customer)}/${document}/events`, () => ""],
  ["in capitals", (customer) => `GET ${base(customer.toUpperCase())}/${document}`, () => ""],
  ["by a method that there is not", (customer) => `DELETE ${base(customer)}/${document}`, () => ""],
  [
    "with an id that is none",
    (customer) => `GET ${base(customer)}/${"x".repeat(65)}/report`,
    () => ""
  ],
  ["a path that there is not", (customer) => `GET ${base(customer)}/${document}/secrets`, () => ""]
]

const filter = (Value: string) =>
  `filter=${encodeURIComponent(JSON.stringify({ Field: "Domain", Value, Operator: "starts_with" }))}`

describe("a customer that is not on the list", () => {
  it.each(asked)("is answered alike whether it exists or not: %s", async (_, line, more) => {
    const before = await upstream.asked()
    const answers = await Promise.all(
      Object.values(others).map((customer) =>
        answerOf(customer, line, more()).then((text) =>
          text.replaceAll(customer.toUpperCase(), "CUSTOMER")
        )
      )
    )
    assert.strictEqual(new Set(answers).size, 1, answers.join("\n\n"))
    assert.match(answers[0] ?? "", /^HTTP\/1\.1 (?:40[0345]) /)
    assert.notMatch(answers[0] ?? "", /etag|verdict|Contoso/i)
    assert.deepStrictEqual(await upstream.asked(), before)
  })

  it("is answered alike in a batch, beside one that is on it", async () => {
    const bodies = Object.values(others).map((customerId) =>
      JSON.stringify({
        orders: [
          { customerId, orderId: document },
          { customerId, orderId: "nothing" }
        ]
      })
    )
    const answers = await Promise.all(
      bodies.map((body, at) =>
        answerOf(
          Object.values(others)[at] ?? "",
          () => "POST /v1/reports",
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`,
          body
        )
      )
    )
    assert.strictEqual(new Set(answers).size, 1, answers.join("\n\n"))
    assert.strictEqual(answers[0]?.split("CallerNotAllowed").length, 3)
  })

  // How long each takes is said, for whoever reads it, and not judged: that none is looked up is why they are alike.
  it("is asked of Partner Center neither where it exists nor where it does not, however often", async () => {
    const before = await upstream.asked()
    const took = {
      contoso: [] as Array<number>,
      stranger: [] as Array<number>,
      nobody: [] as Array<number>
    }
    const headers = { authorization: `Bearer ${keys.fabrikam}` }
    const names = ["contoso", "stranger", "nobody"] as const
    for (let round = 0; round < 330; round++) {
      for (const name of names.map((_, at) => names[(at + round) % 3] ?? "nobody")) {
        const begun = performance.now()
        const response = await fetch(`${url}${base(others[name])}/${document}/report`, { headers })
        await response.arrayBuffer()
        assert.strictEqual(response.status, 403, name)
        if (round >= 30) took[name].push(performance.now() - begun)
      }
    }
    const median = (times: ReadonlyArray<number>) => times.toSorted((a, b) => a - b)[150] ?? 0
    const medians = names.map((name) => median(took[name]))
    say(
      `medians of 300, in ms: ${names.map((name, at) => `${name} ${medians[at]?.toFixed(3)}`).join(", ")}`
    )
    assert.deepStrictEqual(await upstream.asked(), before)
  })

  it("is on no list of customers, however one pages or filters", async () => {
    const headers = { authorization: `Bearer ${keys.fabrikam}` }
    const list = async (query: string) => {
      const response = await fetch(`${url}/v1/customers${query}`, { headers })
      return { text: await response.text(), link: response.headers.get("link") }
    }
    for (const query of ["", "?size=500", `?${filter("contoso")}`]) {
      const { text } = await list(query)
      assert.notMatch(text, /contoso/i, query)
    }
    assert.deepStrictEqual(
      await list(`?${filter("contoso")}`).then(({ text }) => JSON.parse(text)),
      await list(`?${filter("nobody-at-all")}`).then(({ text }) => JSON.parse(text))
    )
  })

  it("is not counted by the pages of a list either", async () => {
    const headers = { authorization: `Bearer ${keys.fabrikam}` }
    const pages = async (query: string) => {
      let path: string | undefined = query
      let count = 0
      while (path !== undefined && count < 50) {
        const response: Response = await fetch(`${url}/v1/customers${path}`, { headers })
        path = /^<\/v1\/customers(\?[^>]*)>/.exec(response.headers.get("link") ?? "")?.[1]
        count += 1
      }
      return count
    }
    assert.strictEqual(
      await pages(`?size=1&${filter("t")}`),
      await pages(`?size=1&${filter("zzz")}`)
    )
    assert.strictEqual(await pages("?size=1"), 1)
  })
})
