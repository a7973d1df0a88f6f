// How a request's path is written: as it was sent, and as its route has it.

const address = /^[^:]*:\/\/[^/?#]*(?<path>[^?#]*)/

/** The path of a whole address, percent-encoded as it was sent, without its query. */
export const pathOf = (url: string): string => address.exec(url)?.groups?.["path"] || "/"

// What reads addresses takes these segments away, percent-encoded ones too; a `\` as a slash the adapter refuses.
const detour = /^[^?#]*\/(?:\.|%2e){1,2}(?:[/?#]|$)/i

/** Whether the request's target, as it was sent, leads to its path through others, by `.` or `..`. */
export const isDetour = (target: string): boolean =>
  // Nearly no target has either.
  (target.includes(".") || target.includes("%")) && detour.test(target)

// The last words of the paths that are asked for most, as our routes have them.
const usual: ReadonlyArray<string> = ["/report", "/events", "/provisioningstatus"]

/** Whether it is one of our routes as it is, as far as can be told in no time. */
export const isUsual = (path: string): boolean =>
  path.startsWith("/v1/customers/") &&
  path.includes("/orders/") &&
  usual.some((word) => path.endsWith(word))

const upstreams =
  /^\/v1\/customers(?:\/(?<customer>[^/]+)(?:\/(?<orders>orders)(?:\/(?<order>[^/]+)(?:\/(?<status>provisioningstatus))?)?)?)?\/?$/i

/**
 * One of upstream's own paths as our routes have it, if it is one: Partner Center takes its words in any case
 * and a slash at the end, and so clients of it send them. Ids stay as they are.
 */
export const upstreamsPath = (path: string): string | undefined => {
  const found = upstreams.exec(path)
  if (found === null) return undefined
  const { customer, order, orders, status } = found.groups ?? {}
  const segments = [customer, orders, order, status].flatMap((segment, index) =>
    segment === undefined ? [] : [index % 2 === 1 ? segment.toLowerCase() : segment]
  )
  return ["/v1/customers", ...segments].join("/")
}
