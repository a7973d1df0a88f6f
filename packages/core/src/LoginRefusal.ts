// What Microsoft's login says when it refuses: which state of affairs that is, and what to do.
import { Duration, Option, Schema } from "effect"
import { seconds } from "./internal/attempts.ts"
import type { Exchange } from "./internal/exchange.ts"
import { plain, without } from "./text.ts"
import { make } from "./PartnerCenterError.ts"
import type { Reason, ReasonTag } from "./PartnerCenterError.ts"
import type { Support } from "./Support.ts"

const Refusal = Schema.fromJsonString(
  Schema.Struct({
    error: Schema.String,
    error_description: Schema.optionalKey(Schema.String),
    error_codes: Schema.optionalKey(Schema.Array(Schema.Finite)),
    correlation_id: Schema.optionalKey(Schema.String),
    trace_id: Schema.optionalKey(Schema.String)
  })
)
const decode = Schema.decodeUnknownOption(Refusal)

type Tag = Extract<ReasonTag, "SignInRequired" | "MfaRequired" | "ConditionalAccess">

const remedies: ReadonlyArray<readonly [codes: ReadonlyArray<number>, tag: Tag, remedy?: string]> =
  [
    [[50072, 50074, 50076, 50078, 50079, 50158], "MfaRequired"],
    [[50131, 53000, 53001, 53003, 530034, 530035], "ConditionalAccess"],
    [
      [50058, 50089, 50132, 50133, 50173],
      "SignInRequired",
      "The session was ended: sign in again."
    ],
    [
      [70008, 70043, 700082, 700084],
      "SignInRequired",
      "The refresh token has expired (90 days without use, or by policy): sign in again."
    ],
    [
      [65001, 65004],
      "SignInRequired",
      "Let an administrator of the partner's tenant consent to the app, then sign in again."
    ],
    [
      [50001, 500011, 650052, 650056, 650057],
      "SignInRequired",
      "Add the Partner Center API to the app registration's permissions, and check the cloud setting."
    ],
    [
      [700011, 700016],
      "SignInRequired",
      "Check PARTNER_CENTER_CLIENT_ID and PARTNER_CENTER_TENANT_ID: the tenant has no such app."
    ],
    [[90002, 900023], "SignInRequired", "Check PARTNER_CENTER_TENANT_ID: there is no such tenant."],
    [
      [7000215, 7000222],
      "SignInRequired",
      "The client secret is wrong or has expired: set a new one."
    ],
    [[700025], "SignInRequired", "The app is a public client: unset PARTNER_CENTER_CLIENT_SECRET."],
    [
      [7000218],
      "SignInRequired",
      "The app is no public client: set its secret or its certificate."
    ],
    [
      [700027],
      "SignInRequired",
      "The client certificate does not belong to the app: check PARTNER_CENTER_CLIENT_CERTIFICATE_FILE."
    ],
    [
      [50020, 50034],
      "SignInRequired",
      "The user is not of the partner's tenant: sign in with one who is."
    ],
    [
      [50053, 50055, 50056, 50057, 50126],
      "SignInRequired",
      "The user's account is locked, disabled or its password has expired: see to it, then sign in."
    ],
    [[50105], "SignInRequired", "Let an administrator assign the user to the app."],
    [
      [50194],
      "SignInRequired",
      "The app is single-tenant: set PARTNER_CENTER_TENANT_ID to its tenant."
    ],
    [
      [50196],
      "SignInRequired",
      "The login sees a request loop: stop, wait some minutes, sign in again."
    ],
    [
      [9002327],
      "SignInRequired",
      "The refresh token belongs to a single-page app: sign in with this app instead."
    ]
  ]

const byCode = new Map(
  remedies.flatMap(([codes, tag, remedy]) => codes.map((code) => [code, { tag, remedy }] as const))
)

const mfaErrors: ReadonlyArray<string> = ["interaction_required"]

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
): { readonly reason: Reason; readonly support: Support } => {
  const { status } = answer
  const said = Option.getOrUndefined(decode(answer.body))
  const inWords = /^AADSTS(\d{4,8})\b/.exec(said?.error_description ?? "")?.[1]
  const code = said?.error_codes?.[0] ?? (inWords === undefined ? undefined : Number(inWords))
  // Taken out before anything is cut: half of a secret would not be found.
  const shown = (text: string) => plain(without(text, secrets))
  const sentence = shown((said?.error_description ?? "").split(/\r?\n| Trace ID:/)[0] ?? "")
  const given = {
    httpStatus: status,
    ...(said !== undefined && { code: code === undefined ? shown(said.error) : `AADSTS${code}` }),
    ...(sentence !== "" && { description: sentence.slice(0, 1024) })
  }
  const support: Support = {
    ...(said?.trace_id !== undefined && { requestId: shown(said.trace_id) }),
    ...(said?.correlation_id !== undefined && { correlationId: shown(said.correlation_id) })
  }
  return { support, reason: reasonOf(status, said?.error, code, given, floor) }
}

const reasonOf = (
  status: number,
  error: string | undefined,
  code: number | undefined,
  given: { readonly httpStatus: number; readonly code?: string; readonly description?: string },
  floor: Duration.Duration | undefined
): Reason => {
  const known = code === undefined ? undefined : byCode.get(code)
  if (known !== undefined) {
    return make({
      _tag: known.tag,
      ...given,
      ...(known.remedy !== undefined && { remedy: known.remedy })
    })
  }
  if (status === 429) {
    return make({ _tag: "Throttled", ...given, retryAfter: seconds(floor ?? Duration.seconds(1)) })
  }
  if (status === 408 || status >= 500 || error === "temporarily_unavailable") {
    return make({
      _tag: "Unavailable",
      ...given,
      description: given.description ?? "Microsoft's login could not answer",
      ...(floor !== undefined && { retryAfter: seconds(floor) })
    })
  }
  if (error === undefined) {
    return make({
      _tag: "UnexpectedResponse",
      ...given,
      description: "the login's answer is not one of Microsoft's",
      remedy: "Check the login address and proxies."
    })
  }
  return make({ _tag: mfaErrors.includes(error) ? "MfaRequired" : "SignInRequired", ...given })
}
