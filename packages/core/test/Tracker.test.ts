import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Operation from "../src/Operation.ts"
import type { ReasonTag } from "../src/PartnerCenterError.ts"
import * as testing from "../src/testing.ts"
import type { Scripted } from "../src/testing.ts"
import { Tracker } from "../src/Tracker.ts"
import {
  answered,
  customer,
  formA,
  fulfilled,
  legacyOrder,
  licences,
  marked,
  order,
  otherSubscription,
  paths,
  pending,
  reservation,
  subscription,
  subscriptionLine,
  subscriptionStatus,
  tokens
} from "./fixtures.ts"
import { asked, failed, idsOf, run, stack, timed } from "./layers.ts"
import type { StackOptions } from "./layers.ts"

const report = Effect.flatMap(Tracker, (tracker) => tracker.report(customer, order))
const legacyReport = Effect.flatMap(Tracker, (tracker) => tracker.report(customer, legacyOrder))

const goodOrder: Scripted = { body: marked(reservation), headers: answered }
const goodStatus: Scripted = { body: marked(fulfilled), headers: answered }
const looking = (
  orders: ReadonlyArray<Scripted>,
  statuses: ReadonlyArray<Scripted>,
  options?: StackOptions
) => Effect.provide(stack({ [paths.order]: orders, [paths.status]: statuses }, options))
const requests = Effect.map(
  Effect.flatMap(testing.Requests, ({ all }) => all),
  (all) => all.filter(({ method }) => method === "GET")
)
const notFound = (code?: number): Scripted => ({
  status: 404,
  ...(code !== undefined && { body: formA(code) })
})

describe("one look", () => {
  it.effect("is the order, then its provisioning status, as one report", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-11-22T10:00:00Z"))
      const made = yield* run(report)
      const sent = yield* requests
      assert.deepStrictEqual(
        sent.map(({ path }) => path),
        [paths.order, paths.status]
      )
      assert.strictEqual(made.verdict, "fulfilled")
      assert.isTrue(made.settled)
      assert.strictEqual(made.orderStatus, "completed")
      assert.strictEqual(made.lines[0]?.name, reservation.lineItems[0]?.friendlyName)
      assert.deepStrictEqual(made.warnings, [])
      assert.strictEqual(DateTime.formatIso(made.observedAt), "2026-11-22T10:00:00.000Z")
      assert.deepStrictEqual(made.support, {
        ...idsOf(sent[1]),
        msCv: "InswEQre402koceL.0",
        serverId: "030020344"
      })
    }).pipe(looking([goodOrder], [goodStatus]))
  )

  it.effect("has one correlation id, whatever is retried, and a request id for each", () =>
    Effect.gen(function* () {
      yield* run(report)
      const sent = yield* requests
      assert.strictEqual(sent.length, 5)
      assert.strictEqual(new Set(sent.map(({ headers }) => headers["ms-correlationid"])).size, 1)
      assert.strictEqual(new Set(sent.map(({ headers }) => headers["ms-requestid"])).size, 4)
    }).pipe(looking([{ status: 503 }, goodOrder], ["reset", { status: 500 }, goodStatus]))
  )

  it.effect("the next look has another", () =>
    Effect.gen(function* () {
      yield* run(report)
      yield* run(report)
      const sent = yield* requests
      assert.strictEqual(new Set(sent.map(({ headers }) => headers["ms-correlationid"])).size, 2)
    }).pipe(looking([goodOrder], [goodStatus]))
  )

  it.effect("times are those of each answer", () =>
    Effect.gen(function* () {
      const made = yield* run(report)
      assert.strictEqual(DateTime.toEpochMillis(made.observedAt), 7000)
      assert.strictEqual(made.orderObservedAt && DateTime.toEpochMillis(made.orderObservedAt), 0)
    }).pipe(looking([goodOrder], [{ status: 503, headers: { "Retry-After": "7" } }, goodStatus]))
  )

  it.effect.each([
    ["prefulfillmentPending", "pending"],
    ["prefulfillment_pending", "pending"],
    ["PREFULFILLMENT-PENDING", "pending"],
    ["Fulfilled", "fulfilled"],
    ["Unfulfilled", "unfulfilled"],
    ["Transfered", "unknown"]
  ] as const)("a word as it may be spelled is kept and understood: %s is %s", ([word, verdict]) =>
    Effect.gen(function* () {
      const made = yield* run(report)
      assert.strictEqual(made.verdict, verdict)
      assert.strictEqual(made.lines[0]?.rawStatus, word)
      assert.strictEqual(made.settled, verdict === "fulfilled" || verdict === "unfulfilled")
    }).pipe(
      looking([goodOrder], [{ body: marked({ items: [{ lineItemNumber: 0, status: word }] }) }])
    )
  )

  it.effect.each([
    ["no items, as a count", { totalCount: 0 }],
    ["no items at all", { attributes: { objectType: "Collection" } }],
    ["empty items", { totalCount: 0, items: [] }]
  ] as const)("a status that answers nothing is unknown, its lines notReported: %s", ([_, body]) =>
    Effect.gen(function* () {
      const made = yield* run(report)
      assert.strictEqual(made.verdict, "unknown")
      assert.deepStrictEqual(made.lines[0]?.warnings, ["notReported"])
      assert.strictEqual(made.units.unknown, 1)
    }).pipe(looking([goodOrder], [{ body: marked(body) }]))
  )

  it.effect("an order without lines is made of the answered ones", () =>
    Effect.gen(function* () {
      const made = yield* run(report)
      assert.deepStrictEqual(made.lines[0]?.warnings, ["notInOrder"])
      assert.strictEqual(made.verdict, "fulfilled")
    }).pipe(looking([{ body: { id: order } }], [goodStatus]))
  )

  it.effect("a count that is not the number of items is a warning", () =>
    Effect.gen(function* () {
      const made = yield* run(report)
      assert.deepStrictEqual(made.warnings, ["countMismatch"])
      assert.strictEqual(made.verdict, "fulfilled")
    }).pipe(looking([goodOrder], [{ body: marked({ ...fulfilled, totalCount: 3 }) }]))
  )

  it.effect("a sample with an orderLineItemId only is joined by it", () =>
    Effect.gen(function* () {
      const made = yield* run(report)
      assert.strictEqual(made.lines.length, 1)
      assert.strictEqual(made.lines[0]?.name, reservation.lineItems[0]?.friendlyName)
    }).pipe(
      looking(
        [goodOrder],
        [{ body: marked({ items: [{ orderLineItemId: 0, status: "fulfilled" }] }) }]
      )
    )
  )

  it.effect("a link's address is never asked, only the ids in it are used", () => {
    const evil = { uri: "https://evil.example/steal", method: "GET", headers: [] }
    return Effect.gen(function* () {
      yield* run(report)
      assert.deepStrictEqual(
        (yield* requests).map(({ url }) => url),
        [paths.order, paths.status].map((path) => `https://api.partnercenter.microsoft.com${path}`)
      )
    }).pipe(
      looking([{ body: { ...reservation, links: { provisioningStatus: evil } } }], [goodStatus])
    )
  })

  it.effect("never waits out a status that is not there yet", () =>
    Effect.gen(function* () {
      const { exit, took } = yield* timed(Effect.flip(report))
      assert.strictEqual((yield* exit).reason._tag, "ProvisioningStatusNotFound")
      assert.strictEqual(took, 0)
    }).pipe(looking([goodOrder], [notFound(800007)]))
  )
})

describe("an order that cannot be read", () => {
  it.effect.each<readonly [string, ReadonlyArray<Scripted>]>([
    ["404", [notFound(20000)]],
    ["404 of the customer", [notFound(60003)]],
    ["500", [{ status: 500 }]],
    ["501", [{ status: 501 }]],
    ["503", [{ status: 503 }]],
    [
      "503 for longer than half of the deadline",
      [{ status: 503, headers: { "Retry-After": "40" } }]
    ],
    ["408", [{ status: 408 }]],
    ["403 for want of privileges", [{ status: 403, body: formA(900308) }]],
    ["silence", ["silence"]]
  ])("the status is still asked, and the report has no names: %s", ([_, answers]) =>
    Effect.gen(function* () {
      const made = yield* run(report)
      assert.deepStrictEqual(made.warnings, ["orderUnreadable"])
      assert.strictEqual(made.verdict, "fulfilled")
      assert.deepStrictEqual(made.lines[0]?.warnings, [])
      assert.notProperty(made.lines[0], "name")
      assert.notProperty(made, "orderStatus")
      assert.notProperty(made, "orderObservedAt")
    }).pipe(looking(answers, [goodStatus]))
  )

  it.effect.each<readonly [string, Scripted, ReasonTag]>([
    ["400", { status: 400, body: formA(2000) }, "InvalidRequest"],
    ["403 without a relationship", { status: 403, body: formA(20002) }, "NoRelationship"],
    ["403 by Conditional Access", { status: 403, body: formA(900309) }, "ConditionalAccess"],
    ["403 for apps", { status: 403, body: formA(900329) }, "AppOnlyNotSupported"],
    ["403 of the token", { status: 403, body: formA(90000) }, "SignInRequired"],
    ["401", { status: 401 }, "SignInRequired"],
    ["401 for MFA", { status: 401, body: formA(900421) }, "MfaRequired"],
    ["401 for the audience", { status: 401, body: formA(900420) }, "WrongAudience"],
    ["409", { status: 409 }, "Conflict"],
    ["409 in progress", { status: 409, body: formA(800060) }, "OrderInProgress"],
    ["429", { status: 429 }, "Throttled"],
    ["a reset", "reset", "Unavailable"],
    ["a body cut short", "cut", "Unavailable"],
    ["a certificate that is not accepted", "untrusted", "Unavailable"],
    ["302", { status: 302 }, "UnexpectedResponse"],
    ["another shape", { body: "[]" }, "UnexpectedResponse"]
  ])("every other reason ends the look: %s", ([_, answer, tag]) =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(report)
      assert.deepStrictEqual([operation, reason._tag], ["order", tag])
      assert.deepStrictEqual(yield* asked(paths.status), [])
    }).pipe(looking([answer], [goodStatus]))
  )

  it.effect("reading it uses at most half of the deadline", () =>
    Effect.gen(function* () {
      const { exit, took } = yield* timed(report)
      assert.deepStrictEqual((yield* exit).warnings, ["orderUnreadable"])
      assert.strictEqual(took, 30_000)
      const statuses = yield* asked(paths.status)
      assert.strictEqual(statuses.length, 1)
    }).pipe(looking(["silence"], [goodStatus]))
  )

  it.effect("with another deadline, half of that", () =>
    Effect.gen(function* () {
      const { exit, took } = yield* timed(report)
      yield* exit
      assert.strictEqual(took, 4000)
    }).pipe(looking(["silence"], [goodStatus], { deadline: "8 seconds" }))
  )

  it.effect("within an operation that has less time left, half of what is left", () =>
    Effect.gen(function* () {
      const { took } = yield* timed(report.pipe(Operation.within("10 seconds")))
      assert.strictEqual(took, 5000)
    }).pipe(looking(["silence"], [goodStatus]))
  )

  it.effect("the whole look ends at its deadline", () =>
    Effect.gen(function* () {
      const { exit, took } = yield* timed(Effect.flip(report))
      const { operation, reason } = yield* exit
      assert.deepStrictEqual([operation, reason._tag], ["provisioningStatus", "TimedOut"])
      assert.strictEqual(took, 30_000)
    }).pipe(looking(["silence"], ["silence"], { deadline: "30 seconds" }))
  )
})

describe("when both fail", () => {
  it.effect.each<readonly [string, Scripted, Scripted, string, ReasonTag]>([
    [
      "503",
      { status: 503 },
      { status: 403, body: formA(900308) },
      "provisioningStatus",
      "InsufficientPrivileges"
    ],
    ["403", { status: 403 }, notFound(800007), "provisioningStatus", "ProvisioningStatusNotFound"],
    [
      "silence",
      "silence",
      { status: 401, body: formA(900421) },
      "provisioningStatus",
      "MfaRequired"
    ]
  ])("the status's reason counts: after %s of the order", ([_, orders, statuses, operation, tag]) =>
    Effect.gen(function* () {
      const error = yield* failed(report)
      assert.deepStrictEqual([error.operation, error.reason._tag], [operation, tag])
    }).pipe(looking([orders], [statuses]))
  )

  it.effect.each<readonly [string, Scripted]>([
    ["20000", notFound(20000)],
    ["no code", notFound()],
    ["a general code", notFound(1000)],
    ["800007", notFound(800007)]
  ])("it is OrderNotFound where the order answered 404: with %s", ([_, answer]) =>
    Effect.gen(function* () {
      const { operation, reason, support } = yield* failed(report)
      assert.deepStrictEqual([operation, reason._tag], ["order", "OrderNotFound"])
      assert.match(reason.remedy, /order id/)
      const [sent] = yield* asked(paths.order)
      assert.deepStrictEqual(support, idsOf(sent))
    }).pipe(looking([answer], [{ status: 403 }]))
  )

  it.effect("it is CustomerNotFound where the order's 404 said so", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* failed(report)).reason._tag, "CustomerNotFound")
    }).pipe(looking([notFound(60003)], [notFound(60003)]))
  )
})

describe("an older licence order", () => {
  const looking = (
    body: object,
    first: ReadonlyArray<Scripted>,
    second: ReadonlyArray<Scripted> = []
  ) =>
    Effect.provide(
      stack({
        [paths.legacyOrder]: [{ body: marked(body) }],
        [paths.subscription]: first,
        [paths.otherSubscription]: second,
        [paths.legacyStatus]: [{ body: marked(pending) }]
      })
    )
  const good = (word: string, quantity = 5): Scripted => ({
    body: marked(subscriptionStatus(word, quantity)),
    headers: answered
  })

  it.effect("is answered line by line from the subscriptions that its lines link to", () =>
    Effect.gen(function* () {
      const made = yield* run(legacyReport)
      assert.strictEqual(made.verdict, "pending")
      assert.deepStrictEqual(
        made.lines.map(({ rawStatus, source, status, subscriptionId, warnings }) => [
          status,
          rawStatus,
          source,
          subscriptionId,
          warnings
        ]),
        [
          ["fulfilled", "success", "subscription", subscription, []],
          ["pending", "Pending", "subscription", otherSubscription, []]
        ]
      )
      assert.deepStrictEqual(made.units, {
        total: 10,
        fulfilled: 5,
        pending: 5,
        unfulfilled: 0,
        unknown: 0
      })
      assert.deepStrictEqual(yield* asked(paths.legacyStatus), [])
      const sent = yield* requests
      assert.strictEqual(sent.length, 3)
      assert.strictEqual(new Set(sent.map(({ headers }) => headers["ms-correlationid"])).size, 1)
    }).pipe(looking(licences, [good("success")], [good("Pending")]))
  )

  it.effect.each([
    ["success", "fulfilled"],
    ["failed", "unfulfilled"],
    ["pending", "pending"],
    ["none", "unknown"],
    ["fulfilled", "unknown"]
  ] as const)("its words are a subscription's: %s is %s", ([word, verdict]) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* run(legacyReport)).verdict, verdict)
    }).pipe(looking({ ...licences, lineItems: [subscriptionLine(0, subscription)] }, [good(word)]))
  )

  it.effect("a subscription that gives null for a word is unknown", () =>
    Effect.gen(function* () {
      const { lines, verdict } = yield* run(legacyReport)
      assert.deepStrictEqual([verdict, lines[0]?.rawStatus], ["unknown", undefined])
    }).pipe(
      looking({ ...licences, lineItems: [subscriptionLine(0, subscription)] }, [
        { body: { skuId: "s", status: null, quantity: 1 } }
      ])
    )
  )

  it.effect("a subscription that several lines share is asked once and answers them all", () =>
    Effect.gen(function* () {
      const made = yield* run(legacyReport)
      assert.deepStrictEqual(
        made.lines.map(({ lineItemNumber, status, subscriptionId }) => [
          lineItemNumber,
          status,
          subscriptionId
        ]),
        [
          [0, "fulfilled", subscription],
          [1, "fulfilled", subscription]
        ]
      )
      assert.strictEqual((yield* asked(paths.subscription)).length, 1)
    }).pipe(
      looking(
        {
          ...licences,
          lineItems: [subscriptionLine(0, subscription), subscriptionLine(1, subscription)]
        },
        [good("success")]
      )
    )
  )

  it.effect("a refusal of one subscription ends the look before the others are all asked", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(legacyReport)
      assert.strictEqual(reason._tag, "InsufficientPrivileges")
      assert.isBelow((yield* requests).length, 10)
    }).pipe(
      Effect.provide(
        stack(({ method, path }) => {
          if (method === "POST") return tokens("t1", "r1")
          return path.includes("/subscriptions/")
            ? { status: 403, body: formA(900308) }
            : {
                body: {
                  ...licences,
                  lineItems: Array.from({ length: 20 }, (_, at) => subscriptionLine(at, `s-${at}`))
                }
              }
        })
      )
    )
  )

  it.effect("one 404 among several leaves its line notReported", () =>
    Effect.gen(function* () {
      const made = yield* run(legacyReport)
      assert.strictEqual(made.verdict, "unknown")
      assert.deepStrictEqual(
        made.lines.map(({ source, status, warnings }) => [status, source, warnings]),
        [
          ["unknown", "subscription", ["notReported"]],
          ["fulfilled", "subscription", []]
        ]
      )
    }).pipe(looking(licences, [notFound(20003)], [good("success")]))
  )

  it.effect("404 of all is ProvisioningStatusNotFound", () =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(legacyReport)
      assert.deepStrictEqual(
        [operation, reason._tag],
        ["subscriptionProvisioningStatus", "ProvisioningStatusNotFound"]
      )
    }).pipe(looking(licences, [notFound(20003)], [notFound()]))
  )

  it.effect("any other failure of one ends the look with its reason", () =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(legacyReport)
      assert.deepStrictEqual(
        [operation, reason._tag],
        ["subscriptionProvisioningStatus", "InsufficientPrivileges"]
      )
    }).pipe(looking(licences, [good("success")], [{ status: 403, body: formA(900308) }]))
  )

  it.effect("a line that links to no subscription is notReported", () =>
    Effect.gen(function* () {
      const made = yield* run(legacyReport)
      assert.deepStrictEqual(
        made.lines.map(({ warnings }) => warnings),
        [[], ["notReported"]]
      )
    }).pipe(
      looking(
        {
          ...licences,
          lineItems: [subscriptionLine(0, subscription), { lineItemNumber: 1, quantity: 2 }]
        },
        [good("success")]
      )
    )
  )

  it.effect("licences that are not as many as were ordered are a quantityMismatch", () =>
    Effect.gen(function* () {
      const made = yield* run(legacyReport)
      assert.deepStrictEqual(made.lines[0]?.warnings, ["quantityMismatch"])
    }).pipe(
      looking({ ...licences, lineItems: [subscriptionLine(0, subscription, 4)] }, [
        good("success", 5)
      ])
    )
  )

  it.effect("a link at order level goes before the links of the lines", () =>
    Effect.gen(function* () {
      const made = yield* run(legacyReport)
      assert.strictEqual(made.lines[0]?.source, "order")
      assert.deepStrictEqual(yield* asked(paths.subscription), [])
      assert.strictEqual((yield* asked(paths.legacyStatus)).length, 1)
    }).pipe(
      looking(
        {
          ...licences,
          links: {
            provisioningStatus: { uri: `/customers/${customer}/orders/x/provisioningstatus` }
          }
        },
        [good("success")]
      )
    )
  )

  it.effect("without any link the order-level status is asked", () =>
    Effect.gen(function* () {
      const made = yield* run(legacyReport)
      assert.strictEqual(made.lines[0]?.source, "order")
      assert.strictEqual((yield* asked(paths.legacyStatus)).length, 1)
    }).pipe(looking({ ...licences, lineItems: [{ lineItemNumber: 0 }] }, [good("success")]))
  )

  it.effect("an order id is sent as it was given", () =>
    Effect.gen(function* () {
      const tracker = yield* Tracker
      const made = yield* run(tracker.report(customer, legacyOrder))
      assert.strictEqual(made.orderId, legacyOrder)
      assert.isTrue((yield* requests)[0]?.path.endsWith(legacyOrder))
    }).pipe(looking(licences, [good("success")], [good("success")]))
  )
})

describe("signing in for a look", () => {
  it.effect("a login that is down ends the look with the order: the status is not asked", () =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(report)
      assert.deepStrictEqual([operation, reason._tag], ["signIn", "Unavailable"])
      assert.deepStrictEqual(yield* asked(paths.order), [])
      assert.strictEqual((yield* asked(paths.token)).length, 5)
    }).pipe(Effect.provide(stack({ [paths.token]: [{ status: 503 }] })))
  )

  it.effect("happens once for many looks at once", () =>
    Effect.gen(function* () {
      yield* run(
        Effect.all(
          Array.from({ length: 100 }, () => report),
          { concurrency: "unbounded" }
        )
      )
      assert.strictEqual((yield* asked(paths.token)).length, 1)
    }).pipe(
      Effect.provide(
        stack(
          ({ method, path }) =>
            method === "POST"
              ? Effect.delay(Effect.succeed(tokens("t1", "r1")), "1 second")
              : path === paths.order
                ? goodOrder
                : goodStatus,
          { requestsPerMinute: 100_000 }
        )
      )
    )
  )

  it.effect("that is refused ends the look with the login's reason", () =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(report)
      assert.deepStrictEqual([operation, reason._tag], ["signIn", "SignInRequired"])
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(looking([goodOrder], [goodStatus], { entry: {} }))
  )
})
