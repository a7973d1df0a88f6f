// Proof Key for Code Exchange: who redeems the code is who asked for it (RFC 7636, S256).
import { Effect, Redacted } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as Mac from "effect/crypto/Mac"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Base64Url from "effect/encoding/Base64Url"

const octets = (ascii: string): Uint8Array =>
  Uint8Array.from(ascii, (character) => character.charCodeAt(0))

/** 256 bits of chance as 43 characters that need no escape: a verifier, or a state. */
export const unguessable: Effect.Effect<Redacted.Redacted, never, SecureRandom.SecureRandom> =
  SecureRandom.SecureRandom.use(({ randomBytes }) =>
    Effect.map(randomBytes(32), (bytes) => Redacted.make(Base64Url.encode(bytes)))
  )

/** `BASE64URL-ENCODE(SHA256(ASCII(verifier)))`. */
export const challengeOf = (
  verifier: Redacted.Redacted
): Effect.Effect<string, never, Digest.Digest> =>
  Digest.Digest.use(({ digest }) =>
    Effect.map(digest(Digest.sha256, octets(Redacted.value(verifier))), Base64Url.encode)
  )

/** Whether both are the same text, in a time that does not tell how much of it is. */
export const same = (secret: Redacted.Redacted, given: string): boolean =>
  Mac.timingSafeEqual(
    octets(Base64Url.encode(Redacted.value(secret))),
    octets(Base64Url.encode(given))
  )
