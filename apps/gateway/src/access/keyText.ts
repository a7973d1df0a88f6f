// What a key is as text: `owk_`, its id, 256 random bits, a checksum. The form is one that scanners can
// look for in code and logs (`owk_[0-9a-z]{8}_[0-9A-Za-z]{49}`), and the checksum tells them, without
// asking anybody, a key from what merely looks like one.
import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import { Effect, Redacted } from "effect"
import { SecureRandom } from "effect/crypto/SecureRandom"

export const prefix = "owk_"

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
// Without the letters that are read as digits: an id is also told over the telephone.
const base32 = "0123456789abcdefghjkmnpqrstvwxyz"

const written = (bytes: Uint8Array, alphabet: string, length: number): string => {
  const base = BigInt(alphabet.length)
  let rest = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  let text = ""
  for (let at = 0; at < length; at++) {
    text = alphabet.charAt(Number(rest % base)) + text
    rest /= base
  }
  return text
}

const checksum = (text: string): string => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return written(bytes, base62, 6)
}

const form = /^owk_([0-9a-hjkmnp-tv-z]{8})_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/

/** The form of an id: 40 random bits, no secret. */
export const idForm = /^[0-9a-hjkmnp-tv-z]{8}$/

/** The id of a key that is whole; nothing is said of whether there is such a key. */
export const idOf = (text: string): string | undefined =>
  text.slice(-6) === checksum(text.slice(0, -6)) ? form.exec(text)?.[1] : undefined

/**
 * What is kept of a key. SHA-256 alone, without salt and repetition: those make guesses dear, and 256
 * random bits cannot be guessed. A slow hash would only let whoever sends wrong keys keep the gateway
 * busy, and be paid on every request.
 */
export const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest()

/** A new key. */
export const make = Effect.gen(function* () {
  const { randomBytes } = yield* SecureRandom
  const id = written(yield* randomBytes(5), base32, 8)
  const body = `${prefix}${id}_${written(yield* randomBytes(32), base62, 43)}`
  return { id, text: Redacted.make(body + checksum(body)) }
})
