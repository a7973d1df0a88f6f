// The customers collection: filter, size, and the seek by a continuation token in a header.
import { type Customer, customerResource } from "./customers.ts"
import { named } from "./parameters.ts"

/** Codes of what is wrong with a query, else the page. */
export const customersPage = (
  customers: ReadonlyArray<Customer>,
  query: URLSearchParams,
  token: string | null
) => {
  const filter = named(query, "filter")
  const matches = filter === null ? () => true : readFilter(filter)
  if (typeof matches === "number") return matches
  const found = customers.filter(matches)

  const sent = token === null ? { end: 0, size: 0 } : readToken(token)
  const asked = named(query, "size")
  const size = asked === null ? sent?.size : readSize(asked)
  if (sent === undefined || size === undefined) return 800002
  const seek = (named(query, "seekOperation") ?? (token === null ? "First" : "Next")).toLowerCase()
  const start = seekStart(seek, sent.end, size, found.length)
  if (start === undefined) return 900126

  const end = size === 0 ? found.length : Math.min(start + size, found.length)
  const items = found.slice(start, end).map(customerResource)
  return {
    totalCount: items.length,
    items,
    links: links(query, size, filter, end < found.length ? writeToken(end, size) : undefined),
    attributes: { objectType: "Collection" }
  }
}

// The self link of the documented sample has /v1 and the next link has not: both are kept.
const links = (
  query: URLSearchParams,
  size: number,
  filter: string | null,
  next: string | undefined
) => {
  const asked = query.toString()
  const onward = new URLSearchParams({
    size: String(size),
    ...(filter === null ? {} : { filter }),
    seekOperation: "Next"
  })
  return {
    self: { uri: `/v1/customers${asked === "" ? "" : `?${asked}`}`, method: "GET", headers: [] },
    ...(next === undefined
      ? {}
      : {
          next: {
            uri: `/customers?${onward}`,
            method: "GET",
            headers: [{ key: "MS-ContinuationToken", value: next }]
          }
        })
  }
}

/** No size, or 0, is everything. */
const readSize = (text: string) => {
  const size = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  return size <= 500 ? size : undefined
}

const seekStart = (seek: string, end: number, size: number, total: number) => {
  switch (seek) {
    case "next":
    case "0":
      return end
    case "previous":
    case "1":
      return Math.max(0, end - 2 * size)
    case "first":
    case "2":
      return 0
    case "last":
    case "3":
      return size === 0 ? 0 : Math.max(0, Math.ceil(total / size) - 1) * size
    default:
      return undefined
  }
}

/** Opaque to a client: where the page ended, and its size. */
const writeToken = (end: number, size: number) => btoa(`page:${end}:${size}`)

const readToken = (token: string) => {
  try {
    const match = /^page:(\d{1,4}):(\d{1,4})$/.exec(atob(token))
    return match === null ? undefined : { end: Number(match[1]), size: Number(match[2]) }
  } catch {
    return undefined // not base64
  }
}

/** Only what the documents show: starts_with on CompanyName or Domain. */
const readFilter = (text: string) => {
  const filter = parseObject(text)
  if (filter === undefined) return 800002
  const { Field: field, Value: value, Operator: operator } = filter
  if (typeof value !== "string") return 800002
  if (String(operator).toLowerCase() !== "starts_with") return 900126
  const starts = (text: string) => text.toLowerCase().startsWith(value.toLowerCase())
  switch (String(field).toLowerCase()) {
    case "companyname":
      return (customer: Customer) => starts(customer.name)
    case "domain":
      return (customer: Customer) => starts(customer.domain)
    default:
      return 900126
  }
}

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined
  } catch {
    return undefined // not JSON
  }
}
