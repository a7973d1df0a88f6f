import { assert, describe, it } from "@effect/vitest"
import { CustomersPage } from "@orderwatch/core/Customer"
import { Order, Orders } from "@orderwatch/core/Order"
import { Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import type { Caller } from "../src/access.ts"
import {
  base,
  customer,
  failing,
  gateway,
  jsonOf,
  order,
  orderOf,
  other,
  settle,
  statusOf,
  upstream
} from "./gateway.ts"

const restricted: Caller = { id: "a", customers: new Set([customer]), ended: Effect.never }
const as = (name: string) => ({ headers: { authorization: `Bearer ${name}` } })

const decodeOrder = Schema.decodeUnknownSync(Order)
const decodeOrders = Schema.decodeUnknownSync(Orders)
const decodePage = Schema.decodeUnknownSync(CustomersPage)

const link = (uri: string, method = "GET") => ({ uri, method, headers: [] })

// Every field that is documented, after the samples of get-all-of-a-customer-s-orders and create-an-order.
const documented = {
  id: order,
  alternateId: "5cf72f146967",
  referenceCustomerId: customer.toUpperCase(),
  billingCycle: "one_time",
  transactionType: "UserPurchase",
  lineItems: [
    {
      lineItemNumber: 0,
      offerId: "CFQ7TTC0LH0Z:0001:CFQ7TTC0K18P",
      subscriptionId: "fcddfa52-1da8-4529-d347-50ea51e1e7be",
      parentSubscriptionId: "DB8C695B-1C3C-4C55-B697-771503DD46BF",
      friendlyName: "AI Builder \u001b[31m \u202e 数量",
      quantity: 1,
      termDuration: "",
      customTermEndDate: "2022-02-24T00:00:00-08:00",
      transactionType: "New",
      partnerIdOnRecord: "873452",
      additionalPartnerIdsOnRecord: ["4847383", "873452"],
      provisioningContext: { scope: "shared", duration: "1Year" },
      promotionId: "39NFJQT1PJPB:0002:39NFJQT1Q5KK",
      pricing: {
        listPrice: 12.5,
        discountedPrice: 12,
        proratedPrice: 0.1,
        price: 0,
        extendedPrice: 1e21
      },
      renewsTo: { termDuration: "P1M" },
      attestationAccepted: false,
      links: {
        product: link("/products/CFQ7TTC0LH0Z?country=US"),
        sku: link("/products/CFQ7TTC0LH0Z/skus/0001?country=US"),
        availability: link("/products/CFQ7TTC0LH0Z/skus/0001/availabilities/CFQ7TTC0K18P"),
        subscription: link(`/customers/${customer}/subscriptions/DB8C695B`),
        provisioningStatus: link("/subscriptions/DB8C695B/provisioningstatus"),
        activationLinks: link(`/customers/${customer}/orders/x/lineitems/0/activationlinks`)
      },
      attributes: { objectType: "OrderLineItem", etag: "W/x" }
    }
  ],
  currencyCode: "USD",
  currencySymbol: "$",
  totalPrice: 12.5,
  creationDate: "2021-08-17T18:13:11.3122226Z",
  status: "Completed",
  partnerOnRecordAttestationAccepted: true,
  client: { marketplaceCountry: "US", deviceFamily: "UniversalStore", name: "Partner Center" },
  links: {
    self: link(`/customers/${customer}/orders/${order}`),
    provisioningStatus: link(`/v1/customers/${customer}/orders/${order}/provisioningstatus`),
    patchOperation: link(`/customers/${customer}/orders/${order}`, "PATCH")
  },
  attributes: { objectType: "Order", etag: "eyJpZCI6IjM0ODI4YzA1IiwidmVyc2lvbiI6MX0=" }
}

describe("upstream's own paths", () => {
  it.effect("answer the status in upstream's shape and words", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway({ ...upstream(), status: statusOf("Prefulfillment_Pending") })
      const response = yield* ask(`${base}/provisioningstatus`, {
        headers: { "ms-requestid": "d0e38dfd-a2c5", "ms-correlationid": "e937630b-8341" }
      })
      assert.strictEqual(response.status, 200)
      assert.strictEqual(response.headers.get("content-type"), "application/json; charset=utf-8")
      assert.strictEqual(response.headers.get("ms-requestid"), "d0e38dfd-a2c5")
      assert.strictEqual(response.headers.get("ms-correlationid"), "e937630b-8341")
      assert.deepStrictEqual(yield* jsonOf(response), {
        totalCount: 1,
        items: [
          {
            orderLineItemId: 0,
            lineItemNumber: 0,
            status: "Prefulfillment_Pending",
            quantityProvisioningInformation: [{ quantity: 1, status: "Prefulfillment_Pending" }]
          }
        ],
        attributes: { objectType: "Collection" }
      })
    })
  )

  it.effect("ask for the order-level operation only, once", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      yield* ask(`${base}/provisioningstatus`)
      yield* TestClock.adjust("5 seconds")
      yield* ask(`${base}/provisioningstatus`)
      assert.deepStrictEqual(up.asked, ["status"])
    })
  )

  it.effect("answer an order, without links that lead elsewhere", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      assert.deepStrictEqual(yield* jsonOf(yield* ask(base)), JSON.parse(JSON.stringify(orderOf())))
      const evil = { provisioningStatus: { uri: "//evil.example/v1" } }
      up.order = { ...orderOf(), links: evil, lineItems: [{ lineItemNumber: 0, links: evil }] }
      yield* TestClock.adjust("10 seconds")
      const body = yield* jsonOf(yield* ask(base))
      assert.notInclude(JSON.stringify(body), "evil")
    })
  )

  it.effect("answer with every documented field as upstream sent it, and with no other", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      up.order = decodeOrder({ ...documented, somethingNew: 1, billingProfile: { email: "x" } })
      up.orders = decodeOrders({
        totalCount: 7,
        items: [{ ...documented, somethingNew: 1 }],
        links: { self: link("/customers/c/orders"), next: link("/nowhere") },
        attributes: { objectType: "Collection" }
      })
      assert.deepStrictEqual<unknown>(yield* jsonOf(yield* ask(base)), documented)
      assert.deepStrictEqual<unknown>(
        yield* jsonOf(yield* ask(`/v1/customers/${customer}/orders`)),
        {
          totalCount: 7,
          items: [documented],
          links: { self: link("/customers/c/orders") },
          attributes: { objectType: "Collection" }
        }
      )
    })
  )

  it.effect("answer with customers as they are listed, without what else a customer has", () =>
    Effect.gen(function* () {
      const up = upstream()
      const listed = {
        id: customer,
        companyProfile: {
          tenantId: customer,
          domain: "a.example",
          companyName: "A \u001b[31m",
          links: { self: link(`/customers/${customer}/profiles/company`) },
          attributes: { objectType: "CustomerCompanyProfile", etag: "e" }
        },
        relationshipToPartner: "reseller",
        links: { self: link(`/customers/${customer}`) },
        attributes: { objectType: "Customer" }
      }
      up.customers = () =>
        decodePage({
          items: [{ ...listed, billingProfile: { email: "x" }, commerceId: "y" }],
          links: { self: link("/v1/customers?size=40") }
        })
      const { ask } = yield* gateway(up, {
        callers: { a: restricted, all: { ...restricted, customers: "all" } }
      })
      const page = {
        totalCount: 1,
        items: [listed],
        attributes: { objectType: "Collection" }
      }
      assert.deepStrictEqual<unknown>(
        yield* jsonOf(yield* ask("/v1/customers?size=40", as("all"))),
        { ...page, links: { self: link("/v1/customers?size=40") } }
      )
      // A list that is made here is at no address of upstream's.
      assert.deepStrictEqual<unknown>(
        yield* jsonOf(yield* ask("/v1/customers?size=3", as("a"))),
        page
      )
    })
  )

  it.effect.each([
    "https://evil.example/x",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:evil()",
    "/evil\u0000",
    "/evil\r\nx",
    " /evil",
    "evil",
    "/évil"
  ])("have no link that leads elsewhere, at no depth: %j", (uri) =>
    Effect.gen(function* () {
      const evil = { uri, method: "GET", headers: [] }
      const up = upstream()
      const named = (...names: ReadonlyArray<string>) =>
        Object.fromEntries(names.map((name) => [name, evil]))
      const of = ["self", "provisioningStatus", "patchOperation"]
      const ofLine = ["product", "sku", "availability", "subscription", "provisioningStatus"]
      const bad = {
        id: order,
        links: named(...of),
        lineItems: [{ quantity: 1, links: named(...ofLine, "activationLinks") }]
      }
      up.order = decodeOrder(bad)
      up.orders = decodeOrders({ items: [bad], links: named("self") })
      up.status = { ...statusOf("fulfilled"), links: named("self") }
      up.customers = () =>
        decodePage({
          items: [{ id: customer, links: named("self"), companyProfile: { links: named("self") } }],
          links: named("self")
        })
      const { ask } = yield* gateway(up)
      for (const path of [
        base,
        `${base}/provisioningstatus`,
        `/v1/customers/${customer}/orders`,
        "/v1/customers"
      ]) {
        const text = JSON.stringify(yield* jsonOf(yield* ask(path)))
        assert.notInclude(text, "vil", path)
        assert.notInclude(text, '"links"', path)
      }
    })
  )

  it.effect("have of a link its documented parts only", () =>
    Effect.gen(function* () {
      const up = upstream()
      up.order = decodeOrder({
        id: order,
        links: {
          self: {
            uri: "/x",
            method: "GET\r\n",
            headers: [
              { key: "Authorization", value: "evil" },
              { key: "MS-ContinuationToken", value: "a b" },
              { key: "MS-ContinuationToken", value: "t/+=" }
            ],
            more: "evil"
          }
        }
      })
      const { ask } = yield* gateway(up)
      assert.deepStrictEqual<unknown>((yield* jsonOf(yield* ask(base)))["links"], {
        self: { uri: "/x", headers: [{ key: "MS-ContinuationToken", value: "t/+=" }] }
      })
    })
  )

  it.effect("say which of upstream's servers answered, where that can be a header", () =>
    Effect.gen(function* () {
      const up = upstream()
      up.support = { msCv: "InswEQre402koceL.0", serverId: "030020344" }
      const { ask } = yield* gateway(up)
      for (const path of [base, `${base}/provisioningstatus`, "/v1/customers"]) {
        const { headers } = yield* ask(path)
        assert.strictEqual(headers.get("ms-cv"), "InswEQre402koceL.0", path)
        assert.strictEqual(headers.get("ms-serverid"), "030020344", path)
      }
      up.support = { msCv: "é\u2028", serverId: "a b" }
      const { headers, status } = yield* ask(`/v1/customers/${customer}/orders`)
      assert.deepStrictEqual(
        [status, headers.get("ms-cv"), headers.get("ms-serverid")],
        [200, null, null]
      )
    })
  )

  it.effect("pass on what orders are asked for, each kept by itself", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      const list = `/v1/customers/${customer}/orders`
      for (const path of [
        base,
        `${base}?include_price=false&other=1`,
        `${base}?include_price=true`,
        `${base}?Include_Price=True`,
        list,
        `${list}?include_system_purchases=false`,
        `${list}?billingType=OneTime`,
        `${list}?billingtype=onetime`,
        `${list}?billingType=monthly&include_price=true&include_system_purchases=true`
      ]) {
        assert.strictEqual((yield* ask(path)).status, 200, path)
      }
      assert.deepStrictEqual(up.asked, [
        "order",
        'order {"includePrice":true}',
        "orders",
        'orders {"billingType":"onetime"}',
        'orders {"billingType":"monthly","includePrice":true,"includeSystemPurchases":true}'
      ])
    })
  )

  it.effect("refuse what orders cannot be asked for, without asking upstream", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      const list = `/v1/customers/${customer}/orders`
      for (const path of [
        `${base}?include_price=1`,
        `${list}?include_price=`,
        `${list}?billingType=one_time`,
        `${list}?billingType=onetime&billingtype=monthly`,
        `${list}?include_system_purchases=yes`,
        `${list}?Indirect_Reseller_Id=x`
      ]) {
        const response = yield* ask(path)
        assert.strictEqual(response.status, 400, path)
        assert.strictEqual((yield* jsonOf(response))["reason"], "InvalidRequest")
      }
      assert.deepStrictEqual(up.asked, [])
    })
  )

  it.effect("answer a customer's orders as a collection", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      const body = yield* jsonOf(yield* ask(`/v1/customers/${customer}/orders`))
      assert.strictEqual(body["totalCount"], 1)
      assert.deepStrictEqual(body["attributes"], { objectType: "Collection" })
    })
  )

  it.effect("say failures with upstream's code and description beside the problem", () =>
    Effect.gen(function* () {
      const up = upstream()
      up.status = failing("provisioningStatus", {
        _tag: "ProvisioningStatusNotFound",
        httpStatus: 404,
        code: "800007",
        description: "No provisioning status",
        remedy: "Wait."
      })
      const { ask } = yield* gateway(up)
      const response = yield* ask(`${base}/provisioningstatus`)
      assert.strictEqual(response.status, 404)
      assert.strictEqual(response.headers.get("content-type"), "application/problem+json")
      assert.deepStrictEqual(yield* jsonOf(response), {
        type: "/problems/ProvisioningStatusNotFound",
        title: "There is no provisioning status for this order",
        status: 404,
        detail: "No provisioning status",
        instance: `${base}/provisioningstatus`,
        reason: "ProvisioningStatusNotFound",
        remedy: "Wait.",
        requestId: "upstream-request",
        correlationId: "upstream-correlation",
        upstreamStatus: 404,
        upstreamCode: "800007",
        code: 800007,
        description: "No provisioning status"
      })
      const elsewhere = yield* jsonOf(yield* ask(`${base}/report`))
      assert.notProperty(elsewhere, "code")
      assert.notProperty(elsewhere, "description")
    })
  )

  it.effect("answer HEAD as GET without a body", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      for (const path of [base, `${base}/report`, `${base}/provisioningstatus`, `${base}/events`]) {
        const response = yield* ask(path, { method: "HEAD" })
        assert.strictEqual(response.status, 200, path)
        assert.strictEqual(yield* Effect.promise(() => response.text()), "", path)
      }
    })
  )
})

describe("customers", () => {
  it.effect("tell a caller with a list nothing of those who are not on it, by no page's end", () =>
    Effect.gen(function* () {
      const up = upstream()
      const next = (value: string) => ({
        next: { uri: "/customers", headers: [{ key: "MS-ContinuationToken", value }] }
      })
      up.customers = (token) =>
        token === undefined
          ? { items: [{ id: other, companyProfile: { domain: "a.example" } }], links: next("t1") }
          : token === "t1"
            ? {
                items: [{ id: customer, companyProfile: { domain: "b.example" } }],
                links: next("t2")
              }
            : { items: [{ id: "00000000-0000-0000-0000-000000000003" }] }
      const { ask } = yield* gateway(up, { callers: { a: restricted } })
      const of = (domain: string) =>
        encodeURIComponent(
          JSON.stringify({ Field: "Domain", Value: domain, Operator: "starts_with" })
        )
      for (const [query, found] of [
        ["", 1],
        ["?size=1", 1],
        [`?size=1&filter=${of("a")}`, 0],
        [`?filter=${of("B.")}`, 1],
        [`?filter=${of("zzz")}`, 0]
      ] as const) {
        const response = yield* ask(`/v1/customers${query}`, as("a"))
        const body = yield* jsonOf(response)
        assert.deepStrictEqual([body["totalCount"], response.headers.get("link")], [found, null])
        assert.notProperty(body["links"] ?? {}, "next", query)
      }
      const foreign = { headers: { ...as("a").headers, "MS-ContinuationToken": "t1" } }
      assert.strictEqual((yield* ask("/v1/customers", foreign)).status, 400)
    })
  )

  it.effect(
    "gathered for a caller with a list fill each page but the last, and are as old as the oldest",
    () =>
      Effect.gen(function* () {
        const up = upstream()
        const ids = [0, 1, 2, 3, 4].map((n) => `00000000-0000-4000-8000-00000000000${n}`)
        up.takes = "3 seconds"
        up.customers = (token) => {
          const at = Number(token ?? 0)
          const links = {
            next: {
              uri: "/customers",
              headers: [{ key: "MS-ContinuationToken", value: `${at + 1}` }]
            }
          }
          const items = [{ id: ids[at] ?? "" }, { id: other }]
          return at + 1 < ids.length ? { items, links } : { items }
        }
        const caller: Caller = { ...restricted, customers: new Set(ids) }
        const { begin } = yield* gateway(up, { callers: { a: caller } })
        const counts: Array<number> = []
        const ages: Array<string | null> = []
        let path: string | undefined = "/v1/customers?size=2"
        while (path !== undefined) {
          const answer: Promise<Response> = Promise.resolve(begin(path, as("a")))
          yield* settle
          for (const _ of ids) {
            yield* TestClock.adjust("3 seconds")
            yield* settle
          }
          const response: Response = yield* Effect.promise(() => answer)
          ages.push(response.headers.get("age"))
          counts.push(Number((yield* jsonOf(response))["totalCount"]))
          path = /^<([^>]*)>/.exec(response.headers.get("link") ?? "")?.[1]
        }
        assert.deepStrictEqual(counts, [2, 2, 1])
        // The first of upstream's five answers came twelve seconds before the last.
        assert.strictEqual(ages[0], "12")
      })
  )

  it.effect("are those that the caller may ask about", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream(), {
        callers: { a: restricted, all: { ...restricted, customers: "all" } }
      })
      const mine = yield* jsonOf(yield* ask("/v1/customers", as("a")))
      assert.strictEqual(mine["totalCount"], 1)
      assert.notInclude(JSON.stringify(mine), other)
      const all = yield* jsonOf(yield* ask("/v1/customers", as("all")))
      assert.strictEqual(all["totalCount"], 2)
    })
  )

  it.effect("are paged by `links.next` and its header, and by `Link`", () =>
    Effect.gen(function* () {
      const up = upstream()
      up.customers = (token) =>
        token === undefined
          ? {
              items: [{ id: customer }],
              links: {
                next: {
                  uri: "https://evil.example/",
                  headers: [{ key: "MS-ContinuationToken", value: "t/+=" }]
                }
              }
            }
          : { items: [{ id: other }] }
      const { ask } = yield* gateway(up)
      const filter = JSON.stringify({ Field: "Domain", Value: "a b", Operator: "starts_with" })
      const first = yield* ask(`/v1/customers?size=1&filter=${encodeURIComponent(filter)}`)
      const body = yield* jsonOf(first)
      const onward = new URLSearchParams({ size: "1", filter, seekOperation: "Next" })
      assert.deepStrictEqual(body["links"], {
        next: {
          uri: `/customers?${onward}`,
          method: "GET",
          headers: [{ key: "MS-ContinuationToken", value: "t/+=" }]
        }
      })
      const [, link = ""] = /^<(.*)>; rel="next"$/.exec(first.headers.get("link") ?? "") ?? []
      const byLink = yield* ask(link)
      const byHeader = yield* ask(`/v1/customers?${onward}`, {
        headers: { "ms-continuationtoken": "t/+=" }
      })
      assert.include(JSON.stringify(yield* jsonOf(byLink)), other)
      assert.isNull(byLink.headers.get("link"))
      assert.include(JSON.stringify(yield* jsonOf(byHeader)), other)
      const query = {
        size: 1,
        filter: { field: "Domain", startsWith: "a b" }
      }
      assert.deepStrictEqual(up.asked, [
        `customers ${JSON.stringify(query)}`,
        `customers ${JSON.stringify({ ...query, continuationToken: "t/+=" })}`
      ])
    })
  )

  it.effect("pass on what they are asked for, by names in any case", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      const filter = JSON.stringify({ Field: "Domain", Value: "Con", Operator: "starts_with" })
      for (const query of [
        `Size=2&FILTER=${encodeURIComponent(filter)}&other=1&other=2`,
        "SeekOperation=Next&ContinuationToken=To%2BK",
        "seekoperation=First&continuationtoken=To%2BK"
      ]) {
        assert.strictEqual((yield* ask(`/v1/customers?${query}`)).status, 200, query)
      }
      assert.deepStrictEqual(up.asked, [
        'customers {"size":2,"filter":{"field":"Domain","startsWith":"Con"}}',
        'customers {"continuationToken":"To+K"}',
        "customers {}"
      ])
    })
  )

  it.effect("refuse what they cannot be asked", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      for (const query of [
        "size=501",
        "size=-1",
        "size=1e2",
        "seekOperation=Last",
        "filter=x",
        `filter=${encodeURIComponent('{"Field":"__proto__","Value":"","Operator":"starts_with"}')}`,
        "continuationToken=%00",
        "Size=501",
        "size=1&size=2",
        "size=1&Size=1",
        "filter=&Filter=",
        "seekOperation=Next&SeekOperation=First",
        "continuationToken=a&ContinuationToken=a"
      ]) {
        const response = yield* ask(`/v1/customers?${query}`)
        assert.strictEqual(response.status, 400, query)
        assert.strictEqual((yield* jsonOf(response))["reason"], "InvalidRequest")
      }
      assert.deepStrictEqual(up.asked, [])
    })
  )

  it.effect("fail where the next page is not named", () =>
    Effect.gen(function* () {
      const up = upstream()
      up.customers = () => ({ items: [], links: { next: { uri: "/customers" } } })
      const { ask } = yield* gateway(up)
      assert.strictEqual((yield* ask("/v1/customers")).status, 502)
    })
  )
})

describe("the caller's right", () => {
  const paths = [
    `/v1/customers/${other}/orders`,
    `/v1/customers/${other}/orders/${order}`,
    `/v1/customers/${other}/orders/${order}/provisioningstatus`,
    `/v1/customers/${other}/orders/${order}/report`,
    `/v1/customers/${other}/orders/${order}/events`
  ]

  it.effect("is told before anything else, without asking upstream", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up, { callers: { a: restricted } })
      for (const path of paths) {
        const response = yield* ask(path, {
          headers: { ...as("a").headers, "if-none-match": "*", accept: "text/html" }
        })
        assert.strictEqual(response.status, 403, path)
        assert.isNull(response.headers.get("etag"))
        assert.strictEqual((yield* jsonOf(response))["reason"], "CallerNotAllowed")
      }
      assert.deepStrictEqual(up.asked, [])
    })
  )

  it.effect("is looked at without case, and nobody is nobody", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream(), { callers: { a: restricted } })
      const path = `/v1/customers/${customer.toUpperCase()}/orders/${order}/report`
      assert.strictEqual((yield* ask(path, as("a"))).status, 200)
      const unknown = yield* ask(path)
      assert.strictEqual(unknown.status, 401)
      assert.strictEqual(unknown.headers.get("www-authenticate"), 'Bearer realm="orderwatch"')
      const wrong = yield* ask(path, as("b"))
      assert.include(wrong.headers.get("www-authenticate") ?? "", "invalid_token")
      assert.strictEqual((yield* ask("/v1/nothing")).status, 401)
    })
  )

  it.effect("does not come before ids that are none", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      for (const id of ["..%2f..", "%00", "a%20b", "%2e%2e%2fx", "é", "%zz", "a".repeat(65)]) {
        for (const path of [
          `/v1/customers/${id}/orders/${order}/report`,
          `/v1/customers/${customer}/orders/${id}/provisioningstatus`
        ]) {
          const response = yield* ask(path)
          assert.strictEqual(response.status, 400, path)
          assert.strictEqual((yield* jsonOf(response))["reason"], "InvalidRequest")
        }
      }
      assert.deepStrictEqual(up.asked, [])
    })
  )
})
