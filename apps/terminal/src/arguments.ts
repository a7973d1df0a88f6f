// What a person may write for a customer and an order.
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { plain } from "@orderwatch/core/text"
import { Effect, Option, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import { UsageError } from "./failure.ts"

export const customer = Argument.String("customer").pipe(
  Argument.withDescription("The customer's id (a GUID) or its domain")
)

export const orders = Argument.String("order").pipe(
  Argument.withDescription("The order's id; one that begins with - goes after --"),
  Argument.variadic({ min: 1 })
)

export const isCustomerId = Schema.is(CustomerId)
export const isOrderId = Schema.is(OrderId)
const domain =
  /^(?=.{3,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i

const quoted = (text: string) => `“${plain(text).slice(0, 80)}”`

/** A customer as it was written: an id, or a domain that is yet to be looked up. */
export type CustomerText =
  | { readonly _tag: "Id"; readonly id: CustomerId }
  | { readonly _tag: "Domain"; readonly domain: string }

export const parseCustomer = (written: string): Effect.Effect<CustomerText, UsageError> => {
  // A line of a file from another system brings its end with it.
  const text = written.trim()
  if (isCustomerId(text)) return Effect.succeed({ _tag: "Id", id: text })
  return domain.test(text)
    ? Effect.succeed({ _tag: "Domain", domain: text })
    : Effect.fail(
        new UsageError({
          message: `${quoted(text)} is no customer: give its id (a GUID) or its domain, such as contoso.onmicrosoft.com.`
        })
      )
}

export const parseOrder = (written: string): Effect.Effect<OrderId, UsageError> => {
  const text = written.trim()
  return isOrderId(text)
    ? Effect.succeed(text)
    : Effect.fail(
        new UsageError({
          message: `${quoted(text)} is no order id: it has 1 to 64 letters, digits, - or _.`
        })
      )
}

/** The id and, where it had to be looked up, the name of a customer. */
export const resolve = Effect.fnUntraced(function* (text: CustomerText) {
  if (text._tag === "Id") return { id: text.id, name: Option.none<string>() }
  const partnerCenter = yield* PartnerCenter
  const found = yield* partnerCenter.customerByDomain(text.domain)
  if (!isCustomerId(found.id)) {
    return yield* new UsageError({ message: `${quoted(text.domain)} has no customer id.` })
  }
  return { id: found.id, name: Option.fromNullishOr(found.companyProfile?.companyName) }
})
