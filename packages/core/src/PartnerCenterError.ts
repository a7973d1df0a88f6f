// The one error of this library: which operation failed, for what reason, and how to go on.
import { Option, Predicate, Schema } from "effect"
import { Support } from "./Support.ts"
import { plain, without } from "./text.ts"

/** What was being asked. `signIn` is the conversation with Microsoft's login. */
export const Operation = Schema.Literals([
  "customers",
  "orders",
  "order",
  "provisioningStatus",
  "subscriptionProvisioningStatus",
  "signIn"
])
export type Operation = typeof Operation.Type

const said = {
  /** The HTTP status of the answer, where there was one. */
  httpStatus: Schema.optionalKey(Schema.Int),
  /** Upstream's own code: a number of Partner Center's, or an `AADSTS…` of the login's. */
  code: Schema.optionalKey(Schema.String),
  /** What upstream said, without control characters and secrets; or what we found. */
  description: Schema.optionalKey(Schema.String),
  /** What to do about it, in one line. */
  remedy: Schema.String
}

const reason = <Tag extends string>(tag: Tag) => Schema.TaggedStruct(tag, said)

/** Why an operation failed. A reason is a state of affairs, told by its `_tag`. */
export const Reason = Schema.Union([
  reason("InvalidRequest"),
  reason("SignInRequired"),
  reason("MfaRequired"),
  reason("WrongAudience"),
  reason("NoRelationship"),
  reason("ConditionalAccess"),
  reason("AppOnlyNotSupported"),
  reason("InsufficientPrivileges"),
  reason("CustomerNotFound"),
  reason("OrderNotFound"),
  reason("ProvisioningStatusNotFound"),
  reason("OrderInProgress"),
  reason("Conflict"),
  Schema.TaggedStruct("Throttled", {
    ...said,
    /** Whole seconds until asking again can succeed. */
    retryAfter: Schema.Int
  }),
  Schema.TaggedStruct("Unavailable", {
    ...said,
    /** Whole seconds until we ask again, where we know. */
    retryAfter: Schema.optionalKey(Schema.Int),
    /** Why no complete answer came, where none did; `suspended`: the breaker did not ask. */
    noAnswer: Schema.optionalKey(
      Schema.Literals(["connection", "certificate", "silence", "cut", "suspended"])
    )
  }),
  Schema.TaggedStruct("TimedOut", {
    ...said,
    /** What was being waited for when the time was over. */
    waitingFor: Schema.optionalKey(Schema.Literals(["signIn", "turn", "answer"]))
  }),
  Schema.TaggedStruct("UnexpectedResponse", {
    ...said,
    /** Where in the body the answer was of another shape, such as `items[0].status`. */
    path: Schema.optionalKey(Schema.String)
  })
])
export type Reason = typeof Reason.Type
export type ReasonTag = Reason["_tag"]

interface Meaning {
  readonly title: string
  readonly remedy: string
  /** Whether the same question may be answered later without anybody doing anything. */
  readonly isRetryable: boolean
}

const meanings = {
  InvalidRequest: {
    title: "The request was refused as invalid",
    remedy: "Check the customer id and the order id.",
    isRetryable: false
  },
  SignInRequired: {
    title: "Nobody is signed in, or the sign-in is no longer valid",
    remedy: "Sign in again as a user of the partner's tenant.",
    isRetryable: false
  },
  MfaRequired: {
    title: "Multi-factor authentication is required",
    remedy: "Sign in again with multi-factor authentication; renewing the token does not help.",
    isRetryable: false
  },
  WrongAudience: {
    title: "The token was issued for another API",
    remedy: "Ask for a token of the Partner Center API of this cloud, and check the cloud setting.",
    isRetryable: false
  },
  NoRelationship: {
    title: "The partner has no relationship with this customer",
    remedy: "Ask the customer to accept your reseller relationship, or check the customer id.",
    isRetryable: false
  },
  ConditionalAccess: {
    title: "A Conditional Access policy blocks the sign-in",
    remedy: "Ask an administrator of the partner's tenant which policy blocks this application.",
    isRetryable: false
  },
  AppOnlyNotSupported: {
    title: "This operation does not accept an application on its own",
    remedy: "Sign in as a user (App+User); an app-only token is not enough.",
    isRetryable: false
  },
  InsufficientPrivileges: {
    title: "The signed-in user may not do this",
    remedy: "Give the user the Admin agent role in Partner Center.",
    isRetryable: false
  },
  CustomerNotFound: {
    title: "The customer was not found",
    remedy: "Check the customer id (the customer's Microsoft ID) and the cloud.",
    isRetryable: false
  },
  OrderNotFound: {
    title: "The order was not found",
    remedy:
      "Check the order id, upper and lower case included; a new order can take minutes to appear.",
    isRetryable: false
  },
  ProvisioningStatusNotFound: {
    title: "There is no provisioning status for this order",
    remedy: "A new order can take 15 minutes to have one; ask again later.",
    isRetryable: false
  },
  OrderInProgress: {
    title: "The order is still being processed",
    remedy: "Ask again in a few minutes.",
    isRetryable: true
  },
  Conflict: {
    title: "The order is in a state that conflicts with the request",
    remedy: "Wait for the pending change to end, then ask again.",
    isRetryable: false
  },
  Throttled: {
    title: "Too many requests",
    remedy: "Ask again later, and less often.",
    isRetryable: true
  },
  Unavailable: {
    title: "Partner Center could not be reached or could not answer",
    remedy: "Check the network and Microsoft's service health, then ask again.",
    isRetryable: true
  },
  TimedOut: {
    title: "No answer in time",
    remedy: "Ask again, or allow more time (PARTNER_CENTER_DEADLINE).",
    isRetryable: true
  },
  UnexpectedResponse: {
    title: "The answer was not what this operation answers",
    remedy: "Check the API address and proxies; if they are right, report the support ids.",
    isRetryable: false
  }
} satisfies Record<ReasonTag, Meaning>

type Unremedied<R> = R extends Reason ? Omit<R, "remedy"> & { readonly remedy?: string } : never

/** A reason with its own remedy, unless a better one is given. */
export const make = (reason: Unremedied<Reason>): Reason => ({
  remedy: meanings[reason._tag].remedy,
  ...reason
})

/** One line that names the state of affairs. */
export const title = (reason: Reason): string => meanings[reason._tag].title

/** Whether asking again later, unchanged, can succeed. */
export const isRetryable = (reason: Reason): boolean => meanings[reason._tag].isRetryable

/** The reasons that say "there is no such thing (yet)". */
export const isNotFound = (reason: Reason): boolean =>
  reason._tag === "CustomerNotFound" ||
  reason._tag === "OrderNotFound" ||
  reason._tag === "ProvisioningStatusNotFound"

/**
 * A failed operation: the operation, one of 17 reasons, and the support ids of the last exchange.
 *
 * Handle reasons with `Effect.catchReason("PartnerCenterError", "Throttled", …)` or
 * `Effect.unwrapReason`. Neither message nor fields ever hold a secret.
 */
export class PartnerCenterError extends Schema.TaggedError<PartnerCenterError>()(
  "PartnerCenterError",
  { operation: Operation, reason: Reason, support: Support }
) {
  override get message(): string {
    const { code, description, httpStatus } = this.reason
    const source = [
      httpStatus === undefined ? "" : `HTTP ${httpStatus}`,
      code ? `code ${code}` : ""
    ]
      .filter((part) => part !== "")
      .join(", ")
    return [title(this.reason), description, source === "" ? "" : `(${source})`]
      .filter((part) => part)
      .join(" · ")
  }
}

/** A failure for another program: the fields that every door of the product shows alike. */
export const Problem = Schema.Struct({
  reason: Schema.String,
  title: Schema.String,
  detail: Schema.String,
  remedy: Schema.String,
  requestId: Schema.optionalKey(Schema.String),
  correlationId: Schema.optionalKey(Schema.String),
  upstreamStatus: Schema.optionalKey(Schema.Int),
  upstreamCode: Schema.optionalKey(Schema.String),
  retryAfter: Schema.optionalKey(Schema.Int)
})
export type Problem = typeof Problem.Type

/** The error as a problem. `detail` is upstream's own sentence, or ours where it had none. */
export const toProblem = (error: PartnerCenterError): Problem => {
  const { reason, support } = error
  return {
    reason: reason._tag,
    title: title(reason),
    detail: reason.description ?? title(reason),
    remedy: reason.remedy,
    ...(support.requestId !== undefined && { requestId: support.requestId }),
    ...(support.correlationId !== undefined && { correlationId: support.correlationId }),
    ...(reason.httpStatus !== undefined && { upstreamStatus: reason.httpStatus }),
    ...(reason.code !== undefined && { upstreamCode: reason.code }),
    ...("retryAfter" in reason &&
      reason.retryAfter !== undefined && { retryAfter: reason.retryAfter })
  }
}

/** What an error body said: three shapes are known, and front ends answer in HTML or nothing. */
export interface Said {
  readonly code?: string
  readonly description?: string
}

const decodeJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))
const isCode = Predicate.or(Predicate.isString, Predicate.isNumber)

// Each field for itself: one of another kind must not hide the others.
const fieldsOf = (json: unknown): Readonly<Record<string, unknown>> => {
  if (!Predicate.isObject(json)) return {}
  const fields: Readonly<Record<string, unknown>> = { ...json }
  // Some services put their error into an `error`.
  return fields["code"] === undefined && Predicate.isObject(fields["error"])
    ? { ...fields["error"] }
    : fields
}

const sentenceOf = (fields: Readonly<Record<string, unknown>>): string => {
  const given = [fields["description"], fields["message"]]
  return given.filter(Predicate.isString).find((text) => text !== "") ?? ""
}

/**
 * Upstream's code and sentence, from any of its error bodies, without the secrets. `code` is a number
 * or a string.
 */
export const parseErrorBody = (body: string, secrets: ReadonlyArray<string> = []): Said => {
  const fields = fieldsOf(Option.getOrUndefined(decodeJson(body)))
  const { code } = fields
  // Taken out before anything is cut: half of a secret would not be found.
  const shown = (text: string) => plain(without(text, secrets))
  const sentence = shown(sentenceOf(fields))
  return {
    ...(isCode(code) && { code: shown(String(code)).slice(0, 64) }),
    ...(sentence !== "" && { description: sentence.slice(0, 1024) })
  }
}

// Throttled is told apart by its wait.
type Answerable = Exclude<ReasonTag, "Throttled">

const notFound = {
  customers: "CustomerNotFound",
  orders: "CustomerNotFound",
  order: "OrderNotFound",
  provisioningStatus: "ProvisioningStatusNotFound",
  subscriptionProvisioningStatus: "ProvisioningStatusNotFound",
  signIn: "UnexpectedResponse"
} satisfies Record<Operation, Answerable>

const byCode: Readonly<Record<string, Answerable>> = {
  "401 10001": "MfaRequired",
  "401 900421": "MfaRequired",
  "401 900420": "WrongAudience",
  "403 20002": "NoRelationship",
  "403 900309": "ConditionalAccess",
  "403 900329": "AppOnlyNotSupported",
  "403 90000": "SignInRequired",
  "404 60003": "CustomerNotFound",
  "404 20000": "OrderNotFound",
  "404 800007": "ProvisioningStatusNotFound",
  "404 20003": "ProvisioningStatusNotFound",
  "409 800060": "OrderInProgress"
}

const byStatus: Readonly<Record<number, Answerable>> = {
  400: "InvalidRequest",
  401: "SignInRequired",
  403: "InsufficientPrivileges",
  408: "Unavailable",
  409: "Conflict"
}

/**
 * The reason of an answer that is not a success, by HTTP status and code together: codes are not
 * unique on their own. `retryAfter` is in whole seconds.
 *
 * Codes: https://learn.microsoft.com/partner-center/developer/error-codes
 */
export const fromAnswer = (
  operation: Operation,
  answer: { readonly status: number; readonly retryAfter?: number | undefined } & Said
): Reason => {
  const { code, description, retryAfter, status } = answer
  const given = {
    httpStatus: status,
    ...(code !== undefined && { code }),
    ...(description !== undefined && { description })
  }
  if (status === 429) return make({ _tag: "Throttled", ...given, retryAfter: retryAfter ?? 1 })
  const tag =
    byCode[`${status} ${code}`] ??
    (status === 404 ? notFound[operation] : byStatus[status]) ??
    (status >= 500 && status <= 599 ? "Unavailable" : "UnexpectedResponse")
  return make(
    tag === "Unavailable" && retryAfter !== undefined
      ? { _tag: tag, ...given, retryAfter }
      : { _tag: tag, ...given }
  )
}
