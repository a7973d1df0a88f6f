// Upstream's own paths, in upstream's shape and words, so that its clients only change their base URL.
import { continuationToken, PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { make, PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import type { Answer as Answered } from "@orderwatch/core/Transport"
import { Effect, Option } from "effect"
import { json } from "../answer.ts"
import type { Answer } from "../answer.ts"
import { asFreshAs, cacheHeaders } from "../fresh.ts"
import type { Failure } from "../problem.ts"
import type { Call, Path } from "../route.ts"
import {
  customersBody,
  customerOf,
  idsOf,
  orderBody,
  maySee,
  ordersBody,
  sentId,
  statusBody
} from "../wire.ts"
import { customersQueryOf, linkOf, nextOf } from "./paging.ts"

const answer = Effect.fnUntraced(function* (
  call: Call,
  { observedAt, support }: Answered<unknown>,
  body: string
) {
  const requestId = sentId(call, "ms-requestid") ?? support.requestId
  const correlationId = sentId(call, "ms-correlationid") ?? support.correlationId
  const headers = {
    ...(yield* cacheHeaders(observedAt)),
    ...(requestId !== undefined && { "ms-requestid": requestId }),
    ...(correlationId !== undefined && { "ms-correlationid": correlationId })
  }
  return { ...json(body, headers), support }
})

/** `GET …/provisioningstatus`: the order-level operation, whatever the order links to. */
const status = Effect.fnUntraced(function* (call: Call) {
  const { customer, order } = yield* idsOf(call)
  const partnerCenter = yield* PartnerCenter
  const read = yield* asFreshAs(call)(partnerCenter.provisioningStatus(customer, order))
  return yield* answer(call, read, statusBody(read.value))
})

const order = Effect.fnUntraced(function* (call: Call) {
  const { customer, order } = yield* idsOf(call)
  const partnerCenter = yield* PartnerCenter
  const read = yield* asFreshAs(call)(partnerCenter.order(customer, order))
  return yield* answer(call, read, orderBody(read.value))
})

const orders = Effect.fnUntraced(function* (call: Call) {
  const customer = yield* customerOf(call)
  const partnerCenter = yield* PartnerCenter
  const read = yield* asFreshAs(call)(partnerCenter.orders(customer))
  return yield* answer(call, read, ordersBody(read.value))
})

const customers = Effect.fnUntraced(function* (call: Call) {
  const query = yield* customersQueryOf(call)
  const partnerCenter = yield* PartnerCenter
  const read = yield* asFreshAs(call)(partnerCenter.customersPage(query))
  const token = continuationToken(read.value)
  if (read.value.links?.next !== undefined && Option.isNone(token)) {
    return yield* lostPage(read)
  }
  const seen = (read.value.items ?? []).filter(({ id }) => maySee(call, id))
  const found = yield* answer(
    call,
    read,
    customersBody(seen, Option.getOrUndefined(Option.map(token, (next) => nextOf(query, next))))
  )
  return Option.match(token, {
    onNone: () => found,
    onSome: (next) => ({ ...found, headers: { ...found.headers, link: linkOf(query, next) } })
  })
})

// A part must not pass for the whole.
const lostPage = ({ support }: Answered<unknown>) =>
  new PartnerCenterError({
    operation: "customers",
    support,
    reason: make({
      _tag: "UnexpectedResponse",
      path: "links.next",
      description: "the next page of customers is not named"
    })
  })

const path = (
  path: string,
  run: (call: Call) => Effect.Effect<Answer, Failure, PartnerCenter>
): Path<PartnerCenter> => ({ path, isUpstreams: true, isOpen: false, methods: { GET: { run } } })

export const paths: ReadonlyArray<Path<PartnerCenter>> = [
  path("/v1/customers", customers),
  path("/v1/customers/:customer/orders", orders),
  path("/v1/customers/:customer/orders/:order", order),
  path("/v1/customers/:customer/orders/:order/provisioningstatus", status)
]
