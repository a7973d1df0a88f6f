// A customer of the partner, as Partner Center lists it.
import { Schema } from "effect"
import * as Wire from "./internal/wire.ts"

/**
 * A customer's id: its Microsoft Entra tenant id, a GUID in either case.
 *
 * https://learn.microsoft.com/partner-center/developer/customer-resources
 */
export const CustomerId = Schema.String.check(
  Schema.isGUID({
    message: "a customer id is a GUID, such as 0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
  })
).pipe(Schema.brand("CustomerId"))
export type CustomerId = typeof CustomerId.Type

/** A customer as `GET /v1/customers` sends it, reduced to what identifies it. */
export const Customer = Schema.Struct({
  id: Schema.String,
  companyProfile: Wire.optional(
    Schema.Struct({
      tenantId: Wire.optional(Schema.String),
      domain: Wire.optional(Schema.String),
      companyName: Wire.optional(Schema.String)
    })
  ),
  relationshipToPartner: Wire.optional(Schema.String)
})
export type Customer = typeof Customer.Type

/** One page of customers as the wire has it; the next page is named by a continuation token. */
export const CustomersPage = Wire.collection(Customer)
export type CustomersPage = typeof CustomersPage.Type
