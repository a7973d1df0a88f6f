import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  fromOrderWord,
  fromSubscriptionWord,
  isTakenBack,
  OrderProvisioningStatus,
  SubscriptionProvisioningStatus
} from "../src/ProvisioningStatus.ts"
import { fulfilled, reservation, subscriptionStatus } from "./fixtures.ts"

const decodeStatus = Schema.decodeUnknownSync(OrderProvisioningStatus)
const decodeSubscription = Schema.decodeUnknownSync(SubscriptionProvisioningStatus)

describe("words", () => {
  it.each([
    ["fulfilled", "fulfilled"],
    ["Fulfilled", "fulfilled"],
    ["FULFILLED", "fulfilled"],
    [" fulfilled ", "fulfilled"],
    ["ful_filled", "fulfilled"],
    ["PrefulfillmentPending", "pending"],
    ["prefulfillmentPending", "pending"],
    ["prefulfillmentpending", "pending"],
    ["prefulfillment_pending", "pending"],
    ["prefulfillment-pending", "pending"],
    ["Prefulfillment Pending", "pending"],
    ["PREFULFILLMENT_PENDING", "pending"],
    ["Unfulfilled", "unfulfilled"],
    ["unfulfilled", "unfulfilled"],
    ["un_fulfilled", "unfulfilled"]
  ])("an order's '%s' is %s", (word, state) => {
    assert.strictEqual(fromOrderWord(word), state)
  })

  it.each(["pending", "success", "failed", "completed", "transfered", "", "toString", "__proto__"])(
    "an order's '%s' is a word that we do not know",
    (word) => {
      assert.strictEqual(fromOrderWord(word), "unknown")
    }
  )

  it.each([
    ["success", "fulfilled"],
    ["Success", "fulfilled"],
    ["pending", "pending"],
    ["Pending", "pending"],
    ["failed", "unfulfilled"],
    ["FAILED", "unfulfilled"]
  ])("a subscription's '%s' is %s", (word, state) => {
    assert.strictEqual(fromSubscriptionWord(word), state)
  })

  it.each(["none", "fulfilled", "unfulfilled", "prefulfillmentpending", "", "constructor"])(
    "a subscription's '%s' is a word that we do not know",
    (word) => {
      assert.strictEqual(fromSubscriptionWord(word), "unknown")
    }
  )

  it("a flood of unknown spellings changes nothing for the known ones", () => {
    for (let count = 0; count < 1000; count++) {
      assert.strictEqual(fromOrderWord(`word ${count}`), "unknown")
    }
    assert.strictEqual(fromOrderWord("Ful-Filled"), "fulfilled")
    assert.strictEqual(fromOrderWord("prefulfillment pending"), "pending")
  })

  it("no word at all is unknown", () => {
    assert.strictEqual(fromOrderWord(undefined), "unknown")
    assert.strictEqual(fromSubscriptionWord(undefined), "unknown")
  })

  it.each([
    "cancel",
    "Cancel",
    "removeQuantity",
    "remove_quantity",
    "RemoveQuantity",
    "customerCredit",
    "Customer Credit"
  ])("a line of the transaction '%s' takes something back", (transaction) => {
    assert.isTrue(isTakenBack(transaction))
  })

  it.each([undefined, "", "New", "renew", "addQuantity", "convert"])(
    "a line of the transaction '%s' does not",
    (transaction) => {
      assert.isFalse(isTakenBack(transaction))
    }
  )
})

describe("OrderProvisioningStatus", () => {
  it("the vendor's sample decodes", () => {
    assert.deepStrictEqual(decodeStatus(fulfilled), fulfilled)
  })

  it("an unknown word decodes as it is", () => {
    const decoded = decodeStatus({ items: [{ lineItemNumber: 0, status: "Transfered" }] })
    assert.strictEqual(decoded.items?.[0]?.status, "Transfered")
  })

  it.each([
    ["no quantities", { items: [{ lineItemNumber: 0, status: "fulfilled" }] }],
    ["no items but a count", { totalCount: 0 }],
    ["no items of a collection", { attributes: { objectType: "Collection" } }],
    ["no attributes", { totalCount: 0, items: [] }]
  ])("missing arrays are no failure: %s", (_, body) => {
    assert.deepStrictEqual<unknown>(decodeStatus(body), body)
  })

  it.each([
    ["an empty object", {}, /items/],
    ["an order", reservation, /objectType/],
    ["a word that is a number", { items: [{ status: 5 }] }, /\["status"\]/],
    ["an item that says nothing", { items: [{ other: 1 }] }, /\["status"\]/],
    ["a list", [], /Expected/]
  ])("the JSON of something else is refused: %s", (_, body, message) => {
    assert.throws(() => decodeStatus(body), message)
  })
})

describe("SubscriptionProvisioningStatus", () => {
  it("the vendor's sample decodes", () => {
    assert.deepStrictEqual(
      decodeSubscription(subscriptionStatus("success")),
      subscriptionStatus("success")
    )
  })

  it("the order-level answer is not taken for it", () => {
    assert.throws(() => decodeSubscription(fulfilled))
  })
})
