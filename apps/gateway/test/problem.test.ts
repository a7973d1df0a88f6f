import { assert, describe, it } from "@effect/vitest"
import { make } from "@orderwatch/core/PartnerCenterError"
import type { ReasonTag } from "@orderwatch/core/PartnerCenterError"
import { Context, Duration, Effect } from "effect"
import type { Scope } from "effect"
import { TestClock } from "effect/testing"
import { Access } from "../src/access.ts"
import type { Caller } from "../src/access.ts"
import { Closing } from "../src/closing.ts"
import { IssuerUnavailable } from "../src/problem.ts"
import type { OwnFailure } from "../src/problem.ts"
import { base, customer, failing, gateway, jsonOf, other, settle, upstream } from "./gateway.ts"
import type { Options } from "./gateway.ts"

// As the contract has it, on purpose not taken from the code.
const promised = {
  InvalidRequest: 400,
  NoRelationship: 403,
  CustomerNotFound: 404,
  OrderNotFound: 404,
  ProvisioningStatusNotFound: 404,
  OrderInProgress: 409,
  Conflict: 409,
  Throttled: 429,
  UnexpectedResponse: 502,
  WrongAudience: 502,
  InsufficientPrivileges: 502,
  ConditionalAccess: 502,
  AppOnlyNotSupported: 502,
  SignInRequired: 503,
  MfaRequired: 503,
  Unavailable: 503,
  TimedOut: 504
} as const satisfies Record<ReasonTag, number>

const caller: Caller = { id: "a", customers: new Set([customer]), ended: Effect.never }
const callers = { a: caller }
const bearer = { authorization: "Bearer a" }
const status = `${base}/provisioningstatus`

const asked = (path: string, init: RequestInit = {}, options: Options = {}) =>
  Effect.flatMap(gateway(upstream(), options), ({ ask }) => ask(path, init))

const post = (body: string, type = "application/json"): RequestInit => ({
  method: "POST",
  headers: { "content-type": type },
  body
})

const identifying = (identify: Access["Service"]["identify"]): Options => ({
  access: Access.of({ isOpen: false, identify })
})

interface Own {
  readonly status: number
  readonly reason: string
  readonly headers?: Readonly<Record<string, RegExp>>
  /** How it comes about. */
  readonly by: Effect.Effect<Response, never, Scope.Scope>
}

const later = /^[1-9]\d*$/

const own: Readonly<Record<OwnFailure["_tag"] | "Internal", Own>> = {
  InvalidInput: {
    status: 400,
    reason: "InvalidRequest",
    by: asked("/v1/customers/nobody/orders")
  },
  Unauthenticated: {
    status: 401,
    reason: "Unauthenticated",
    headers: { "www-authenticate": /^Bearer realm="orderwatch"$/ },
    by: asked(status, {}, { callers })
  },
  CallerNotAllowed: {
    status: 403,
    reason: "CallerNotAllowed",
    by: asked(`/v1/customers/${other}/orders`, { headers: bearer }, { callers })
  },
  CrossSite: {
    status: 403,
    reason: "CrossSite",
    by: asked(status, { headers: { "sec-fetch-site": "same-site" } })
  },
  RouteNotFound: { status: 404, reason: "RouteNotFound", by: asked("/nowhere") },
  MethodNotAllowed: {
    status: 405,
    reason: "MethodNotAllowed",
    headers: { allow: /^POST$/ },
    by: asked("/v1/reports")
  },
  NotAcceptable: {
    status: 406,
    reason: "NotAcceptable",
    by: asked(`${base}/report`, { headers: { accept: "text/html" } })
  },
  PayloadTooLarge: {
    status: 413,
    reason: "PayloadTooLarge",
    by: asked("/v1/reports", post(" ".repeat(70_000)))
  },
  UnsupportedMediaType: {
    status: 415,
    reason: "UnsupportedMediaType",
    by: asked("/v1/reports", post("{}", "text/plain"))
  },
  Misdirected: {
    status: 421,
    reason: "Misdirected",
    by: asked(status, { headers: { host: "rebound.example:8780" } })
  },
  CallerThrottled: {
    status: 429,
    reason: "CallerThrottled",
    headers: { "retry-after": later },
    by: Effect.gen(function* () {
      const { ask } = yield* gateway(upstream(), {
        callers,
        settings: { callerRequestsPerMinute: 1 }
      })
      yield* ask("/openapi.json", { headers: bearer })
      return yield* ask(status, { headers: bearer })
    })
  },
  Internal: {
    status: 500,
    reason: "Internal",
    by: asked(
      status,
      {},
      identifying(() => Effect.die("a bug"))
    )
  },
  StreamsExhausted: {
    status: 503,
    reason: "StreamsExhausted",
    headers: { "retry-after": later },
    by: Effect.gen(function* () {
      const { ask, begin } = yield* gateway(upstream(), { settings: { maxStreams: 1 } })
      const first = begin(`${base}/events`)
      yield* settle
      yield* Effect.promise(async () => first)
      return yield* ask(`${base}/events`)
    })
  },
  IssuerUnavailable: {
    status: 503,
    reason: "Unavailable",
    headers: { "retry-after": /^5$/ },
    by: asked(
      status,
      {},
      identifying(() => Effect.fail(new IssuerUnavailable({ retryAfter: 5 })))
    )
  },
  ShuttingDown: {
    status: 503,
    reason: "Unavailable",
    headers: { "retry-after": later },
    by: Effect.gen(function* () {
      const { ask, context } = yield* gateway(upstream())
      yield* Context.get(context, Closing).begin
      return yield* ask(`${base}/events`)
    })
  },
  DeadlinePassed: {
    status: 504,
    reason: "TimedOut",
    by: Effect.gen(function* () {
      const up = { ...upstream(), takes: "1 hours" as const }
      const { begin } = yield* gateway(up, { settings: { deadline: Duration.seconds(5) } })
      const answer = begin(status)
      yield* TestClock.adjust("7 seconds")
      return yield* Effect.promise(async () => answer)
    })
  }
}

/** That it is one problem through and through (RFC 9457). */
const isProblem = Effect.fnUntraced(function* (response: Response, status: number, reason: string) {
  assert.strictEqual(response.status, status, reason)
  assert.strictEqual(response.headers.get("content-type"), "application/problem+json")
  const problem = yield* jsonOf(response)
  assert.deepInclude(problem, { status, reason, type: `/problems/${reason}` })
  for (const name of ["title", "detail", "instance", "remedy", "requestId"]) {
    assert.isString(problem[name], `${reason} ${name}`)
  }
  return problem
})

const isReason = (text: string): text is ReasonTag => Object.hasOwn(promised, text)

describe("a failure's answer", () => {
  it.effect.each(Object.keys(promised).filter(isReason))(
    "has the status of upstream's %s, on upstream's own paths and on ours",
    (tag) =>
      Effect.gen(function* () {
        const known = tag === "Throttled" ? make({ _tag: tag, retryAfter: 7 }) : make({ _tag: tag })
        for (const path of [base, `${base}/provisioningstatus`, `${base}/report`]) {
          const up = upstream()
          if (path === base) up.order = failing("order", known)
          up.status = failing("provisioningStatus", known)
          const { ask } = yield* gateway(up)
          const response = yield* ask(path)
          const problem = yield* isProblem(response, promised[tag], tag)
          const isUpstreams = path !== `${base}/report`
          assert.strictEqual("code" in problem, isUpstreams, path)
          assert.strictEqual("description" in problem, isUpstreams, path)
          if (tag !== "Throttled") continue
          assert.strictEqual(response.headers.get("retry-after"), "7")
          assert.strictEqual(problem["retryAfter"], 7)
        }
      })
  )

  it.effect.each(Object.entries(own))(
    "has the status and the reason of our own %s",
    ([, { by, headers = {}, reason, status }]) =>
      Effect.gen(function* () {
        const response = yield* by
        yield* isProblem(response, status, reason)
        for (const [name, value] of Object.entries(headers)) {
          assert.match(response.headers.get(name) ?? "", value, name)
        }
      })
  )
})
