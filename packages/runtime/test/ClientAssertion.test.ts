import { createPublicKey, generateKeyPairSync, verify, X509Certificate } from "node:crypto"
import type { KeyObject } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { decodeProtectedHeader, importX509, jwtVerify } from "jose"
import { fromPem } from "../src/ClientAssertion.ts"
import { certificate } from "./certificate.ts"

const clientId = "b6a0f7de-8a5c-4d43-9f6b-2c1d0e9f8a7b"
const audience = "https://login.example/tenant/oauth2/v2.0/token"
const now = DateTime.makeUnsafe("2026-11-22T10:00:00Z")

const pair = () => generateKeyPairSync("rsa", { modulusLength: 2048 })
const keys = pair()
const others = pair()

const pkcs8 = (key: KeyObject) => String(key.export({ type: "pkcs8", format: "pem" }))
const pkcs1 = (key: KeyObject) => String(key.export({ type: "pkcs1", format: "pem" }))
const encrypted = (key: KeyObject, type: "pkcs1" | "pkcs8") =>
  String(key.export({ type, format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" }))

const own = certificate(keys, "2026-01-01", "2027-01-01")
const another = certificate(others, "2026-01-01", "2027-01-01")
const ended = certificate(keys, "2024-01-01", "2026-11-01")
const early = certificate(keys, "2026-12-01", "2027-12-01")

const sign = (pem: string, passphrase?: string) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(now.epochMilliseconds)
    const signed = yield* fromPem({
      pem,
      clientId,
      passphrase: passphrase === undefined ? undefined : Redacted.make(passphrase)
    })
    return Redacted.value(yield* Effect.orDie(signed(audience)))
  })

describe("ClientAssertion", () => {
  it.effect("is signed as Microsoft's login wants it, for that audience and a few minutes", () =>
    Effect.gen(function* () {
      const jwt = yield* sign(`${own}\n${pkcs8(keys.privateKey)}`)
      const thumbprint = new X509Certificate(own).fingerprint256.replaceAll(":", "")
      assert.deepStrictEqual(decodeProtectedHeader(jwt), {
        alg: "PS256",
        typ: "JWT",
        "x5t#S256": Buffer.from(thumbprint, "hex").toString("base64url")
      })
      const verified = yield* Effect.promise(async () =>
        jwtVerify(jwt, await importX509(own, "PS256"), {
          audience,
          currentDate: new Date(now.epochMilliseconds)
        })
      )
      const { exp, iat, iss, jti, nbf, sub } = verified.payload
      const seconds = now.epochMilliseconds / 1000
      assert.deepStrictEqual([iss, sub], [clientId, clientId])
      assert.deepStrictEqual([iat, nbf, exp], [seconds, seconds, seconds + 300])
      assert.match(jti ?? "", /^[0-9a-f-]{36}$/)
      assert.notStrictEqual(yield* sign(`${own}\n${pkcs8(keys.privateKey)}`), jwt)
    })
  )

  const forms: ReadonlyArray<readonly [what: string, pem: string, passphrase?: string]> = [
    ["PKCS#8", `${own}\n${pkcs8(keys.privateKey)}`],
    ["PKCS#1", `${own}\n${pkcs1(keys.privateKey)}`],
    ["an encrypted PKCS#8", `${own}\n${encrypted(keys.privateKey, "pkcs8")}`, "open sesame"],
    ["an encrypted PKCS#1", `${own}\n${encrypted(keys.privateKey, "pkcs1")}`, "open sesame"],
    ["a key before its certificate", `${pkcs8(keys.privateKey)}\n${own}`],
    ["a chain around it", `${another}\n${own}\n${pkcs8(keys.privateKey)}`],
    ["lines as Windows ends them", `${own}\n${pkcs8(keys.privateKey)}`.replaceAll("\n", "\r\n")],
    ["words in between", `Bag Attributes\n${own}\nKey:\n${pkcs8(keys.privateKey)}`],
    ["a password that is not needed", `${own}\n${pkcs8(keys.privateKey)}`, "none needed"]
  ]
  it.effect.each(forms)("takes %s", ([, pem, passphrase]) =>
    Effect.gen(function* () {
      const [header = "", payload = "", signature = ""] = (yield* sign(pem, passphrase)).split(".")
      const isGood = verify(
        "sha256",
        Buffer.from(`${header}.${payload}`),
        { key: createPublicKey(keys.privateKey), padding: 6, saltLength: 32 },
        Buffer.from(signature, "base64url")
      )
      assert.isTrue(isGood)
    })
  )

  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
  const wrong: ReadonlyArray<
    readonly [what: string, says: string, pem: string, passphrase?: string]
  > = [
    ["no PEM", "no PEM", "MIIC not a pem"],
    ["nothing", "no PEM", ""],
    ["no key", "without a private key", own],
    ["no certificate", "without a certificate", pkcs8(keys.privateKey)],
    ["another's key", "not the certificate's", `${own}\n${pkcs8(others.privateKey)}`],
    [
      "several keys",
      "several private keys",
      `${own}\n${pkcs8(keys.privateKey)}${pkcs8(others.privateKey)}`
    ],
    ["an expired certificate", "expired on 2026-11-01", `${ended}\n${pkcs8(keys.privateKey)}`],
    [
      "a certificate of tomorrow",
      "valid from 2026-12-01 only",
      `${early}\n${pkcs8(keys.privateKey)}`
    ],
    [
      "an encrypted key without a password",
      "CERTIFICATE_PASSWORD",
      `${own}\n${encrypted(keys.privateKey, "pkcs8")}`
    ],
    [
      "an encrypted key with another",
      "does not open",
      `${own}\n${encrypted(keys.privateKey, "pkcs8")}`,
      "s3same"
    ],
    [
      "an encrypted old key with another",
      "does not open",
      `${own}\n${encrypted(keys.privateKey, "pkcs1")}`,
      "s3same"
    ],
    ["no RSA key", "takes RSA keys", `${own}\n${pkcs8(ec)}`],
    [
      "a key cut short",
      "cannot be read",
      `${own}\n${pkcs8(keys.privateKey).replace(/\n.{64}\n/, "\n")}`
    ],
    [
      "a certificate cut short",
      "certificate cannot be read",
      `${own.replace(/\n.{64}\n/, "\n")}\n${pkcs8(keys.privateKey)}`
    ]
  ]
  it.effect.each(wrong)("%s is refused in one line", ([, says, pem, passphrase]) =>
    Effect.gen(function* () {
      const { message, setting } = yield* Effect.flip(sign(pem, passphrase))
      assert.strictEqual(setting, "PARTNER_CENTER_CLIENT_CERTIFICATE_FILE")
      assert.match(message, /^PARTNER_CENTER_CLIENT_CERTIFICATE_FILE in the environment names /)
      assert.include(message, says)
      assert.notMatch(message, /s3same|PRIVATE|[\r\n]/)
    })
  )

  it.effect("a certificate that expires meanwhile signs no longer, and says so", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now.epochMilliseconds)
      const signed = yield* fromPem({ pem: `${own}\n${pkcs8(keys.privateKey)}`, clientId })
      yield* signed(audience)
      yield* TestClock.adjust("60 days")
      const { message } = yield* Effect.flip(signed(audience))
      assert.include(message, "the client certificate expired on 2027-01-01")
    })
  )
})
