// What Microsoft's login says when it refuses: which state of affairs that is, and what to do.
import { Duration, Option, Schema } from "effect"
import { seconds } from "./internal/attempts.ts"
import type { Exchange } from "./internal/exchange.ts"
import { byNumber, byWord } from "./Login/remedies.ts"
import { plain, without } from "./text.ts"
import { make } from "./PartnerCenterError.ts"
import type { Reason } from "./PartnerCenterError.ts"
import type { Support } from "./Support.ts"

const Said = Schema.Struct({
  error: Schema.String,
  error_description: Schema.optionalKey(Schema.String),
  error_codes: Schema.optionalKey(Schema.Array(Schema.Finite)),
  correlation_id: Schema.optionalKey(Schema.String),
  trace_id: Schema.optionalKey(Schema.String)
})
const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Said))
const decodeRedirect = Schema.decodeUnknownOption(
  Schema.Struct({ error: Said.fields.error, error_description: Said.fields.error_description })
)

export interface Refusal {
  readonly reason: Reason
  readonly support: Support
  /** OAuth's word for it, such as `authorization_pending`. */
  readonly word?: string
}

/**
 * The reason and the login's own ids of an answer that is not 200, without the secrets.
 *
 * The codes may change by the vendor's word, so an unknown one is `SignInRequired` with what was said.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const refusal = (
  answer: Exchange,
  floor: Duration.Duration | undefined,
  secrets: ReadonlyArray<string>
): Refusal => judged(Option.getOrUndefined(decode(answer.body)), secrets, answer.status, floor)

/** What a redirect back to us says in its query instead of giving a code; none where it says nothing. */
export const refusalInRedirect = (
  answer: Readonly<Record<string, string>>,
  secrets: ReadonlyArray<string>
): Option.Option<Refusal> => Option.map(decodeRedirect(answer), (said) => judged(said, secrets))

const number = /^AADSTS(\d{4,8})\b/

/** What to do about a failure of somebody else's sign-in that quotes the login in its message. */
export const refusalInWords = (message: string): Option.Option<Reason> => {
  const from = message.search(/\bAADSTS\d{4,8}\b/)
  return from < 0
    ? Option.none()
    : Option.some(
        judged({ error: "invalid_grant", error_description: message.slice(from) }, []).reason
      )
}

const judged = (
  said: typeof Said.Type | undefined,
  secrets: ReadonlyArray<string>,
  status?: number,
  floor?: Duration.Duration
): Refusal => {
  const inWords = number.exec(said?.error_description ?? "")?.[1]
  const code = said?.error_codes?.[0] ?? (inWords === undefined ? undefined : Number(inWords))
  // Taken out before anything is cut: half of a secret would not be found.
  const shown = (text: string) => plain(without(text, secrets))
  const sentence = shown((said?.error_description ?? "").split(/\r?\n| Trace ID:/)[0] ?? "")
  const given = {
    ...(status !== undefined && { httpStatus: status }),
    ...(said !== undefined && { code: code === undefined ? shown(said.error) : `AADSTS${code}` }),
    ...(sentence !== "" && { description: sentence.slice(0, 1024) })
  }
  const support: Support = {
    ...(said?.trace_id !== undefined && { requestId: shown(said.trace_id) }),
    ...(said?.correlation_id !== undefined && { correlationId: shown(said.correlation_id) })
  }
  return {
    support,
    reason: reasonOf(said?.error, code, given, floor),
    ...(said !== undefined && { word: said.error })
  }
}

const reasonOf = (
  word: string | undefined,
  code: number | undefined,
  given: { readonly httpStatus?: number; readonly code?: string; readonly description?: string },
  floor: Duration.Duration | undefined
): Reason => {
  const { httpStatus: status = 0 } = given
  const known =
    (code === undefined ? undefined : byNumber.get(code)) ??
    (status === 429 || status === 408 || status >= 500 ? undefined : byWord.get(word ?? ""))
  if (known !== undefined && known.tag !== "Unavailable") {
    const { remedy, tag } = known
    return make({ _tag: tag, ...given, ...(remedy !== undefined && { remedy }) })
  }
  if (status === 429) {
    return make({ _tag: "Throttled", ...given, retryAfter: seconds(floor ?? Duration.seconds(1)) })
  }
  if (status === 408 || status >= 500 || known !== undefined) {
    return make({
      _tag: "Unavailable",
      ...given,
      description: given.description ?? "Microsoft's login could not answer",
      ...(floor !== undefined && { retryAfter: seconds(floor) })
    })
  }
  if (word === undefined) {
    return make({
      _tag: "UnexpectedResponse",
      ...given,
      description: "the login's answer is not one of Microsoft's",
      remedy: "Check the login address and proxies."
    })
  }
  return make({ _tag: "SignInRequired", ...given })
}
