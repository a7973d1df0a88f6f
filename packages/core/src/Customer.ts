// A customer of the partner, as Partner Center lists it.
import { Schema } from "effect"
import { compiled } from "./internal/compiled.ts"
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

/**
 * A customer as the list of customers has it. What only a customer by itself has, its billing profile
 * above all, is not read.
 *
 * https://learn.microsoft.com/partner-center/developer/customer-resources#customer
 */
export const Customer = Schema.Struct({
  id: Schema.String,
  companyProfile: Wire.optional(
    Schema.Struct({
      tenantId: Wire.passedOn(Schema.String),
      domain: Wire.optional(Schema.String),
      companyName: Wire.optional(Schema.String),
      links: Wire.passedOn(Wire.SelfLink),
      attributes: Wire.passedOn(Wire.Attributes)
    })
  ),
  relationshipToPartner: Wire.passedOn(Schema.String),
  links: Wire.passedOn(Wire.SelfLink),
  attributes: Wire.passedOn(Wire.Attributes)
})
export type Customer = typeof Customer.Type

/** One page of customers as the wire has it; the next page is named by a continuation token. */
export const CustomersPage = compiled(Wire.collection(Customer))
export type CustomersPage = typeof CustomersPage.Type
