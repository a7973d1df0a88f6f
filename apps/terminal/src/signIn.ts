// Signs a user in, by browser or by a code, and keeps the credential in the vault: for `login` and for the
// full-screen interface, which tell of it in their own ways.
import { AccessToken } from "@orderwatch/core/AccessToken"
import { Login } from "@orderwatch/core/Login"
import type { DeviceCode, Tokens } from "@orderwatch/core/Login"
import type { SettingsShape } from "@orderwatch/runtime/Settings"
import { forSignIn, ready } from "@orderwatch/runtime/vaults/choose"
import { Duration, Effect } from "effect"
import { openBrowser } from "./browser.ts"
import { SignInFailed, UsageError } from "./failure.ts"
import { listen } from "./redirect.ts"

// How long a browser is waited for.
const patience = Duration.minutes(10)

/** Signs in in a browser on this machine; `tell` gets the address, and whether a browser was opened. */
export const byBrowser = Effect.fnUntraced(function* <R>(
  tell: (url: string, isOpen: boolean) => Effect.Effect<void, never, R>
) {
  const login = yield* Login
  const redirect = yield* listen
  const authorization = yield* login.authorization({
    redirectUri: redirect.redirectUri,
    requireMfa: true
  })
  yield* tell(authorization.url, yield* openBrowser(authorization.url))
  const answer = yield* redirect.answer.pipe(
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () =>
        Effect.fail(
          new SignInFailed({
            message: "nobody has signed in for 10 minutes: run orderwatch login again."
          })
        )
    })
  )
  return yield* login.exchangeCode(authorization, answer)
})

/** Signs in on another device; `tell` gets the code to enter there. */
export const byDeviceCode = Effect.fnUntraced(function* <R>(
  tell: (code: DeviceCode) => Effect.Effect<void, never, R>
) {
  const login = yield* Login
  const code = yield* login.deviceCode
  yield* tell(code)
  return yield* login.awaitDeviceCode(code)
})

/** What was given for a sign-in is kept, whatever interrupts in between. */
export const keep = <E, R>(tokens: Effect.Effect<Tokens, E, R>) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(AccessToken, ({ signedIn }) => Effect.flatMap(restore(tokens), signedIn))
  )

/** The settings with a vault that a sign-in can be kept in: nobody should sign in for nothing. */
export const keepable = Effect.fnUntraced(function* (read: SettingsShape) {
  const vault = forSignIn(read.vault)
  if (vault === undefined) {
    return yield* new UsageError({
      message:
        "a sign-in cannot be kept with ORDERWATCH_VAULT=env: unset it, or set ORDERWATCH_VAULT=file."
    })
  }
  yield* ready(vault, {
    loginUrl: read.cloud.loginUrl,
    tenantId: read.credential.tenantId,
    clientId: read.credential.clientId
  })
  const notices =
    read.seed.accessToken === undefined
      ? []
      : ["PARTNER_CENTER_ACCESS_TOKEN in the environment is used before this sign-in: unset it."]
  // The vault is told of the environment's refresh token, so as to know that this sign-in is newer.
  return { ...read, vault, notices, seed: { refreshToken: read.seed.refreshToken } }
})
