// What a browser may be made to send: requests to a name that only seems ours, and requests of other
// sites' pages. Nothing here believes a header that a page can choose.
import { CrossSite, Misdirected, UnsupportedMediaType } from "./problem.ts"
import { everyMethod, named } from "./route.ts"
import type { Sent } from "./sent.ts"
import { isLoopback } from "./settings.ts"
import type { GatewaySettingsShape } from "./settings.ts"

export interface BrowserRules {
  /** The loopback names that are ours with that port, as `Host` has them. */
  readonly loopbacks: ReadonlyArray<string>
  /** The port that is listened on. */
  readonly port: number
  /** Further values of `Host` that are ours, lower-case; one without a port goes for every port. */
  readonly hosts: ReadonlyArray<string>
  /** The origins of pages that may ask. */
  readonly origins: ReadonlyArray<string>
}

/** What counts by the settings. */
export const rulesOf = ({ host, hosts, origins, port }: GatewaySettingsShape): BrowserRules => ({
  loopbacks: loopbackNames(host),
  hosts,
  origins,
  port
})

interface Authority {
  readonly name: string
  readonly port: string
}

const form = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9._-]{0,252}))(?::(\d{1,5}))?$/

// Those that everybody takes, and the very one that is listened on. Another that leads there may be anybody's.
const loopbackNames = (host: string): ReadonlyArray<string> => {
  const usual = ["localhost", "127.0.0.1", "[::1]"]
  if (!isLoopback(host)) return usual
  const written = host.includes(":") ? `[${host}]` : host
  // Some clients send an address as it is written, some as it is usually written.
  const short = URL.parse(`http://${written}`)?.hostname ?? written
  return [...new Set([...usual, written.toLowerCase(), short])]
}

const read = (host: string): Authority | undefined => {
  const [, name, port = ""] = form.exec(host.toLowerCase()) ?? []
  return name === undefined ? undefined : { name, port }
}

// Nearly all requests have the one that the request before had.
let latest: { readonly host: string; readonly authority: Authority | undefined } | undefined

const authorityOf = (host: string): Authority | undefined => {
  if (latest?.host !== host) latest = { host, authority: read(host) }
  return latest.authority
}

// Without the header, which servers refuse, the address says it.
const hostOf = (request: Sent): string =>
  request.headers.get("host") ?? URL.parse(request.url)?.host ?? ""

// A page whose name was made to lead to our address still sends its own name.
const isOurs = ({ name, port }: Authority, rules: BrowserRules): boolean => {
  // Browsers leave the scheme's own port out; which scheme that was, a proxy knows.
  const ports = port === "" ? ["443", "80"] : [port]
  return (
    (rules.loopbacks.includes(name) && Number(port || "80") === rules.port) ||
    rules.hosts.includes(name) ||
    ports.some((port) => rules.hosts.includes(`${name}:${port}`))
  )
}

const webOrigin = /^(https?):\/\/([^/?#@\\]+)$/

/** Whether the origin is of the very host that is asked, as the page of /docs is. */
const isSameOrigin = (origin: string, { name, port }: Authority): boolean => {
  const [, scheme, host = ""] = webOrigin.exec(origin) ?? []
  const from = authorityOf(host)
  if (scheme === undefined || from === undefined) return false
  const usual = scheme === "https" ? "443" : "80"
  return from.name === name && (from.port || usual) === (port || usual)
}

const isListed = (request: Sent, { origins }: BrowserRules): string | undefined => {
  const origin = request.headers.get("origin")
  return origin !== null && origins.includes(origin) ? origin : undefined
}

// https://www.w3.org/TR/fetch-metadata/: what is not of today's words is not let in.
const ownSites: ReadonlyArray<string> = ["same-origin", "none"]

const json = /^application\/json[\t ]*(?:;.*)?$/i

const isJson = ({ headers }: Sent): boolean =>
  json.test(headers.get("content-type") ?? "") &&
  (headers.get("content-encoding") ?? "identity").toLowerCase() === "identity"

/** Why the request is not let in, if it is not. */
export const refusal = (
  request: Sent,
  rules: BrowserRules
): Misdirected | CrossSite | UnsupportedMediaType | undefined => {
  const host = authorityOf(hostOf(request))
  if (host === undefined || !isOurs(host, rules)) return new Misdirected()
  if (isListed(request, rules) === undefined) {
    const site = request.headers.get("sec-fetch-site")
    const origin = request.headers.get("origin")
    if (site !== null && !ownSites.includes(site)) return new CrossSite()
    if (origin !== null && !isSameOrigin(origin, host)) return new CrossSite()
  }
  return request.method === "POST" && !isJson(request) ? new UnsupportedMediaType() : undefined
}

const readable =
  "age, etag, link, location, ms-correlationid, ms-cv, ms-requestid, ms-serverid, preference-applied, ratelimit, ratelimit-policy, retry-after, x-request-id"
const sendable =
  "accept, authorization, cache-control, content-type, idempotency-key, if-none-match, last-event-id, ms-continuationtoken, ms-correlationid, ms-requestid, prefer, traceparent, tracestate, x-request-id"

/**
 * What lets the page of a configured origin read the answer; nothing for any other. Where any origin is
 * configured, answers differ by it, and caches must know.
 */
export const corsHeaders = (
  request: Sent,
  rules: BrowserRules
): Readonly<Record<string, string>> => {
  const origin = isListed(request, rules)
  const vary = rules.origins.length === 0 ? {} : { vary: "Origin" }
  return origin === undefined
    ? vary
    : {
        ...vary,
        "access-control-allow-origin": origin,
        "access-control-expose-headers": readable
      }
}

/**
 * The headers of the answer (204, no body) to a configured origin's question what its page may send;
 * browsers ask it without `Authorization`. Nothing for any other request.
 *
 * https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export const preflight = (
  request: Sent,
  rules: BrowserRules
): Readonly<Record<string, string>> | undefined => {
  const isAsked =
    request.method === "OPTIONS" && request.headers.get("access-control-request-method") !== null
  return isAsked && isListed(request, rules) !== undefined
    ? {
        ...corsHeaders(request, rules),
        "access-control-allow-methods": named(everyMethod).join(", "),
        "access-control-allow-headers": sendable,
        "access-control-max-age": "600"
      }
    : undefined
}

/**
 * What every answer carries; a route with a page of its own says its own policy instead. That only
 * `https` may be used is for whoever speaks it to say: over plain `http` browsers must ignore it.
 */
export const securityHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin"
} as const
