// Random GUIDs. Each costs a few bytes of a draw that is made for many: one draw for each takes longer than
// all else that is done to have it.
import * as SecureRandom from "effect/crypto/SecureRandom"

const size = 16
const drawn = 256 * size

const digits = Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0))
const dash = 0x2d

let bytes: Uint8Array = new Uint8Array(0)
let at = 0

// Where each byte goes between the dashes.
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const codes = Array.from({ length: 36 }, () => dash)

const put = (index: number, byte: number) => {
  const place = places[index] ?? 0
  codes[place] = digits[byte >> 4] ?? 0
  codes[place + 1] = digits[byte & 0x0f] ?? 0
}

/** A new one: version 4, lower-case. Made at once: put together of pieces it takes three times as long. */
export const guidUnsafe = (): string => {
  if (at >= bytes.length) {
    bytes = SecureRandom.randomBytesUnsafe(drawn)
    at = 0
  }
  for (let index = 0; index < size; index++) put(index, bytes[at + index] ?? 0)
  put(6, ((bytes[at + 6] ?? 0) & 0x0f) | 0x40)
  put(8, ((bytes[at + 8] ?? 0) & 0x3f) | 0x80)
  at += size
  return String.fromCharCode(...codes)
}
