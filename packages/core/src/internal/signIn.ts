// Failures of signing in, made in one place.
import type { VaultError } from "../CredentialVault.ts"
import { make, PartnerCenterError } from "../PartnerCenterError.ts"
import type { Support } from "../Support.ts"

type Given = Parameters<typeof make>[0]

export const signInFailed = (reason: Given, support: Support = {}): PartnerCenterError =>
  new PartnerCenterError({ operation: "signIn", reason: make(reason), support })

/** A vault that cannot be used leaves us without a credential; its own words say why. */
export const vaultFailed = ({ message }: VaultError): PartnerCenterError =>
  signInFailed({
    _tag: "SignInRequired",
    description: message,
    remedy: "Mend the credential vault, or sign in again."
  })
