import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Option, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Access } from "../src/access.ts"
import { print } from "../src/access/keyFile.ts"
import { GatewaySettings } from "../src/settings.ts"
import type { GatewaySettingsShape } from "../src/settings.ts"
import { aKey, bearing, contoso, directory, settings } from "./access/fixtures.ts"
import { issuer, pair, token } from "./access/issuer.ts"

const start = Date.parse("2026-06-01T00:00:00Z")

const accessBy = (changed: Partial<GatewaySettingsShape>) =>
  Effect.map(
    Layer.build(
      Access.layer.pipe(
        Layer.provide([
          Layer.succeed(GatewaySettings, settings(changed)),
          NodeHttpClient.layerNodeHttp,
          NodeServices.layer
        ])
      )
    ),
    (context) => Context.get(context, Access)
  )

const keysFile = Effect.gen(function* () {
  const path = join(yield* directory, "keys.json")
  const { key, text } = yield* aKey({ customers: [contoso] })
  writeFileSync(path, print([key]), { mode: 0o600 })
  return { keysFile: Option.some(path), text, id: `owk_${key.id}` }
})

describe("access", () => {
  it.effect("without keys and issuer is open, and whoever asks may ask for all", () =>
    Effect.gen(function* () {
      const { identify, isOpen } = yield* accessBy({})
      assert.isTrue(isOpen)
      for (const headers of [new Headers(), bearing("anything")]) {
        const { customers, id } = yield* identify(headers)
        assert.deepStrictEqual({ customers, id }, { customers: "all", id: "local" })
      }
    })
  )

  it.effect("by keys knows their bearers, whatever the case of the scheme", () =>
    Effect.gen(function* () {
      const { id, keysFile: file, text } = yield* keysFile
      const { identify, isOpen } = yield* accessBy({ keysFile: file })
      assert.isFalse(isOpen)
      for (const scheme of ["Bearer", "bearer", "BEARER"]) {
        const caller = yield* identify(new Headers({ authorization: `${scheme} ${text}` }))
        assert.strictEqual(caller.id, id)
        assert.deepStrictEqual(caller.customers, new Set([contoso]))
      }
    })
  )

  it.effect("says of whom it does not know only whether anything was sent", () =>
    Effect.gen(function* () {
      const { keysFile: file, text } = yield* keysFile
      const stranger = yield* aKey()
      const { identify } = yield* accessBy({ keysFile: file })
      const failed = (headers: Headers) => Effect.flip(identify(headers))
      const wasTried = (headers: Headers) =>
        Effect.map(failed(headers), (failure) =>
          failure._tag === "Unauthenticated" ? (failure.wasTried ?? false) : failure._tag
        )
      assert.isFalse(yield* wasTried(new Headers()))
      for (const sent of [
        "",
        "Bearer",
        "Bearer ",
        text,
        `Basic ${text}`,
        `Bearer ${text}, Bearer x`,
        `Bearer ${stranger.text}`,
        `Bearer ${text}x`,
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Bearer owk_"
      ]) {
        assert.isTrue(yield* wasTried(new Headers({ authorization: sent })), sent)
      }
      const twice = new Headers()
      twice.append("authorization", `Bearer ${text}`)
      twice.append("authorization", `Bearer ${text}`)
      assert.isTrue(yield* wasTried(twice))
    })
  )

  it.effect("by both tells a key from a token by its prefix", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const { id, keysFile: file, text } = yield* keysFile
      const key = yield* pair("ES256", "k1")
      const { oidc, state, url } = yield* issuer(key)
      const { identify } = yield* accessBy({ keysFile: file, oidc })
      assert.strictEqual((yield* identify(bearing(text))).id, id)
      const jwt = yield* token(key, { now: start / 1000, issuer: url })
      assert.match((yield* identify(bearing(jwt))).id, /^oidc_/)
      // A wrong key makes nobody ask the issuer.
      const { asked } = state
      assert.strictEqual(
        (yield* Effect.flip(identify(bearing(`${text}x`))))._tag,
        "Unauthenticated"
      )
      assert.strictEqual(state.asked, asked)
    })
  )

  it.effect("begins without its issuer, and goes on to know keys", () =>
    Effect.gen(function* () {
      const { keysFile: file, text } = yield* keysFile
      const oidc = Option.some({
        issuer: new URL("http://127.0.0.1:9/t"),
        audience: "a",
        customersClaim: "roles"
      })
      const { identify } = yield* accessBy({ keysFile: file, oidc })
      yield* identify(bearing(text))
      const failure = yield* Effect.flip(identify(bearing("eyJhbGciOiJFUzI1NiJ9.e30.x")))
      assert.strictEqual(failure._tag === "IssuerUnavailable" ? failure.retryAfter : 0, 5)
    })
  )

  it.effect("does not begin without its keys' file, in one line that names it", () =>
    Effect.gen(function* () {
      const path = join(yield* directory, "none.json")
      const { message, setting } = yield* Effect.flip(accessBy({ keysFile: Option.some(path) }))
      assert.strictEqual(setting, "ORDERWATCH_GATEWAY_KEYS_FILE")
      assert.include(message, `${path} cannot be read (ENOENT)`)
      assert.notInclude(message, "\n")
    })
  )

  // What a header's value may be made of.
  const Soup = Schema.String.pipe(
    Schema.check(Schema.isPattern(/^[\t\u0020-\u007e\u0080-\u00ff]*$/))
  )
  it.effect.prop(
    "knows nobody by whatever else is sent, and never fails otherwise",
    { soup: Soup, scheme: Schema.Literals(["", "Bearer ", "Bearer owk_", "Bearer eyJ", "Basic "]) },
    ({ scheme, soup }) =>
      Effect.gen(function* () {
        const { keysFile: file } = yield* keysFile
        const key = yield* pair("ES256", "k1")
        const { oidc } = yield* issuer(key)
        const { identify } = yield* accessBy({ keysFile: file, oidc })
        const found = yield* Effect.result(identify(new Headers({ authorization: scheme + soup })))
        assert.isTrue(Result.isFailure(found) && found.failure._tag === "Unauthenticated")
      }),
    { arbitrary: { seed: "soup", runs: 60 } }
  )
})
