import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option, Result, Schema } from "effect"
import {
  createdAt,
  isAnsweredBySubscriptions,
  linkedSubscription,
  Order,
  OrderId,
  OrderLineItem,
  Orders,
  sameId
} from "../src/Order.ts"
import { PartnerCenter } from "../src/PartnerCenter.ts"
import * as testing from "../src/testing.ts"
import {
  customer,
  formA,
  legacyOrder,
  licences,
  order,
  reservation,
  subscription,
  subscriptionLine
} from "./fixtures.ts"
import { failed, stack } from "./layers.ts"

const decodeId = Schema.decodeUnknownResult(OrderId)
const decode = Schema.decodeUnknownSync(Order)
const lineLinking = (uri: string) =>
  Schema.decodeUnknownSync(OrderLineItem)({ links: { provisioningStatus: { uri } } })

describe("OrderId", () => {
  it.each([
    legacyOrder,
    order,
    "9qg-ErcO-4MPbPqq_3MIQaS7bn8W6HfG1",
    "-BZlr_TeGksPNT61SsWRL-sqMaKbyVa1",
    "_x",
    "5cf72f146967"
  ])("an id of any of the known shapes is accepted as it is: %s", (id) => {
    assert.deepStrictEqual(decodeId(id), Result.succeed(OrderId.make(id)))
  })

  it.each(["", "a/b", "..", "a b", "a?b", "a%2fb", "é", "x".repeat(65), "a\n"])(
    "anything else is refused with what an id is: '%s'",
    (id) => {
      const refused = decodeId(id)
      assert.isTrue(Result.isFailure(refused))
      assert.include(String(Result.getFailure(refused)), "1 to 64 letters, digits, - or _")
    }
  )

  it.effect.prop(
    "any accepted id survives percent-encoding into the path",
    { id: OrderId },
    ({ id }) =>
      Effect.gen(function* () {
        const partnerCenter = yield* PartnerCenter
        yield* failed(partnerCenter.provisioningStatus(customer, id))
        const [request] = (yield* (yield* testing.Requests).all).slice(-1)
        const segments = (request?.path ?? "").split("/")
        assert.strictEqual(segments.length, 7)
        assert.strictEqual(decodeURIComponent(segments[5] ?? ""), id)
        assert.strictEqual(segments[6], "provisioningstatus")
        assert.deepStrictEqual(request?.query, {})
      }).pipe(
        Effect.provide(
          stack((request) =>
            request.method === "POST"
              ? { body: { access_token: "t1", expires_in: 3599 } }
              : { status: 404, body: formA(20000) }
          )
        )
      ),
    { arbitrary: { seed: "order-ids", runs: 20 } }
  )
})

describe("sameId", () => {
  it("GUIDs compare without case", () => {
    assert.isTrue(sameId(legacyOrder, legacyOrder.toLowerCase()))
  })

  it("all other ids compare exactly", () => {
    assert.isTrue(sameId(order, order))
    assert.isFalse(sameId(order, order.toLowerCase()))
    assert.isFalse(sameId("5cf72f146967", "5CF72F146967"))
  })
})

describe("Order", () => {
  it("the vendor's samples decode with all their fields, without what is not documented", () => {
    assert.deepStrictEqual<unknown>(decode(licences), licences)
    assert.deepStrictEqual<unknown>(
      decode({ ...reservation, totalPrice: 12.5, somethingNew: { nested: true } }),
      { ...reservation, totalPrice: 12.5 }
    )
  })

  it("fields may be absent", () => {
    assert.deepStrictEqual(decode({ id: "x" }), { id: "x" })
    assert.deepStrictEqual(decode({ id: "x", lineItems: [{}] }), { id: "x", lineItems: [{}] })
  })

  it("the JSON of another resource is refused by the type that it gives itself", () => {
    const other = { ...reservation, attributes: { objectType: "Subscription" } }
    assert.throws(() => decode(other), /objectType/)
  })

  it("a customer's orders are a collection", () => {
    const orders = Schema.decodeUnknownSync(Orders)({
      totalCount: 2,
      items: [reservation, licences],
      attributes: { objectType: "Collection" }
    })
    assert.deepStrictEqual(
      (orders.items ?? []).map(({ id }) => id),
      [order, legacyOrder]
    )
  })

  it.each([
    ["2018-03-13T22:49:54.3396949Z", "2018-03-13T22:49:54.339Z"],
    ["2018-03-13T14:49:54.339-08:00", "2018-03-13T22:49:54.339Z"],
    ["2018-03-13T22:49:54", "2018-03-13T22:49:54.000Z"]
  ])("the date %s is read, as UTC unless it says", (creationDate, iso) => {
    const created = createdAt(decode({ id: "x", creationDate }))
    assert.strictEqual(Option.getOrThrow(Option.map(created, DateTime.formatIso)), iso)
  })

  it.each([undefined, "", "2015-11-25T06: 41: 12Z", "soon"])(
    "a date that cannot be read is none: %s",
    (creationDate) => {
      const created = createdAt(
        decode(creationDate === undefined ? { id: "x" } : { id: "x", creationDate })
      )
      assert.isTrue(Option.isNone(created))
    }
  )
})

describe("links", () => {
  it.each([
    `/subscriptions/${subscription}/provisioningstatus`,
    `/v1/customers/${customer}/subscriptions/${subscription}/provisioningstatus`,
    `subscriptions/${subscription}/ProvisioningStatus/`,
    `https://evil.example/subscriptions/${subscription}/provisioningstatus`
  ])("a line's link gives the subscription's id and nothing else: %s", (uri) => {
    assert.deepStrictEqual(linkedSubscription(lineLinking(uri)), Option.some(subscription))
  })

  it.each([
    "",
    `/customers/${customer}/orders/${order}/provisioningstatus`,
    `/subscriptions/${subscription}`,
    "/subscriptions/../../evil/provisioningstatus",
    "/subscriptions/a%2Fb/provisioningstatus"
  ])("a link that names no subscription gives none: '%s'", (uri) => {
    assert.isTrue(Option.isNone(linkedSubscription(lineLinking(uri))))
  })

  it("an order whose lines link to subscriptions is answered by those", () => {
    assert.isTrue(isAnsweredBySubscriptions(decode(licences)))
  })

  it("an order that links a status itself uses it, whatever its lines link to", () => {
    const both = { ...reservation, lineItems: [subscriptionLine(0, subscription)] }
    assert.isFalse(isAnsweredBySubscriptions(decode(both)))
  })

  it("an order without any link is answered by the order-level status", () => {
    assert.isFalse(isAnsweredBySubscriptions(decode({ id: "x", lineItems: [{}] })))
    assert.isFalse(isAnsweredBySubscriptions(decode({ id: "x" })))
  })
})
