// The settings, before the screen is switched: what is malformed is refused, and that nobody is named yet is not.
import * as Http from "@orderwatch/runtime/Http"
import * as Settings from "@orderwatch/runtime/Settings"
import type { SettingsError, SettingsFlags } from "@orderwatch/runtime/Settings"
import { ConfigProvider, Effect, Layer, Result } from "effect"
import { logs, settingsFlags } from "../session.ts"
import { isUnnamed } from "./unnamed.ts"

// Whoever stands in for a tenant and its client, so that all else can be read.
const somebody = ConfigProvider.layerAdd(
  ConfigProvider.fromUnknown({
    PARTNER_CENTER_TENANT_ID: "somebody",
    PARTNER_CENTER_CLIENT_ID: "somebody"
  })
)

const readBy = Effect.fnUntraced(function* (flags: SettingsFlags) {
  const read = yield* Effect.result(Settings.read(flags))
  if (Result.isSuccess(read)) return read
  if (!isUnnamed(read.failure.message)) return yield* read.failure
  // Nothing else that is wrong waits until somebody has signed in.
  const others = yield* Effect.result(Effect.provide(Settings.read(flags), somebody))
  return Result.isFailure(others) && !isUnnamed(others.failure.message)
    ? yield* others.failure
    : read
})

/** The settings; or, as a value, that no tenant or client is named. */
export const read = Effect.gen(function* () {
  const found = yield* readBy(yield* settingsFlags)
  yield* heeded(Http.layer)
  return found
})

// Made for what it may refuse.
const heeded = <A, R>(layer: Layer.Layer<A, SettingsError, R>) =>
  Effect.asVoid(Effect.scoped(Layer.build(layer)))

/** Refuses what is malformed of logs, which are switched on for the demo too. */
export const logsHeeded = heeded(Layer.unwrap(logs))
