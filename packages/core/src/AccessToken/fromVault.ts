// Access tokens by the vault's refresh token. A rotated one is saved before the new access token is used.
import { DateTime, Effect, Option } from "effect"
import { CredentialVault } from "../CredentialVault.ts"
import type { Entry, Save } from "../CredentialVault.ts"
import { owner } from "../internal/owner.ts"
import { signInFailed, vaultFailed } from "../internal/signIn.ts"
import { Login } from "../Login.ts"
import type { Tokens } from "../Login.ts"
import * as Metrics from "../Metrics.ts"
import { held, lasts } from "./held.ts"
import type { IsRefused, Token } from "./held.ts"

export const fromVault = Effect.gen(function* () {
  const vault = yield* CredentialVault
  const login = yield* Login
  const mine = yield* owner

  const renew = Effect.fnUntraced(function* (
    stored: Option.Option<Entry>,
    save: Save,
    isRefused: IsRefused
  ) {
    const now = yield* DateTime.now
    const entry: Entry = Option.getOrElse(stored, () => ({}))
    const kept = entry.accessToken
    if (kept !== undefined && !isRefused(kept) && lasts(entry.expiresAt, now)) {
      return { value: kept, expiresAt: entry.expiresAt } satisfies Token
    }
    if (entry.refreshToken === undefined) return yield* signInRequired(kept !== undefined)
    const tokens = yield* Effect.interruptible(Metrics.refreshed(login.refresh(entry.refreshToken)))
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

  const { drop, get, invalidate } = yield* held((isRefused) =>
    vault
      .modify(mine, (stored, save) => renew(stored, save, isRefused))
      .pipe(Effect.catchTag("VaultError", (failed) => Effect.fail(vaultFailed(failed))))
  )

  const signedIn = Effect.fn("AccessToken.signedIn")(function* (tokens: Tokens) {
    yield* vault.modify(
      mine,
      Effect.fnUntraced(function* (stored, save) {
        const now = yield* DateTime.now
        const seed = Option.getOrUndefined(stored)?.seed
        // Nothing else of the former entry stays: it may have been another user's.
        yield* save({
          ...(seed !== undefined && { seed }),
          refreshToken: tokens.refreshToken,
          accessToken: tokens.accessToken,
          expiresAt: DateTime.addDuration(now, tokens.expiresIn),
          signedInAt: now,
          refreshedAt: now
        })
      }, Effect.uninterruptible)
    )
  }, Effect.ensuring(drop))

  return {
    get,
    invalidate,
    signedIn,
    signOut: Effect.suspend(() => vault.remove(mine)).pipe(
      Effect.ensuring(drop),
      Effect.withSpan("AccessToken.signOut")
    )
  }
})

const signInRequired = (hadAccessToken: boolean) =>
  hadAccessToken
    ? signInFailed({
        _tag: "SignInRequired",
        description:
          "the access token is no longer accepted, and there is no refresh token to renew it"
      })
    : signInFailed({
        _tag: "SignInRequired",
        description: "there is no credential",
        remedy: "Sign in, or set PARTNER_CENTER_REFRESH_TOKEN to the user's refresh token."
      })
