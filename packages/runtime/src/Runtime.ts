// The one layer that both apps provide: the client of Partner Center, made from the settings.
import { AccessToken } from "@orderwatch/core/AccessToken"
import { Budget } from "@orderwatch/core/Budget"
import { Cloud } from "@orderwatch/core/Cloud"
import { Credential } from "@orderwatch/core/Credential"
import { Login } from "@orderwatch/core/Login"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { Tracker } from "@orderwatch/core/Tracker"
import { Layer } from "effect"
import type { HttpClient } from "effect/http/HttpClient"
import type { SettingsShape } from "./Settings.ts"
import * as EnvironmentVault from "./vaults/environment.ts"

/** What the apps ask. */
export type Services = PartnerCenter | Tracker

/** The services over any way to send a request: the network, or the simulator. */
export const layer = (settings: SettingsShape): Layer.Layer<Services, never, HttpClient> => {
  const { attemptTimeout, cloud, credential, deadline, locale, requestsPerMinute, seed } = settings
  const transport = PartnerCenter.layer({ attemptTimeout, deadline, locale }).pipe(
    Layer.provide(AccessToken.layer),
    Layer.provide(Login.layer({ attemptTimeout })),
    Layer.provide(EnvironmentVault.layer(seed)),
    Layer.provide(Budget.layer({ key: credential.tenantId, requestsPerMinute })),
    Layer.provide(Layer.succeed(Cloud, cloud)),
    Layer.provide(Credential.layer(credential))
  )
  return Layer.provideMerge(Tracker.layer({ deadline }), transport)
}
