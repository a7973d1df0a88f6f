// The access token: one sign-in for however many ask, renewed early, dropped when it was refused.
import { Context, Effect, Layer } from "effect"
import { fromTokenCredential } from "./AccessToken/fromTokenCredential.ts"
import type { TokenCredential } from "./AccessToken/fromTokenCredential.ts"
import { fromVault } from "./AccessToken/fromVault.ts"
import type { Token } from "./AccessToken/held.ts"
import type { Cloud } from "./Cloud.ts"
import type { Credential } from "./Credential.ts"
import type { CredentialVault, VaultError } from "./CredentialVault.ts"
import type { Login, Tokens } from "./Login.ts"
import type { PartnerCenterError } from "./PartnerCenterError.ts"

export type { Token, TokenCredential }

export class AccessToken extends Context.Service<
  AccessToken,
  {
    /** A token that is good for now. Fails with the login's reasons. */
    readonly get: Effect.Effect<Token, PartnerCenterError>
    /** Drops that token, which was refused. Another one that came in the meantime stays. */
    readonly invalidate: (token: Token) => Effect.Effect<void>
    /**
     * Keeps what somebody has just signed in with instead of what was there; the next `get` gives it. Of
     * a sign-in that gave no refresh token nothing can be renewed.
     */
    readonly signedIn: (tokens: Tokens) => Effect.Effect<void, VaultError>
    /** Forgets the credential; whether there was one. The login is not told: it has no way to be. */
    readonly signOut: Effect.Effect<boolean, VaultError>
  }
>()("@orderwatch/core/AccessToken") {
  /** From the vault's refresh token. A rotated one is saved before the new access token is used. */
  static readonly layer: Layer.Layer<
    AccessToken,
    never,
    Cloud | Credential | CredentialVault | Login
  > = Layer.effect(
    AccessToken,
    Effect.suspend(() => Effect.map(fromVault, AccessToken.of))
  )

  /**
   * From an object with the Azure SDK's `getToken`, asked for this cloud's Partner Center API. It renews
   * and keeps its tokens itself: `signedIn` fails, `signOut` only forgets the token at hand.
   */
  static readonly layerFromTokenCredential = (
    credential: TokenCredential
  ): Layer.Layer<AccessToken, never, Cloud> =>
    Layer.effect(
      AccessToken,
      Effect.map(fromTokenCredential(credential), (service) => AccessToken.of(service))
    )
}
