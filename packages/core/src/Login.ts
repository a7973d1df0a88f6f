// The conversation with Microsoft's login: a refresh token against an access token.
import { Clock, Context, Duration, Effect, Layer, Redacted, Schema } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { Cloud } from "./Cloud.ts"
import { Credential } from "./Credential.ts"
import { askedWait, AttemptFailed, attempts, isTransientStatus } from "./internal/attempts.ts"
import { canRepeat, exchange, untrustedRemedy } from "./internal/exchange.ts"
import type { Exchange } from "./internal/exchange.ts"
import { refusal } from "./LoginRefusal.ts"
import * as Operation from "./Operation.ts"
import { make, PartnerCenterError } from "./PartnerCenterError.ts"
import type { Support } from "./Support.ts"

/** What the login gives for a grant. */
export interface Tokens {
  readonly accessToken: Redacted.Redacted
  /** How long the access token lasts, from when it was asked for. Typically about an hour. */
  readonly expiresIn: Duration.Duration
  /** The rotated refresh token. Some answers have none: the old one stays good. */
  readonly refreshToken?: Redacted.Redacted | undefined
}

export interface LoginOptions {
  /** How long one attempt may take. Default 10 seconds. */
  readonly attemptTimeout?: Duration.Input | undefined
}

// v1 endpoints write numbers as strings, v2 as numbers.
const TokenResponse = Schema.fromJsonString(
  Schema.Struct({
    // What no header can carry is no token.
    access_token: Schema.RedactedFromValue(
      Schema.String.check(Schema.isPattern(/^[\u0021-\u007e]+$/))
    ),
    expires_in: Schema.Union([Schema.Finite, Schema.FiniteFromString]),
    refresh_token: Schema.optionalKey(Schema.RedactedFromValue(Schema.NonEmptyString))
  })
)
const decodeTokens = Schema.decodeUnknownOption(TokenResponse)

/**
 * Microsoft's token endpoint, v2.0.
 *
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#refresh-the-access-token
 */
export class Login extends Context.Service<
  Login,
  {
    /** Exchanges a refresh token. Fails with `SignInRequired`, `MfaRequired` or `ConditionalAccess`
     * where the login refuses it, `Unavailable` where it does not answer. */
    readonly refresh: (refreshToken: Redacted.Redacted) => Effect.Effect<Tokens, PartnerCenterError>
  }
>()("@orderwatch/core/Login") {
  static readonly layer = (
    options: LoginOptions = {}
  ): Layer.Layer<Login, never, Cloud | Credential | HttpClient.HttpClient> =>
    Layer.effect(Login, makeLogin(options))
}

const makeLogin = Effect.fnUntraced(function* (options: LoginOptions) {
  const client = yield* HttpClient.HttpClient
  const cloud = yield* Cloud
  const credential = yield* Credential
  const timeout = Duration.fromInputUnsafe(options.attemptTimeout ?? "10 seconds")
  const endpoint = `${cloud.loginUrl}/${encodeURIComponent(credential.tenantId)}/oauth2/v2.0/token`

  const proof = Effect.gen(function* () {
    switch (credential.proof._tag) {
      case "None":
        return {}
      case "Secret":
        return { client_secret: credential.proof.secret }
      case "Assertion": {
        const assertion = yield* Effect.mapError(credential.proof.sign(endpoint), (failed) =>
          failure({
            _tag: "SignInRequired",
            description: failed.message,
            remedy: "Check the client certificate and its key."
          })
        )
        return { client_assertion: assertion }
      }
    }
  })

  const send = Effect.fnUntraced(function* (
    fields: Record<string, string>,
    secrets: Record<string, Redacted.Redacted>
  ) {
    const operation = yield* Operation.Current
    const values = Object.entries(secrets).map(([name, secret]) => [name, Redacted.value(secret)])
    const request = HttpClientRequest.post(endpoint).pipe(
      HttpClientRequest.acceptJson,
      HttpClientRequest.setHeaders(
        operation === undefined ? {} : { "client-request-id": operation.correlationId }
      ),
      HttpClientRequest.bodyUrlParams({ ...fields, ...Object.fromEntries(values) })
    )
    const answer = yield* exchange(client, request, { timeout, propagateTrace: false }).pipe(
      Effect.mapError(
        (none) =>
          new AttemptFailed({
            error: failure({
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
    if (answer.status === 200) return answer
    const now = yield* Clock.currentTimeMillis
    const floor = askedWait(answer, now)
    return yield* new AttemptFailed({
      error: refused(
        answer,
        values.map(([, value]) => value ?? ""),
        floor
      ),
      again: isTransientStatus(answer.status),
      floor
    })
  })

  const refresh = Effect.fn("Login.refresh")(function* (refreshToken: Redacted.Redacted) {
    const answer = yield* attempts(
      Effect.flatMap(
        Effect.mapError(proof, (error) => new AttemptFailed({ error, again: false })),
        (secrets) =>
          send(
            {
              grant_type: "refresh_token",
              client_id: credential.clientId,
              scope: `${cloud.audience}/.default offline_access openid`,
              ...("client_assertion" in secrets && {
                client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
              })
            },
            { refresh_token: refreshToken, ...secrets }
          )
      )
    )
    const tokens = decodeTokens(answer.body)
    if (tokens._tag === "None") {
      return yield* failure({
        _tag: "UnexpectedResponse",
        httpStatus: answer.status,
        description: "the login's answer holds no token",
        remedy: "Check the login address and proxies."
      })
    }
    const { access_token, expires_in, refresh_token } = tokens.value
    return {
      accessToken: access_token,
      expiresIn: Duration.seconds(Math.max(0, expires_in)),
      refreshToken: refresh_token
    }
  })

  return Login.of({ refresh })
})

type Given = Parameters<typeof make>[0]

const failure = (reason: Given, support: Support = {}) =>
  new PartnerCenterError({ operation: "signIn", reason: make(reason), support })

const refused = (
  answer: Exchange,
  secrets: ReadonlyArray<string>,
  floor: Duration.Duration | undefined
): PartnerCenterError =>
  new PartnerCenterError({ operation: "signIn", ...refusal(answer, floor, secrets) })
