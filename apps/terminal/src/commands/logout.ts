// `orderwatch logout`: forgets the credential.
import { AccessToken } from "@orderwatch/core/AccessToken"
import { forSignIn } from "@orderwatch/runtime/vaults/choose"
import { Effect, Layer } from "effect"
import * as Command from "effect/cli/Command"
import { report } from "../failure.ts"
import { errorTheme, printError, result } from "../output.ts"
import { logs, notInDemo, overNetwork, settings } from "../session.ts"

const forget = Effect.gen(function* () {
  const read = yield* settings
  const { accessToken, refreshToken } = read.seed
  const isGiven = accessToken !== undefined || refreshToken !== undefined
  const vault = forSignIn(read.vault)
  const wasSignedIn =
    vault !== undefined &&
    (yield* AccessToken.use(({ signOut }) => signOut).pipe(
      Effect.provide(overNetwork({ ...read, vault, seed: {} }))
    ))
  yield* result(
    () => ({ signedOut: wasSignedIn }),
    Effect.succeed(
      wasSignedIn
        ? [
            "Signed out: the credential is gone from the vault.",
            "Microsoft still accepts it until it expires; revoke the user's sessions to end it everywhere."
          ]
        : ["There was nothing to forget in the vault."]
    )
  )
  // What is not ours to forget still signs in.
  if (!isGiven) return
  const theme = yield* errorTheme
  yield* printError([
    theme.wait(
      "! The environment still has a credential: unset PARTNER_CENTER_REFRESH_TOKEN and PARTNER_CENTER_ACCESS_TOKEN."
    )
  ])
})

export const logout = Command.make(
  "logout",
  {},
  Effect.fnUntraced(function* () {
    yield* notInDemo
    yield* Effect.provide(forget, Layer.unwrap(logs))
  }, Effect.catch(report))
).pipe(
  Command.withDescription("Forget the credential that login keeps in the vault."),
  Command.withShortDescription("Forget the credential")
)
