// Failures as answers: every reason has its status, and every failure one rendering (RFC 9457).
import { toProblem as fromPartnerCenter } from "@orderwatch/core/PartnerCenterError"
import type { PartnerCenterError, Problem, ReasonTag } from "@orderwatch/core/PartnerCenterError"
import { Data, Schema } from "effect"
import type { Answer } from "./answer.ts"

/** No caller is known by what was sent; `wasTried`: something was. */
export class Unauthenticated extends Data.TaggedError("Unauthenticated")<{
  readonly wasTried?: boolean
}> {}

/** This caller may not ask about that customer; nothing is said of whether it exists. */
export class CallerNotAllowed extends Data.TaggedError("CallerNotAllowed")<{}> {}

/** The caller's own requests a minute are used up. `retryAfter` is in whole seconds. */
export class CallerThrottled extends Data.TaggedError("CallerThrottled")<{
  readonly retryAfter: number
}> {}

/** `limit` is in bytes. */
export class PayloadTooLarge extends Data.TaggedError("PayloadTooLarge")<{
  readonly limit: number
}> {}

/** A body is sent that is not JSON by its `Content-Type`. */
export class UnsupportedMediaType extends Data.TaggedError("UnsupportedMediaType")<{}> {}

/** The `Host` is none of ours. */
export class Misdirected extends Data.TaggedError("Misdirected")<{}> {}

/** A page of another site asks. */
export class CrossSite extends Data.TaggedError("CrossSite")<{}> {}

/** What was sent does not fit; `detail` says where, in words of ours. */
export class InvalidInput extends Data.TaggedError("InvalidInput")<{ readonly detail: string }> {}

/** The path is none of ours. */
export class RouteNotFound extends Data.TaggedError("RouteNotFound")<{}> {}

/** The path takes other methods; `allow` has them as `Allow` names them. */
export class MethodNotAllowed extends Data.TaggedError("MethodNotAllowed")<{
  readonly allow: ReadonlyArray<string>
}> {}

/** `Accept` leaves out the media type that is `offered`, the only one that this path has. */
export class NotAcceptable extends Data.TaggedError("NotAcceptable")<{
  readonly offered: string
}> {}

/** As many streams are open as may be. `retryAfter` is in whole seconds. */
export class StreamsExhausted extends Data.TaggedError("StreamsExhausted")<{
  readonly retryAfter: number
}> {}

/** The gateway ends; another one, or the same after its start, will answer. */
export class ShuttingDown extends Data.TaggedError("ShuttingDown")<{}> {}

/** The request took longer than a request may. */
export class DeadlinePassed extends Data.TaggedError("DeadlinePassed")<{}> {}

/** The issuer that could tell the token's truth cannot be asked. `retryAfter` is in whole seconds. */
export class IssuerUnavailable extends Data.TaggedError("IssuerUnavailable")<{
  readonly retryAfter: number
}> {}

/** What may go wrong that is not upstream's. */
export type OwnFailure =
  | Unauthenticated
  | IssuerUnavailable
  | CallerNotAllowed
  | CallerThrottled
  | PayloadTooLarge
  | UnsupportedMediaType
  | Misdirected
  | CrossSite
  | InvalidInput
  | RouteNotFound
  | MethodNotAllowed
  | NotAcceptable
  | StreamsExhausted
  | ShuttingDown
  | DeadlinePassed

/** What a route may fail with: all of it is rendered here. */
export type Failure = PartnerCenterError | OwnFailure

/** The status of each of upstream's reasons. The credential's own faults are the gateway's, not the caller's. */
export const statuses = {
  InvalidRequest: 400,
  SignInRequired: 503,
  MfaRequired: 503,
  WrongAudience: 502,
  NoRelationship: 403,
  ConditionalAccess: 502,
  AppOnlyNotSupported: 502,
  InsufficientPrivileges: 502,
  CustomerNotFound: 404,
  OrderNotFound: 404,
  ProvisioningStatusNotFound: 404,
  OrderInProgress: 409,
  Conflict: 409,
  Throttled: 429,
  Unavailable: 503,
  TimedOut: 504,
  UnexpectedResponse: 502
} as const satisfies Record<ReasonTag, number>

interface Meaning {
  readonly status: number
  /** Where several failures are one reason to who asks. */
  readonly reason?: ReasonTag
  readonly title: string
  readonly remedy: string
}

/** What each of our own failures is to who asks. */
export const meanings = {
  Unauthenticated: {
    status: 401,
    title: "The caller is not known",
    remedy: "Send `Authorization: Bearer` with a key or a token of this gateway."
  },
  IssuerUnavailable: {
    status: 503,
    reason: "Unavailable",
    title: "The issuer of the token cannot be asked",
    remedy: "Ask again when Retry-After is over; whoever runs this gateway finds why in its log."
  },
  CallerNotAllowed: {
    status: 403,
    title: "The caller may not ask about this customer",
    remedy: "Ask whoever runs this gateway to add the customer to your key or token."
  },
  CallerThrottled: {
    status: 429,
    title: "The caller's requests are used up",
    remedy:
      "Ask again when Retry-After is over, and less often; streams and long polls cost one, a batch one for each order."
  },
  PayloadTooLarge: {
    status: 413,
    title: "The body is too large",
    remedy: "Send fewer orders at once."
  },
  UnsupportedMediaType: {
    status: 415,
    title: "The body is not JSON by its type",
    remedy: "Send `Content-Type: application/json`."
  },
  Misdirected: {
    status: 421,
    title: "This gateway does not answer for that host",
    remedy: "Use an address of the gateway, or add the name to ORDERWATCH_GATEWAY_HOSTS."
  },
  CrossSite: {
    status: 403,
    title: "A page of another site may not ask",
    remedy: "Ask from a server, or add the page's origin to ORDERWATCH_GATEWAY_ORIGINS."
  },
  InvalidInput: {
    status: 400,
    reason: "InvalidRequest",
    title: "The request was refused as invalid",
    remedy: "Correct what `detail` names; /openapi.json says what is expected."
  },
  RouteNotFound: {
    status: 404,
    title: "There is nothing at this path",
    remedy: "See /openapi.json for the paths that there are."
  },
  MethodNotAllowed: {
    status: 405,
    title: "This path does not take that method",
    remedy: "Use one of the methods that `Allow` names."
  },
  NotAcceptable: {
    status: 406,
    title: "The answer is not to be had in that form",
    remedy: "Leave `Accept` out, or name the type that `detail` names."
  },
  StreamsExhausted: {
    status: 503,
    title: "As many streams are open as may be",
    remedy: "Close streams that nobody reads, or ask by /report with `Prefer: wait`."
  },
  ShuttingDown: {
    status: 503,
    reason: "Unavailable",
    title: "The gateway is about to end",
    remedy: "Ask again in a moment."
  },
  DeadlinePassed: {
    status: 504,
    reason: "TimedOut",
    title: "No answer in time",
    remedy: "Ask again; what was asked of Partner Center meanwhile is answered sooner."
  }
} as const satisfies Record<OwnFailure["_tag"], Meaning>

/** The reason of what nobody expected. */
export const internal = {
  status: 500,
  reason: "Internal",
  title: "An error of the gateway's own",
  detail: "What went wrong is in the gateway's log, with the request id.",
  remedy: "Report it with the request id."
} as const

const words = (failure: OwnFailure): string => {
  switch (failure._tag) {
    case "Unauthenticated":
      return failure.wasTried
        ? "What was sent as `Authorization` is no key or token that is good here, or not any more."
        : "Nothing was sent as `Authorization`."
    case "CallerNotAllowed":
      return "The customer is not on the caller's list; whether there is such a customer is not told."
    case "CallerThrottled":
    case "IssuerUnavailable":
    case "StreamsExhausted":
      return `It can be asked for again in ${failure.retryAfter} s.`
    case "UnsupportedMediaType":
      return "A body is read as `application/json` only."
    case "Misdirected":
      return "`Host` is neither a loopback name with the gateway's port nor a name that it was given."
    case "CrossSite":
      return "By `Sec-Fetch-Site` or `Origin` it is a page of another site that asks."
    case "RouteNotFound":
      return "No path of the gateway's has this form."
    case "ShuttingDown":
      return "It takes nothing more; what is under way is finished."
    case "DeadlinePassed":
      return "The time that a request may take was over."
    case "InvalidInput":
      return failure.detail
    case "NotAcceptable":
      return `This path answers ${failure.offered}.`
    case "PayloadTooLarge":
      return `At most ${failure.limit} bytes are read.`
    case "MethodNotAllowed":
      return `This path takes ${failure.allow.join(", ")}.`
  }
}

const seconds = (failure: Failure): number | undefined => {
  const of = failure._tag === "PartnerCenterError" ? failure.reason : failure
  return "retryAfter" in of ? of.retryAfter : failure._tag === "ShuttingDown" ? 1 : undefined
}

const meaningOf = (failure: OwnFailure): Meaning => meanings[failure._tag]

/** The word to decide by, as answers have it. */
export const reasonOf = (failure: Failure): string =>
  failure._tag === "PartnerCenterError"
    ? failure.reason._tag
    : (meaningOf(failure).reason ?? failure._tag)

/** What every door of the product says of a failure; also inside of a batch or a stream. */
export const toProblem = (failure: Failure): Problem => {
  if (failure._tag === "PartnerCenterError") return fromPartnerCenter(failure)
  const meaning = meaningOf(failure)
  const retryAfter = seconds(failure)
  return {
    reason: reasonOf(failure),
    title: meaning.title,
    detail: words(failure),
    remedy: meaning.remedy,
    ...(retryAfter !== undefined && { retryAfter })
  }
}

/** The HTTP status of a failure. */
export const statusOf = (failure: Failure): number =>
  failure._tag === "PartnerCenterError"
    ? statuses[failure.reason._tag]
    : meanings[failure._tag].status

/** A problem as a body of its own. Upstream's paths have `code` and `description` as well, as upstream does. */
export const HttpProblem = Schema.Struct({
  type: Schema.String,
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  instance: Schema.String,
  reason: Schema.String,
  remedy: Schema.String,
  requestId: Schema.optionalKey(Schema.String),
  correlationId: Schema.optionalKey(Schema.String),
  upstreamStatus: Schema.optionalKey(Schema.Int),
  upstreamCode: Schema.optionalKey(Schema.String),
  retryAfter: Schema.optionalKey(Schema.Int),
  code: Schema.optionalKey(Schema.Union([Schema.Int, Schema.String])),
  description: Schema.optionalKey(Schema.String)
}).annotate({
  identifier: "Problem",
  description:
    "RFC 9457. `reason` is the word to decide by. `requestId` and `correlationId` are those of the exchange with Partner Center, where there was one; the gateway's own id is in `X-Request-Id`."
})
export type HttpProblem = typeof HttpProblem.Type

/** What an answer needs to know of its request. */
export interface Asked {
  /** The gateway's id of the request, as `X-Request-Id` has it. */
  readonly requestId: string
  /** The path, percent-encoded, without its query. */
  readonly path: string
  /** Whether the path is one of upstream's own, whose clients look for `code` and `description`. */
  readonly isUpstreams: boolean
}

const numeric = /^\d{1,9}$/

const upstreamWords = (problem: Problem, status: number) => {
  const code = problem.upstreamCode ?? String(status)
  return { code: numeric.test(code) ? Number(code) : code, description: problem.detail }
}

const rendered = (
  problem: Problem,
  status: number,
  asked: Asked,
  headers: Readonly<Record<string, string>> = {}
): Answer => {
  const { reason, title, detail, remedy, ...ids } = problem
  const body: HttpProblem = {
    type: `/problems/${reason}`,
    title,
    status,
    detail,
    instance: asked.path,
    reason,
    remedy,
    requestId: asked.requestId,
    ...ids,
    ...(asked.isUpstreams && upstreamWords(problem, status))
  }
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(problem.retryAfter !== undefined && { "retry-after": String(problem.retryAfter) }),
      ...headers
    },
    body: JSON.stringify(body)
  }
}

const headersOf = (failure: Failure): Readonly<Record<string, string>> => {
  switch (failure._tag) {
    case "Unauthenticated":
      return {
        "www-authenticate": `Bearer realm="orderwatch"${failure.wasTried ? ', error="invalid_token"' : ""}`
      }
    case "MethodNotAllowed":
      return { allow: failure.allow.join(", ") }
    default:
      return {}
  }
}

/** The failure as an answer. */
export const toAnswer = (failure: Failure, asked: Asked): Answer =>
  rendered(toProblem(failure), statusOf(failure), asked, headersOf(failure))

/** What nobody expected, as an answer that says nothing of it. */
export const toInternalAnswer = (asked: Asked): Answer => {
  const { status, ...problem } = internal
  return rendered(problem, status, asked)
}
