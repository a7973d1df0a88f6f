// All that the gateway's paths need, over any way to send a request.
import type { SettingsError } from "@orderwatch/runtime/SettingsError"
import * as Runtime from "@orderwatch/runtime/Runtime"
import type { SettingsShape } from "@orderwatch/runtime/Settings"
import { Layer } from "effect"
import type { FileSystem, Path } from "effect"
import type { HttpClient } from "effect/http/HttpClient"
import { Access } from "./access.ts"
import { app } from "./app.ts"
import type { Services as AppServices } from "./app.ts"
import { Closing } from "./closing.ts"
import * as HealthOf from "./health.ts"
import { Limits } from "./limits.ts"
import { Looks } from "./looks.ts"
import * as Metrics from "./metrics.ts"
import * as Observer from "./observer.ts"
import { Pulse } from "./pulse.ts"
import { GatewaySettings } from "./settings.ts"
import type { GatewaySettingsShape } from "./settings.ts"

export type Services = AppServices | HealthOf.Health

/** The services, by both settings. */
export const layer = (
  settings: SettingsShape,
  gateway: GatewaySettingsShape
): Layer.Layer<Services, SettingsError, FileSystem.FileSystem | HttpClient | Path.Path> =>
  Layer.mergeAll(Observer.layer, Metrics.layer).pipe(
    Layer.provideMerge(Looks.layer({ deadline: settings.deadline })),
    Layer.provideMerge(HealthOf.Health.layer),
    Layer.provideMerge(Layer.mergeAll(Access.layer, Limits.layer, Closing.layer, Pulse.layer)),
    Layer.provideMerge(Runtime.layer(settings)),
    Layer.provideMerge(Layer.succeed(GatewaySettings, gateway))
  )

/** The app with all of its paths. */
export const make = (context: Parameters<typeof app<Services>>[0]) =>
  app<Services>(context, [...HealthOf.paths, Metrics.path])
