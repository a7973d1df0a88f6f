import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { CustomersPage } from "../../src/Customer.ts"
import { decodeBody } from "../../src/internal/body.ts"
import { Order, Orders } from "../../src/Order.ts"
import { OrderProvisioningStatus } from "../../src/ProvisioningStatus.ts"
import { contoso, customer, fulfilled, licences, order, reservation } from "../fixtures.ts"

const read =
  <S extends Schema.ConstraintDecoder<unknown>>(schema: S) =>
  (sent: unknown): S["Type"] =>
    Result.getOrThrow(decodeBody(schema, JSON.stringify(sent)))
const decodeOrder = read(Order)
const link = { uri: "/x", method: "GET", headers: [] }

describe("what is only passed on", () => {
  it.each<[string, object, object]>([
    ["a number for a text", { alternateId: 5 }, {}],
    ["a text for a number", { totalPrice: "12.50" }, {}],
    ["a text for an object", { client: "x" }, {}],
    [
      "an object's field",
      { client: { name: 5, deviceFamily: "d" } },
      { client: { deviceFamily: "d" } }
    ],
    [
      "a link's text",
      { links: { self: 5, patchOperation: link } },
      { links: { patchOperation: link } }
    ],
    [
      "a link's method",
      { links: { self: { uri: "/x", method: 5 } } },
      { links: { self: { uri: "/x" } } }
    ],
    [
      "an etag",
      { attributes: { objectType: "Order", etag: 1 } },
      { attributes: { objectType: "Order" } }
    ],
    [
      "a line's fields",
      {
        lineItems: [
          { quantity: 1, additionalPartnerIdsOnRecord: [1], provisioningContext: { a: {} } },
          { quantity: 2, pricing: { price: "1", listPrice: 1 }, renewsTo: [], promotionId: "p" }
        ]
      },
      { lineItems: [{ quantity: 1 }, { quantity: 2, pricing: { listPrice: 1 }, promotionId: "p" }] }
    ]
  ])("is left out where it does not fit, and nothing else: %s", (_, sent, read) => {
    assert.deepStrictEqual<unknown>(decodeOrder({ id: order, ...sent }), { id: order, ...read })
  })

  it.each<[object, string]>([
    [{ status: 5, alternateId: 5 }, "status"],
    [
      { totalPrice: "x", lineItems: [{ quantity: 1 }, { quantity: "2", pricing: 5 }] },
      "lineItems[1].quantity"
    ],
    [{ links: { self: 5, provisioningStatus: { uri: 5 } } }, "links.provisioningStatus.uri"],
    [{ client: 5, attributes: { objectType: "Subscription" } }, "attributes.objectType"]
  ])("does not hide that something else does not fit: %o", (sent, path) => {
    const refused = decodeBody(Order, JSON.stringify({ id: order, ...sent }))
    assert.strictEqual(refused._tag === "Failure" ? refused.failure.path : undefined, path)
  })

  it("is left out of one order of many", () => {
    const odd = { ...reservation, currencySymbol: 5 }
    const { currencySymbol: _, ...rest } = reservation
    assert.deepStrictEqual<unknown>(read(Orders)({ items: [odd, licences], links: { self: [] } }), {
      items: [rest, licences],
      links: {}
    })
  })

  it("is left out of customers and of statuses", () => {
    const odd = { ...contoso, relationshipToPartner: 1, links: [], attributes: "x" }
    assert.deepStrictEqual<unknown>(read(CustomersPage)({ items: [odd] }), {
      items: [{ id: customer, companyProfile: contoso.companyProfile }]
    })
    assert.deepStrictEqual<unknown>(
      read(OrderProvisioningStatus)({
        ...fulfilled,
        links: { self: "x" }
      }),
      { ...fulfilled, links: {} }
    )
  })

  it.prop(
    "is read as it is where it fits",
    { value: Arbitrary.schema(Order) },
    ({ value }) => {
      assert.deepStrictEqual(decodeOrder(value), Schema.decodeSync(Order)(value))
    },
    { arbitrary: { seed: "fits", runs: 60 } }
  )

  it.prop(
    "cannot fail an order, whatever it is",
    { alternateId: Schema.Json, client: Schema.Json, pricing: Schema.Json, self: Schema.Json },
    ({ alternateId, client, pricing, self }) => {
      const read = decodeOrder({
        id: order,
        alternateId,
        client,
        links: { self },
        lineItems: [{ pricing }]
      })
      assert.strictEqual(read.id, order)
      assert.strictEqual(read.lineItems?.length, 1)
    },
    { arbitrary: { seed: "whatever", runs: 100 } }
  )
})
