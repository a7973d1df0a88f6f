// Whose entry in the vault is ours.
import { Effect } from "effect"
import { Cloud } from "../Cloud.ts"
import { Credential } from "../Credential.ts"
import type { Owner } from "../CredentialVault.ts"

export const owner: Effect.Effect<Owner, never, Cloud | Credential> = Effect.gen(function* () {
  const { loginUrl } = yield* Cloud
  const { clientId, tenantId } = yield* Credential
  return { loginUrl, tenantId, clientId }
})
