import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { paths } from "../src/app.ts"
import * as Health from "../src/health.ts"
import * as Metrics from "../src/metrics.ts"
import { document } from "../src/openapi.ts"
import { operations } from "../src/openapi/operations.ts"
import { meanings, statuses } from "../src/problem.ts"
import { page } from "../src/problems.ts"
import { gateway, upstream } from "./gateway.ts"

const redocly = fileURLToPath(new URL("../node_modules/.bin/redocly", import.meta.url))

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
