import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Tracker } from "@orderwatch/core/Tracker"
import { Context, Effect, Layer, Option, Result, Schema } from "effect"
import type { FileSystem, Path } from "effect"
import { TestClock } from "effect/testing"
import { Access } from "../src/access.ts"
import { print } from "../src/access/keyFile.ts"
import type { Key } from "../src/access/keyFile.ts"
import { GatewaySettings } from "../src/settings.ts"
import type { GatewaySettingsShape } from "../src/settings.ts"
import { aKey, bearing, contoso, directory, fabrikam, settings, time } from "./access/fixtures.ts"
import { issuer, pair, token } from "./access/issuer.ts"
import * as Machine from "./access/machine.ts"
import { base, gateway, jsonOf, reading, settle, upstream } from "./gateway.ts"

const start = Date.parse("2026-06-01T00:00:00Z")

const accessBy = (
  changed: Partial<GatewaySettingsShape>,
  files: Layer.Layer<FileSystem.FileSystem | Path.Path> = NodeServices.layer
) =>
  Effect.map(
    Layer.build(
      Access.layer.pipe(
        Layer.provide([
          Layer.succeed(GatewaySettings, settings(changed)),
          NodeHttpClient.layerNodeHttp,
          files
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

/** A gateway that knows its callers by a file of keys, which a test writes anew. */
const byFile = Effect.fnUntraced(function* (...keys: ReadonlyArray<Key>) {
  yield* TestClock.setTime(start)
  const file: Machine.OneFile = { content: print(keys), mode: 0o600 }
  const access = yield* accessBy({ keysFile: Option.some(Machine.path) }, Machine.layer(file))
  return {
    ...(yield* gateway(upstream(), { access })),
    /** Counts a second later, as the gateway says. */
    write: (...keys: ReadonlyArray<Key>) =>
      Effect.andThen(
        Effect.sync(() => {
          file.content = print(keys)
        }),
        TestClock.adjust("1 second")
      )
  }
})

/** A gateway that knows its callers by their tokens, and a token that lasts for so many seconds. */
const byTokens = Effect.fnUntraced(function* (seconds: number) {
  yield* TestClock.setTime(start)
  const key = yield* pair("ES256", "k1")
  const { oidc, url } = yield* issuer(key)
  const access = yield* accessBy({ oidc })
  const now = start / 1000
  // A minute more is allowed for, as the issuer's clock may be another.
  const claims = { exp: now + seconds - 60, iat: now - 600, nbf: now - 600 }
  const text = yield* token(key, { now, issuer: url, claims })
  return { ...(yield* gateway(upstream(), { access })), text }
})

/** What was asked, once the gateway has answered: telling a token's truth takes more than turns. */
const answered = Effect.fnUntraced(function* (answer: Response | Promise<Response>) {
  let response: Response | undefined
  const wait = async () => {
    response = await answer
  }
  void wait()
  yield* Effect.repeat(settle, { until: () => response !== undefined })
  return yield* Effect.promise(async () => answer)
})

const refused = /"reason":"Unauthenticated".*\n\nevent: end\ndata: \{"why":"refused"\}\n\n$/

const events = `${base}/events`
const poll = (text: string): RequestInit => ({
  headers: { authorization: `Bearer ${text}`, prefer: "wait=60" }
})

describe("what is open", () => {
  const revoked = time("2026-06-01T00:00:00Z")
  it.effect.each([
    { what: "revoked", change: (key: Key) => [{ ...key, revoked }] },
    { what: "taken out", change: () => [] },
    { what: "for other customers", change: (key: Key) => [{ ...key, customers: [fabrikam] }] }
  ])("under a key ends once that is $what in the file", ({ change }) =>
    Effect.gen(function* () {
      const { key, text } = yield* aKey({ customers: [contoso] })
      const other = yield* aKey()
      const { ask, begin, write } = yield* byFile(key, other.key)
      const mine = reading(yield* answered(begin(events, { headers: bearing(text) })))
      const others = reading(yield* answered(begin(events, { headers: bearing(other.text) })))
      const mySlow = begin(`${base}/report`, poll(text))
      const otherSlow = begin(`${base}/report`, poll(other.text))
      assert.include(yield* mine.read, "event: report")
      yield* others.read
      yield* write(...change(key), other.key)
      assert.match(yield* mine.read, refused)
      assert.isTrue(mine.isDone())
      const slow = yield* answered(mySlow)
      assert.strictEqual(slow.status, 401)
      assert.strictEqual((yield* jsonOf(slow))["reason"], "Unauthenticated")
      // Whoever else has a key goes on.
      assert.strictEqual(yield* others.read, "")
      assert.isFalse(others.isDone())
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual((yield* answered(otherSlow)).status, 200)
      const again = yield* ask(events, { headers: bearing(text) })
      assert.include([401, 403], again.status)
    })
  )

  it.effect("under a token ends when that has expired", () =>
    Effect.gen(function* () {
      const { ask, begin, context, text } = yield* byTokens(50)
      const stream = reading(yield* answered(begin(events, { headers: bearing(text) })))
      assert.include(yield* stream.read, "event: report")
      const slow = begin(`${base}/report`, poll(text))
      const { following } = Context.get(context, Tracker)
      yield* Effect.repeat(Effect.andThen(settle, following), {
        until: ({ followers }) => followers === 2
      })
      yield* TestClock.adjust("49 seconds")
      assert.notInclude(yield* stream.read, "event: end")
      assert.isFalse(stream.isDone())
      yield* TestClock.adjust("1 seconds")
      assert.match(yield* stream.read, refused)
      assert.isTrue(stream.isDone())
      const refusal = yield* answered(slow)
      assert.strictEqual(refusal.status, 401)
      assert.strictEqual((yield* jsonOf(refusal))["reason"], "Unauthenticated")
      assert.strictEqual((yield* ask(events, { headers: bearing(text) })).status, 401)
    })
  )
})
