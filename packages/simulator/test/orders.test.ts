import { assert, describe, it } from "vitest"
import * as customers from "../src/customers.ts"
import { demoOrders } from "../src/demo.ts"
import { harness, orderPath, statusPath } from "./harness.ts"

interface Item {
  readonly lineItemNumber: number
  readonly status: string
  readonly attributes?: object
  readonly quantityProvisioningInformation: ReadonlyArray<{
    readonly quantity: number
    readonly status: string
  }>
}
interface Link {
  readonly uri: string
}
interface OrderBody {
  readonly id: string
  readonly status: string
  readonly creationDate: string
  readonly lineItems: ReadonlyArray<{
    readonly lineItemNumber: number
    readonly friendlyName: string
    readonly quantity: number
    readonly subscriptionId?: string
    readonly transactionType?: string
    readonly links: { readonly provisioningStatus?: Link; readonly sku: Link }
  }>
  readonly links: { readonly self: Link; readonly provisioningStatus?: Link }
}

const looks = () => {
  const { get, time } = harness()
  const start = time.now
  return {
    get,
    at: (seconds: number) => {
      time.now = start + seconds * 1000
    },
    order: async (customerId: string, orderId: string): Promise<OrderBody> =>
      JSON.parse((await get(orderPath(customerId, orderId))).text),
    items: async (customerId: string, orderId: string): Promise<ReadonlyArray<Item>> =>
      JSON.parse((await get(statusPath(customerId, orderId))).text).items,
    words: async (customerId: string, orderId: string): Promise<ReadonlyArray<string>> =>
      JSON.parse((await get(statusPath(customerId, orderId))).text).items.map(
        (item: Item) =>
          `${item.status}: ${item.quantityProvisioningInformation
            .map(({ quantity, status }) => `${quantity} ${status}`)
            .join(", ")}`
      )
  }
}

const documentText = [
  "{",
  '    "totalCount": 1,',
  '    "items": [',
  "        {",
  '            "orderLineItemId": 0,',
  '            "lineItemNumber": 0,',
  '            "status": "fulfilled",',
  '            "quantityProvisioningInformation": [',
  "                {",
  '                    "quantity": 1,',
  '                    "status": "fulfilled"',
  "                }",
  "            ]",
  "        }",
  "    ],",
  '    "attributes": {',
  '        "objectType": "Collection"',
  "    }",
  "}"
].join("\n")

describe("the document's order", () => {
  it("answers with the document's text, character by character, behind a BOM", async () => {
    const { get } = looks()
    const { simulator } = harness()
    const answer = await get(statusPath(simulator.sample.customerId, simulator.sample.orderId))
    assert.isTrue(answer.hasBom)
    assert.strictEqual(answer.text, documentText)
  })

  it("reads as one completed line, with no link to its status anywhere", async () => {
    const { order } = looks()
    const { sample } = harness().simulator
    const body = await order(sample.customerId, sample.orderId)
    assert.deepInclude(body, { id: sample.orderId, status: "completed" })
    assert.deepEqual(
      body.lineItems.map(({ lineItemNumber, quantity }) => ({ lineItemNumber, quantity })),
      [{ lineItemNumber: 0, quantity: 1 }]
    )
    assert.isUndefined(body.links.provisioningStatus)
    assert.isUndefined(body.lineItems[0]?.links.provisioningStatus)
  })
})

describe("orders that move", () => {
  it.each<[string, string, ReadonlyArray<readonly [number, ReadonlyArray<string>]>]>([
    [
      customers.contoso.id,
      "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1",
      [
        [19, ["prefulfillment_pending: 2 prefulfillment_pending"]],
        [20, ["fulfilled: 2 fulfilled"]]
      ]
    ],
    [
      customers.fabrikam.id,
      "9qg-ErcO-4MPbPqq_3MIQaS7bn8W6HfG1",
      [
        [0, ["PrefulfillmentPending: 6 PrefulfillmentPending"]],
        [120, ["PrefulfillmentPending: 3 Fulfilled, 3 PrefulfillmentPending"]],
        [240, ["Fulfilled: 6 Fulfilled"]]
      ]
    ],
    [
      customers.treyResearch.id,
      "Tr5uMq8Zc1_NvXe0yKpWs-3hJbGdLo7i1",
      [
        [0, ["Prefulfillment-Pending: 1 Prefulfillment-Pending", "fulfilled: 8 fulfilled"]],
        [40, ["Unfulfilled: 1 Unfulfilled", "fulfilled: 8 fulfilled"]]
      ]
    ],
    [
      customers.tailspin.id,
      "Quick-TestOrder_FulfilledAfter1s1",
      [
        [0, ["prefulfillment_pending: 1 prefulfillment_pending"]],
        [1, ["fulfilled: 1 fulfilled"]]
      ]
    ]
  ])("of %s: %s", async (customerId, orderId, course) => {
    const { at, words } = looks()
    for (const [seconds, expected] of course) {
      at(seconds)
      assert.deepEqual(await words(customerId, orderId), expected, `after ${seconds} s`)
    }
  })

  it("complete as an order too", async () => {
    const { at, order } = looks()
    const id = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1"
    assert.strictEqual((await order(customers.contoso.id, id)).status, "pending")
    at(20)
    assert.strictEqual((await order(customers.contoso.id, id)).status, "completed")
  })

  it("are readable at once but without a status at first, if just created", async () => {
    const { at, get, order, words } = looks()
    const id = "Ia80ZLkXp6eWOqpp35pBQJLhqv9IiGVZ1"
    const created = Date.parse((await order(customers.wingtip.id, id)).creationDate)
    assert.isBelow(Date.UTC(2026, 10, 22, 10) - created, 60_000)
    const early = await get(statusPath(customers.wingtip.id, id))
    assert.strictEqual(early.status, 404)
    assert.deepInclude(early.json, { code: 800007, errorName: "ProvisioningStatusNotFound" })
    at(30)
    assert.deepEqual(await words(customers.wingtip.id, id), [
      "prefulfillmentPending: 2 prefulfillmentPending"
    ])
    at(75)
    assert.deepEqual(await words(customers.wingtip.id, id), ["fulfilled: 2 fulfilled"])
  })

  it("are unknown for their first seconds, also in the list, if even newer", async () => {
    const { at, get, words } = looks()
    const id = "kyTs4y7jRu99MyeIudk6Q1G_aeUdT_tu1"
    const list = `/v1/customers/${customers.wingtip.id}/orders`
    for (const path of [orderPath, statusPath])
      assert.strictEqual((await get(path(customers.wingtip.id, id))).json["code"], 20000)
    assert.strictEqual((await get(list)).json["totalCount"], 1)
    at(10)
    assert.strictEqual((await get(orderPath(customers.wingtip.id, id))).status, 200)
    assert.strictEqual((await get(list)).json["totalCount"], 2)
    at(45)
    assert.deepEqual(await words(customers.wingtip.id, id), ["fulfilled: 1 fulfilled"])
  })
})

describe("orders at rest", () => {
  it.each<[string, string, string, ReadonlyArray<string>]>([
    ["in other casing", customers.contoso.id, "5cf72f146967", ["Fulfilled: 25 Fulfilled"]],
    [
      "with partial units",
      customers.fabrikam.id,
      "f76c6b7f449d",
      ["prefulfillment_pending: 3 fulfilled, 1 prefulfillment_pending"]
    ],
    [
      "partially fulfilled",
      customers.adventureWorks.id,
      "s-BZlr_TeGksPNT61SsWRL-sqMaKbyVa1",
      ["fulfilled: 2 fulfilled", "fulfilled: 10 fulfilled", "Unfulfilled: 5 Unfulfilled"]
    ],
    [
      "cancelled",
      customers.adventureWorks.id,
      "Cs_jyTxubLpvdJXdo8xcQZN6I2RsLrgZ1",
      ["unfulfilled: 3 unfulfilled", "Unfulfilled: 1 Unfulfilled"]
    ],
    [
      "in an unknown word",
      customers.northwind.id,
      "ImxjLNL4_fOc-2KoyOxGTZcrlIquzls11",
      ["Transferred: 3 FULFILLED, 1 Transferred"]
    ],
    [
      "under an id with a leading dash",
      customers.proseware.id,
      "-k3Jt9wQz_XhN2rB7vLsM5yTgC8dPfUa1",
      ["fulfilled: 1 fulfilled"]
    ],
    [
      "with lines that are not answered",
      customers.proseware.id,
      "34b37d7340cc",
      ["Fulfilled: 40 Fulfilled"]
    ],
    ["without lines", customers.fourthCoffee.id, "7d0c4ba19e52", []],
    [
      "pending for good",
      customers.tailspin.id,
      "Slow-TestOrder_PendingForEver0001",
      ["PREFULFILLMENT PENDING: 1 PREFULFILLMENT PENDING"]
    ]
  ])("%s", async (_, customerId, orderId, expected) => {
    const { at, words } = looks()
    assert.deepEqual(await words(customerId, orderId), expected)
    at(86_400 / 48)
    assert.deepEqual(await words(customerId, orderId), expected)
  })

  it("may have lines that only took something away", async () => {
    const { order } = looks()
    const body = await order(customers.proseware.id, "34b37d7340cc")
    assert.deepEqual(
      body.lineItems.map((line) => line.transactionType),
      ["addQuantity", "removeQuantity", "cancel"]
    )
  })

  it("may have no line items at all", async () => {
    const { order } = looks()
    assert.deepEqual((await order(customers.fourthCoffee.id, "7d0c4ba19e52")).lineItems, [])
  })

  it("may have two hundred lines", async () => {
    const { items, order } = looks()
    const id = "Wg4Rt7Yp2LmKxQz9-VbNc_JdHs6FaE3u1"
    assert.strictEqual((await items(customers.woodgrove.id, id)).length, 200)
    assert.strictEqual((await order(customers.woodgrove.id, id)).lineItems.length, 200)
  })

  it("may carry attributes in their items", async () => {
    const { items } = looks()
    const [item] = await items(customers.contoso.id, "5cf72f146967")
    assert.deepEqual(item?.attributes, { objectType: "OrderLineItemProvisioningStatus" })
  })

  it("may have control characters and escape sequences in their names and words", async () => {
    const { items, order } = looks()
    const id = "Hx0stile-Name_ControlCharacters01"
    const body = await order(customers.tailspin.id, id)
    assert.include(body.lineItems[0]?.friendlyName ?? "", "\u001B[31m")
    assert.include(body.lineItems[0]?.friendlyName ?? "", "\u0000")
    assert.include((await items(customers.tailspin.id, id))[0]?.status ?? "", "\u001B[8m")
  })

  it("may contradict themselves", async () => {
    const { get } = looks()
    const { json } = await get(statusPath(customers.tailspin.id, "0c0ffee15bad"))
    assert.strictEqual(json["totalCount"], 7)
    assert.strictEqual(Array.isArray(json["items"]) && json["items"].length, 4)
  })
})

describe("documented fields", () => {
  it("are those of the samples, of a reservation and of the new commerce experience", async () => {
    const { order } = looks()
    const reservation: object = await order(
      customers.contoso.id,
      "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1"
    )
    assert.notProperty(reservation, "alternateId")
    assert.notNestedProperty(reservation, "links.patchOperation")
    assert.nestedPropertyVal(reservation, "lineItems[0].provisioningContext.scope", "shared")
    const newer: object = await order(customers.contoso.id, "5cf72f146967")
    assert.nestedPropertyVal(newer, "alternateId", "5cf72f146967")
    assert.nestedPropertyVal(newer, "links.patchOperation.method", "PATCH")
    assert.nestedPropertyVal(newer, "partnerOnRecordAttestationAccepted", true)
    for (const name of ["product", "sku", "availability"])
      assert.nestedProperty(newer, `lineItems[0].links.${name}.uri`)
    for (const name of [
      "customTermEndDate",
      "partnerIdOnRecord",
      "additionalPartnerIdsOnRecord",
      "promotionId",
      "renewsTo.termDuration",
      "attestationAccepted"
    ])
      assert.nestedProperty(newer, `lineItems[0].${name}`)
  })

  it("have prices only if they are asked for", async () => {
    const { get } = looks()
    const path = orderPath(customers.contoso.id, "5cf72f146967")
    assert.notProperty((await get(path)).json, "totalPrice")
    const { json } = await get(`${path}?include_price=true`)
    assert.nestedPropertyVal(json, "lineItems[0].pricing.extendedPrice", json["totalPrice"])
    const list = await get(`/v1/customers/${customers.contoso.id}/orders?include_price=True`)
    assert.nestedProperty(list.json, "items[0].totalPrice")
  })
})

describe("older licence orders", () => {
  const id = "eeba9d00-7b46-443a-917e-22887a8fc993"
  const status = async (get: (path: string) => Promise<{ json: object }>, path: string) =>
    (await get(`/v1/customers/${customers.northwind.id}${path}`)).json

  it("link from each line to its subscription's status, without customer and /v1", async () => {
    const { get, order } = looks()
    const body = await order(customers.northwind.id, id)
    assert.isUndefined(body.links.provisioningStatus)
    const links = body.lineItems.map((line) => line.links.provisioningStatus?.uri ?? "")
    const words = await Promise.all(links.map((link) => status(get, link)))
    assert.deepEqual(
      words.map((word) => "status" in word && word.status),
      ["success", "pending", "failed"]
    )
    assert.containsAllKeys(words[0], ["skuId", "quantity", "endDate", "attributes"])
    for (const link of links) assert.match(link, /^\/subscriptions\/[^/]+\/provisioningstatus$/)
  })

  it("write ids in the line and in the link in different case", async () => {
    const { order } = looks()
    const [line] = (await order(customers.northwind.id, id)).lineItems
    const linked = line?.links.provisioningStatus?.uri.split("/")[2]
    assert.notStrictEqual(linked, line?.subscriptionId)
    assert.strictEqual(linked?.toLowerCase(), line?.subscriptionId?.toLowerCase())
  })

  it("have no status of their own", async () => {
    const { get } = looks()
    assert.strictEqual((await get(statusPath(customers.northwind.id, id))).json["code"], 800007)
  })

  it("are not found through another customer", async () => {
    const { get } = looks()
    const path = `/v1/customers/${customers.contoso.id}/subscriptions/db8c695b-1c3c-4c55-b697-771503dd46bf/provisioningstatus`
    assert.strictEqual((await get(path)).json["code"], 20003)
  })

  it("move on as well", async () => {
    const { at, get } = looks()
    const path = `/v1/customers/${customers.litware.id}/subscriptions/2B9E4D10-6C8A-4F37-A5D1-E8F7C6B5A493/provisioningstatus`
    assert.strictEqual((await get(path)).json["status"], "pending")
    at(60)
    assert.strictEqual((await get(path)).json["status"], "Success")
  })
})

describe("the demo as a whole", () => {
  it("lists every order under its customer, with unique ids and dates in both forms", async () => {
    const { at, get } = looks()
    at(600)
    const seen: Array<OrderBody> = []
    for (const { id } of customers.customers) {
      const { json } = await get(`/v1/customers/${id}/orders`)
      assert.containsAllKeys(json, ["totalCount", "items", "links", "attributes"])
      seen.push(...JSON.parse(JSON.stringify(json["items"])))
    }
    assert.strictEqual(seen.length, demoOrders.length)
    assert.strictEqual(new Set(seen.map(({ id }) => id.toLowerCase())).size, demoOrders.length)
    const dates = seen.map(({ creationDate }) => creationDate)
    assert.isTrue(dates.some((date) => /T\d\d:\d\d:\d\d\.\d{7}Z$/.test(date)))
    assert.isTrue(dates.some((date) => /\.\d{3}-08:00$/.test(date)))
    for (const date of dates) assert.isBelow(Date.parse(date), Date.UTC(2026, 10, 22, 10))
  })

  it("links to a status that is there, wherever an order links one", async () => {
    const { at, get, order } = looks()
    at(600)
    for (const { customerId, id, linked } of demoOrders) {
      const { links } = await order(customerId, id)
      assert.strictEqual(links.provisioningStatus !== undefined, linked)
      if (links.provisioningStatus === undefined) continue
      assert.strictEqual((await get(`/v1${links.provisioningStatus.uri}`)).status, 200, id)
    }
  })
})
