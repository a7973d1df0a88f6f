// What a command asks: Partner Center by the settings, or the simulator.
import * as Http from "@orderwatch/runtime/Http"
import * as Runtime from "@orderwatch/runtime/Runtime"
import * as Settings from "@orderwatch/runtime/Settings"
import type { SettingsFlags, SettingsShape } from "@orderwatch/runtime/Settings"
import * as Telemetry from "@orderwatch/runtime/Telemetry"
import { Effect, Layer, Option } from "effect"
import { UsageError } from "./failure.ts"
import { Cloud, Demo, LogLevel, Profile } from "./flags.ts"
import { errorTheme, printError } from "./output.ts"

/** The flags that settings know of. */
export const settingsFlags = Effect.gen(function* () {
  const flags: SettingsFlags = {
    cloud: Option.getOrUndefined(yield* Cloud),
    profile: Option.getOrUndefined(yield* Profile)
  }
  return flags
})

/** The settings; what the user should know of how they were read is said on stderr. */
export const settings = Effect.gen(function* () {
  const read = yield* Settings.read(yield* settingsFlags)
  const theme = yield* errorTheme
  yield* printError(read.notices.map((notice) => theme.wait(`! ${notice}`)))
  return read
})

/** The services over the network. */
export const overNetwork = (settings: SettingsShape) =>
  Layer.provideMerge(Runtime.layer(settings), Http.layer)

const services = Effect.gen(function* () {
  if (yield* Demo) {
    const demo = yield* Effect.promise(() => import("./demo.ts"))
    return Layer.provideMerge(Runtime.layer(demo.settings), demo.http)
  }
  return overNetwork(yield* settings)
})

/** Logs as they were asked for, and what the environment wants to be told. */
export const logs = Effect.map(LogLevel, (level) =>
  Telemetry.layer({ service: "orderwatch", level: Option.getOrUndefined(level) })
)

/** Runs with the services, and with logs as they were asked for. */
export const withServices = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provide(effect, Layer.provideMerge(Layer.unwrap(services), Layer.unwrap(logs)))

/** Refuses a command that has no meaning in the demo. */
export const notInDemo = Effect.flatMap(Demo, (isDemo) =>
  isDemo
    ? Effect.fail(
        new UsageError({ message: "--demo keeps nothing on this machine: leave it out here." })
      )
    : Effect.void
)
