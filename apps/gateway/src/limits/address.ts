// Which addresses count as one: whoever has an IPv6 address mostly has 2^64 of them.
import { isIPv6 } from "node:net"

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** What stands for whoever asks from that address: all of IPv4, the first half of IPv6. */
export const partyOf = (address: string): string => {
  const [bare = ""] = address.split("%")
  const [, four] = mapped.exec(bare) ?? []
  if (four !== undefined) return four
  if (!isIPv6(bare)) return bare.slice(0, 64)
  const [before = "", after] = bare.split("::")
  const head = before.split(":").filter((group) => group !== "")
  const tail = after === undefined ? [] : after.split(":").filter((group) => group !== "")
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => "0")
  return [...head, ...zeros, ...tail]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")
}
