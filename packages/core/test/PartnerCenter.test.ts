import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema, Stream, Tracer } from "effect"
import { CustomersPage } from "../src/Customer.ts"
import { continuationToken, PartnerCenter } from "../src/PartnerCenter.ts"
import * as testing from "../src/testing.ts"
import type { Scripted } from "../src/testing.ts"
import {
  answered,
  contoso,
  customer,
  customersPage,
  formA,
  fulfilled,
  legacyOrder,
  licences,
  marked,
  order,
  paths,
  reservation,
  subscription,
  subscriptionStatus
} from "./fixtures.ts"
import { asked, failed, run, stack } from "./layers.ts"

const hosts = Effect.map(
  Effect.flatMap(testing.Requests, ({ all }) => all),
  (requests) => [...new Set(requests.map(({ url }) => new URL(url).host))]
)
const listing = (pages: ReadonlyArray<Scripted>) =>
  Effect.provide(stack({ [paths.customers]: pages }))
const list = Effect.flatMap(PartnerCenter, (partnerCenter) =>
  Stream.runCollect(partnerCenter.customers())
)

describe("reads", () => {
  it.effect(
    "of orders ask with upstream's own parameters, and only with those that were wanted",
    () =>
      Effect.gen(function* () {
        const partnerCenter = yield* PartnerCenter
        yield* run(
          Effect.all([
            partnerCenter.order(customer, order),
            partnerCenter.order(customer, order, { includePrice: true }),
            partnerCenter.orders(customer, { includePrice: false }),
            partnerCenter.orders(customer, {
              billingType: "onetime",
              includePrice: true,
              includeSystemPurchases: true
            })
          ])
        )
        const requests = yield* (yield* testing.Requests).all
        assert.deepStrictEqual(
          requests.filter(({ method }) => method === "GET").map(({ query }) => query),
          [
            {},
            { include_price: "true" },
            {},
            { billingType: "onetime", include_price: "true", include_system_purchases: "true" }
          ]
        )
      }).pipe(
        Effect.provide(
          stack({
            [paths.order]: [{ body: marked(reservation) }, { body: marked(reservation) }],
            [paths.orders]: [{ body: marked({ items: [] }) }, { body: marked({ items: [] }) }]
          })
        )
      )
  )

  it.effect("each goes to its own path and is decoded", () =>
    Effect.gen(function* () {
      const partnerCenter = yield* PartnerCenter
      const read = yield* run(
        Effect.all({
          order: partnerCenter.order(customer, order),
          orders: partnerCenter.orders(customer),
          status: partnerCenter.provisioningStatus(customer, order),
          subscription: partnerCenter.subscriptionProvisioningStatus(customer, subscription)
        })
      )
      assert.strictEqual(read.order.value.status, "completed")
      assert.deepStrictEqual(
        (read.orders.value.items ?? []).map(({ id }) => id),
        [order, legacyOrder]
      )
      assert.deepStrictEqual(read.status.value, fulfilled)
      assert.deepStrictEqual(read.subscription.value, subscriptionStatus("success"))
    }).pipe(
      Effect.provide(
        stack({
          [paths.order]: [{ body: marked(reservation) }],
          [paths.orders]: [{ body: marked({ totalCount: 2, items: [reservation, licences] }) }],
          [paths.status]: [{ body: marked(fulfilled) }],
          [paths.subscription]: [{ body: marked(subscriptionStatus("success")) }]
        })
      )
    )
  )

  it.effect("a field that is null says no more than one that is not there", () =>
    Effect.gen(function* () {
      const partnerCenter = yield* PartnerCenter
      const read = yield* run(
        Effect.all({
          order: partnerCenter.order(customer, order),
          status: partnerCenter.provisioningStatus(customer, order)
        })
      )
      assert.strictEqual(read.order.value.id, order)
      assert.isNotOk(read.order.value.status)
      assert.isNotOk(read.order.value.lineItems?.[0]?.subscriptionId)
      assert.isNotOk(read.status.value.items?.[0]?.quantityProvisioningInformation)
    }).pipe(
      Effect.provide(
        stack({
          [paths.order]: [
            {
              body: marked({
                id: order,
                status: null,
                links: null,
                lineItems: [{ lineItemNumber: 0, subscriptionId: null, links: { sku: null } }]
              })
            }
          ],
          [paths.status]: [
            {
              body: marked({
                totalCount: null,
                items: [{ status: "fulfilled", quantityProvisioningInformation: null }],
                links: null
              })
            }
          ]
        })
      )
    )
  )

  it.effect("a failure names the operation that was asked", () =>
    Effect.gen(function* () {
      const partnerCenter = yield* PartnerCenter
      const errors = yield* Effect.all([
        failed(partnerCenter.customersPage()),
        failed(partnerCenter.orders(customer)),
        failed(partnerCenter.order(customer, order)),
        failed(partnerCenter.provisioningStatus(customer, order)),
        failed(partnerCenter.subscriptionProvisioningStatus(customer, subscription))
      ])
      assert.deepStrictEqual(
        errors.map(({ operation, reason }) => [operation, reason._tag]),
        [
          ["customers", "CustomerNotFound"],
          ["orders", "CustomerNotFound"],
          ["order", "OrderNotFound"],
          ["provisioningStatus", "ProvisioningStatusNotFound"],
          ["subscriptionProvisioningStatus", "ProvisioningStatusNotFound"]
        ]
      )
    }).pipe(Effect.provide(stack({})))
  )
})

describe("customers", () => {
  it.effect("a page has upstream's most, or what was asked for", () =>
    Effect.gen(function* () {
      const partnerCenter = yield* PartnerCenter
      yield* run(partnerCenter.customersPage())
      yield* run(
        partnerCenter.customersPage({
          size: 40,
          filter: { field: "CompanyName", startsWith: 'Con"t & o' }
        })
      )
      const [first, second] = yield* asked(paths.customers)
      assert.deepStrictEqual(first?.query, { size: "500" })
      assert.deepStrictEqual(second?.query, {
        size: "40",
        filter: '{"Field":"CompanyName","Value":"Con\\"t & o","Operator":"starts_with"}'
      })
      assert.notProperty(first?.headers, "ms-continuationtoken")
    }).pipe(listing([{ body: marked(customersPage(["a"])) }]))
  )

  it.effect("all pages are one stream, each asked by the token of the one before", () =>
    Effect.gen(function* () {
      const found = yield* run(list)
      assert.deepStrictEqual(
        found.map(({ id }) => id),
        ["a", "b", "c", "d"]
      )
      const sent = yield* asked(paths.customers)
      assert.deepStrictEqual(
        sent.map(({ headers, query }) => [headers["ms-continuationtoken"], query]),
        [
          [undefined, { size: "500" }],
          ["AQAAAA==", { size: "500", seekOperation: "Next" }],
          ["BQAAAA==", { size: "500", seekOperation: "Next" }]
        ]
      )
    }).pipe(
      listing([
        { body: marked(customersPage(["a", "b"], "AQAAAA==")) },
        { body: marked(customersPage(["c"], "BQAAAA==")) },
        { body: marked(customersPage(["d"])) }
      ])
    )
  )

  it.effect("of links.next only the token is taken, never its address", () =>
    Effect.gen(function* () {
      yield* run(list)
      assert.deepStrictEqual(yield* hosts, [
        "login.microsoftonline.com",
        "api.partnercenter.microsoft.com"
      ])
      for (const { headers, url } of yield* asked(paths.customers)) {
        assert.notInclude(url, "stolen")
        assert.strictEqual(headers["authorization"], "Bearer t1")
      }
    }).pipe(
      listing([
        { body: marked(customersPage(["a"], "AQAAAA==")) },
        { body: marked(customersPage(["b"])) }
      ])
    )
  )

  it.effect("a next page cannot set any other header", () =>
    Effect.gen(function* () {
      yield* run(list)
      const [, second] = yield* asked(paths.customers)
      assert.strictEqual(second?.headers["ms-continuationtoken"], "T")
      assert.strictEqual(second?.headers["authorization"], "Bearer t1")
      assert.notProperty(second?.headers, "x-evil")
    }).pipe(
      listing([
        {
          body: {
            totalCount: 1,
            items: [contoso],
            links: {
              next: {
                uri: "/customers",
                headers: [
                  { key: "Authorization", value: "Bearer evil" },
                  { key: "X-Evil", value: "1" },
                  { key: "ms-continuationtoken", value: "T" }
                ]
              }
            }
          }
        },
        { body: customersPage(["b"]) }
      ])
    )
  )

  it.effect.each([
    ["the same again", [customersPage(["a"], "A"), customersPage(["b"], "A")]],
    [
      "one from before",
      [customersPage(["a"], "A"), customersPage(["b"], "B"), customersPage(["c"], "A")]
    ],
    ["none in a next link", [{ ...customersPage(["a"], "A"), links: { next: { uri: "/x" } } }]],
    ["one that no header carries", [customersPage(["a"], "A\nB")]]
  ] as const)("a list does not end on a token that leads nowhere: %s", ([_, pages]) =>
    Effect.gen(function* () {
      const { reason } = yield* failed(list)
      assert.deepInclude(reason, { _tag: "UnexpectedResponse", path: "links.next" })
    }).pipe(
      Effect.provide(
        stack(({ method }, count) =>
          method === "POST"
            ? { body: { access_token: "t1", expires_in: 3599 } }
            : { body: pages[count % pages.length] }
        )
      )
    )
  )

  it.effect("an empty page is no customers", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual([...(yield* run(list))], [])
    }).pipe(listing([{ body: { totalCount: 0 } }]))
  )

  it("the token may be in the body beside a next link, but does not replace the link", () => {
    const page = (body: unknown) => continuationToken(Schema.decodeUnknownSync(CustomersPage)(body))
    const next = { uri: "/customers?size=40" }
    assert.deepStrictEqual(
      page({ items: [], links: { next }, continuationToken: "C" }),
      Option.some("C")
    )
    assert.isTrue(Option.isNone(page({ items: [], continuationToken: "C" })))
    assert.isTrue(Option.isNone(page({ items: [], links: { next } })))
  })

  it.effect("a customer is found by exactly its domain, in any case, as one operation", () =>
    Effect.gen(function* () {
      const partnerCenter = yield* PartnerCenter
      const found = yield* run(partnerCenter.customerByDomain("CONTOSO.onmicrosoft.com"))
      assert.strictEqual(found.id, customer)
      const sent = yield* asked(paths.customers)
      assert.strictEqual(sent.length, 2)
      assert.strictEqual(
        sent[0]?.query["filter"],
        '{"Field":"Domain","Value":"CONTOSO.onmicrosoft.com","Operator":"starts_with"}'
      )
      assert.strictEqual(new Set(sent.map(({ headers }) => headers["ms-correlationid"])).size, 1)
    }).pipe(
      listing([
        {
          body: {
            ...customersPage([], "N"),
            items: [
              {
                ...contoso,
                id: "other",
                companyProfile: { domain: "contoso.onmicrosoft.com.example" }
              }
            ]
          }
        },
        { body: customersPage([customer]) }
      ])
    )
  )

  it.effect("a domain that nobody has is CustomerNotFound", () =>
    Effect.gen(function* () {
      const partnerCenter = yield* PartnerCenter
      const { operation, reason } = yield* failed(partnerCenter.customerByDomain("fabrikam.com"))
      assert.strictEqual(operation, "customers")
      assert.strictEqual(reason._tag, "CustomerNotFound")
      assert.include(reason.description, "fabrikam.com")
    }).pipe(listing([{ body: customersPage([customer]) }]))
  )

  it.effect("a page that fails ends the stream with its reason", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* failed(list)).reason._tag, "InsufficientPrivileges")
    }).pipe(listing([{ body: customersPage(["a"], "A") }, { status: 403, body: formA(900308) }]))
  )
})

describe("a read", () => {
  it.effect("is a client's span where a tracer collects them, with the ids for support", () => {
    const spans: Array<Tracer.Span> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    return Effect.gen(function* () {
      const partnerCenter = yield* PartnerCenter
      const { support } = yield* run(partnerCenter.order(customer, order)).pipe(
        Effect.provideService(Tracer.Tracer, tracer)
      )
      const span = spans.find(({ name }) => name === "PartnerCenter.order")
      assert.strictEqual(span?.kind, "client")
      assert.strictEqual(span?.status._tag, "Ended")
      assert.deepStrictEqual(Object.fromEntries(span?.attributes ?? []), {
        "partnercenter.requestId": support.requestId,
        "partnercenter.correlationId": support.correlationId,
        "partnercenter.msCv": "InswEQre402koceL.0",
        "partnercenter.serverId": "030020344"
      })
    }).pipe(Effect.provide(stack({ [paths.order]: [{ body: reservation, headers: answered }] })))
  })
})
