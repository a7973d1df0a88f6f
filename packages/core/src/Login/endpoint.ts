// Asking the login: a form with the app's proof, sent to the tenant's endpoints; the tokens in its answer.
import { Clock, Duration, Effect, Redacted, Schema } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { Cloud } from "../Cloud.ts"
import { Credential } from "../Credential.ts"
import { askedWait, AttemptFailed, isTransientStatus } from "../internal/attempts.ts"
import { debug } from "../internal/debug.ts"
import { canRepeat, exchange, untrustedRemedy } from "../internal/exchange.ts"
import type { Exchange } from "../internal/exchange.ts"
import { makeLimited } from "../internal/limited.ts"
import { signInFailed } from "../internal/signIn.ts"
import { refusal } from "../LoginRefusal.ts"
import * as Operation from "../Operation.ts"
import { PartnerCenterError } from "../PartnerCenterError.ts"
import { visible } from "../text.ts"

/** What the login gives for a grant. */
export interface Tokens {
  readonly accessToken: Redacted.Redacted
  /** How long the access token lasts, from when it was asked for. Typically about an hour. */
  readonly expiresIn: Duration.Duration
  /** The rotated refresh token. Some answers have none: the old one stays good. */
  readonly refreshToken?: Redacted.Redacted | undefined
  /** Who signed in, as a JWT. Nothing here relies on it. */
  readonly idToken?: Redacted.Redacted | undefined
}

export interface Form {
  readonly fields: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, Redacted.Redacted>>
}

// v1 endpoints write numbers as strings, v2 as numbers.
export const Seconds = Schema.Union([Schema.Finite, Schema.FiniteFromString])

const TokenResponse = Schema.fromJsonString(
  Schema.Struct({
    // What no header can carry is no token.
    access_token: Schema.RedactedFromValue(Schema.String.check(Schema.isPattern(visible))),
    expires_in: Seconds,
    refresh_token: Schema.optionalKey(Schema.RedactedFromValue(Schema.NonEmptyString)),
    id_token: Schema.optionalKey(Schema.RedactedFromValue(Schema.NonEmptyString))
  })
)
const decodeTokens = Schema.decodeUnknownOption(TokenResponse)

export type Endpoint = Effect.Success<ReturnType<typeof makeEndpoint>>

export const makeEndpoint = Effect.fnUntraced(function* (timeout: Duration.Duration) {
  const client = yield* HttpClient.HttpClient
  const cloud = yield* Cloud
  const credential = yield* Credential
  const limited = yield* makeLimited
  const base = `${cloud.loginUrl}/${encodeURIComponent(credential.tenantId)}/oauth2/v2.0`
  const app = {
    client_id: credential.clientId,
    scope: `${cloud.audience}/.default offline_access openid profile`
  }

  const proof = Effect.gen(function* () {
    switch (credential.proof._tag) {
      case "None":
        return { fields: {}, secrets: {} }
      case "Secret":
        return { fields: {}, secrets: { client_secret: credential.proof.secret } }
      case "Assertion": {
        const assertion = yield* Effect.mapError(
          credential.proof.sign(`${base}/token`),
          (failed) =>
            new AttemptFailed({
              error: signInFailed({
                _tag: "SignInRequired",
                description: failed.message,
                remedy: "Check the client certificate and its key."
              }),
              again: false
            })
        )
        return {
          fields: {
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
          },
          secrets: { client_assertion: assertion }
        }
      }
    }
  })

  const send = Effect.fnUntraced(function* (path: "token" | "devicecode", form: Form) {
    const operation = yield* Operation.Current
    const values = Object.entries(form.secrets).map(
      ([name, secret]) => [name, Redacted.value(secret)] as const
    )
    const request = HttpClientRequest.post(`${base}/${path}`).pipe(
      HttpClientRequest.acceptJson,
      HttpClientRequest.setHeaders(
        operation === undefined ? {} : { "client-request-id": operation.correlationId }
      ),
      HttpClientRequest.bodyUrlParams({ ...form.fields, ...Object.fromEntries(values) })
    )
    const answer = yield* exchange(client, request, {
      timeout,
      left: Number.POSITIVE_INFINITY,
      limited,
      propagateTrace: false
    }).pipe(
      Effect.mapError(
        (none) =>
          new AttemptFailed({
            error: signInFailed({
              _tag: "Unavailable",
              description: `${cloud.loginUrl}: ${none.description}`,
              remedy:
                none.why === "certificate"
                  ? untrustedRemedy
                  : "Check the network and the way to Microsoft's login, then ask again."
            }),
            again: canRepeat(none)
          })
      )
    )
    yield* debug("answered", () => ({ operation: "signIn", status: answer.status }))
    if (answer.status === 200) return answer
    const now = yield* Clock.currentTimeMillis
    const floor = askedWait(answer, now)
    const { reason, support, word } = refusal(
      answer,
      floor,
      values.map(([, value]) => value)
    )
    return yield* new AttemptFailed({
      error: new PartnerCenterError({ operation: "signIn", reason, support }),
      again: isTransientStatus(answer.status),
      floor,
      word
    })
  })

  return {
    /** The sign-in page, and the API and permissions that every grant asks for. */
    authorizeUrl: `${base}/authorize`,
    app,
    /** One attempt at beginning a device's sign-in. The app proves itself when it asks for tokens. */
    beginDevice: send("devicecode", { fields: app, secrets: {} }),
    /** One attempt at a grant, with the app's proof: an assertion is signed anew each time. */
    grant: (form: Form): Effect.Effect<Exchange, AttemptFailed> =>
      Effect.flatMap(proof, ({ fields, secrets }) =>
        send("token", {
          fields: { ...app, ...form.fields, ...fields },
          secrets: { ...form.secrets, ...secrets }
        })
      )
  }
})

export const unexpected = (answer: Exchange, description: string): PartnerCenterError =>
  signInFailed({
    _tag: "UnexpectedResponse",
    httpStatus: answer.status,
    description,
    remedy: "Check the login address and proxies."
  })

export const tokensIn = (answer: Exchange): Effect.Effect<Tokens, PartnerCenterError> => {
  const tokens = decodeTokens(answer.body)
  if (tokens._tag === "None") {
    return Effect.fail(unexpected(answer, "the login's answer holds no token"))
  }
  const { access_token, expires_in, id_token, refresh_token } = tokens.value
  return Effect.succeed({
    accessToken: access_token,
    expiresIn: Duration.seconds(Math.max(0, expires_in)),
    refreshToken: refresh_token,
    idToken: id_token
  })
}
