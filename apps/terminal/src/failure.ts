// How a command fails: what is said on stderr, and with which exit code.
import { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import type { VaultError } from "@orderwatch/core/CredentialVault"
import { SettingsError } from "@orderwatch/runtime/Settings"
import { Data, Effect } from "effect"
import { byReason } from "./exitCode.ts"
import type { ExitCode } from "./exitCode.ts"
import { errorTheme, printError } from "./output.ts"
import { problem } from "./render/problem.ts"

/** The user asked for something that cannot be: one line says what to do. */
export class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

/** A sign-in did not come to its end, for a reason that is not the login's. */
export class SignInFailed extends Data.TaggedError("SignInFailed")<{ readonly message: string }> {}

/** Everything has been said; only the exit code is left. */
export class Ended extends Data.TaggedError("Ended")<{ readonly exitCode: ExitCode }> {}

/** Ends with that code; 0 goes on. */
export const end = (exitCode: ExitCode): Effect.Effect<void, Ended> =>
  exitCode === 0 ? Effect.void : Effect.fail(new Ended({ exitCode }))

/** Says an expected failure on stderr and ends with its code. */
export const report = Effect.fnUntraced(function* (
  error: PartnerCenterError | SettingsError | SignInFailed | UsageError | VaultError | Ended
) {
  if (error._tag === "Ended") return yield* error
  if (error._tag === "PartnerCenterError") {
    yield* printError(problem(error, undefined, yield* errorTheme))
    return yield* new Ended({ exitCode: byReason[error.reason._tag] })
  }
  yield* printError([`orderwatch: ${error.message}`])
  const isOurs = error._tag === "SettingsError" || error._tag === "UsageError"
  return yield* new Ended({ exitCode: isOurs ? 2 : error._tag === "SignInFailed" ? 4 : 1 })
})
