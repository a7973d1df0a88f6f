import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Customer, CustomerId, CustomersPage } from "../src/Customer.ts"
import { contoso, customer, customersPage } from "./fixtures.ts"

const decodeId = Schema.decodeUnknownResult(CustomerId)

describe("CustomerId", () => {
  it.each([customer, customer.toUpperCase()])(
    "a GUID in either case is one, as it is: %s",
    (id) => {
      assert.deepStrictEqual(decodeId(id), Result.succeed(CustomerId.make(id)))
    }
  )

  it.each(["", "contoso.onmicrosoft.com", `${customer}/orders`, `{${customer}}`, ` ${customer}`])(
    "anything else is not, and the refusal says what one looks like: '%s'",
    (id) => {
      const refused = decodeId(id)
      assert.isTrue(Result.isFailure(refused))
      assert.include(String(Result.getFailure(refused)), "a customer id is a GUID")
    }
  )
})

describe("Customer", () => {
  it("unknown fields are ignored and absent ones stay absent", () => {
    const billingProfile = { email: "somebody@contoso.example" }
    assert.deepStrictEqual<unknown>(
      Schema.decodeUnknownSync(Customer)({ ...contoso, custom: [1], billingProfile }),
      contoso
    )
    assert.deepStrictEqual(Schema.decodeUnknownSync(Customer)({ id: "x" }), { id: "x" })
  })

  it("a page of customers decodes with its links", () => {
    const page = Schema.decodeUnknownSync(CustomersPage)(customersPage([customer], "AQAAAA=="))
    assert.strictEqual(page.items?.length, 1)
    assert.strictEqual(page.links?.next?.headers?.[0]?.value, "AQAAAA==")
  })
})
