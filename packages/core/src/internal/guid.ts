// Random GUIDs. Each costs a few bytes of a draw that is made for many: one draw for each takes longer than
// all else that is done to have it.
import * as SecureRandom from "effect/crypto/SecureRandom"

const size = 16
const drawn = 256 * size

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

let bytes: Uint8Array = new Uint8Array(0)
let at = 0

/** A new one: version 4, lower-case. */
export const guidUnsafe = (): string => {
  if (at >= bytes.length) {
    bytes = SecureRandom.randomBytesUnsafe(drawn)
    at = 0
  }
  const of = (index: number): string => hex[bytes[at + index] ?? 0] ?? ""
  const version = hex[((bytes[at + 6] ?? 0) & 0x0f) | 0x40] ?? ""
  const variant = hex[((bytes[at + 8] ?? 0) & 0x3f) | 0x80] ?? ""
  const guid = `${of(0)}${of(1)}${of(2)}${of(3)}-${of(4)}${of(5)}-${version}${of(7)}-${variant}${of(9)}-${of(10)}${of(11)}${of(12)}${of(13)}${of(14)}${of(15)}`
  at += size
  return guid
}
