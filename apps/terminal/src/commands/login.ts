// `orderwatch login`: signs a user in, once, and keeps the credential in the vault.
import { CredentialHealth } from "@orderwatch/core/CredentialHealth"
import { CredentialVault } from "@orderwatch/core/CredentialVault"
import { Login } from "@orderwatch/core/Login"
import { plain } from "@orderwatch/core/text"
import { DateTime, Effect, Layer, Redacted, Stdio, Stream } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { report, UsageError } from "../failure.ts"
import { errorTheme, printError } from "../output.ts"
import { ago } from "../render/text.ts"
import { logs, notInDemo, overNetwork, settings } from "../session.ts"
import * as SignIn from "../signIn.ts"
import { showHealth } from "./whoami.ts"

const byBrowser = Effect.gen(function* () {
  const theme = yield* errorTheme
  return yield* SignIn.byBrowser((url, isOpen) =>
    printError([
      isOpen
        ? "Sign in in the browser that has just opened. If none has, open this address:"
        : "Open this address in a browser on this machine, and sign in there:",
      "",
      url,
      "",
      theme.dim("Without a browser here: orderwatch login --device-code. Ctrl-C ends this.")
    ])
  )
})

const byDeviceCode = Effect.gen(function* () {
  const theme = yield* errorTheme
  return yield* SignIn.byDeviceCode(
    Effect.fnUntraced(function* (code) {
      const now = yield* DateTime.now
      const left = ago(now.epochMilliseconds, code.expiresAt.epochMilliseconds)
      yield* printError([
        `Open ${theme.strong(plain(code.verificationUri))} on any device and enter the code`,
        "",
        `    ${theme.strong(plain(code.userCode))}`,
        "",
        theme.dim(`It is good for ${left}. Ctrl-C ends this.`)
      ])
    })
  )
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

const signedIn = Effect.gen(function* () {
  const health = yield* CredentialHealth
  const vault = yield* CredentialVault
  yield* showHealth(yield* health.check, vault, "Signed in as")
})

const keepable = Effect.gen(function* () {
  const kept = yield* SignIn.keepable(yield* settings)
  const theme = yield* errorTheme
  yield* printError(kept.notices.map((notice) => theme.wait(`! ${notice}`)))
  return kept
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
    yield* Effect.andThen(SignIn.keep(signIn(way)), signedIn).pipe(
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
