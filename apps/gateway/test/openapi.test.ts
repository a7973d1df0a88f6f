import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { make } from "@orderwatch/core/PartnerCenterError"
import type { ReasonTag } from "@orderwatch/core/PartnerCenterError"
import { Effect, Option, Schema } from "effect"
import type { Caller } from "../src/access.ts"
import { paths } from "../src/app.ts"
import * as Health from "../src/health.ts"
import * as Metrics from "../src/metrics.ts"
import { document } from "../src/openapi.ts"
import { operations } from "../src/openapi/operations.ts"
import { meanings, statuses } from "../src/problem.ts"
import { page } from "../src/problems.ts"
import { base, customer, failing, gateway, order, other, upstream } from "./gateway.ts"

const redocly = fileURLToPath(new URL("../node_modules/.bin/redocly", import.meta.url))

const template = "/v1/customers/{customer}/orders/{order}"
const quota = ["RateLimit", "RateLimit-Policy"]
const tooMany = JSON.stringify({
  orders: Array.from({ length: 20 }, () => ({ customerId: customer, orderId: order }))
})

const Headed = Schema.Struct({
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
})
const Responses = Schema.Record(Schema.String, Headed)
const decodeDocument = Schema.decodeUnknownSync(
  Schema.Struct({
    paths: Schema.Record(
      Schema.String,
      Schema.Record(
        Schema.String,
        Schema.Struct({
          security: Schema.optionalKey(Schema.Unknown),
          responses: Schema.Record(
            Schema.String,
            Schema.Union([Schema.Struct({ $ref: Schema.String }), Headed])
          )
        })
      )
    ),
    components: Schema.Struct({ responses: Responses })
  })
)

/** The operations by method and path, each with its answers by their status. */
const described = () => {
  const { components, paths } = decodeDocument(document(Option.none()))
  const resolved = (answer: typeof Headed.Type | { readonly $ref: string }) =>
    "$ref" in answer ? components.responses[answer.$ref.split("/").at(-1) ?? ""] : answer
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses, security }]) => [
        `${method.toUpperCase()} ${path}`,
        {
          security,
          responses: Object.fromEntries(
            Object.entries(responses).map(([status, answer]) => [status, resolved(answer)])
          )
        }
      ])
    )
  )
}

const named = (answer: typeof Headed.Type | undefined, names: ReadonlyArray<string>) =>
  names.filter((name) => answer?.headers !== undefined && name in answer.headers)

const isReason = (tag: string): tag is ReasonTag => tag in statuses
const reasonTags = Object.keys(statuses).filter(isReason)

describe("the OpenAPI document", () => {
  it("passes a public linter at its strictest", () => {
    const directory = mkdtempSync(join(tmpdir(), "openapi-"))
    const file = join(directory, "openapi.json")
    writeFileSync(file, JSON.stringify(document(Option.none()), null, 2))
    const { status, stderr, stdout } = spawnSync(
      redocly,
      ["lint", file, "--extends=recommended-strict"],
      { encoding: "utf8", env: { ...process.env, REDOCLY_TELEMETRY: "off" } }
    )
    rmSync(directory, { recursive: true })
    assert.strictEqual(status, 0, stdout + stderr)
  })

  it("has every path that the app answers, and no other", () => {
    const answered = [...paths, ...Health.paths, Metrics.path].flatMap(({ methods, path }) =>
      Object.keys(methods).map((method) => `${method} ${path}`)
    )
    assert.deepStrictEqual(Object.keys(operations).toSorted(), answered.toSorted())
  })

  it("says what the decoders say of ids, and lets answers grow", () => {
    const { components } = document(Option.some(new URL("https://gateway.example/")))
    const text = JSON.stringify(components.schemas)
    assert.include(text, "^[A-Za-z0-9_-]{1,64}$")
    assert.notInclude(text, '"additionalProperties":false')
  })

  it("has the caller's quota with every answer to somebody known, and with none to everybody", () => {
    for (const [key, { responses, security }] of described()) {
      for (const [status, answer] of Object.entries(responses).filter(([code]) => code < "400")) {
        const expected = security === undefined ? quota : []
        assert.deepStrictEqual(named(answer, quota), expected, `${key} ${status}`)
      }
    }
  })

  it.effect("has every failure of upstream's that its paths can answer with", () =>
    Effect.gen(function* () {
      const operations = described()
      for (const tag of reasonTags) {
        const reason = tag === "Throttled" ? make({ _tag: tag, retryAfter: 1 }) : tag
        const up = upstream()
        up.customers = () => failing("customers", reason)
        up.orders = failing("orders", reason)
        up.order = failing("order", reason)
        up.status = failing("provisioningStatus", reason)
        const { ask } = yield* gateway(up)
        for (const [path, route] of [
          ["/v1/customers", "/v1/customers"],
          [`/v1/customers/${customer}/orders`, "/v1/customers/{customer}/orders"],
          [base, template],
          [`${base}/provisioningstatus`, `${template}/provisioningstatus`],
          [`${base}/report`, `${template}/report`]
        ] as const) {
          const { status } = yield* ask(path)
          assert.strictEqual(status, statuses[tag])
          assert.property(operations.get(`GET ${route}`)?.responses, `${status}`, `${tag} ${path}`)
        }
      }
    })
  )

  it.effect("has the caller's quota with the failures that tell it, and with no other", () =>
    Effect.gen(function* () {
      const operations = described()
      const caller: Caller = { id: "a", customers: new Set([customer]), ended: Effect.never }
      const { ask } = yield* gateway(
        { ...upstream(), status: failing("provisioningStatus", "ProvisioningStatusNotFound") },
        { callers: { a: caller }, settings: { callerRequestsPerMinute: 10 } }
      )
      const as = { authorization: "Bearer a" }
      const posted = (type: string, body: string) => ({
        method: "POST",
        headers: { ...as, "content-type": type },
        body
      })
      const elsewhere = `/v1/customers/${other}/orders/${order}/report`
      const asked: ReadonlyArray<readonly [number, string, string, RequestInit]> = [
        [421, "GET /v1/customers", "/v1/customers", { headers: { ...as, host: "evil.example" } }],
        [401, "GET /v1/customers", "/v1/customers", {}],
        [400, "GET /v1/customers", "/v1/customers?size=x", { headers: as }],
        [403, `GET ${template}/report`, elsewhere, { headers: as }],
        [404, `GET ${template}/provisioningstatus`, `${base}/provisioningstatus`, { headers: as }],
        [406, `GET ${template}/report`, `${base}/report`, { headers: { ...as, accept: "a/b" } }],
        [413, "POST /v1/reports", "/v1/reports", posted("application/json", "x".repeat(70_000))],
        [415, "POST /v1/reports", "/v1/reports", posted("text/plain", "x")],
        [429, "POST /v1/reports", "/v1/reports", posted("application/json", tooMany)]
      ]
      for (const [status, key, path, init] of asked) {
        const response = yield* ask(path, init)
        assert.strictEqual(response.status, status, path)
        const answer = operations.get(key)?.responses[`${status}`]
        const sent = quota.filter((name) => response.headers.has(name))
        assert.deepStrictEqual(named(answer, quota), sent, `${status}`)
      }
    })
  )

  it.effect("is served, with the address that callers use", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream(), {
        settings: { publicUrl: Option.some(new URL("https://gateway.example/")) }
      })
      const response = yield* ask("/openapi.json")
      const text = yield* Effect.promise(() => response.text())
      const decode = Schema.decodeUnknownSync(
        Schema.fromJsonString(
          Schema.Struct({
            openapi: Schema.String,
            servers: Schema.Array(Schema.Struct({ url: Schema.String }))
          })
        )
      )
      assert.deepStrictEqual(decode(text), {
        openapi: "3.1.1",
        servers: [{ url: "https://gateway.example" }]
      })
    })
  )
})

describe("/docs", () => {
  it.effect("is one page whose policy allows its own scripts and nothing from elsewhere", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      const response = yield* ask("/docs")
      const body = yield* Effect.promise(() => response.text())
      assert.notMatch(body.slice(0, 1000), /(?:src|href)="(?:https?:)?\/\//)
      const policy = response.headers.get("content-security-policy") ?? ""
      assert.include(policy, "default-src 'none'")
      assert.strictEqual(policy.match(/'sha256-/g)?.length, body.match(/<script>/g)?.length)
      assert.notInclude(policy, "http")
    })
  )
})

describe("/problems/{reason}", () => {
  it("has a page for every reason that a problem can have", () => {
    const own = Object.entries(meanings).map(([tag, meaning]) =>
      "reason" in meaning ? meaning.reason : tag
    )
    for (const reason of [...Object.keys(statuses), ...own, "Internal"]) {
      assert.include(page(reason) ?? "", `<code>${reason}</code>`)
    }
    assert.isUndefined(page("constructor"))
  })

  it.effect("is what a problem's type leads to", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      assert.strictEqual((yield* ask("/problems/OrderNotFound")).status, 200)
      assert.strictEqual((yield* ask("/problems/__proto__")).status, 404)
    })
  )
})
