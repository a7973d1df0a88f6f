// The access token: one sign-in for however many ask, renewed early, dropped when it was refused.
import { Context, DateTime, Duration, Effect, Exit, Layer, Option, Redacted } from "effect"
import { Cloud } from "./Cloud.ts"
import { Credential } from "./Credential.ts"
import { CredentialVault } from "./CredentialVault.ts"
import type { Entry, Owner, Save } from "./CredentialVault.ts"
import { Login } from "./Login.ts"
import * as Operation from "./Operation.ts"
import { make, PartnerCenterError } from "./PartnerCenterError.ts"

/** A bearer token and when it ends, where that is known. */
export interface Token {
  readonly value: Redacted.Redacted
  readonly expiresAt?: DateTime.Utc | undefined
}

// Renewed that early; a token that lives for less than twice that is renewed at half its life.
const early = Duration.minutes(2)
// A sign-in serves everybody who waits for it, so it does not end with the one who asked first.
const signInLimit = Duration.seconds(60)

export class AccessToken extends Context.Service<
  AccessToken,
  {
    /** A token that is good for now. Fails with the login's reasons. */
    readonly get: Effect.Effect<Token, PartnerCenterError>
    /** Drops that token, which was refused. Another one that came in the meantime stays. */
    readonly invalidate: (token: Token) => Effect.Effect<void>
  }
>()("@orderwatch/core/AccessToken") {
  /** From the vault's refresh token. A rotated one is saved before the new access token is used. */
  static readonly layer: Layer.Layer<
    AccessToken,
    never,
    Cloud | Credential | CredentialVault | Login
  > = Layer.effect(
    AccessToken,
    Effect.suspend(() => fromVault)
  )
}

const fromVault = Effect.gen(function* () {
  const vault = yield* CredentialVault
  const login = yield* Login
  const cloud = yield* Cloud
  const { clientId, tenantId } = yield* Credential
  const owner: Owner = { loginUrl: cloud.loginUrl, tenantId, clientId }
  let refused: string | undefined
  let latest: Token | undefined

  const renew = Effect.fnUntraced(function* (stored: Option.Option<Entry>, save: Save) {
    const now = yield* DateTime.now
    const entry: Entry = Option.getOrElse(stored, () => ({}))
    const kept = entry.accessToken
    if (kept !== undefined && Redacted.value(kept) !== refused && lasts(entry, now)) {
      return { value: kept, expiresAt: entry.expiresAt } satisfies Token
    }
    if (entry.refreshToken === undefined) return yield* signInRequired(kept !== undefined)
    const tokens = yield* Effect.interruptible(login.refresh(entry.refreshToken))
    const token: Token = {
      value: tokens.accessToken,
      expiresAt: DateTime.addDuration(now, tokens.expiresIn)
    }
    yield* save({
      ...entry,
      refreshToken: tokens.refreshToken ?? entry.refreshToken,
      accessToken: token.value,
      expiresAt: token.expiresAt,
      refreshedAt: now
    }).pipe(
      Effect.catch((failed) =>
        Effect.logWarning(`the renewed sign-in could not be saved: ${failed.message}`)
      )
    )
    return token
  }, Effect.uninterruptible)

  const acquire = vault.modify(owner, renew).pipe(
    Effect.catchTag("VaultError", (failed) =>
      Effect.fail(failure(failed.message, "Mend the credential vault, or sign in again."))
    ),
    Effect.flatMap(timed),
    Effect.tap(({ token }) => Effect.sync(() => (latest = token))),
    Operation.separate(signInLimit),
    Effect.withSpan("AccessToken.acquire")
  )

  const [get, drop] = yield* Effect.cachedInvalidateWithTTL(acquire, (exit) =>
    Exit.isSuccess(exit) ? exit.value.goodFor : Duration.zero
  )

  return AccessToken.of({
    get: Effect.map(get, ({ token }) => token),
    invalidate: (token) =>
      Effect.suspend(() => {
        const value = Redacted.value(token.value)
        // A late refusal of an older token says nothing of the one in use.
        if (latest === undefined || Redacted.value(latest.value) !== value) return Effect.void
        refused = value
        // The next to bring the same token must not end the renewal that this one begins.
        latest = undefined
        return drop
      })
  })
})

const left = (now: DateTime.Utc, expiresAt: DateTime.Utc | undefined): Duration.Duration =>
  expiresAt === undefined
    ? Duration.infinity
    : Duration.max(DateTime.distance(now, expiresAt), Duration.zero)

const lasts = (entry: Entry, now: DateTime.Utc): boolean =>
  Duration.isGreaterThan(left(now, entry.expiresAt), early)

// How long the token is handed out before it is renewed.
const timed = (token: Token) =>
  Effect.map(DateTime.now, (now) => {
    const life = left(now, token.expiresAt)
    const margin = Duration.min(early, Duration.times(life, 0.5))
    return { token, goodFor: Duration.subtract(life, margin) }
  })

const failure = (description: string, remedy?: string) =>
  new PartnerCenterError({
    operation: "signIn",
    reason: make({ _tag: "SignInRequired", description, ...(remedy !== undefined && { remedy }) }),
    support: {}
  })

const signInRequired = (hadAccessToken: boolean) =>
  hadAccessToken
    ? failure("the access token is no longer accepted, and there is no refresh token to renew it")
    : failure(
        "there is no credential",
        "Sign in, or set PARTNER_CENTER_REFRESH_TOKEN to the user's refresh token."
      )
