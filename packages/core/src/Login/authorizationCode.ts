// Signing in in a browser: the page to open, and the code that it sends back against tokens.
import { Effect, Option, Redacted } from "effect"
import * as UrlParams from "effect/http/UrlParams"
import { attempts } from "../internal/attempts.ts"
import { signInFailed } from "../internal/signIn.ts"
import { refusalInRedirect } from "../LoginRefusal.ts"
import { PartnerCenterError } from "../PartnerCenterError.ts"
import { tokensIn } from "./endpoint.ts"
import type { Endpoint } from "./endpoint.ts"
import { challengeOf, same, unguessable } from "./pkce.ts"

export interface AuthorizationOptions {
  /** Where the browser comes back to, as the app registration has it: `http://localhost` and any port. */
  readonly redirectUri: string
  /** Asks for multi-factor authentication though no policy does (`amr_values=mfa`). Default false. */
  readonly requireMfa?: boolean | undefined
}

/** One sign-in in a browser, to be kept until it comes back. */
export interface Authorization {
  /** The page to open. It holds no secret but the state, which only tells sign-ins apart. */
  readonly url: string
  readonly state: Redacted.Redacted
  readonly verifier: Redacted.Redacted
  readonly redirectUri: string
}

export const authorize = Effect.fnUntraced(function* (
  endpoint: Endpoint,
  options: AuthorizationOptions
) {
  const [state, verifier] = yield* Effect.all([unguessable, unguessable])
  const query = UrlParams.toString({
    ...endpoint.app,
    response_type: "code",
    redirect_uri: options.redirectUri,
    response_mode: "query",
    state: Redacted.value(state),
    code_challenge: yield* challengeOf(verifier),
    code_challenge_method: "S256",
    ...(options.requireMfa === true && { amr_values: "mfa" })
  })
  return {
    // A plus is a space in forms only; a literal one is escaped.
    url: `${endpoint.authorizeUrl}?${query.replaceAll("+", "%20")}`,
    state,
    verifier,
    redirectUri: options.redirectUri
  } satisfies Authorization
})

export const redeem = Effect.fnUntraced(function* (
  endpoint: Endpoint,
  { redirectUri, state, verifier }: Authorization,
  answer: Readonly<Record<string, string>>
) {
  if (!same(state, answer["state"] ?? "")) return yield* foreign
  const refused = refusalInRedirect(answer, [state, verifier].map(Redacted.value))
  if (Option.isSome(refused)) {
    const { reason, support } = refused.value
    return yield* new PartnerCenterError({ operation: "signIn", reason, support })
  }
  const code = answer["code"] ?? ""
  if (code === "") return yield* empty
  const granted = yield* attempts(
    endpoint.grant({
      fields: { grant_type: "authorization_code", redirect_uri: redirectUri },
      secrets: { code: Redacted.make(code), code_verifier: verifier }
    })
  )
  return yield* tokensIn(granted)
})

const foreign = signInFailed({
  _tag: "SignInRequired",
  description: "the browser came back from another sign-in than the one begun here",
  remedy: "Begin the sign-in again, and use only the page that it opens."
})

const empty = signInFailed({
  _tag: "UnexpectedResponse",
  description: "the browser came back with neither a code nor an error",
  remedy: "Begin the sign-in again; if it happens again, check the app's redirect address."
})
