import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Duration, Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { AccessToken } from "../../src/AccessToken.ts"
import type { Token, TokenCredential } from "../../src/AccessToken.ts"
import { Cloud } from "../../src/Cloud.ts"
import type { CloudName } from "../../src/Cloud.ts"
import { VaultError } from "../../src/CredentialVault.ts"
import { failed, run } from "../layers.ts"

const value = (token: Token) => Redacted.value(token.value)
const get = Effect.flatMap(AccessToken, (token) => token.get)
const text = run(Effect.map(get, value))

const over = (credential: TokenCredential, cloud: CloudName = "global") =>
  AccessToken.layerFromTokenCredential(credential).pipe(
    Layer.provide(Layer.orDie(Cloud.layer(cloud)))
  )

/** Gives c1, c2, …, each for an hour by the test's clock, and records what it was asked for. */
const counting = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const scopes: Array<string | Array<string>> = []
  const credential: TokenCredential = {
    getToken: (scope) => {
      const token = `c${scopes.push(scope)}`
      return Promise.resolve({
        token,
        expiresOnTimestamp: clock.currentTimeMillisUnsafe() + 3_600_000
      })
    }
  }
  return { credential, scopes }
})

const rejecting = (cause: unknown): TokenCredential => ({
  getToken: () => Promise.reject(cause)
})

const named = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, ...more })

describe("AccessToken from a token credential", () => {
  it.effect.each([
    ["global", "https://api.partnercenter.microsoft.com/.default"],
    ["us-government", "https://api.partnercenter.microsoft.com/.default"],
    ["china", "https://partner.partnercenterapi.microsoftonline.cn/.default"]
  ] as const)("in the %s cloud it is asked for %s", ([cloud, scope]) =>
    Effect.gen(function* () {
      const { credential, scopes } = yield* counting
      const token = yield* Effect.provide(run(get), over(credential, cloud))
      assert.strictEqual(value(token), "c1")
      assert.strictEqual(token.expiresAt && DateTime.toEpochMillis(token.expiresAt), 3_600_000)
      assert.deepStrictEqual(scopes, [scope])
    })
  )

  it.effect("is asked once for a hundred callers, and again two minutes before the end", () =>
    Effect.gen(function* () {
      const { credential, scopes } = yield* counting
      yield* Effect.gen(function* () {
        const all = yield* run(
          Effect.all(
            Array.from({ length: 100 }, () => get),
            { concurrency: "unbounded" }
          )
        )
        assert.deepStrictEqual([...new Set(all.map(value))], ["c1"])
        yield* TestClock.adjust("57 minutes")
        assert.strictEqual(yield* text, "c1")
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* text, "c2")
        assert.strictEqual(scopes.length, 2)
      }).pipe(Effect.provide(over(credential)))
    })
  )

  it.effect(
    "a refused token is asked for anew, and an outdated one does not drop a newer one",
    () =>
      Effect.gen(function* () {
        const { credential } = yield* counting
        yield* Effect.gen(function* () {
          const accessToken = yield* AccessToken
          const first = yield* run(accessToken.get)
          yield* accessToken.invalidate(first)
          assert.strictEqual(yield* text, "c2")
          yield* accessToken.invalidate(first)
          assert.strictEqual(yield* text, "c2")
        }).pipe(Effect.provide(over(credential)))
      })
  )

  it.effect("an end that is no time is no end", () =>
    Effect.gen(function* () {
      assert.isUndefined((yield* run(get)).expiresAt)
    }).pipe(
      Effect.provide(
        over({ getToken: () => Promise.resolve({ token: "c", expiresOnTimestamp: Number.NaN }) })
      )
    )
  )

  it.effect("no token is SignInRequired", () =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(get)
      assert.strictEqual(operation, "signIn")
      assert.strictEqual(reason._tag, "SignInRequired")
      assert.match(reason.remedy, /hands in/)
    }).pipe(Effect.provide(over({ getToken: () => Promise.resolve(null) })))
  )

  it.effect.each([
    [
      "what the login said in it has its remedy",
      named(
        "AuthenticationRequiredError",
        "invalid_grant: AADSTS50076: Use MFA. Trace ID: 1\nmore"
      ),
      "MfaRequired",
      "AADSTS50076: Use MFA."
    ],
    [
      "what is not set up is told in its words",
      named("CredentialUnavailableError", "Please run 'az login' first.\n  at x"),
      "SignInRequired",
      "Please run 'az login' first."
    ],
    [
      "a server that fails passes",
      named("RestError", "Bad gateway", { statusCode: 502 }),
      "Unavailable",
      "Bad gateway"
    ],
    [
      "a host that is not found passes",
      named("RestError", "getaddrinfo ENOTFOUND login", { code: "ENOTFOUND" }),
      "Unavailable",
      "getaddrinfo ENOTFOUND login"
    ],
    [
      "what is no error is a failure too",
      "no",
      "SignInRequired",
      "the credential that was handed in failed"
    ]
  ] as const)("of its failures %s", ([_, cause, tag, description]) =>
    Effect.gen(function* () {
      const { reason } = yield* failed(get)
      assert.deepInclude(reason, { _tag: tag, description })
    }).pipe(Effect.provide(over(rejecting(cause))))
  )

  it.effect("a credential that throws at once is a failure, not a defect", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* failed(get)).reason._tag, "SignInRequired")
    }).pipe(
      Effect.provide(
        over({
          getToken: () => {
            throw new Error("not yet")
          }
        })
      )
    )
  )

  it.effect("what could be a token in its message is not shown, an id is", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(get)
      assert.strictEqual(
        reason.description,
        "bad <redacted>.<redacted>.c2ln of b5a2d1f0-3c44-4c8e-9a53-6f1d0e6a7c11"
      )
    }).pipe(
      Effect.provide(
        over(
          rejecting(
            new Error(
              `bad eyJ${"a".repeat(40)}.eyJ${"b".repeat(90)}.c2ln of b5a2d1f0-3c44-4c8e-9a53-6f1d0e6a7c11`
            )
          )
        )
      )
    )
  )

  it.effect("a failure is not kept: the next caller asks again", () => {
    let asked = 0
    return Effect.gen(function* () {
      yield* failed(get)
      assert.strictEqual(yield* text, "c")
    }).pipe(
      Effect.provide(
        over({
          getToken: () =>
            asked++ === 0
              ? Promise.reject(new Error("no"))
              : Promise.resolve({ token: "c", expiresOnTimestamp: 3_600_000 })
        })
      )
    )
  })

  it.effect("nobody signs in or out here, but signing out forgets the token at hand", () =>
    Effect.gen(function* () {
      const { credential } = yield* counting
      yield* Effect.gen(function* () {
        const accessToken = yield* AccessToken
        assert.strictEqual(yield* text, "c1")
        const error = yield* failed(
          accessToken.signedIn({ accessToken: Redacted.make("t"), expiresIn: Duration.hours(1) })
        )
        assert.instanceOf(error, VaultError)
        assert.match(error.message, /handed in/)
        assert.isFalse(yield* accessToken.signOut)
        assert.strictEqual(yield* text, "c2")
      }).pipe(Effect.provide(over(credential)))
    })
  )
})
