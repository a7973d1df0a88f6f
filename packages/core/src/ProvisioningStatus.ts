// Where provisioning stands, as the wire tells it: two resources, and an open vocabulary of words.
import { Schema } from "effect"
import { compiled } from "./internal/compiled.ts"
import * as Wire from "./internal/wire.ts"

/**
 * What a provisioning word means to us. `unfulfilled` is cancelled and will not come; `unknown` is a
 * word that we do not know: neither success nor failure.
 */
export const ProvisioningState = Schema.Literals(["fulfilled", "pending", "unfulfilled", "unknown"])
export type ProvisioningState = typeof ProvisioningState.Type

/** A word as upstream spelled it. Known ones complete in an editor; any other string is one too. */
export type ProvisioningWord =
  | "fulfilled"
  | "unfulfilled"
  | "prefulfillmentPending"
  | typeof Schema.StringForLiteralAutocomplete.Type
// Every string is a member of the type, so a plain string decodes it, without trying the literals.
export const ProvisioningWord: Schema.Codec<ProvisioningWord, string> = Schema.String

/**
 * How many units of a line are in which state.
 *
 * https://learn.microsoft.com/partner-center/developer/order-resources#quantityprovisioningstatus
 */
export const QuantityProvisioningStatus = Schema.Struct({
  quantity: Wire.optional(Schema.Finite),
  status: Wire.optional(ProvisioningWord)
})
export type QuantityProvisioningStatus = typeof QuantityProvisioningStatus.Type

/**
 * Where one line of an order stands. `orderLineItemId` is in the vendor's sample only; joins go by
 * `lineItemNumber` where there is one.
 *
 * https://learn.microsoft.com/partner-center/developer/order-resources#orderlineitemprovisioningstatus
 */
export const OrderLineItemProvisioningStatus = Schema.Struct({
  orderLineItemId: Wire.optional(Schema.Finite),
  lineItemNumber: Wire.optional(Schema.Finite),
  status: Wire.optional(ProvisioningWord),
  quantityProvisioningInformation: Wire.optional(Schema.Array(QuantityProvisioningStatus))
}).check(
  Schema.makeFilter(
    (item) =>
      item.status !== undefined ||
      item.lineItemNumber !== undefined ||
      item.orderLineItemId !== undefined ||
      item.quantityProvisioningInformation !== undefined
        ? undefined
        : { path: ["status"], issue: "missing" },
    { title: "the provisioning status of an order line" }
  )
)
export type OrderLineItemProvisioningStatus = typeof OrderLineItemProvisioningStatus.Type

/**
 * The answer of `GET /v1/customers/{customer}/orders/{order}/provisioningstatus`: a collection, though
 * its page names a single resource.
 *
 * https://learn.microsoft.com/partner-center/developer/get-order-provisioning-status
 */
export const OrderProvisioningStatus = compiled(Wire.collection(OrderLineItemProvisioningStatus))
export type OrderProvisioningStatus = typeof OrderProvisioningStatus.Type

/**
 * The answer of `GET /v1/customers/{customer}/subscriptions/{subscription}/provisioningstatus`: words of
 * its own (`success`, `pending`, `failed`), one object, refreshed every 15 minutes.
 *
 * https://learn.microsoft.com/partner-center/developer/get-subscription-provisioning-status
 */
export const SubscriptionProvisioningStatus = Schema.Struct({
  skuId: Wire.optional(Schema.String),
  status: Wire.optional(Schema.String),
  quantity: Wire.optional(Schema.Finite),
  endDate: Wire.optional(Schema.String),
  attributes: Wire.optional(Wire.Attributes)
}).check(
  Wire.isObjectType("SubscriptionProvisioningStatus"),
  Schema.makeFilter(
    ({ attributes, skuId, status }) =>
      status !== undefined || skuId !== undefined || attributes?.objectType !== undefined
        ? undefined
        : { path: ["status"], issue: "missing" },
    { title: "the provisioning status of a subscription" }
  )
)
export type SubscriptionProvisioningStatus = typeof SubscriptionProvisioningStatus.Type

const separators = /[_\-\s]/g
const normalise = (word: string): string => word.toLowerCase().replace(separators, "")

// Upstream uses a handful of spellings; a flood of others must not fill the memory.
const mostSpellings = 256

const states = (words: Readonly<Record<string, ProvisioningState>>) => {
  const meanings = new Map(Object.entries(words))
  const spellings = new Map<string, ProvisioningState>()
  return (word: string | undefined): ProvisioningState => {
    if (word === undefined) return "unknown"
    const seen = spellings.get(word)
    if (seen !== undefined) return seen
    const state = meanings.get(normalise(word)) ?? "unknown"
    if (spellings.size < mostSpellings) spellings.set(word, state)
    return state
  }
}

/** Our state for a word of an order line or of its quantities. Spelling varies: `_`, `-`, case. */
export const fromOrderWord = states({
  fulfilled: "fulfilled",
  prefulfillmentpending: "pending",
  unfulfilled: "unfulfilled"
})

/** Our state for a word of a subscription's provisioning status. */
export const fromSubscriptionWord = states({
  success: "fulfilled",
  pending: "pending",
  failed: "unfulfilled"
})

const undone: ReadonlyArray<string> = ["cancel", "removequantity", "customercredit"]

/** Whether a line's transaction takes something back, so that nothing of it is ever provisioned. */
export const isTakenBack = (transactionType: string | undefined): boolean =>
  transactionType !== undefined && undone.includes(normalise(transactionType))
