// What orders can be asked for beside their path: upstream's own parameters. One that changes the answer is
// passed on or refused: ignored, it would let the whole pass for a part.
import type { OrderQuery, OrdersQuery } from "@orderwatch/core/PartnerCenter"
import { Effect } from "effect"
import { InvalidInput } from "../problem.ts"
import type { Request } from "../route.ts"

type Parameters = ReadonlyMap<string, ReadonlyArray<string>>

/** By their names, which upstream reads without case. */
const parametersOf = ({ raw }: Request): Parameters => {
  const found = new Map<string, ReadonlyArray<string>>()
  for (const [name, value] of new URL(raw.url).searchParams) {
    const known = name.toLowerCase()
    found.set(known, [...(found.get(known) ?? []), value.toLowerCase()])
  }
  return found
}

const invalid = (detail: string) => Effect.fail(new InvalidInput({ detail }))

const valueOf = (
  sent: Parameters,
  name: string,
  values: ReadonlyArray<string>
): Effect.Effect<string | undefined, InvalidInput> => {
  const [value, ...more] = sent.get(name.toLowerCase()) ?? []
  if (value === undefined) return Effect.succeed(undefined)
  return more.length === 0 && values.includes(value)
    ? Effect.succeed(value)
    : invalid(`${name} is ${values.slice(0, -1).join(", ")} or ${values.at(-1)}, once.`)
}

const flagOf = (sent: Parameters, name: string): Effect.Effect<boolean, InvalidInput> =>
  Effect.map(valueOf(sent, name, ["true", "false"]), (value) => value === "true")

const priceOf = (sent: Parameters): Effect.Effect<OrderQuery, InvalidInput> =>
  Effect.map(flagOf(sent, "include_price"), (includePrice) =>
    includePrice ? { includePrice } : {}
  )

/** `include_price` of one order. */
export const orderQueryOf = (request: Request): Effect.Effect<OrderQuery, InvalidInput> =>
  priceOf(parametersOf(request))

/** The words of `billingType`, without the underscore that `billingCycle` has. */
export const billingTypes = ["onetime", "monthly", "annual"] as const

/**
 * `billingType`, `include_price` and `include_system_purchases` of a customer's orders. The REST reference
 * has `indirect_reseller_id` beside.
 *
 * https://learn.microsoft.com/partner-center/developer/get-a-list-of-orders-by-customer-and-billing-cycle-type
 */
export const ordersQueryOf = Effect.fnUntraced(function* (
  request: Request
): Effect.fn.Return<OrdersQuery, InvalidInput> {
  const sent = parametersOf(request)
  if (sent.has("indirect_reseller_id")) {
    return yield* invalid(
      "indirect_reseller_id is not offered: ask for all orders of the customer."
    )
  }
  const billingType = yield* valueOf(sent, "billingType", billingTypes)
  const includeSystemPurchases = yield* flagOf(sent, "include_system_purchases")
  return {
    ...(billingType !== undefined && { billingType }),
    ...(yield* priceOf(sent)),
    ...(includeSystemPurchases && { includeSystemPurchases })
  }
})
