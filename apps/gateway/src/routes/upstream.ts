// Upstream's own paths, in upstream's shape and words, so that its clients only change their base URL.
import { continuationToken, PartnerCenter } from "@orderwatch/core/PartnerCenter"
import type { CustomersQuery } from "@orderwatch/core/PartnerCenter"
import { visible } from "@orderwatch/core/text"
import type { Answer as Answered } from "@orderwatch/core/Transport"
import { Context, Effect, Option } from "effect"
import { json } from "../answer.ts"
import type { Answer } from "../answer.ts"
import { asFreshAs, cacheHeaders } from "../fresh.ts"
import type { Call, Path, Route } from "../route.ts"
import {
  customersBody,
  customerOf,
  idsOf,
  orderBody,
  ordersBody,
  sentId,
  statusBody
} from "../wire.ts"
import { orderQueryOf, ordersQueryOf } from "./asking.ts"
import { ownCustomers } from "./ownCustomers.ts"
import type { Page } from "./ownCustomers.ts"
import { customersQueryOf, linkOf, lostPage, nextOf } from "./paging.ts"

// Ids are upstream's own text.
const carried = (id: string | undefined): id is string =>
  id !== undefined && id.length <= 256 && visible.test(id)

const answer = (call: Call, { observedAt, support }: Answered<unknown>, body: string): Answer => {
  const requestId = sentId(call, "ms-requestid") ?? support.requestId
  const correlationId = sentId(call, "ms-correlationid") ?? support.correlationId
  const headers = {
    ...cacheHeaders(call, observedAt),
    ...(requestId !== undefined && { "ms-requestid": requestId }),
    ...(correlationId !== undefined && { "ms-correlationid": correlationId }),
    ...(carried(support.msCv) && { "ms-cv": support.msCv }),
    ...(carried(support.serverId) && { "ms-serverid": support.serverId })
  }
  return { ...json(body, headers), support }
}

/** `GET …/provisioningstatus`: the order-level operation, whatever the order links to. */
const status = (call: Call, services: Context.Context<PartnerCenter>) =>
  Effect.flatMapEager(idsOf(call), ({ customer, order }) => {
    const read = Context.get(services, PartnerCenter).provisioningStatus(customer, order)
    return Effect.map(asFreshAs(call)(read), (found) =>
      answer(call, found, statusBody(found.value))
    )
  })

const order = Effect.fnUntraced(function* (call: Call) {
  const { customer, order } = yield* idsOf(call)
  const query = yield* orderQueryOf(call)
  const partnerCenter = yield* PartnerCenter
  const read = yield* asFreshAs(call)(partnerCenter.order(customer, order, query))
  return answer(call, read, orderBody(read.value))
})

const orders = Effect.fnUntraced(function* (call: Call) {
  const customer = yield* customerOf(call)
  const query = yield* ordersQueryOf(call)
  const partnerCenter = yield* PartnerCenter
  const read = yield* asFreshAs(call)(partnerCenter.orders(customer, query))
  return answer(call, read, ordersBody(read.value))
})

const allCustomers = Effect.fnUntraced(function* (query: CustomersQuery) {
  const partnerCenter = yield* PartnerCenter
  const read = yield* partnerCenter.customersPage(query)
  const next = continuationToken(read.value)
  if (read.value.links?.next !== undefined && Option.isNone(next)) return yield* lostPage(read)
  const page: Page = {
    read,
    items: read.value.items ?? [],
    totalCount: read.value.totalCount,
    self: read.value.links?.self,
    next
  }
  return page
})

const customers = Effect.fnUntraced(function* (call: Call) {
  const query = yield* customersQueryOf(call)
  const isAll = call.caller.customers === "all"
  const { items, next, read, self, totalCount } = yield* asFreshAs(call)(
    isAll ? allCustomers(query) : ownCustomers(call, query)
  )
  const found = answer(
    call,
    read,
    customersBody(items, {
      totalCount,
      links: {
        ...(self !== undefined && { self }),
        ...(Option.isSome(next) && { next: nextOf(query, next.value) })
      }
    })
  )
  return Option.match(next, {
    onNone: () => found,
    onSome: (token) => ({ ...found, headers: { ...found.headers, link: linkOf(query, token) } })
  })
})

const path = (path: string, run: Route<PartnerCenter>["run"]): Path<PartnerCenter> => ({
  path,
  isUpstreams: true,
  isOpen: false,
  methods: { GET: { run } }
})

export const paths: ReadonlyArray<Path<PartnerCenter>> = [
  path("/v1/customers", customers),
  path("/v1/customers/:customer/orders", orders),
  path("/v1/customers/:customer/orders/:order", order),
  path("/v1/customers/:customer/orders/:order/provisioningstatus", status)
]
