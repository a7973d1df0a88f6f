import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { corsHeaders, preflight, refusal, rulesOf, securityHeaders } from "../src/browser.ts"
import { settings } from "./gateway.ts"

const rules = rulesOf({
  ...settings,
  hosts: ["orders.example.com", "10.0.0.5:8780", "[fd00::5]", "gw.example.com:443"],
  origins: ["https://desk.example.com"]
})

const request = (headers: Record<string, string>, method = "GET") =>
  new Request("http://unused.example/v1/customers", {
    method,
    headers: { host: "localhost:8780", ...headers },
    ...(method === "POST" && { body: "{}" })
  })
const refused = (headers: Record<string, string>, method?: string) =>
  refusal(request(headers, method), rules)?._tag

describe("the host", () => {
  it.each([
    "localhost:8780",
    "LOCALHOST:8780",
    "127.0.0.1:8780",
    "[::1]:8780",
    "orders.example.com",
    "Orders.Example.com:443",
    "orders.example.com:9000",
    "10.0.0.5:8780",
    "[fd00::5]:8780",
    "[FD00::5]",
    "gw.example.com",
    "gw.example.com:443"
  ])("%s is ours", (host) => {
    assert.isUndefined(refused({ host }))
  })

  it.each([
    "evil.example",
    "evil.example:8780",
    // What a rebound name looks like, and what only seems to be on loopback.
    "localhost.evil.example:8780",
    "127.0.0.1.evil.example:8780",
    "localhost",
    "localhost:80",
    "localhost:8781",
    "127.0.0.1",
    "127.0.0.2:8780",
    "[::1]",
    "::1",
    "0.0.0.0:8780",
    "10.0.0.5",
    "10.0.0.5:8781",
    "gw.example.com:8443",
    "sub.orders.example.com",
    "orders.example.com.",
    "orders.example.com:",
    "orders.example.com:443:443",
    "user@localhost:8780",
    "localhost:8780/",
    "localhost:8780, localhost:8780",
    "localhost:087800",
    "[::1",
    "*",
    ""
  ])("%s is not ours", (host) => {
    assert.strictEqual(refused({ host }), "Misdirected")
  })

  it("is the address's own where there is no header", () => {
    assert.isUndefined(refusal(new Request("http://127.0.0.1:8780/"), rules))
    assert.strictEqual(refusal(new Request("http://127.0.0.1/"), rules)?._tag, "Misdirected")
    const onUsualPort = { ...rules, port: 80 }
    assert.isUndefined(refusal(new Request("http://127.0.0.1/"), onUsualPort))
  })

  it("is looked at before anything else", () => {
    const other = { host: "evil.example", "sec-fetch-site": "cross-site", origin: "null" }
    assert.strictEqual(refused(other, "POST"), "Misdirected")
  })
})

describe("a page", () => {
  it.each([
    { who: "no browser at all", headers: {} },
    { who: "the address bar", headers: { "sec-fetch-site": "none" } },
    { who: "our own page", headers: { "sec-fetch-site": "same-origin" } },
    {
      who: "our own page that posts",
      headers: { "sec-fetch-site": "same-origin", origin: "http://localhost:8780" }
    },
    {
      who: "our own page behind a proxy that speaks https",
      headers: { host: "orders.example.com", origin: "https://orders.example.com" }
    },
    {
      who: "our own page whose usual port is written out",
      headers: { host: "orders.example.com:443", origin: "https://orders.example.com" }
    },
    {
      who: "a page of a configured origin",
      headers: { "sec-fetch-site": "cross-site", origin: "https://desk.example.com" }
    },
    {
      who: "a page of a configured origin next door",
      headers: { "sec-fetch-site": "same-site", origin: "https://desk.example.com" }
    }
  ])("may ask: $who", ({ headers }) => {
    assert.isUndefined(refused(headers))
  })

  it.each([
    { who: "another site's", headers: { "sec-fetch-site": "cross-site" } },
    { who: "a neighbour's", headers: { "sec-fetch-site": "same-site" } },
    { who: "of a kind nobody knows", headers: { "sec-fetch-site": "same-planet" } },
    { who: "of two kinds", headers: { "sec-fetch-site": "same-origin, none" } },
    { who: "of an origin that is not listed", headers: { origin: "https://evil.example" } },
    { who: "without an origin to speak of", headers: { origin: "null" } },
    { who: "of another port", headers: { origin: "http://localhost:3000" } },
    { who: "of another loopback name", headers: { origin: "http://127.0.0.1:8780" } },
    { who: "of the listed host by http", headers: { origin: "http://desk.example.com" } },
    { who: "below the listed host", headers: { origin: "https://a.desk.example.com" } },
    {
      who: "of the listed host on another port",
      headers: { origin: "https://desk.example.com:8443" }
    },
    { who: "of an origin with a path", headers: { origin: "http://localhost:8780/" } },
    { who: "of an origin with a user", headers: { origin: "http://localhost:8780@evil.example" } },
    { who: "of an extension", headers: { origin: "chrome-extension://abcdef" } },
    {
      who: "of another site that says it is ours",
      headers: { "sec-fetch-site": "cross-site", origin: "http://localhost:8780" }
    }
  ])("may not ask: $who", ({ headers }) => {
    assert.strictEqual(refused(headers), "CrossSite")
    assert.strictEqual(
      refused({ ...headers, "content-type": "application/json" }, "POST"),
      "CrossSite"
    )
  })
})

describe("a body", () => {
  it.each([
    "application/json",
    "APPLICATION/JSON",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    "application/json ; a=b"
  ])("as %s is taken", (type) => {
    assert.isUndefined(refused({ "content-type": type }, "POST"))
  })

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain; application/json",
    "application/jsonp",
    "application/json, text/plain",
    "application/problem+json",
    ""
  ])("as '%s' is not", (type) => {
    assert.strictEqual(refused({ "content-type": type }, "POST"), "UnsupportedMediaType")
  })

  it("is not taken without a type, or packed", () => {
    const bare = new Request("http://localhost:8780/", { method: "POST", body: new Uint8Array(2) })
    assert.strictEqual(refusal(bare, rules)?._tag, "UnsupportedMediaType")
    const type = { "content-type": "application/json" }
    assert.strictEqual(
      refused({ ...type, "content-encoding": "gzip" }, "POST"),
      "UnsupportedMediaType"
    )
    assert.isUndefined(refused({ ...type, "content-encoding": "identity" }, "POST"))
  })

  it("is asked of a POST alone", () => {
    assert.isUndefined(refused({ "content-type": "text/plain" }))
    assert.isUndefined(refused({}, "DELETE"))
  })
})

describe("CORS", () => {
  const listed = { origin: "https://desk.example.com", "sec-fetch-site": "cross-site" }
  const asking = { ...listed, "access-control-request-method": "POST" }

  it("is for configured origins, which may read what a client needs", () => {
    const headers = corsHeaders(request(listed), rules)
    assert.strictEqual(headers["access-control-allow-origin"], "https://desk.example.com")
    assert.include(headers["access-control-expose-headers"], "etag")
    assert.strictEqual(headers["vary"], "Origin")
    assert.isUndefined(headers["access-control-allow-credentials"])
  })

  it("says nothing to any other, and nothing at all where none is configured", () => {
    assert.deepStrictEqual(corsHeaders(request({}), rules), { vary: "Origin" })
    assert.deepStrictEqual(corsHeaders(request({ origin: "https://evil.example" }), rules), {
      vary: "Origin"
    })
    assert.deepStrictEqual(corsHeaders(request(listed), { ...rules, origins: [] }), {})
  })

  it("answers what a configured origin asks before it sends", () => {
    const headers = preflight(request(asking, "OPTIONS"), rules)
    assert.strictEqual(headers?.["access-control-allow-origin"], "https://desk.example.com")
    assert.strictEqual(headers?.["access-control-allow-methods"], "GET, HEAD, POST, DELETE")
    assert.include(headers?.["access-control-allow-headers"] ?? "", "authorization")
    assert.strictEqual(headers?.["access-control-max-age"], "600")
  })

  it.each([
    {
      what: "of another origin",
      headers: { ...asking, origin: "https://evil.example" },
      method: "OPTIONS"
    },
    { what: "without a method", headers: listed, method: "OPTIONS" },
    { what: "that is none", headers: asking, method: "GET" }
  ])("does not answer a question $what", ({ headers, method }) => {
    assert.isUndefined(preflight(request(headers, method), rules))
  })
})

describe("any headers at all", () => {
  const Value = Schema.String.pipe(
    Schema.check(Schema.isPattern(/^[\t\u0020-\u007e\u0080-\u00ff]*$/))
  )
  const Part = Schema.Literals([
    "localhost",
    "127.0.0.1",
    "[::1]",
    ":8780",
    ":",
    "@",
    "/",
    ".",
    "https://",
    "http://",
    "null",
    "orders.example.com",
    "evil.example",
    "same-origin",
    "cross-site",
    "application/json",
    ";",
    ","
  ])
  const Soup = Schema.Union([Value, Schema.Array(Part).pipe(Schema.check(Schema.isMaxLength(5)))])
  const textOf = (soup: typeof Soup.Type) => (typeof soup === "string" ? soup : soup.join(""))

  it.prop(
    "are let in or refused, and nothing else; a name that is not ours never gets in",
    {
      host: Soup,
      origin: Soup,
      site: Soup,
      type: Soup,
      encoding: Soup,
      method: Schema.Literals(["GET", "POST", "OPTIONS", "DELETE", "PATCH"])
    },
    ({ encoding, host, method, origin, site, type }) => {
      const asked = request(
        {
          host: textOf(host),
          origin: textOf(origin),
          "sec-fetch-site": textOf(site),
          "content-type": textOf(type),
          "content-encoding": textOf(encoding),
          "access-control-request-method": "GET"
        },
        method
      )
      const failure = refusal(asked, rules)
      const name = (asked.headers.get("host") ?? "").toLowerCase()
      const ours = /^(?:(?:localhost|127\.0\.0\.1|\[::1\]):0*8780|orders\.example\.com(?::\d+)?)$/
      if (!ours.test(name)) assert.strictEqual(failure?._tag, "Misdirected", name)
      for (const headers of [corsHeaders(asked, rules), preflight(asked, rules) ?? {}]) {
        assert.isTrue(
          [undefined, "https://desk.example.com"].includes(headers["access-control-allow-origin"])
        )
        assert.doesNotThrow(() => new Headers(headers))
      }
    },
    { arbitrary: { seed: "headers", runs: 500 } }
  )
})

describe("every answer", () => {
  it("can be put on a page by nobody, and run nothing", () => {
    const headers = new Headers(securityHeaders)
    assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
    assert.strictEqual(headers.get("referrer-policy"), "no-referrer")
    assert.strictEqual(
      headers.get("content-security-policy"),
      "default-src 'none'; frame-ancestors 'none'"
    )
    assert.isNull(headers.get("strict-transport-security"))
  })
})
