// `orderwatch login`: signs a user in, once, and keeps the credential in the vault.
import { AccessToken } from "@orderwatch/core/AccessToken"
import { CredentialHealth } from "@orderwatch/core/CredentialHealth"
import { CredentialVault } from "@orderwatch/core/CredentialVault"
import { Login } from "@orderwatch/core/Login"
import { plain } from "@orderwatch/core/text"
import { forSignIn, ready } from "@orderwatch/runtime/vaults/choose"
import { DateTime, Duration, Effect, Layer, Redacted, Stdio, Stream } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { openBrowser } from "../browser.ts"
import { report, SignInFailed, UsageError } from "../failure.ts"
import { errorTheme, printError } from "../output.ts"
import { listen } from "../redirect.ts"
import { ago } from "../render/text.ts"
import { logs, notInDemo, overNetwork, settings } from "../session.ts"
import { showHealth } from "./whoami.ts"

// How long a browser is waited for.
const patience = Duration.minutes(10)

const byBrowser = Effect.gen(function* () {
  const login = yield* Login
  const theme = yield* errorTheme
  const redirect = yield* listen
  const authorization = yield* login.authorization({
    redirectUri: redirect.redirectUri,
    requireMfa: true
  })
  const isOpen = yield* openBrowser(authorization.url)
  yield* printError([
    isOpen
      ? "Sign in in the browser that has just opened. If none has, open this address:"
      : "Open this address in a browser on this machine, and sign in there:",
    "",
    authorization.url,
    "",
    theme.dim("Without a browser here: orderwatch login --device-code. Ctrl-C ends this.")
  ])
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

const byDeviceCode = Effect.gen(function* () {
  const login = yield* Login
  const theme = yield* errorTheme
  const code = yield* login.deviceCode
  const now = yield* DateTime.now
  const left = ago(now.epochMilliseconds, code.expiresAt.epochMilliseconds)
  yield* printError([
    `Open ${theme.strong(plain(code.verificationUri))} on any device and enter the code`,
    "",
    `    ${theme.strong(plain(code.userCode))}`,
    "",
    theme.dim(`It is good for ${left}. Ctrl-C ends this.`)
  ])
  return yield* login.awaitDeviceCode(code)
})

const byRefreshToken = Effect.gen(function* () {
  const login = yield* Login
  const stdio = yield* Stdio.Stdio
  const given = (yield* stdio.stdin.pipe(
    Stream.decodeText,
    Stream.mkString,
    Effect.orElseSucceed(() => "")
  )).trim()
  if (given === "" || /\s/.test(given) || given.length > 20_000) {
    return yield* new UsageError({
      message: "--refresh-token-stdin takes the refresh token on stdin, and nothing else."
    })
  }
  const refreshToken = Redacted.make(given)
  const tokens = yield* login.refresh(refreshToken)
  return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken }
})

type Way = "browser" | "deviceCode" | "refreshToken"

const signIn = Effect.fnUntraced(function* (way: Way) {
  switch (way) {
    case "browser":
      return yield* byBrowser
    case "deviceCode":
      return yield* byDeviceCode
    case "refreshToken":
      return yield* byRefreshToken
  }
})

// What was given for a sign-in is kept, whatever interrupts in between.
const keep = (way: Way) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(AccessToken, ({ signedIn }) => Effect.flatMap(restore(signIn(way)), signedIn))
  )

const signedIn = Effect.gen(function* () {
  const health = yield* CredentialHealth
  const vault = yield* CredentialVault
  yield* showHealth(yield* health.check, vault, "Signed in as")
})

const keepable = Effect.gen(function* () {
  const read = yield* settings
  const vault = forSignIn(read.vault)
  if (vault === undefined) {
    return yield* new UsageError({
      message:
        "a sign-in cannot be kept with ORDERWATCH_VAULT=env: unset it, or set ORDERWATCH_VAULT=file."
    })
  }
  // Nobody should sign in for nothing.
  yield* ready(vault, {
    loginUrl: read.cloud.loginUrl,
    tenantId: read.credential.tenantId,
    clientId: read.credential.clientId
  })
  if (read.seed.accessToken !== undefined) {
    const theme = yield* errorTheme
    yield* printError([
      theme.wait(
        "! PARTNER_CENTER_ACCESS_TOKEN in the environment is used before this sign-in: unset it."
      )
    ])
  }
  // The vault is told of the environment's refresh token, so as to know that this sign-in is newer.
  return { ...read, vault, seed: { refreshToken: read.seed.refreshToken } }
})

export const login = Command.make(
  "login",
  {
    deviceCode: Flag.Boolean("device-code").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Sign in on another device, by a code"),
      Flag.withDefault(false)
    ),
    refreshTokenStdin: Flag.Boolean("refresh-token-stdin").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Take a refresh token from stdin (Secure Application Model)"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* ({ deviceCode, refreshTokenStdin }) {
    yield* notInDemo
    if (deviceCode && refreshTokenStdin) {
      return yield* new UsageError({
        message: "--device-code and --refresh-token-stdin are two ways to sign in: choose one."
      })
    }
    const way = refreshTokenStdin ? "refreshToken" : deviceCode ? "deviceCode" : "browser"
    const chosen = Layer.unwrap(Effect.map(keepable, overNetwork))
    yield* Effect.andThen(keep(way), signedIn).pipe(
      Effect.scoped,
      Effect.provide(Layer.provideMerge(chosen, Layer.unwrap(logs)))
    )
  }, Effect.catch(report))
).pipe(
  Command.withDescription(
    "Sign in as a user of the partner's tenant, with multi-factor authentication, and keep the credential in the encrypted vault."
  ),
  Command.withShortDescription("Sign in and keep the credential")
)
