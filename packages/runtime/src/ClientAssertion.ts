// Proves the app by a certificate: an assertion signed with its key, as Microsoft's login wants it.
import { createHash, createPrivateKey, X509Certificate } from "node:crypto"
import type { KeyObject } from "node:crypto"
import { AssertionFailed } from "@orderwatch/core/Credential"
import { Clock, DateTime, Effect, Redacted } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { SettingsError } from "./SettingsError.ts"

/** Signs for an audience, which is the address of the token endpoint. */
export type Sign = (audience: string) => Effect.Effect<Redacted.Redacted, AssertionFailed>

export interface FromPemOptions {
  /** The certificate and its private key: PKCS#8 or PKCS#1, encrypted or not; in any order. */
  readonly pem: string
  readonly clientId: string
  /** For a key that is encrypted. */
  readonly passphrase?: Redacted.Redacted | undefined
  /** What was set and where, as messages name it. Default: the certificate's variable. */
  readonly setting?: string | undefined
  readonly at?: string | undefined
}

// An assertion is used at once, so it need not last.
const lifeInSeconds = 300

const certificates = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
const keys = /-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----[\s\S]+?-----END \1-----/g

/**
 * What signs with the certificate's key: `private_key_jwt`, PS256, `x5t#S256`. Fails in one line that
 * names the setting where the file does not fit, or the certificate has expired.
 *
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export const fromPem = Effect.fnUntraced(function* (
  options: FromPemOptions
): Effect.fn.Return<Sign, SettingsError> {
  const { at = "in the environment", clientId, passphrase, pem } = options
  const setting = options.setting ?? "PARTNER_CENTER_CLIENT_CERTIFICATE_FILE"
  const refuse = (problem: string) =>
    new SettingsError({ setting, message: `${setting} ${at} ${problem}` })

  const found = pem.match(certificates) ?? []
  const [written, ...others] = pem.match(keys) ?? []
  if (found.length === 0 && written === undefined) {
    return yield* refuse("names a file that is no PEM: name one with a certificate and its key.")
  }
  if (found.length === 0) {
    return yield* refuse(
      "names a file without a certificate: add it to the private key in the file."
    )
  }
  if (written === undefined) {
    return yield* refuse(
      "names a file without a private key: add the key to the certificate in the file."
    )
  }
  if (others.length > 0) {
    return yield* refuse("names a file with several private keys: leave the certificate's own.")
  }

  const isEncrypted = /ENCRYPTED/.test(written)
  if (isEncrypted && passphrase === undefined) {
    return yield* refuse(
      "names a file whose private key is encrypted: set PARTNER_CENTER_CLIENT_CERTIFICATE_PASSWORD to its password."
    )
  }
  const key = yield* Effect.try({
    try: () =>
      createPrivateKey({
        key: written,
        ...(isEncrypted && passphrase !== undefined && { passphrase: Redacted.value(passphrase) })
      }),
    catch: () =>
      refuse(
        isEncrypted
          ? "names a file whose private key does not open with PARTNER_CENTER_CLIENT_CERTIFICATE_PASSWORD: check that password."
          : "names a file whose private key cannot be read: make it PKCS#8 or PKCS#1 PEM."
      )
  })
  if (key.asymmetricKeyType !== "rsa") {
    return yield* refuse(
      `names a file with a key of the kind ${key.asymmetricKeyType ?? "unknown"}: Microsoft's login takes RSA keys.`
    )
  }
  const known = yield* Effect.try({
    try: () => found.map((text) => new X509Certificate(text)),
    catch: () => refuse("names a file whose certificate cannot be read: make it X.509 PEM.")
  })
  // A chain may follow or precede: the certificate is the one whose key this is.
  const certificate = known.find((certificate) => certificate.checkPrivateKey(key))
  if (certificate === undefined) {
    return yield* refuse(
      "names a file whose private key is not the certificate's: put the two of one pair in it."
    )
  }
  const period = { from: certificate.validFromDate, to: certificate.validToDate }
  const problem = yield* outside(period)
  if (problem !== undefined) {
    return yield* refuse(`names a certificate that ${problem}.`)
  }

  const thumbprint = createHash("sha256").update(certificate.raw).digest("base64url")
  return (audience) =>
    Effect.gen(function* () {
      // A process may outlive its certificate.
      const problem = yield* outside(period)
      if (problem !== undefined) {
        return yield* new AssertionFailed({ message: `the client certificate ${problem}` })
      }
      return yield* assertion({ audience, clientId, key, thumbprint })
    })
})

interface Period {
  readonly from: Date
  readonly to: Date
}

const outside = Effect.fnUntraced(function* ({ from, to }: Period) {
  const now = yield* Clock.currentTimeMillis
  const day = (date: Date) => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(date))
  if (to.getTime() <= now) {
    return `expired on ${day(to)}: make a new one and add it to the app registration`
  }
  return from.getTime() > now
    ? `is valid from ${day(from)} only: check this machine's clock, or use another`
    : undefined
})

const assertion = Effect.fnUntraced(function* (parts: {
  readonly audience: string
  readonly clientId: string
  readonly key: KeyObject
  readonly thumbprint: string
}) {
  const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
  return yield* Effect.tryPromise({
    try: async () => {
      // Only who proves itself by a certificate needs it.
      const { SignJWT } = await import("jose")
      const signed = await new SignJWT({})
        .setProtectedHeader({ alg: "PS256", typ: "JWT", "x5t#S256": parts.thumbprint })
        .setAudience(parts.audience)
        .setIssuer(parts.clientId)
        .setSubject(parts.clientId)
        .setJti(SecureRandom.uuidV4Unsafe())
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + lifeInSeconds)
        .sign(parts.key)
      return Redacted.make(signed)
    },
    catch: () => new AssertionFailed({ message: "the client certificate's key does not sign" })
  })
})
