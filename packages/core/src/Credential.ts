// Who we are to Microsoft's login: the partner's tenant, the app registration, and the app's proof.
import { Context, Data, Layer, Redacted } from "effect"
import type { Effect } from "effect"

/** The app's assertion could not be signed. `message` says why, without the key. */
export class AssertionFailed extends Data.TaggedError("AssertionFailed")<{
  readonly message: string
}> {}

/**
 * How the app proves that it is itself: not at all (a public client), by a secret, or by an assertion
 * signed for an audience, the address of the token endpoint (`private_key_jwt`).
 *
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export type ClientProof =
  | { readonly _tag: "None" }
  | { readonly _tag: "Secret"; readonly secret: Redacted.Redacted }
  | {
      readonly _tag: "Assertion"
      readonly sign: (audience: string) => Effect.Effect<Redacted.Redacted, AssertionFailed>
    }

export interface CredentialShape {
  /** The partner's tenant: a GUID or a domain. */
  readonly tenantId: string
  /** The app registration's application (client) id. */
  readonly clientId: string
  readonly proof: ClientProof
}

/** The app and tenant that sign in. The user's part, the refresh token, is in the vault. */
export class Credential extends Context.Service<Credential, CredentialShape>()(
  "@orderwatch/core/Credential"
) {
  static readonly layer = (credential: CredentialShape): Layer.Layer<Credential> =>
    Layer.succeed(Credential, credential)
}
