// Signing in on another device: a code to enter there, and asking until that was done (RFC 8628).
import { DateTime, Duration, Effect, Redacted, Result, Schema } from "effect"
import { attempts } from "../internal/attempts.ts"
import { signInFailed } from "../internal/signIn.ts"
import type { PartnerCenterError } from "../PartnerCenterError.ts"
import { plain } from "../text.ts"
import { Seconds, tokensIn, unexpected } from "./endpoint.ts"
import type { Endpoint } from "./endpoint.ts"
import { codeExpired } from "./remedies.ts"

/** What to show to whoever signs in on another device, and what to wait with meanwhile. */
export interface DeviceCode {
  /** To be entered at `verificationUri`. */
  readonly userCode: string
  readonly verificationUri: string
  readonly deviceCode: Redacted.Redacted
  /** Typically after 15 minutes. */
  readonly expiresAt: DateTime.Utc
  /** How often the login may be asked, at most. */
  readonly interval: Duration.Duration
  /** The instruction as one sentence, in Microsoft's words where it gives them. */
  readonly message: string
}

const shown = Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(1024)))

const DeviceResponse = Schema.fromJsonString(
  Schema.Struct({
    device_code: Schema.RedactedFromValue(Schema.NonEmptyString),
    user_code: shown,
    verification_uri: shown.check(Schema.isPattern(/^https?:\/\/[^\s]+$/i)),
    expires_in: Seconds,
    interval: Schema.optionalKey(Seconds),
    message: Schema.optionalKey(Schema.String)
  })
)
const decode = Schema.decodeUnknownOption(DeviceResponse)

// What to take where the login names no interval: RFC 8628 §3.2.
const usual = 5

export const beginDevice = Effect.fnUntraced(function* (endpoint: Endpoint) {
  const now = yield* DateTime.now
  const answer = yield* attempts(endpoint.beginDevice)
  const given = decode(answer.body)
  if (given._tag === "None") {
    return yield* Effect.fail(unexpected(answer, "the login's answer holds no device code"))
  }
  const { device_code, expires_in, interval, message, user_code, verification_uri } = given.value
  const userCode = plain(user_code)
  const verificationUri = plain(verification_uri)
  return {
    userCode,
    verificationUri,
    deviceCode: device_code,
    expiresAt: DateTime.addDuration(now, Duration.seconds(Math.max(0, expires_in))),
    interval: Duration.seconds(Math.max(1, interval ?? usual)),
    message:
      plain(message ?? "").slice(0, 1024) ||
      `To sign in, open ${verificationUri} in a browser and enter the code ${userCode}.`
  } satisfies DeviceCode
})

const slower = Duration.seconds(5)
const longest = Duration.minutes(1)

export const awaitDevice = Effect.fnUntraced(function* (endpoint: Endpoint, code: DeviceCode) {
  let { interval } = code
  let wait = interval
  let trouble: PartnerCenterError | undefined
  while (true) {
    const left = DateTime.distance(yield* DateTime.now, code.expiresAt)
    if (Duration.isGreaterThanOrEqualTo(wait, left)) {
      yield* Effect.sleep(Duration.max(left, Duration.zero))
      return yield* Effect.fail(expired(trouble))
    }
    yield* Effect.sleep(wait)
    const asked = yield* Effect.result(ask(endpoint, code))
    if (Result.isSuccess(asked)) return yield* tokensIn(asked.success)
    const { again, error, floor = Duration.zero, word } = asked.failure
    trouble = undefined
    if (word === "authorization_pending") {
      wait = Duration.max(interval, floor)
    } else if (word === "slow_down") {
      interval = Duration.sum(interval, slower)
      wait = Duration.max(interval, floor)
    } else if (again || error.reason._tag === "Unavailable") {
      // RFC 8628 §3.5: less often after each time without an answer.
      const doubled = Duration.min(Duration.times(wait, 2), Duration.max(interval, longest))
      wait = Duration.max(doubled, floor)
      trouble = error
    } else {
      return yield* Effect.fail(error)
    }
  }
})

const ask = (endpoint: Endpoint, { deviceCode }: DeviceCode) =>
  endpoint.grant({
    fields: { grant_type: "urn:ietf:params:oauth:grant-type:device_code" },
    secrets: { device_code: deviceCode }
  })

const expired = (trouble: PartnerCenterError | undefined) =>
  signInFailed({
    _tag: "SignInRequired",
    description:
      trouble?.reason.description === undefined
        ? "nobody entered the code in time"
        : `the code has expired; last, the login did not answer: ${trouble.reason.description}`,
    remedy: codeExpired
  })
