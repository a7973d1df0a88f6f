// Access tokens from a credential of somebody else's, such as the Azure SDK's.
import { DateTime, Effect, Option, Predicate, Redacted } from "effect"
import { Cloud } from "../Cloud.ts"
import { VaultError } from "../CredentialVault.ts"
import { isTransientStatus } from "../internal/attempts.ts"
import { signInFailed } from "../internal/signIn.ts"
import { refusalInWords } from "../LoginRefusal.ts"
import * as Metrics from "../Metrics.ts"
import { PartnerCenterError } from "../PartnerCenterError.ts"
import { plain } from "../text.ts"
import { held } from "./held.ts"
import type { Token } from "./held.ts"

/**
 * What the Azure SDK calls a token credential.
 *
 * https://learn.microsoft.com/javascript/api/@azure/core-auth/tokencredential
 */
export interface TokenCredential {
  getToken(scopes: string | Array<string>): Promise<{
    readonly token: string
    /** Milliseconds since the epoch. */
    readonly expiresOnTimestamp: number
  } | null>
}

export const fromTokenCredential = Effect.fnUntraced(function* (credential: TokenCredential) {
  const { audience } = yield* Cloud
  const { drop, get, invalidate } = yield* held(() =>
    Effect.tryPromise({
      try: () => credential.getToken(`${audience}/.default`),
      catch: thrown
    }).pipe(
      Effect.flatMap((given) =>
        given === null
          ? Effect.fail(failed("the credential that was handed in gave no token"))
          : Effect.succeed<Token>({
              value: Redacted.make(given.token),
              expiresAt: Option.getOrUndefined(DateTime.make(given.expiresOnTimestamp))
            })
      ),
      Metrics.refreshed
    )
  )
  return {
    get,
    invalidate,
    signedIn: () =>
      Effect.fail(
        new VaultError({ message: "the credential was handed in by the program: sign in there" })
      ),
    signOut: Effect.as(drop, false)
  }
})

const failed = (description: string) =>
  signInFailed({
    _tag: "SignInRequired",
    description,
    remedy: "Check the credential that the program hands in."
  })

const thrown = (cause: unknown): PartnerCenterError => {
  const said = cause instanceof Error ? cause.message : ""
  const reason = Option.getOrUndefined(refusalInWords(said))
  if (reason !== undefined) {
    return new PartnerCenterError({
      operation: "signIn",
      support: {},
      reason: { ...reason, ...(reason.description && { description: shown(reason.description) }) }
    })
  }
  const description = shown(said) || "the credential that was handed in failed"
  return isTransient(cause)
    ? signInFailed({ _tag: "Unavailable", description })
    : failed(description)
}

// Their text is not ours: one line of it, and nothing in it that could be a token.
const shown = (text: string): string =>
  plain(text.split(/\r?\n/)[0] ?? "")
    .replaceAll(/[\w~+=-]{32,}/g, (run) => (guid.test(run) ? run : "<redacted>"))
    .slice(0, 500)

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const isTransient = (cause: unknown): boolean =>
  Predicate.isObject(cause) &&
  (("statusCode" in cause &&
    typeof cause["statusCode"] === "number" &&
    isTransientStatus(cause["statusCode"])) ||
    ("code" in cause && typeof cause["code"] === "string" && unreachable.test(cause["code"])))

const unreachable = /^(E[A-Z]+|UND_ERR_[A-Z_]+|REQUEST_SEND_ERROR)$/
