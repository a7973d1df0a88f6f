// The customers of a caller who may not see all: gathered here, so that neither a page's end nor a token
// tells of those who are not on the list.
import type { Customer } from "@orderwatch/core/Customer"
import { continuationToken, PartnerCenter } from "@orderwatch/core/PartnerCenter"
import type { CustomersQuery } from "@orderwatch/core/PartnerCenter"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import type { Answer } from "@orderwatch/core/Transport"
import { DateTime, Effect, Option } from "effect"
import type { Link } from "../links.ts"
import { InvalidInput } from "../problem.ts"
import type { Call } from "../route.ts"
import { maySee } from "../wire.ts"
import { largest, lostPage } from "./paging.ts"

export interface Page {
  /** Of the last of upstream's answers the ids; when the oldest of them was seen. */
  readonly read: Answer<unknown>
  readonly items: ReadonlyArray<Customer>
  /** Upstream's own count, where the page is upstream's. */
  readonly totalCount: number | undefined
  readonly self: Link | undefined
  readonly next: Option.Option<string>
}

const own = /^from-(?<from>\d{1,9})$/

const fromOf = (token: string | undefined): Effect.Effect<number, InvalidInput> => {
  if (token === undefined) return Effect.succeed(0)
  const from = own.exec(token)?.groups?.["from"]
  return from === undefined
    ? Effect.fail(new InvalidInput({ detail: "The continuation token is not one of ours." }))
    : Effect.succeed(Number(from))
}

const isMeant =
  (filter: CustomersQuery["filter"]) =>
  ({ companyProfile }: Customer): boolean => {
    if (filter === undefined) return true
    const value = filter.field === "Domain" ? companyProfile?.domain : companyProfile?.companyName
    return value?.toLowerCase().startsWith(filter.startsWith.toLowerCase()) ?? false
  }

/** One page of the caller's own customers; its tokens are ours, never upstream's. */
export const ownCustomers = Effect.fnUntraced(function* (
  call: Call,
  query: CustomersQuery
): Effect.fn.Return<Page, PartnerCenterError | InvalidInput, PartnerCenter> {
  const from = yield* fromOf(query.continuationToken)
  const partnerCenter = yield* PartnerCenter
  const items: Array<Customer> = []
  const seen = new Set<string>()
  let read = yield* partnerCenter.customersPage({ size: largest })
  let oldest = read.observedAt
  for (;;) {
    items.push(...(read.value.items ?? []).filter(({ id }) => maySee(call, id)))
    const token = Option.getOrUndefined(continuationToken(read.value))
    if (token === undefined && read.value.links?.next === undefined) break
    if (token === undefined || seen.has(token)) return yield* lostPage(read)
    seen.add(token)
    read = yield* partnerCenter.customersPage({ size: largest, continuationToken: token })
    oldest = DateTime.min(oldest, read.observedAt)
  }
  const found = items.filter(isMeant(query.filter))
  const until = from + (query.size ?? largest)
  return {
    read: { ...read, observedAt: oldest },
    items: found.slice(from, until),
    totalCount: undefined,
    // It would repeat what was asked for, in an answer that names nobody who is not on the list.
    self: undefined,
    next: until < found.length ? Option.some(`from-${until}`) : Option.none()
  }
})
