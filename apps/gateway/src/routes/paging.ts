// Pages of customers as upstream has them: size, filter, and a continuation token in a header. A `Link`
// cannot name a header, so the token is taken from the query as well.
import type { CustomersQuery } from "@orderwatch/core/PartnerCenter"
import { make, PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { visible } from "@orderwatch/core/text"
import type { Answer } from "@orderwatch/core/Transport"
import { Effect, Option, Schema } from "effect"
import type { InvalidInput } from "../problem.ts"
import type { Request } from "../route.ts"
import { invalid, onceOf, parametersOf } from "./parameters.ts"

/** The most customers that a page of upstream's has. */
export const largest = 500

const sizes = /^\d{1,4}$/
const isToken = (text: string): boolean => text.length <= 4096 && visible.test(text)

const FilterParameter = Schema.fromJsonString(
  Schema.Struct({
    Field: Schema.String,
    Value: Schema.String.check(Schema.isMaxLength(256)),
    Operator: Schema.String
  })
)
const decodeFilter = Schema.decodeUnknownOption(FilterParameter)

type Filter = NonNullable<CustomersQuery["filter"]>

const fields: Readonly<Record<string, Filter["field"]>> = {
  companyname: "CompanyName",
  domain: "Domain"
}

const filterOf = (text: string): Option.Option<Filter> =>
  Option.flatMap(decodeFilter(text), ({ Field, Operator, Value }) => {
    const field = Object.hasOwn(fields, Field.toLowerCase())
      ? fields[Field.toLowerCase()]
      : undefined
    return field === undefined || Operator.toLowerCase() !== "starts_with"
      ? Option.none()
      : Option.some({ field, startsWith: Value })
  })

/**
 * What of upstream's own parameters is understood: `size`, `filter`, `seekOperation=Next` or `First`, and
 * the token. Ignored, one would let the whole pass for a part.
 *
 * https://learn.microsoft.com/partner-center/developer/get-a-list-of-customers
 */
export const customersQueryOf = Effect.fnUntraced(function* (
  request: Request
): Effect.fn.Return<CustomersQuery, InvalidInput> {
  const sent = parametersOf(request)
  const size = yield* onceOf(sent, "size")
  const filter = yield* onceOf(sent, "filter")
  const linked = yield* onceOf(sent, "continuationToken")
  const token = request.header("ms-continuationtoken") ?? linked
  const seek = (yield* onceOf(sent, "seekOperation"))?.toLowerCase()
  if (size !== undefined && !(sizes.test(size) && Number(size) <= largest)) {
    return yield* invalid(`size is a whole number from 0 to ${largest}.`)
  }
  if (token !== undefined && !isToken(token)) {
    return yield* invalid("The continuation token is not one of ours.")
  }
  if (seek !== undefined && !["next", "0", "first", "2"].includes(seek)) {
    return yield* invalid("seekOperation is Next or First.")
  }
  const found = filter === undefined ? Option.none() : filterOf(filter)
  if (filter !== undefined && Option.isNone(found)) {
    return yield* invalid(
      'filter is JSON such as {"Field":"Domain","Value":"contoso","Operator":"starts_with"}, by CompanyName or Domain.'
    )
  }
  const isFirst = seek === "first" || seek === "2"
  return {
    ...(size !== undefined && Number(size) > 0 && { size: Number(size) }),
    ...(Option.isSome(found) && { filter: found.value }),
    ...(token !== undefined && !isFirst && { continuationToken: token })
  }
})

/** A part must not pass for the whole. */
export const lostPage = ({ support }: Answer<unknown>) =>
  new PartnerCenterError({
    operation: "customers",
    support,
    reason: make({
      _tag: "UnexpectedResponse",
      path: "links.next",
      description: "the next page of customers is not named"
    })
  })

const asked = ({ filter, size }: CustomersQuery) => {
  const onward = new URLSearchParams({ size: String(size ?? largest) })
  if (filter !== undefined) {
    const { field, startsWith } = filter
    onward.set(
      "filter",
      JSON.stringify({ Field: field, Value: startsWith, Operator: "starts_with" })
    )
  }
  return onward
}

const parameters = (query: CustomersQuery) => {
  const onward = asked(query)
  onward.set("seekOperation", "Next")
  return onward
}

/** The link to the next page as upstream writes it: without `/v1`, the token in a header. */
export const nextOf = (query: CustomersQuery, token: string) => ({
  uri: `/customers?${parameters(query)}`,
  method: "GET",
  headers: [{ key: "MS-ContinuationToken", value: token }]
})

/** The same as a header of RFC 8288, the token in the query. */
export const linkOf = (query: CustomersQuery, token: string): string => {
  const onward = parameters(query)
  onward.set("continuationToken", token)
  return `</v1/customers?${onward}>; rel="next"`
}
