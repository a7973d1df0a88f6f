// Every codec of the wire and of our own JSON: what was encoded decodes to the same.
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { Finding, Health } from "../src/CredentialHealth.ts"
import { Customer, CustomerId, CustomersPage } from "../src/Customer.ts"
import { Order, OrderId, OrderLineItem, Orders } from "../src/Order.ts"
import { PartnerCenterError, Problem, Reason } from "../src/PartnerCenterError.ts"
import {
  OrderLineItemProvisioningStatus,
  OrderProvisioningStatus,
  QuantityProvisioningStatus,
  SubscriptionProvisioningStatus
} from "../src/ProvisioningStatus.ts"
import { Support } from "../src/Support.ts"
import { TokenClaims } from "../src/TokenClaims.ts"

const roundTrips = <S extends Schema.Codec<unknown, unknown>>(
  name: string,
  schema: S,
  arbitrary: Arbitrary.Arbitrary<S["Type"]> = Arbitrary.schema(schema)
) =>
  it.prop(
    `${name} comes back as it went`,
    { value: arbitrary },
    ({ value }) => {
      const encoded = Schema.encodeSync(schema)(value)
      assert.deepStrictEqual(Schema.decodeSync(schema)(encoded), value)
      assert.deepStrictEqual(JSON.parse(JSON.stringify(encoded)), normal(encoded))
    },
    { arbitrary: { seed: name, runs: 60 } }
  )

// JSON has no negative zero.
const normal = (value: unknown): unknown => {
  if (value === 0) return 0
  if (Array.isArray(value)) return value.map(normal)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, normal(field)]))
}

// What is certainly a collection: values that the check on it refuses are too many to be thrown away.
const attributes = Schema.Struct({ objectType: Schema.Literal("Collection") })
const LineStatus = Schema.Struct({
  ...OrderLineItemProvisioningStatus.fields,
  status: Schema.String
})

describe("codecs", () => {
  roundTrips("CustomerId", CustomerId)
  roundTrips("Customer", Customer)
  roundTrips(
    "CustomersPage",
    CustomersPage,
    Arbitrary.schema(Schema.Struct({ ...CustomersPage.fields, attributes }))
  )
  roundTrips("OrderId", OrderId)
  roundTrips("OrderLineItem", OrderLineItem)
  roundTrips("Order", Order)
  roundTrips(
    "Orders",
    Orders,
    Arbitrary.schema(
      Schema.Struct({ totalCount: Schema.Finite, items: Schema.Array(Order), attributes })
    )
  )
  roundTrips("QuantityProvisioningStatus", QuantityProvisioningStatus)
  roundTrips(
    "OrderLineItemProvisioningStatus",
    OrderLineItemProvisioningStatus,
    Arbitrary.schema(LineStatus)
  )
  roundTrips(
    "OrderProvisioningStatus",
    OrderProvisioningStatus,
    Arbitrary.schema(
      Schema.Struct({
        ...OrderProvisioningStatus.fields,
        items: Schema.Array(LineStatus),
        attributes
      })
    )
  )
  roundTrips(
    "SubscriptionProvisioningStatus",
    SubscriptionProvisioningStatus,
    Arbitrary.schema(
      Schema.Struct({
        ...SubscriptionProvisioningStatus.fields,
        attributes: Schema.Struct({ objectType: Schema.Literal("SubscriptionProvisioningStatus") })
      })
    )
  )
  roundTrips("Support", Support)
  roundTrips("Reason", Reason)
  roundTrips("Problem", Problem)
  roundTrips("TokenClaims", TokenClaims)
  roundTrips("Finding", Finding)
  roundTrips("Health", Health)

  it.prop(
    "PartnerCenterError comes back as it went",
    { error: PartnerCenterError },
    ({ error }) => {
      const codec = Schema.fromJsonString(PartnerCenterError)
      const back = Schema.decodeSync(codec)(Schema.encodeSync(codec)(error))
      assert.strictEqual(back.message, error.message)
      assert.deepStrictEqual(
        [back.operation, back.reason, back.support],
        [error.operation, error.reason, error.support]
      )
    },
    { arbitrary: { seed: "error", runs: 60 } }
  )
})
