// What the values of the gateway's settings may look like.
import { BlockList, isIP } from "node:net"
import { parseDuration } from "@orderwatch/runtime/duration"
import { Duration, Option } from "effect"

const loopbacks = new BlockList()
loopbacks.addSubnet("127.0.0.0", 8, "ipv4")
loopbacks.addAddress("::1", "ipv6")

const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, "$1")

/** Whether only this machine reaches what listens there. Brackets around an address are allowed. */
export const isLoopback = (host: string): boolean => {
  const bare = withoutBrackets(host).toLowerCase()
  const family = isIP(bare)
  return family === 0
    ? /^(?:[a-z0-9-]+\.)*localhost\.?$/.test(bare)
    : loopbacks.check(bare, family === 4 ? "ipv4" : "ipv6")
}

const name = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\.?$/i

/** A name or an address to listen on, without brackets. */
export const host = (text: string): Option.Option<string> =>
  Option.filter(
    Option.some(withoutBrackets(text)),
    (bare) => isIP(bare) !== 0 || (bare.length <= 253 && name.test(bare) && !/^[\d.]+$/.test(bare))
  )

/** A whole number between the two. */
export const whole =
  (least: number, most: number) =>
  (text: string): Option.Option<number> =>
    Option.filter(
      /^\d{1,7}$/.test(text) ? Option.some(Number(text)) : Option.none(),
      (number) => number >= least && number <= most
    )

/** A duration of a day at most. */
export const lasting =
  (least: Duration.Duration) =>
  (text: string): Option.Option<Duration.Duration> =>
    Option.filter(
      parseDuration(text),
      Duration.between({ minimum: least, maximum: Duration.hours(24) })
    )

/** What stands between commas, each part once. */
export const list =
  (part: (text: string) => Option.Option<string>) =>
  (text: string): Option.Option<ReadonlyArray<string>> =>
    Option.map(
      Option.all(
        text
          .split(",")
          .map((found) => found.trim())
          .filter((found) => found !== "")
          .map(part)
      ),
      (parts) => [...new Set(parts)]
    )

/** What `Host` may say, lower-case: a name or an address, with or without a port. */
export const authority = (text: string): Option.Option<string> => {
  const written = isIP(text) === 6 ? `[${text}]` : text
  return /^[^/?#@*\\\s]+$/.test(written) && URL.canParse(`http://${written}`)
    ? Option.some(written.toLowerCase())
    : Option.none()
}

/** An address on the web, without user, query and fragment. */
export const webUrl = (text: string): Option.Option<URL> =>
  Option.filter(
    Option.fromNullishOr(URL.parse(text)),
    ({ hash, password, protocol, search, username }) =>
      (protocol === "https:" || protocol === "http:") &&
      [hash, password, search, username].every((part) => part === "")
  )

/** An origin, as browsers send it. */
export const origin = (text: string): Option.Option<string> =>
  Option.map(
    Option.filter(webUrl(text), ({ pathname }) => pathname === "/"),
    (url) => url.origin
  )

/** An address that nobody on the way can answer for. */
export const trusted = (text: string): Option.Option<URL> =>
  Option.filter(
    webUrl(text),
    ({ hostname, protocol }) => protocol === "https:" || isLoopback(hostname)
  )
