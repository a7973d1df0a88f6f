// The vault of a process that got its tokens from the environment: nothing is written anywhere, so a
// rotated refresh token lasts as long as the process.
import { CredentialVault } from "@orderwatch/core/CredentialVault"
import type { Entry } from "@orderwatch/core/CredentialVault"
import type { Layer } from "effect"

export const layer = (seed: Entry): Layer.Layer<CredentialVault> =>
  CredentialVault.layerMemory(seed, "env")
