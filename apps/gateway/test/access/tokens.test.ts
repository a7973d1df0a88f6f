import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Option, Result } from "effect"
import { TestClock } from "effect/testing"
import { base64url, SignJWT } from "jose"
import * as Tokens from "../../src/access/tokens.ts"
import { contoso } from "./fixtures.ts"
import { faults, issuer, pair, token } from "./issuer.ts"
import type { Pair, Shape, State } from "./issuer.ts"
import { logs } from "./machine.ts"

const start = Date.parse("2026-06-01T00:00:00Z")

const gateway = Effect.fnUntraced(function* (
  pairs: ReadonlyArray<Pair>,
  prepare: (state: State) => void = () => {}
) {
  yield* TestClock.setTime(start)
  const { oidc, state, url } = yield* issuer(...pairs)
  prepare(state)
  const { layer, lines } = logs()
  const context = yield* Layer.build(Layer.merge(NodeHttpClient.layerNodeHttp, layer))
  const tokens = yield* Effect.provideContext(Tokens.make(Option.getOrThrow(oidc)), context)
  const sign = (by: Pair, changed: Partial<Shape> = {}) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      token(by, { now: now / 1000, issuer: url, ...changed })
    )
  const find = (text: string) => Effect.provideContext(tokens.find(text), context)
  /** Who that is, `unknown`, or `unavailable` with the seconds. */
  const ask = (text: string) =>
    Effect.map(Effect.result(find(text)), (found) =>
      Result.match(found, {
        onFailure: ({ retryAfter }) => `unavailable ${retryAfter}`,
        onSuccess: Option.match({ onNone: () => "unknown", onSome: () => "known" })
      })
    )
  return { state, url, lines, sign, find, ask }
})

describe("a token of the issuer", () => {
  it.effect.each(["RS256", "PS384", "ES256", "ES512", "EdDSA"])("signed by %s is taken", (alg) =>
    Effect.gen(function* () {
      const key = yield* pair(alg, "k1")
      const { find, sign } = yield* gateway([key])
      const caller = Option.getOrThrow(yield* find(yield* sign(key)))
      assert.match(caller.id, /^oidc_[\w-]{16}$/)
      assert.deepStrictEqual(caller.customers, new Set([contoso]))
    })
  )

  it.effect("is one caller for each subject, whatever else it says", () =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      const { find, sign } = yield* gateway([key])
      const idOf = (claims: Shape["claims"] = {}) =>
        Effect.gen(function* () {
          return Option.getOrThrow(yield* find(yield* sign(key, { claims }))).id
        })
      assert.strictEqual(yield* idOf(), yield* idOf({ exp: start / 1000 + 9, jti: "2" }))
      assert.notStrictEqual(yield* idOf(), yield* idOf({ sub: "other" }))
      assert.notInclude(yield* idOf(), "desk")
    })
  )

  const at = start / 1000
  const refused: ReadonlyArray<{ what: string; shape: Partial<Shape> }> = [
    { what: "of another issuer", shape: { issuer: "https://login.example.com/t" } },
    { what: "of the issuer with a slash", shape: { claims: { iss: "http://127.0.0.1/t/" } } },
    { what: "for another audience", shape: { claims: { aud: "api://other" } } },
    { what: "for no audience", shape: { claims: { aud: undefined } } },
    { what: "expired beyond the tolerance", shape: { claims: { exp: at - 61 } } },
    { what: "that never expires", shape: { claims: { exp: undefined } } },
    { what: "of nobody", shape: { claims: { sub: undefined } } },
    { what: "not valid yet", shape: { claims: { nbf: at + 61 } } }
  ]
  it.effect.each(refused)("$what is refused", ({ shape }) =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      const { ask, sign } = yield* gateway([key])
      assert.strictEqual(yield* ask(yield* sign(key, shape)), "unknown")
    })
  )

  const taken: ReadonlyArray<{ what: string; shape: Partial<Shape> }> = [
    { what: "expired within the tolerance", shape: { claims: { exp: at - 59 } } },
    { what: "valid a moment later", shape: { claims: { nbf: at + 59 } } },
    { what: "for several audiences", shape: { claims: { aud: ["a", "api://orderwatch"] } } },
    { what: "without nbf", shape: { claims: { nbf: undefined } } }
  ]
  it.effect.each(taken)("$what is taken", ({ shape }) =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      const { ask, sign } = yield* gateway([key])
      assert.strictEqual(yield* ask(yield* sign(key, shape)), "known")
    })
  )

  it.effect("is refused with another algorithm than its key's, or without any", () =>
    Effect.gen(function* () {
      const key = yield* pair("RS256", "k1")
      const { ask, sign, state, url } = yield* gateway([key], (state) => {
        // A set that even offers a secret.
        state.extra = [{ kty: "oct", kid: "s1", k: base64url.encode("secret".repeat(8)) }]
      })
      const good = yield* sign(key)
      const [, payload = "", signature = ""] = good.split(".")
      const headed = (header: object) => base64url.encode(JSON.stringify(header))
      const claims = { iss: url, aud: "api://orderwatch", sub: "desk", exp: at + 600 }
      const hmac = (kid: string, secret: Uint8Array) =>
        Effect.promise(() =>
          new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid }).sign(secret)
        )
      const bytes = (text: string) => new TextEncoder().encode(text)
      assert.strictEqual(yield* ask(good), "known")
      for (const forged of [
        `${headed({ alg: "none", kid: "k1" })}.${payload}.`,
        `${headed({ alg: "None", kid: "k1" })}.${payload}.${signature}`,
        `${headed({ alg: "PS256", kid: "k1" })}.${payload}.${signature}`,
        yield* hmac("k1", bytes(key.jwk.n ?? "")),
        yield* hmac("k1", bytes(JSON.stringify(key.jwk))),
        yield* hmac("s1", bytes("secret".repeat(8)))
      ]) {
        assert.strictEqual(yield* ask(forged), "unknown")
      }
      assert.strictEqual(state.asked, 1)
    })
  )

  it.effect("that was tampered with, or is none, is refused without asking the issuer", () =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      const { ask, sign, state } = yield* gateway([key])
      const good = yield* sign(key)
      const [header = "", payload = "", signature = ""] = good.split(".")
      const claims: object = JSON.parse(new TextDecoder().decode(base64url.decode(payload)))
      const more = base64url.encode(JSON.stringify({ ...claims, roles: ["*"] }))
      assert.strictEqual(yield* ask(good), "known")
      for (const wrong of [
        `${header}.${more}.${signature}`,
        `${header}.${payload}.`,
        `${header}.${payload}`,
        `${good}.${good}`,
        good.slice(0, -4),
        "",
        "a.b.c",
        "...."
      ]) {
        assert.strictEqual(yield* ask(wrong), "unknown", wrong)
      }
      assert.strictEqual(state.asked, 1)
    })
  )

  it.effect("that names no key is tried by each that fits", () =>
    Effect.gen(function* () {
      const [one, two, stranger] = yield* Effect.all([pair("ES256"), pair("ES256"), pair("ES256")])
      const { ask, sign } = yield* gateway([one, two])
      assert.strictEqual(yield* ask(yield* sign(one)), "known")
      assert.strictEqual(yield* ask(yield* sign(two)), "known")
      assert.strictEqual(yield* ask(yield* sign(stranger)), "unknown")
    })
  )

  it.effect("ends what runs under it when it expires, tolerance and all", () =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      const { find, sign } = yield* gateway([key])
      const text = yield* sign(key, { claims: { exp: at + 30 } })
      const caller = Option.getOrThrow(yield* find(text))
      const ended = yield* Effect.forkChild(caller.ended)
      yield* TestClock.adjust("89 seconds")
      assert.isUndefined(ended.pollUnsafe())
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(ended)
      assert.isTrue(Option.isNone(yield* find(text)))
    })
  )
})

describe("the issuer's keys", () => {
  it.effect("are asked for once, however many ask, and again when one is unknown", () =>
    Effect.gen(function* () {
      const before = yield* pair("ES256", "k1")
      const after = yield* pair("ES256", "k2")
      const { ask, sign, state } = yield* gateway([before])
      const old = yield* sign(before)
      const all = yield* Effect.all(
        Array.from({ length: 20 }, () => ask(old)),
        {
          concurrency: "unbounded"
        }
      )
      assert.deepStrictEqual(new Set(all), new Set(["known"]))
      assert.strictEqual(state.asked, 1)
      state.pairs = [before, after]
      const fresh = yield* sign(after, { claims: { exp: at() + 3600 } })
      // It was asked this very moment.
      assert.strictEqual(yield* ask(fresh), "unknown")
      assert.strictEqual(state.asked, 1)
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* ask(fresh), "known")
      assert.strictEqual(yield* ask(old), "known")
      assert.strictEqual(state.asked, 2)
    })
  )

  it.effect("cannot be made asked for more than every 30 seconds by tokens with made-up keys", () =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      const { ask, sign, state } = yield* gateway([key])
      assert.strictEqual(yield* ask(yield* sign(key)), "known")
      for (let second = 0; second < 60; second++) {
        yield* TestClock.adjust("1 second")
        const forged = yield* sign({ ...key, kid: `x${second}` })
        assert.strictEqual(yield* ask(forged), "unknown")
      }
      assert.strictEqual(state.asked, 3)
    })
  )

  it.effect("that the issuer takes back are good for ten minutes at most", () =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      const { ask, sign, state } = yield* gateway([key])
      const text = yield* sign(key, { claims: { exp: at() + 86_400 } })
      assert.strictEqual(yield* ask(text), "known")
      state.pairs = []
      yield* TestClock.adjust("10 minutes")
      yield* until(() => state.asked === 2)
      while ((yield* ask(text)) === "known") yield* turn
    })
  )

  it.effect.each([
    { how: "an error", fault: faults.failing, says: "gave status 500" },
    { how: "no JSON", fault: faults.notJson, says: "gave an answer that is not JSON" },
    { how: "no set of keys", fault: faults.noKeys, says: "gave no set of keys" },
    { how: "a list", fault: faults.list, says: "gave an answer that is no object" },
    { how: "a redirect", fault: faults.redirecting, says: "gave status 302" },
    { how: "a reset connection", fault: faults.resetting, says: "gave no answer" },
    { how: "an endless answer", fault: faults.huge, says: "gave an answer larger than 512 KiB" }
  ])("that come as $how leave tokens without a verdict, until they come", ({ fault, says }) =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      const { ask, lines, sign, state } = yield* gateway([key], (state) => (state.fault = fault))
      const text = yield* sign(key)
      assert.strictEqual(yield* ask(text), "unavailable 5")
      assert.strictEqual(lines.length, 1)
      assert.include(lines[0], "Warn the OIDC issuer cannot be asked")
      assert.include(lines[0], says)
      assert.include(lines[0], "Its tokens are answered with 503 until it can.")
      state.fault = undefined
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* ask(text), "known")
      assert.strictEqual(lines.at(-1), "Info the OIDC issuer answers again")
    })
  )

  it.effect("that do not come at all are waited for five seconds", () =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      const { ask, sign, state } = yield* gateway([key], (state) => (state.fault = faults.silent))
      const asking = yield* Effect.forkChild(ask(yield* sign(key)))
      yield* until(() => state.asked === 1)
      yield* TestClock.adjust("4 seconds")
      assert.isUndefined(asking.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(asking), "unavailable 1")
    })
  )

  it.effect("that are known go on to count for a day while the issuer is away", () =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      const { ask, lines, sign, state } = yield* gateway([key])
      const text = yield* sign(key, { claims: { exp: at() + 200_000 } })
      assert.strictEqual(yield* ask(text), "known")
      state.fault = faults.failing
      yield* TestClock.adjust("10 minutes")
      yield* until(() => lines.length === 1)
      assert.include(lines[0], "count for a day")
      assert.strictEqual(yield* ask(text), "known")
      const stranger = yield* pair("ES256", "k2")
      assert.match(yield* ask(yield* sign(stranger)), /^unavailable \d+$/)
      yield* TestClock.setTime(start + 24 * 3_600_000 + 1)
      assert.match(yield* ask(text), /^unavailable \d+$/)
    })
  )

  it.effect("are not given up when whoever asked first hangs up", () =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      let answer = () => {}
      const { ask, sign, state } = yield* gateway([key], (state) => {
        state.fault = (response) => {
          answer = () => response.end(JSON.stringify({ keys: [key.jwk] }))
        }
      })
      const text = yield* sign(key)
      const first = yield* Effect.forkChild(ask(text))
      const second = yield* Effect.forkChild(ask(text))
      yield* until(() => state.asked === 1)
      yield* Fiber.interrupt(first)
      answer()
      assert.strictEqual(yield* Fiber.join(second), "known")
      assert.strictEqual(state.asked, 1)
    })
  )

  it.effect.each([
    {
      what: "another issuer",
      configuration: { issuer: "https://evil.example" },
      says: "is of the issuer https://evil.example"
    },
    { what: "no issuer", configuration: { issuer: undefined }, says: "is of the issuer nothing" },
    {
      what: "keys on another machine by plain http",
      configuration: { jwks_uri: "http://example.com/keys" },
      says: "which is not https"
    },
    {
      what: "keys in a file",
      configuration: { jwks_uri: "file:///etc/passwd" },
      says: "which is not https"
    },
    { what: "no keys", configuration: { jwks_uri: 7 }, says: "has its keys at nothing" }
  ])("are not taken from a configuration with $what", ({ configuration, says }) =>
    Effect.gen(function* () {
      const key = yield* pair("ES256", "k1")
      const { ask, lines, sign, state } = yield* gateway([key], (state) => {
        state.configuration = configuration
      })
      assert.strictEqual(yield* ask(yield* sign(key)), "unavailable 5")
      assert.include(lines[0], says)
      assert.strictEqual(state.asked, 0)
    })
  )
})

const at = () => start / 1000

const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

/** Waits for what another part of the process does by real time. */
const until = Effect.fnUntraced(function* (isSo: () => boolean) {
  while (!isSo()) yield* turn
})
