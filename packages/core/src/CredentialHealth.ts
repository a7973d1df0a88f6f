// What is wrong with the credential, or soon will be, in one place: for whoami, doctor, readiness, metrics
// and the screens.
import { Context, DateTime, Effect, Layer, Option, Result, Schema } from "effect"
import { AccessToken } from "./AccessToken.ts"
import { Cloud } from "./Cloud.ts"
import { Credential } from "./Credential.ts"
import { assess } from "./CredentialHealth/assess.ts"
import type { Facts } from "./CredentialHealth/assess.ts"
import { CredentialVault } from "./CredentialVault.ts"
import { owner } from "./internal/owner.ts"
import { vaultFailed } from "./internal/signIn.ts"
import { isRetryable } from "./PartnerCenterError.ts"
import type { PartnerCenterError } from "./PartnerCenterError.ts"

export type { Facts }

/**
 * One thing found. Codes: `no-credential`, `expired`, `sign-in`, `conditional-access`, `opaque`,
 * `audience`, `tenant`, `app-only`, `mfa`, `scope`, `refresh-token-age`, `no-refresh-token`,
 * `not-durable`. There can be more in later versions.
 */
export const Finding = Schema.Struct({
  level: Schema.Literals(["ok", "warn", "fail"]),
  code: Schema.String,
  message: Schema.String,
  remedy: Schema.optionalKey(Schema.String)
})
export type Finding = typeof Finding.Type

/**
 * The state of a credential, as JSON everywhere in the product; no secret is in it. `user`, `app`, `roles`
 * and `mfa` are what the access token says of itself. Times are ISO 8601 in UTC. The findings begin with
 * what explains the others.
 */
export const Health = Schema.Struct({
  tenantId: Schema.optionalKey(Schema.String),
  user: Schema.optionalKey(Schema.String),
  /** The application (client) id that signed in. */
  app: Schema.optionalKey(Schema.String),
  roles: Schema.Array(Schema.String),
  mfa: Schema.Literals(["yes", "no", "unknown"]),
  /** Whether the app signed in without a user. */
  appOnly: Schema.Boolean,
  tokenExpiresAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  signedInAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  /** When the refresh token was last exchanged: its 90 days begin anew each time. */
  refreshedAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  /** Whole days since then. */
  refreshTokenAgeDays: Schema.optionalKey(Schema.Int),
  refreshTokenExpiresAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  findings: Schema.Array(Finding)
})
export type Health = typeof Health.Type

export class CredentialHealth extends Context.Service<
  CredentialHealth,
  {
    /**
     * Looks at the credential, and signs in where its token has ended. A refusal of the login's is a
     * finding; that the login or the vault could not be asked is a failure.
     */
    readonly check: Effect.Effect<Health, PartnerCenterError>
  }
>()("@orderwatch/core/CredentialHealth") {
  /** What the facts mean; nothing is asked. */
  static readonly assess: (facts: Facts) => Health = assess

  static readonly layer: Layer.Layer<
    CredentialHealth,
    never,
    AccessToken | Cloud | Credential | CredentialVault
  > = Layer.effect(
    CredentialHealth,
    Effect.suspend(() => makeHealth)
  )
}

const makeHealth = Effect.gen(function* () {
  const tokens = yield* AccessToken
  const vault = yield* CredentialVault
  const { audience } = yield* Cloud
  const { tenantId } = yield* Credential
  const mine = yield* owner

  const check = Effect.gen(function* () {
    const got = yield* Effect.result(tokens.get)
    // After that, because signing in changes it.
    const entry = yield* Effect.mapError(vault.read(mine), vaultFailed)
    if (Result.isFailure(got) && isRetryable(got.failure.reason)) {
      return yield* Effect.fail(got.failure)
    }
    return assess({
      entry,
      audience,
      tenantId,
      isDurable: vault.isDurable,
      now: yield* DateTime.now,
      token: Option.getOrUndefined(Option.map(Result.getSuccess(got), ({ value }) => value)),
      refused: Option.getOrUndefined(Result.getFailure(got))
    })
  }).pipe(Effect.withSpan("CredentialHealth.check"))

  return CredentialHealth.of({ check })
})
