// What a command asks: Partner Center by the settings, or the simulator.
import * as Http from "@orderwatch/runtime/Http"
import * as Runtime from "@orderwatch/runtime/Runtime"
import * as Settings from "@orderwatch/runtime/Settings"
import * as Telemetry from "@orderwatch/runtime/Telemetry"
import { Effect, Layer, Option } from "effect"
import { Cloud, Demo, LogLevel } from "./flags.ts"

const services = Effect.gen(function* () {
  const cloud = Option.getOrUndefined(yield* Cloud)
  if (yield* Demo) {
    const demo = yield* Effect.promise(() => import("./demo.ts"))
    return Layer.provide(Runtime.layer(demo.settings), demo.http)
  }
  const settings = yield* Settings.read({ cloud })
  return Layer.provide(Runtime.layer(settings), Http.layer)
})

const logs = Effect.map(LogLevel, (level) => Telemetry.layerLogs(Option.getOrUndefined(level)))

/** Runs with the services, and with logs as they were asked for. */
export const withServices = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provide(effect, Layer.provideMerge(Layer.unwrap(services), Layer.unwrap(logs)))
