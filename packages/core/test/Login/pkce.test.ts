import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { challengeOf, same, unguessable } from "../../src/Login/pkce.ts"

const crypto = Layer.merge(Digest.layerWebCrypto, SecureRandom.layerWebCrypto)

describe("the proof key", () => {
  it.effect("is that of RFC 7636, appendix B", () =>
    Effect.gen(function* () {
      const verifier = Redacted.make("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
      assert.strictEqual(
        yield* challengeOf(verifier),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
      )
    }).pipe(Effect.provide(crypto))
  )

  it.effect("verifiers are 43 unreserved characters, and no two are the same", () =>
    Effect.gen(function* () {
      const all = yield* Effect.all(Array.from({ length: 100 }, () => unguessable))
      for (const one of all) assert.match(Redacted.value(one), /^[A-Za-z0-9_-]{43}$/)
      assert.strictEqual(new Set(all.map(Redacted.value)).size, 100)
    }).pipe(Effect.provide(crypto))
  )

  it.each([
    ["abc", "abc", true],
    ["abc", "abd", false],
    ["abc", "ab", false],
    ["abc", "abcd", false],
    ["abc", "", false],
    ["abc", "ABC", false],
    // These end in the same octet.
    ["a", "\u0161", false]
  ] as const)("%s is the same as %s: %s", (secret, given, expected) => {
    assert.strictEqual(same(Redacted.make(secret), given), expected)
  })
})
