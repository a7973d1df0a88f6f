import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Layer, Redacted } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import { TestClock } from "effect/testing"
import * as Operation from "../src/Operation.ts"
import { OrderId } from "../src/Order.ts"
import { PartnerCenter } from "../src/PartnerCenter.ts"
import type { ReasonTag } from "../src/PartnerCenterError.ts"
import * as testing from "../src/testing.ts"
import type { Recorded, Scripted } from "../src/testing.ts"
import {
  answered,
  customer,
  formA,
  formB,
  formC,
  formD,
  fulfilled,
  marked,
  order,
  paths,
  refused,
  reservation,
  tokens
} from "./fixtures.ts"
import {
  advance,
  asked,
  failed,
  flush,
  idsOf,
  over,
  run,
  stack,
  timed,
  wallClock
} from "./layers.ts"
import type { StackOptions } from "./layers.ts"

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const ask = Effect.flatMap(PartnerCenter, (partnerCenter) =>
  partnerCenter.provisioningStatus(customer, order)
)
const requests = asked(paths.status)
const good: Scripted = { body: marked(fulfilled), headers: answered }
const answering = (answers: ReadonlyArray<Scripted>, options?: StackOptions) =>
  Effect.provide(stack({ [paths.status]: answers }, options))
const all = Effect.flatMap(testing.Requests, ({ all }) => all)
const ids = (requests: ReadonlyArray<Recorded>) =>
  requests.map(({ headers }) => headers["ms-requestid"])

describe("a request", () => {
  it.effect("carries the headers that every request must", () =>
    Effect.gen(function* () {
      yield* run(ask)
      const [request] = yield* requests
      assert.strictEqual(request?.method, "GET")
      assert.strictEqual(
        request?.url,
        `https://api.partnercenter.microsoft.com/v1/customers/${customer}/orders/${order}/provisioningstatus`
      )
      const {
        "ms-correlationid": correlationId,
        "ms-requestid": requestId,
        ...rest
      } = request?.headers ?? {}
      assert.match(requestId ?? "", guid)
      assert.match(correlationId ?? "", guid)
      assert.notStrictEqual(requestId, correlationId)
      assert.deepStrictEqual(rest, {
        authorization: "Bearer t1",
        accept: "application/json",
        "x-locale": "en-US",
        "ms-partnercenter-application": "orderwatch",
        "user-agent": "orderwatch/0.1.0"
      })
    }).pipe(answering([good]))
  )

  it.effect("has the locale and the user agent of its settings", () =>
    Effect.gen(function* () {
      yield* run(ask)
      const [request] = yield* requests
      assert.strictEqual(request?.headers["x-locale"], "de-DE")
      assert.strictEqual(request?.headers["user-agent"], "mine/1")
    }).pipe(answering([good], { transport: { locale: "de-DE", userAgent: "mine/1" } }))
  )

  it.effect("sends no traceparent, to nobody, though it is being traced", () =>
    Effect.gen(function* () {
      yield* run(Effect.withSpan(ask, "test"))
      const sent = yield* all
      assert.strictEqual(sent.length, 2)
      for (const { headers } of sent) {
        assert.notProperty(headers, "traceparent")
        assert.notProperty(headers, "b3")
      }
    }).pipe(answering([good]))
  )

  it.effect("sends a traceparent to the API where that is switched on, never to the login", () =>
    Effect.gen(function* () {
      yield* run(Effect.withSpan(ask, "test"))
      const [login, api] = yield* all
      assert.notProperty(login?.headers, "traceparent")
      assert.property(api?.headers, "traceparent")
    }).pipe(answering([good], { transport: { propagateTrace: true } }))
  )

  it.effect(
    "the bearer token goes to the API host only, refresh token and proof to the login only",
    () =>
      Effect.gen(function* () {
        yield* run(ask)
        for (const request of yield* all) {
          const { host } = new URL(request.url)
          const text = JSON.stringify(request)
          assert.strictEqual(text.includes("t1"), host === "api.example")
          assert.strictEqual(text.includes("r0"), host === "login.example")
          assert.strictEqual(text.includes("s3cret"), host === "login.example")
          assert.notMatch(request.url, /t1|r0|s3cret/)
        }
      }).pipe(
        answering([{ status: 503 }, good], {
          hosts: { apiUrl: "https://api.example", loginUrl: "https://login.example" },
          proof: { _tag: "Secret", secret: Redacted.make("s3cret") }
        })
      )
  )

  it.effect("over fetch redirects are manual", () => {
    const seen: Array<{ readonly url: string; readonly redirect: unknown }> = []
    const fetch: typeof globalThis.fetch = (input, init) => {
      seen.push({ url: String(input), redirect: init?.redirect })
      return Promise.resolve(
        String(input).includes("/oauth2/")
          ? Response.json({ access_token: "t1", expires_in: 3599 })
          : new Response(null, { status: 302, headers: { location: "https://evil.example/" } })
      )
    }
    return Effect.gen(function* () {
      const { reason } = yield* failed(ask)
      assert.deepInclude(reason, { _tag: "UnexpectedResponse", httpStatus: 302 })
      assert.deepStrictEqual(
        seen.map(({ redirect, url }) => [new URL(url).host, redirect]),
        [
          ["login.microsoftonline.com", "manual"],
          ["api.partnercenter.microsoft.com", "manual"]
        ]
      )
    }).pipe(
      Effect.provide(
        over(FetchHttpClient.layer.pipe(Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch))))
      )
    )
  })

  it.effect.each([300, 301, 302, 303, 307, 308])(
    "a %i is UnexpectedResponse: one request, and none to where it points",
    (status) =>
      Effect.gen(function* () {
        const { reason } = yield* failed(ask)
        assert.deepInclude(reason, { _tag: "UnexpectedResponse", httpStatus: status })
        assert.match(reason.description ?? "", /redirect/)
        assert.strictEqual((yield* requests).length, 1)
        assert.deepStrictEqual(
          (yield* all).map(({ url }) => new URL(url).host),
          ["login.microsoftonline.com", "api.partnercenter.microsoft.com"]
        )
      }).pipe(answering([{ status, headers: { location: "https://evil.example/x" } }]))
  )
})

describe("an answer", () => {
  it.effect("is decoded, and is there as it was sent, without its byte order mark", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-11-22T10:00:00Z"))
      const answer = yield* run(ask)
      assert.deepStrictEqual(answer.value, fulfilled)
      assert.strictEqual(answer.body, JSON.stringify(fulfilled))
      assert.strictEqual(answer.observedAt.toJSON(), "2026-11-22T10:00:00.000Z")
      const [request] = yield* requests
      assert.deepStrictEqual(answer.support, {
        ...idsOf(request),
        msCv: "InswEQre402koceL.0",
        serverId: "030020344"
      })
    }).pipe(answering([good]))
  )

  it.effect("may come without a byte order mark", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* run(ask)).value, fulfilled)
    }).pipe(answering([{ body: fulfilled }]))
  )

  it.effect.each([
    ["an empty body", { body: "" }, "the body is empty", undefined],
    ["a body of a mark only", { body: "\uFEFF" }, "the body is empty", undefined],
    ["HTML", { body: formD }, "the body is not JSON", undefined],
    ["half of a body", { body: '{"items":[' }, "the body is not JSON", undefined],
    [
      "the JSON of another resource",
      { body: marked(reservation) },
      "the body is not what this operation answers, at attributes.objectType",
      "attributes.objectType"
    ],
    [
      "a word that is a number",
      { body: marked({ items: [{ lineItemNumber: 0, status: 5 }] }) },
      "the body is not what this operation answers, at items[0].status",
      "items[0].status"
    ],
    [
      "a quantity that is a word",
      {
        body: {
          items: [
            {},
            { status: "fulfilled", quantityProvisioningInformation: [{ quantity: "1" }] }
          ].slice(1)
        }
      },
      "the body is not what this operation answers, at items[0].quantityProvisioningInformation[0].quantity",
      "items[0].quantityProvisioningInformation[0].quantity"
    ]
  ] as const)("%s is UnexpectedResponse and is not asked again", ([_, answer, description, path]) =>
    Effect.gen(function* () {
      const error = yield* failed(ask)
      assert.strictEqual(error.operation, "provisioningStatus")
      assert.strictEqual(error.reason._tag, "UnexpectedResponse")
      assert.strictEqual(error.reason.httpStatus, 200)
      assert.strictEqual(error.reason.description, description)
      assert.strictEqual("path" in error.reason ? error.reason.path : undefined, path)
      assert.match(error.support.requestId ?? "", guid)
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(answering([answer]))
  )

  it.effect.each([400072, "400072"])(
    "a 200 that is an error is UnexpectedResponse with upstream's code and sentence: %s",
    (code) =>
      Effect.gen(function* () {
        const { reason } = yield* failed(ask)
        assert.deepInclude(reason, {
          _tag: "UnexpectedResponse",
          httpStatus: 200,
          code: "400072",
          description: "The item is not available."
        })
      }).pipe(answering([{ body: marked(formA(code, "The item is not available.")) }]))
  )
})

// Each row of the contract's table, as the wire has it.
const rows: ReadonlyArray<readonly [status: number, code: number | undefined, tag: ReasonTag]> = [
  [400, 2000, "InvalidRequest"],
  [400, 900118, "InvalidRequest"],
  [400, undefined, "InvalidRequest"],
  [401, 10001, "MfaRequired"],
  [401, 900421, "MfaRequired"],
  [401, 900420, "WrongAudience"],
  [401, 800001, "SignInRequired"],
  [401, undefined, "SignInRequired"],
  [403, 20002, "NoRelationship"],
  [403, 900309, "ConditionalAccess"],
  [403, 900329, "AppOnlyNotSupported"],
  [403, 90000, "SignInRequired"],
  [403, 900308, "InsufficientPrivileges"],
  [403, 900150, "InsufficientPrivileges"],
  [403, undefined, "InsufficientPrivileges"],
  [404, 60003, "CustomerNotFound"],
  [404, 20000, "OrderNotFound"],
  [404, 800007, "ProvisioningStatusNotFound"],
  [404, 20003, "ProvisioningStatusNotFound"],
  [404, 1000, "ProvisioningStatusNotFound"],
  [404, undefined, "ProvisioningStatusNotFound"],
  [405, undefined, "UnexpectedResponse"],
  [406, undefined, "UnexpectedResponse"],
  [408, undefined, "Unavailable"],
  [409, 800060, "OrderInProgress"],
  [409, 800014, "Conflict"],
  [409, undefined, "Conflict"],
  [412, undefined, "UnexpectedResponse"],
  [429, undefined, "Throttled"],
  [500, 800003, "Unavailable"],
  [500, 900192, "Unavailable"],
  [501, 0, "Unavailable"],
  [502, undefined, "Unavailable"],
  [503, undefined, "Unavailable"],
  [504, undefined, "Unavailable"],
  [204, undefined, "UnexpectedResponse"]
]

const forms = [
  ["form A, its code a number", (code: number) => formA(code)],
  ["form A, its code a string", (code: number) => formA(String(code))],
  ["form B, its code a number", (code: number) => formB(code)],
  ["form B, its code a string", (code: number) => formB(String(code))]
] as const

const withCode = rows.flatMap(([status, code, tag]) =>
  code === undefined
    ? []
    : forms.map(([form, body]) => ({ status, code, tag, form, body: body(code) }))
)
const withoutCode = rows.flatMap(([status, code, tag]) =>
  code === undefined && status !== 204
    ? [
        { status, tag, form: "form C", body: formC(status, "Upstream's own sentence.") },
        { status, tag, form: "form D, HTML", body: formD },
        { status, tag, form: "form D, empty", body: "" }
      ]
    : []
)

describe("a reason", () => {
  it.effect.each(withCode)("$status with $code in $form is $tag", ({ body, code, status, tag }) =>
    Effect.gen(function* () {
      const error = yield* failed(ask)
      assert.deepInclude(error.reason, {
        _tag: tag,
        httpStatus: status,
        code: String(code),
        description: "Upstream's own sentence."
      })
      assert.strictEqual(error.operation, "provisioningStatus")
      assert.isAbove(error.reason.remedy.length, 10)
      assert.strictEqual(error.support.msCv, "InswEQre402koceL.0")
    }).pipe(answering([{ status, body, headers: answered }]))
  )

  it.effect.each(withoutCode)("$status in $form is $tag", ({ body, form, status, tag }) =>
    Effect.gen(function* () {
      const { reason } = yield* failed(ask)
      assert.strictEqual(reason._tag, tag)
      assert.strictEqual(reason.httpStatus, status)
      assert.notProperty(reason, "code")
      assert.strictEqual(
        reason.description,
        form === "form C" ? "Upstream's own sentence." : undefined
      )
    }).pipe(answering([{ status, body }]))
  )

  it.effect.each([
    ["reset", "Unavailable", /no connection: read ECONNRESET/],
    ["cut", "Unavailable", /cut short.*UND_ERR_SOCKET/],
    ["untrusted", "Unavailable", /no connection: .*SELF_SIGNED/],
    ["silence", "Unavailable", /no complete answer within 10s/]
  ] as const)("no complete response is %s: %s", ([answer, tag, description]) =>
    Effect.gen(function* () {
      const { reason, support } = yield* failed(ask)
      assert.strictEqual(reason._tag, tag)
      assert.notProperty(reason, "httpStatus")
      assert.match(reason.description ?? "", description)
      const last = (yield* requests).at(-1)
      assert.deepStrictEqual(support, idsOf(last))
    }).pipe(answering([answer]))
  )

  it.effect("its support ids are those of the last exchange", () =>
    Effect.gen(function* () {
      const { support } = yield* failed(ask)
      const sent = yield* requests
      assert.strictEqual(sent.length, 2)
      assert.deepStrictEqual(support, { ...idsOf(sent[1]), msCv: "second.0" })
    }).pipe(
      answering([
        { status: 503, headers: { "ms-cv": "first.0" } },
        { status: 403, headers: { "ms-cv": "second.0" } }
      ])
    )
  )

  it.effect("control characters in bodies and headers do not reach it", () =>
    Effect.gen(function* () {
      const error = yield* failed(ask)
      assert.strictEqual(error.reason.description, "bad [2J forged")
      assert.notMatch(JSON.stringify(error), /\\u00|\\n|\\r/)
    }).pipe(
      answering([
        { status: 403, body: formA(1, "bad\u001b[2J\r\nforged"), headers: { "ms-cv": "a\tb" } }
      ])
    )
  )

  it.effect("a description that echoes the bearer token is given without it", () => {
    const bearer = `eyJ0eXAiOiJKV1Qi.${"aGVsbG8gd29ybGQ".repeat(100)}.c2lnbmF0dXJl`
    return Effect.gen(function* () {
      for (let count = 0; count < 3; count++) {
        const error = yield* failed(ask)
        assert.notInclude(JSON.stringify(error), bearer.slice(0, 20))
        assert.include(JSON.stringify(error), "<redacted>")
      }
    }).pipe(
      Effect.provide(
        stack({
          [paths.token]: [tokens(bearer)],
          [paths.status]: [
            { status: 403, body: formA(bearer, `The token '${bearer}' is not good.`) },
            { body: formA(bearer, `The token '${bearer}' is not good.`) },
            {
              status: 400,
              body: `{"description":"Bearer ${bearer.replaceAll(".", "\\u002e")}"}`
            }
          ]
        })
      )
    )
  })
})

describe("retries", () => {
  it.effect.each([
    ["a reset", "reset"],
    ["silence", "silence"],
    ["a body cut short", "cut"],
    ["408", { status: 408 }],
    ["429", { status: 429 }],
    ["500", { status: 500, body: formA(800003) }],
    ["502", { status: 502, body: formD }],
    ["503", { status: 503 }],
    ["504", { status: 504 }],
    ["409 with 800060", { status: 409, body: formA(800060) }],
    ["409 with '800060'", { status: 409, body: formB("800060") }]
  ] as const)("%s is tried again", ([_, answer]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* run(ask)).value, fulfilled)
      assert.strictEqual((yield* requests).length, 2)
    }).pipe(answering([answer, good]))
  )

  it.effect.each([
    ["400", { status: 400, body: formA(2000) }],
    ["403", { status: 403, body: formA(20002) }],
    ["404", { status: 404, body: formA(20000) }],
    ["409 with another code", { status: 409, body: formA(800014) }],
    ["409 without a code", { status: 409 }],
    ["405", { status: 405 }],
    ["501", { status: 501 }],
    ["a certificate that is not accepted", "untrusted"],
    ["302", { status: 302 }],
    ["204", { status: 204 }],
    // Whatever the newer services say of themselves.
    ["400 that says it may be", { status: 400, body: { ...formB(1), isRetryable: true } }]
  ] as const)("%s is never tried again", ([_, answer]) =>
    Effect.gen(function* () {
      yield* failed(ask)
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(answering([answer, good]))
  )

  it.effect.each([
    ["a reset", "reset"],
    ["silence", "silence"],
    ["503", { status: 503 }],
    ["429", { status: 429 }]
  ] as const)("there are at most five attempts: %s", ([_, answer]) =>
    Effect.gen(function* () {
      yield* failed(ask)
      assert.strictEqual((yield* requests).length, 5)
    }).pipe(answering([answer]))
  )

  it.effect("a new MS-RequestId after any response, one whose body was cut short included", () =>
    Effect.gen(function* () {
      yield* run(ask)
      const sent = yield* requests
      assert.strictEqual(sent.length, 4)
      assert.strictEqual(new Set(ids(sent)).size, 4)
      assert.strictEqual(new Set(sent.map(({ headers }) => headers["ms-correlationid"])).size, 1)
    }).pipe(answering([{ status: 503 }, "cut", { status: 401 }, good]))
  )

  it.effect("the same MS-RequestId again after a reset or a timeout without a response", () =>
    Effect.gen(function* () {
      yield* run(ask)
      const [first, second, third, fourth, fifth] = ids(yield* requests)
      assert.strictEqual(second, first)
      assert.strictEqual(third, first)
      assert.notStrictEqual(fourth, third)
      assert.strictEqual(fifth, fourth)
    }).pipe(answering(["reset", "silence", { status: 500 }, "reset", good]))
  )

  it.effect("a new MS-RequestId where the time-out came after the headers", () => {
    const sent: Array<string | undefined> = []
    const client = HttpClient.make((request) =>
      Effect.sync(() => {
        if (request.method === "POST") {
          return HttpClientResponse.fromWeb(request, Response.json(tokens("t1").body))
        }
        sent.push(request.headers["ms-requestid"])
        const response = HttpClientResponse.fromWeb(
          request,
          Response.json(fulfilled, { headers: { "ms-cv": `${sent.length}.0` } })
        )
        // Its headers are there, its body never comes.
        return sent.length === 1
          ? Object.create(response, { text: { get: () => Effect.never } })
          : response
      })
    )
    return Effect.gen(function* () {
      const { exit, took } = yield* timed(ask)
      assert.strictEqual((yield* exit).support.msCv, "2.0")
      assert.strictEqual(took, 10_250)
      assert.strictEqual(new Set(sent).size, 2)
    }).pipe(Effect.provide(over(Layer.succeed(HttpClient.HttpClient, client))))
  })

  it.effect("two operations share neither request id nor correlation id", () =>
    Effect.gen(function* () {
      yield* run(ask)
      yield* run(ask)
      const sent = yield* requests
      assert.strictEqual(new Set(ids(sent)).size, 2)
      assert.strictEqual(new Set(sent.map(({ headers }) => headers["ms-correlationid"])).size, 2)
    }).pipe(answering([good]))
  )

  it.effect("waits grow from half a second, with full jitter", () =>
    Effect.gen(function* () {
      const { took } = yield* timed(Effect.flip(ask))
      // The middle of each: 250, 500, 1000 and 2000 milliseconds.
      assert.strictEqual(took, 3750)
    }).pipe(answering([{ status: 503 }]))
  )

  it.effect("an attempt may take ten seconds, or what the settings say", () =>
    Effect.gen(function* () {
      const { took } = yield* timed(ask)
      assert.strictEqual(took, 2250)
    }).pipe(answering(["silence", good], { transport: { attemptTimeout: "2 seconds" } }))
  )
})

describe("Retry-After", () => {
  it.effect.each([
    ["seconds", { status: 429, headers: { "Retry-After": "7" } }, 7000],
    ["seconds of a 503", { status: 503, headers: { "Retry-After": "7" } }, 7000],
    ["a date", { status: 429, headers: { "Retry-After": "Thu, 01 Jan 1970 00:00:07 GMT" } }, 7000],
    [
      "the body of a 429",
      { status: 429, body: formC(429, "Rate limit is exceeded. Try again in 7 seconds.") },
      7000
    ],
    [
      "the header before the body",
      {
        status: 429,
        headers: { "Retry-After": "3" },
        body: formC(429, "Rate limit is exceeded. Try again in 7 seconds.")
      },
      3000
    ],
    [
      "the body where the header cannot be read",
      {
        status: 429,
        headers: { "Retry-After": "soon" },
        body: formC(429, "Rate limit is exceeded. Try again in 7 seconds.")
      },
      7000
    ],
    [
      "a date that has passed, so the backoff alone",
      { status: 503, headers: { "Retry-After": "Wed, 31 Dec 1969 23:59:00 GMT" } },
      250
    ],
    ["no words but a 429's", { status: 503, body: formC(503, "Try again in 7 seconds.") }, 250],
    ["0, so the backoff alone", { status: 429, headers: { "Retry-After": "0" } }, 250]
  ] as const)("is waited for as a floor: %s", ([_, answer, took]) =>
    Effect.gen(function* () {
      const { exit, took: waited } = yield* timed(ask)
      yield* exit
      assert.strictEqual(waited, took)
    }).pipe(answering([answer, good]))
  )

  it.effect.each([
    ["seconds", { status: 429, headers: { "Retry-After": "61" } }, 61],
    ["a date", { status: 429, headers: { "Retry-After": "Thu, 01 Jan 1970 00:02:00 GMT" } }, 120],
    ["the body", { status: 429, body: formC(429, "Try again in 90 seconds.") }, 90],
    ["a 503", { status: 503, headers: { "Retry-After": "120" } }, 120],
    ["exactly the deadline", { status: 429, headers: { "Retry-After": "60" } }, 60]
  ] as const)("beyond the deadline it fails at once as Throttled: %s", ([_, answer, retryAfter]) =>
    Effect.gen(function* () {
      const { exit, took } = yield* timed(Effect.flip(ask))
      const { reason } = yield* exit
      assert.strictEqual(took, 0)
      assert.deepInclude(reason, { _tag: "Throttled", retryAfter, httpStatus: answer.status })
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(answering([answer, good]))
  )

  it.effect("is told in whole seconds, rounded up", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("400 millis")
      const { reason } = yield* failed(ask)
      assert.deepInclude(reason, { _tag: "Throttled", retryAfter: 120 })
    }).pipe(
      answering([{ status: 429, headers: { "Retry-After": "Thu, 01 Jan 1970 00:02:00 GMT" } }])
    )
  )

  it.effect("what upstream said stays with a Throttled that was a 503", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(ask)
      assert.deepInclude(reason, {
        _tag: "Throttled",
        code: "800003",
        description: "Upstream's own sentence."
      })
    }).pipe(answering([{ status: 503, body: formA(800003), headers: { "Retry-After": "99" } }]))
  )
})

describe("the deadline", () => {
  it.effect("ends an operation as TimedOut, with the ids of the attempt that hung", () =>
    Effect.gen(function* () {
      const { exit, took } = yield* timed(Effect.flip(ask))
      const { reason, support } = yield* exit
      assert.strictEqual(reason._tag, "TimedOut")
      assert.strictEqual(took, 15_000)
      assert.strictEqual(
        reason.description,
        "the time was over while waiting for an answer (before: no complete answer within 10s)"
      )
      assert.deepStrictEqual(support, idsOf((yield* requests).at(-1)))
    }).pipe(answering(["silence"], { transport: { deadline: "15 seconds" } }))
  )

  it.effect("no attempt begins after it, and no wait passes it", () =>
    Effect.gen(function* () {
      const { exit, took } = yield* timed(Effect.flip(ask))
      assert.strictEqual((yield* exit).reason._tag, "Unavailable")
      assert.isAtMost(took, 2000)
      assert.strictEqual((yield* requests).length, 4)
    }).pipe(answering([{ status: 503 }], { transport: { deadline: "2 seconds" } }))
  )

  it.effect.each([
    ["the first attempt", ["silence"], "10 seconds", 10_000, 1],
    ["a later attempt", [{ status: 503 }, "silence"], "10250 millis", 10_250, 2]
  ] as const)(
    "goes before the end of %s that comes at the same time",
    ([_, answers, deadline, after, count]) =>
      Effect.gen(function* () {
        const { exit, took } = yield* timed(Effect.flip(ask))
        const { reason } = yield* exit
        assert.deepInclude(reason, { _tag: "TimedOut", waitingFor: "answer" })
        assert.strictEqual(took, after)
        assert.strictEqual((yield* requests).length, count)
      }).pipe(answering(answers, { transport: { deadline } }))
  )

  it.effect("that has passed before the operation begins ends it before anything is sent", () =>
    Effect.gen(function* () {
      const { exit, took } = yield* timed(Effect.flip(ask.pipe(Operation.within(0))))
      assert.deepInclude((yield* exit).reason, { _tag: "TimedOut", waitingFor: "signIn" })
      assert.strictEqual(took, 0)
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(answering([good]))
  )

  const late: Scripted = { status: 503, headers: { "Retry-After": "10" } }
  it.effect.each([
    ["an answer", tokens("t1"), "silence"],
    ["the next attempt", tokens("t1"), Effect.delay(Effect.succeed(late), "3 seconds")],
    ["a sign-in", "silence", good]
  ] as const)(
    "does not move while %s is waited for, though the clock on the wall is put back",
    ([_, signIn, answer]) =>
      wallClock((wall) =>
        Effect.gen(function* () {
          const asking = yield* Effect.forkChild(Effect.flip(ask), { startImmediately: true })
          yield* flush
          wall.shift(-3_600_000)
          yield* advance(14_900)
          assert.isUndefined(asking.pollUnsafe())
          yield* advance(100)
          assert.strictEqual((yield* Fiber.join(asking)).reason._tag, "TimedOut")
        }).pipe(
          Effect.provide(
            stack(({ method }) => (method === "POST" ? signIn : answer), {
              transport: { deadline: "15 seconds" }
            })
          )
        )
      )
  )

  it.effect.each([-3_600_000, 3_600_000])(
    "neither ends nor prolongs attempts where the clock on the wall is moved by %s ms",
    (by) =>
      wallClock((wall) =>
        Effect.gen(function* () {
          const asking = yield* Effect.forkChild(Effect.exit(ask), { startImmediately: true })
          yield* flush
          wall.shift(by)
          yield* advance(10_000)
          assert.strictEqual((yield* requests).length, 2)
          assert.isTrue(Exit.isSuccess(yield* Fiber.join(asking)))
          const beyond = yield* Effect.forkChild(Effect.flip(ask), { startImmediately: true })
          yield* flush
          assert.deepInclude((yield* Fiber.join(beyond)).reason, {
            _tag: "Throttled",
            retryAfter: 100
          })
        }).pipe(
          answering([late, good, { status: 503, headers: { "Retry-After": "100" } }], {
            transport: { deadline: "15 seconds" }
          })
        )
      )
  )

  it.effect("a sign-in that takes too long is TimedOut as well", () =>
    Effect.gen(function* () {
      const { exit, took } = yield* timed(Effect.flip(ask))
      const { reason, support } = yield* exit
      assert.strictEqual(reason._tag, "TimedOut")
      assert.strictEqual(reason.description, "the time was over while signing in")
      assert.deepStrictEqual(support, {})
      assert.strictEqual(took, 5000)
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(
      Effect.provide(
        stack(
          { [paths.token]: ["silence"], [paths.status]: [good] },
          { transport: { deadline: "5 seconds" } }
        )
      )
    )
  )

  it.effect("an operation that is around has the say", () =>
    Effect.gen(function* () {
      const { took } = yield* timed(Effect.flip(ask.pipe(Operation.within("3 seconds"))))
      assert.strictEqual(took, 3000)
    }).pipe(answering(["silence"]))
  )
})

describe("a caller that leaves", () => {
  it.effect("ends its request, and the next one is asked as ever", () => {
    const ended: Array<string> = []
    const handler: testing.Handler = ({ method }, count) =>
      method === "POST"
        ? tokens("t1")
        : count > 0
          ? good
          : Effect.never.pipe(Effect.onInterrupt(() => Effect.sync(() => ended.push("request"))))
    return Effect.gen(function* () {
      const gone = yield* Effect.forkChild(ask, { startImmediately: true })
      yield* flush
      assert.strictEqual((yield* requests).length, 1)
      yield* Fiber.interrupt(gone)
      assert.deepStrictEqual(ended, ["request"])
      // Nothing of it is left that could end at its time.
      yield* advance(70_000, 1000)
      assert.deepStrictEqual((yield* run(ask)).value, fulfilled)
      assert.deepStrictEqual(ended, ["request"])
    }).pipe(Effect.provide(stack(handler)))
  })
})

describe("401", () => {
  it.effect("the token used is dropped and one new one is tried", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* run(ask)).value, fulfilled)
      const sent = yield* requests
      assert.deepStrictEqual(
        sent.map(({ headers }) => headers["authorization"]),
        ["Bearer t1", "Bearer t2"]
      )
      assert.strictEqual(new Set(ids(sent)).size, 2)
    }).pipe(
      Effect.provide(
        stack({
          [paths.token]: [tokens("t1", "r1"), tokens("t2", "r2")],
          [paths.status]: [{ status: 401, body: formA(800001) }, good]
        })
      )
    )
  )

  it.effect("only once: a second 401 is SignInRequired", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(ask)
      assert.deepInclude(reason, { _tag: "SignInRequired", httpStatus: 401, code: "800001" })
      assert.strictEqual((yield* requests).length, 2)
      assert.strictEqual((yield* asked(paths.token)).length, 2)
    }).pipe(
      Effect.provide(
        stack({
          [paths.token]: [tokens("t1", "r1"), tokens("t2", "r2"), tokens("t3", "r3")],
          [paths.status]: [{ status: 401, body: formA(800001) }]
        })
      )
    )
  )

  it.effect.each([
    [900420, "WrongAudience"],
    [900421, "MfaRequired"],
    [10001, "MfaRequired"]
  ] as const)("%i is not tried again, and its token is not renewed", ([code, tag]) =>
    Effect.gen(function* () {
      const { reason } = yield* failed(ask)
      assert.strictEqual(reason._tag, tag)
      assert.strictEqual((yield* requests).length, 1)
      yield* failed(ask)
      assert.strictEqual((yield* asked(paths.token)).length, 1)
    }).pipe(answering([{ status: 401, body: formA(code) }]))
  )

  it.effect("where the new sign-in is refused, the login's reason counts", () =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(ask)
      assert.deepStrictEqual([operation, reason._tag], ["signIn", "MfaRequired"])
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(
      Effect.provide(
        stack({
          [paths.token]: [tokens("t1"), refused(50076)],
          [paths.status]: [{ status: 401 }, good]
        })
      )
    )
  )

  it.effect("a ready token without a refresh token is SignInRequired once it is refused", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(ask)
      assert.strictEqual(reason._tag, "SignInRequired")
      const sent = yield* all
      assert.deepStrictEqual(
        sent.map(({ headers }) => headers["authorization"]),
        ["Bearer ready"]
      )
    }).pipe(
      answering([{ status: 401, body: formA(800001) }], {
        entry: { accessToken: Redacted.make("ready") }
      })
    )
  )

  it.effect("a hundred requests with an outdated token make one new sign-in", () =>
    Effect.gen(function* () {
      yield* run(
        Effect.all(
          Array.from({ length: 100 }, () => ask),
          { concurrency: "unbounded" }
        )
      )
      assert.strictEqual((yield* asked(paths.token)).length, 2)
      assert.strictEqual((yield* requests).length, 200)
    }).pipe(
      Effect.provide(
        stack(
          ({ headers, method }, count) =>
            method === "POST"
              ? Effect.delay(Effect.succeed(tokens(`t${count + 1}`)), "1 second")
              : headers["authorization"] === "Bearer t1"
                ? Effect.delay(Effect.succeed({ status: 401 }), (count % 7) * 100)
                : good,
          { requestsPerMinute: 100_000 }
        )
      )
    )
  )
})

describe("the breaker", () => {
  const fails = Effect.flip(ask)
  const broken = (count: number) =>
    run(Effect.replicateEffect(fails, count, { discard: true }), 500)

  it.effect("opens after five operations, retries not counted, and says when it tries again", () =>
    Effect.gen(function* () {
      yield* broken(5)
      assert.strictEqual((yield* requests).length, 25)
      const { exit, took } = yield* timed(fails)
      const { reason } = yield* exit
      assert.strictEqual(took, 0)
      assert.deepInclude(reason, { _tag: "Unavailable", retryAfter: 5 })
      assert.match(reason.description ?? "", /the next try is in 5 s/)
      assert.strictEqual((yield* requests).length, 25)
    }).pipe(answering([{ status: 503 }]))
  )

  it.effect("a login that hangs never opens it: nothing was asked", () =>
    Effect.gen(function* () {
      yield* broken(6)
      const { reason } = yield* failed(ask)
      assert.deepInclude(reason, { _tag: "TimedOut", waitingFor: "signIn" })
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(
      Effect.provide(
        stack({ [paths.token]: ["silence"] }, { transport: { deadline: "5 seconds" } })
      )
    )
  )

  it.effect("a 503 that asks for a wait beyond the deadline counts, and its wait is kept", () =>
    Effect.gen(function* () {
      yield* broken(12)
      assert.strictEqual((yield* requests).length, 5)
      const { reason } = yield* failed(ask)
      assert.deepInclude(reason, { _tag: "Unavailable", noAnswer: "suspended" })
      assert.isAtLeast("retryAfter" in reason ? (reason.retryAfter ?? 0) : 0, 290)
    }).pipe(answering([{ status: 503, headers: { "Retry-After": "300" } }]))
  )

  it.effect("closes after a good probe", () =>
    Effect.gen(function* () {
      yield* broken(5)
      assert.strictEqual((yield* failed(ask)).reason._tag, "Unavailable")
      yield* advance(5000)
      assert.deepStrictEqual((yield* run(ask)).value, fulfilled)
      assert.deepStrictEqual((yield* run(ask)).value, fulfilled)
      assert.strictEqual((yield* requests).length, 27)
    }).pipe(answering([...Array.from({ length: 25 }, (): Scripted => ({ status: 503 })), good]))
  )

  it.effect("lets one probe through at a time", () =>
    Effect.gen(function* () {
      yield* broken(5)
      yield* advance(5000)
      const exits = yield* run(
        Effect.all(
          Array.from({ length: 10 }, () => Effect.result(ask)),
          { concurrency: "unbounded" }
        )
      )
      assert.deepStrictEqual(
        exits.map(({ _tag }) => _tag),
        ["Success", ...Array.from({ length: 9 }, () => "Failure")]
      )
      assert.strictEqual((yield* requests).length, 26)
    }).pipe(answering([...Array.from({ length: 25 }, (): Scripted => ({ status: 503 })), good]))
  )

  it.effect("stays open for longer after a probe that failed", () =>
    Effect.gen(function* () {
      yield* broken(5)
      yield* advance(5000)
      yield* broken(1)
      assert.deepInclude((yield* failed(ask)).reason, { _tag: "Unavailable", retryAfter: 10 })
    }).pipe(answering([{ status: 503 }]))
  )

  it.effect("counts what ends without a complete response", () =>
    Effect.gen(function* () {
      yield* broken(5)
      assert.match((yield* failed(ask)).reason.description ?? "", /suspended/)
    }).pipe(answering(["reset"]))
  )

  it.effect.each([400, 401, 403, 404, 409, 412])("a %i never opens it", (status) =>
    Effect.gen(function* () {
      yield* broken(20)
      assert.strictEqual((yield* failed(ask)).reason.httpStatus, status)
    }).pipe(answering([{ status }], { requestsPerMinute: 100_000 }))
  )

  it.effect.each([408, 429])("a %i never opens it either", (status) =>
    Effect.gen(function* () {
      yield* broken(8)
      assert.strictEqual((yield* failed(ask)).reason.httpStatus, status)
    }).pipe(answering([{ status }], { requestsPerMinute: 100_000 }))
  )

  it.effect("a 4xx in between begins the count anew", () =>
    Effect.gen(function* () {
      yield* broken(9)
      assert.deepStrictEqual((yield* run(ask)).value, fulfilled)
    }).pipe(
      answering([
        ...Array.from({ length: 20 }, (): Scripted => ({ status: 503 })),
        { status: 404 },
        ...Array.from({ length: 20 }, (): Scripted => ({ status: 503 })),
        good
      ])
    )
  )

  it.effect("a login that does not answer does not open it", () =>
    Effect.gen(function* () {
      yield* broken(8)
      const { operation, reason } = yield* failed(ask, 500)
      assert.deepStrictEqual([operation, reason._tag], ["signIn", "Unavailable"])
      assert.notMatch(reason.description ?? "", /suspended/)
    }).pipe(Effect.provide(stack({ [paths.token]: ["reset"], [paths.status]: [good] })))
  )
})

describe("the budget", () => {
  const other = OrderId.make("5cf72f146967")
  const askOther = Effect.flatMap(PartnerCenter, (partnerCenter) =>
    partnerCenter.provisioningStatus(customer, other)
  )

  it.effect("every attempt takes of it", () =>
    Effect.gen(function* () {
      const { took } = yield* timed(ask)
      // One at once, the others at six and twelve seconds.
      assert.strictEqual(took, 12_000)
    }).pipe(answering([{ status: 503 }, { status: 503 }, good], { requestsPerMinute: 10 }))
  )

  it.effect("a wait beyond the deadline is Throttled at once, and nothing is sent", () =>
    Effect.gen(function* () {
      yield* run(ask)
      const { exit, took } = yield* timed(Effect.flip(ask.pipe(Operation.within("5 seconds"))))
      const { reason } = yield* exit
      assert.strictEqual(took, 0)
      assert.deepInclude(reason, { _tag: "Throttled", retryAfter: 6 })
      assert.notProperty(reason, "httpStatus")
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(answering([good], { requestsPerMinute: 10 }))
  )

  it.effect("a 429 pauses every request of the tenant until its time", () => {
    const sent: Array<[string, number]> = []
    const handler: testing.Handler = ({ method, path }, count) =>
      Effect.map(Clock.currentTimeMillis, (now): Scripted => {
        if (method === "POST") return tokens("t1")
        sent.push([path.includes(other) ? "other" : "first", now])
        return !path.includes(other) && count === 0
          ? { status: 429, body: formC(429, "Rate limit is exceeded. Try again in 20 seconds.") }
          : good
      })
    return Effect.gen(function* () {
      yield* run(
        Effect.all([ask, Effect.delay(askOther, "3 seconds"), Effect.delay(ask, "19 seconds")], {
          concurrency: "unbounded"
        })
      )
      assert.deepStrictEqual(sent[0], ["first", 0])
      assert.strictEqual(sent.length, 4)
      for (const [, at] of sent.slice(1)) assert.isAtLeast(at, 20_000)
      for (const [, at] of sent.slice(1)) assert.isAtMost(at, 21_000)
    }).pipe(Effect.provide(stack(handler)))
  })

  it.effect("who cannot wait for the end of the pause is Throttled at once", () =>
    Effect.gen(function* () {
      yield* run(Effect.flip(ask.pipe(Operation.within("10 seconds"))))
      const { exit, took } = yield* timed(
        Effect.flip(askOther.pipe(Operation.within("10 seconds")))
      )
      const { reason } = yield* exit
      assert.strictEqual(took, 0)
      assert.strictEqual(reason._tag, "Throttled")
      assert.strictEqual("retryAfter" in reason && (reason.retryAfter ?? 0) >= 30, true)
    }).pipe(answering([{ status: 429, headers: { "Retry-After": "30" } }]))
  )

  it.effect("a slow sign-in does not let more go in a minute than the budget has", () => {
    const sent: Array<number> = []
    const handler: testing.Handler = ({ method }) =>
      method === "POST"
        ? Effect.delay(Effect.succeed(tokens("t1")), "9 seconds")
        : Effect.map(Clock.currentTimeMillis, (now): Scripted => {
            sent.push(now)
            return good
          })
    return Effect.gen(function* () {
      const calls = Effect.forEach(
        Array.from({ length: 200 }),
        () => ask.pipe(Operation.within("10 minutes")),
        { concurrency: "unbounded" }
      )
      yield* run(calls, 500)
      assert.strictEqual(sent.length, 200)
      const first = sent[0] ?? 0
      assert.isAtMost(sent.filter((at) => at < first + 60_000).length, 66)
    }).pipe(Effect.provide(stack(handler, { requestsPerMinute: 60 })))
  })

  it.effect("a caller that leaves lets the next one go", () =>
    Effect.gen(function* () {
      yield* run(ask)
      const gone = yield* Effect.forkChild(ask, { startImmediately: true })
      yield* flush
      yield* Fiber.interrupt(gone)
      assert.strictEqual((yield* timed(ask)).took, 6000)
    }).pipe(answering([good], { requestsPerMinute: 10 }))
  )
})
