// The one layer that both apps provide: the client of Partner Center, made from the settings.
import { AccessToken } from "@orderwatch/core/AccessToken"
import { Budget } from "@orderwatch/core/Budget"
import { Cloud } from "@orderwatch/core/Cloud"
import { Credential } from "@orderwatch/core/Credential"
import { CredentialHealth } from "@orderwatch/core/CredentialHealth"
import type { CredentialVault } from "@orderwatch/core/CredentialVault"
import { Login } from "@orderwatch/core/Login"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { Tracker } from "@orderwatch/core/Tracker"
import { Layer } from "effect"
import type { FileSystem, Path } from "effect"
import type { HttpClient } from "effect/http/HttpClient"
import type { SettingsShape } from "./Settings.ts"
import * as Vault from "./vaults/choose.ts"

/** What the apps ask, and what signs them in. */
export type Services =
  | AccessToken
  | Budget
  | Cloud
  | Credential
  | CredentialHealth
  | CredentialVault
  | Login
  | PartnerCenter
  | Tracker

/** The services over any way to send a request: the network, or the simulator. */
export const layer = (
  settings: SettingsShape
): Layer.Layer<Services, never, FileSystem.FileSystem | HttpClient | Path.Path> => {
  const { attemptTimeout, cloud, credential, deadline, locale, requestsPerMinute, seed, vault } =
    settings
  const signIn = CredentialHealth.layer.pipe(
    Layer.provideMerge(AccessToken.layer),
    Layer.provideMerge(Login.layer({ attemptTimeout })),
    Layer.provideMerge(Vault.layer(vault, seed)),
    Layer.provideMerge(Layer.succeed(Cloud, cloud)),
    Layer.provideMerge(Credential.layer(credential))
  )
  const transport = PartnerCenter.layer({ attemptTimeout, deadline, locale }).pipe(
    Layer.provideMerge(Budget.layer({ key: credential.tenantId, requestsPerMinute })),
    Layer.provideMerge(signIn)
  )
  return Layer.provideMerge(Tracker.layer({ deadline }), transport)
}
