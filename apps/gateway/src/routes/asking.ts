// What orders can be asked for beside their path: upstream's own parameters. One that changes the answer is
// passed on or refused: ignored, it would let the whole pass for a part.
import type { OrderQuery, OrdersQuery } from "@orderwatch/core/PartnerCenter"
import { Effect } from "effect"
import type { InvalidInput } from "../problem.ts"
import type { Request } from "../route.ts"
import { invalid, onceOf, parametersOf } from "./parameters.ts"
import type { Parameters } from "./parameters.ts"

const valueOf = (
  sent: Parameters,
  name: string,
  values: ReadonlyArray<string>
): Effect.Effect<string | undefined, InvalidInput> =>
  Effect.flatMap(onceOf(sent, name), (text) => {
    const value = text?.toLowerCase()
    return value === undefined || values.includes(value)
      ? Effect.succeed(value)
      : Effect.fail(invalid(`${name} is ${values.slice(0, -1).join(", ")} or ${values.at(-1)}.`))
  })

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
