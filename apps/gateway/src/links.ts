// The links of upstream's answers that may leave the gateway: Partner Center's own paths, and no others.
import type { CustomersPage } from "@orderwatch/core/Customer"
import { visible } from "@orderwatch/core/text"

type Links = NonNullable<CustomersPage["links"]>
export type Link = NonNullable<Links["next"]>

// No host, no scheme, nothing that a client could take for one.
const isOwnPath = (uri: string | undefined): uri is string =>
  uri !== undefined && /^\/(?![/\\])[\u0021-\u005b\u005d-\u007e]*$/.test(uri)

const isMethod = (method: string | undefined): method is string =>
  method !== undefined && /^[A-Za-z]{1,16}$/.test(method)

// The one header that a documented link has; a client sends along what it finds here.
const isCarried = ({ key, value }: NonNullable<Link["headers"]>[number]): boolean =>
  key.toLowerCase() === "ms-continuationtoken" && (value === undefined || visible.test(value))

/** The link where it leads to a path of Partner Center's own, else none. */
export const ownLink = (link: Link | undefined): Link | undefined => {
  if (link === undefined || !isOwnPath(link.uri)) return undefined
  return {
    uri: link.uri,
    ...(isMethod(link.method) && { method: link.method }),
    ...(link.headers !== undefined && { headers: link.headers.filter(isCarried) })
  }
}

type Named = Readonly<Record<string, Link | undefined>>

/** Those of a resource's links, as its field; no field where there is none. */
export const ownLinks = (
  links: Named | undefined
): { readonly links?: Readonly<Record<string, Link>> } => {
  const kept = Object.entries(links ?? {}).flatMap(([name, link]) => {
    const own = ownLink(link)
    return own === undefined ? [] : [[name, own] as const]
  })
  return kept.length === 0 ? {} : { links: Object.fromEntries(kept) }
}
