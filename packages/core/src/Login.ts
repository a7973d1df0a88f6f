// The OAuth 2 conversations with Microsoft's login: a refresh token, a code entered on another device, or
// a browser's sign-in, against tokens.
import { Context, Duration, Effect, Layer } from "effect"
import type { Redacted } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type { HttpClient } from "effect/http/HttpClient"
import type { Cloud } from "./Cloud.ts"
import type { Credential } from "./Credential.ts"
import { attempts } from "./internal/attempts.ts"
import { authorize, redeem } from "./Login/authorizationCode.ts"
import type { Authorization, AuthorizationOptions } from "./Login/authorizationCode.ts"
import { awaitDevice, beginDevice } from "./Login/deviceCode.ts"
import type { DeviceCode } from "./Login/deviceCode.ts"
import { makeEndpoint, tokensIn } from "./Login/endpoint.ts"
import type { Tokens } from "./Login/endpoint.ts"
import * as Operation from "./Operation.ts"
import type { PartnerCenterError } from "./PartnerCenterError.ts"

export type { Authorization, AuthorizationOptions, DeviceCode, Tokens }

export interface LoginOptions {
  /** How long one attempt may take. Default 10 seconds. */
  readonly attemptTimeout?: Duration.Input | undefined
}

/**
 * The tenant's endpoints of Microsoft's login, v2.0. Every grant carries the app's proof.
 *
 * All fail with `SignInRequired`, `MfaRequired` or `ConditionalAccess` where the login refuses, with
 * `Unavailable` or `Throttled` where it does not answer, with `UnexpectedResponse` where something else
 * does.
 */
export class Login extends Context.Service<
  Login,
  {
    /**
     * Exchanges a refresh token.
     *
     * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#refresh-the-access-token
     */
    readonly refresh: (refreshToken: Redacted.Redacted) => Effect.Effect<Tokens, PartnerCenterError>
    /**
     * Begins a sign-in on another device. The app must allow public client flows.
     *
     * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
     */
    readonly deviceCode: Effect.Effect<DeviceCode, PartnerCenterError>
    /**
     * Asks until somebody has entered the code, as often as the login allows, and rides out its
     * failures; at the latest until the code expires by the clock. Interruption ends it.
     *
     * https://www.rfc-editor.org/rfc/rfc8628#section-3.5
     */
    readonly awaitDeviceCode: (code: DeviceCode) => Effect.Effect<Tokens, PartnerCenterError>
    /**
     * A sign-in for a browser, with its own state and proof key (PKCE, S256).
     *
     * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
     */
    readonly authorization: (options: AuthorizationOptions) => Effect.Effect<Authorization>
    /**
     * Redeems what the browser brought back: the fields of the redirect's query. Nothing in it is
     * believed before its state is ours.
     */
    readonly exchangeCode: (
      authorization: Authorization,
      answer: Readonly<Record<string, string>>
    ) => Effect.Effect<Tokens, PartnerCenterError>
  }
>()("@orderwatch/core/Login") {
  static readonly layer = (
    options: LoginOptions = {}
  ): Layer.Layer<Login, never, Cloud | Credential | HttpClient> =>
    Layer.effect(Login, makeLogin(options)).pipe(
      Layer.provide([Digest.layerWebCrypto, SecureRandom.layerWebCrypto])
    )
}

// What a person waits for without having named a deadline.
const limit = Duration.seconds(60)

const makeLogin = Effect.fnUntraced(function* (options: LoginOptions) {
  const endpoint = yield* makeEndpoint(
    Duration.fromInputUnsafe(options.attemptTimeout ?? "10 seconds")
  )
  const crypto = yield* Effect.context<Digest.Digest | SecureRandom.SecureRandom>()

  const refresh = Effect.fn("Login.refresh")(function* (refreshToken: Redacted.Redacted) {
    const granted = yield* attempts(
      endpoint.grant({
        fields: { grant_type: "refresh_token" },
        secrets: { refresh_token: refreshToken }
      })
    )
    return yield* tokensIn(granted)
  })

  return Login.of({
    refresh,
    deviceCode: beginDevice(endpoint).pipe(
      Operation.within(limit),
      Effect.withSpan("Login.deviceCode")
    ),
    awaitDeviceCode: Effect.fn("Login.awaitDeviceCode")(
      (code: DeviceCode) => awaitDevice(endpoint, code),
      // One id for all of its requests; the code's own expiry ends it.
      Operation.within(Duration.infinity)
    ),
    authorization: Effect.fn("Login.authorization")((options: AuthorizationOptions) =>
      Effect.provideContext(authorize(endpoint, options), crypto)
    ),
    exchangeCode: Effect.fn("Login.exchangeCode")(
      (authorization: Authorization, answer: Readonly<Record<string, string>>) =>
        redeem(endpoint, authorization, answer),
      Operation.within(limit)
    )
  })
})
