// `gateway serve`: reads what was set, says what it does, and serves until it is told to end.
import { createServer } from "node:net"
import * as Settings from "@orderwatch/runtime/Settings"
import * as Telemetry from "@orderwatch/runtime/Telemetry"
import { Console, Context, Duration, Effect, Layer, Option } from "effect"
import { Closing } from "./closing.ts"
import { Cloud, Demo, Host, LogLevel, Port, Profile } from "./flags.ts"
import { listen } from "./listener.ts"
import * as Services from "./services.ts"
import * as GatewaySettings from "./settings.ts"
import type { GatewaySettingsShape } from "./settings.ts"

// The Host that is ours has the port in it, so that it must be known before the first request.
const freePort = (host: string) =>
  Effect.callback<number>((resume) => {
    const probe = createServer()
    probe.once("error", () => resume(Effect.succeed(0)))
    probe.listen(0, host, () => {
      const address = probe.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      probe.close(() => resume(Effect.succeed(port)))
    })
  })

const gatewaySettings = Effect.gen(function* () {
  const read = yield* GatewaySettings.read({
    host: Option.getOrUndefined(yield* Host),
    port: Option.getOrUndefined(yield* Port)
  })
  return read.port === 0 ? { ...read, port: yield* freePort(read.host) } : read
})

const upstream = Effect.gen(function* () {
  if (yield* Demo) {
    const { http, settings } = yield* Effect.promise(() => import("./demo.ts"))
    return { settings, http }
  }
  const settings = yield* Settings.read({
    cloud: Option.getOrUndefined(yield* Cloud),
    profile: Option.getOrUndefined(yield* Profile)
  })
  const { layer: http } = yield* Effect.promise(() => import("@orderwatch/runtime/HttpPool"))
  return { settings, http }
})

/** The address as people write it. */
const addressOf = ({ host, port }: GatewaySettingsShape): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`

const greeting = Effect.fnUntraced(function* (gateway: GatewaySettingsShape) {
  const address = addressOf(gateway)
  const isKeyed = Option.isSome(gateway.keysFile) || Option.isSome(gateway.oidc)
  const lines = [
    `orderwatch: serving ${address}${isKeyed ? "" : ", to everybody on this machine"}; its page is ${address}/docs`
  ]
  if (yield* Demo) {
    const { sample } = yield* Effect.promise(() => import("./demo.ts"))
    lines.push(
      `orderwatch: this is the demo. Try: curl ${address}/v1/customers/${sample.customerId}/orders/${sample.orderId}/report`
    )
  }
  yield* Console.error(lines.join("\n"))
})

// A long poll, its first look, and some.
const silence = ({ deadline }: GatewaySettingsShape) => Duration.sum(deadline, Duration.seconds(90))

/** Serves until it is interrupted. Fails with one line where a setting is wrong or the port is taken. */
export const serve = Effect.gen(function* () {
  const gateway = yield* gatewaySettings
  const { http, settings } = yield* upstream
  yield* Effect.forEach(settings.notices, (notice) => Console.error(`orderwatch: ${notice}`))
  const level = Option.getOrUndefined(yield* LogLevel)
  const telemetry = Telemetry.layer({
    service: "orderwatch-gateway",
    level,
    format: "json",
    otherwise: "info"
  })
  const layer = Services.layer(settings, gateway).pipe(
    Layer.provide(http),
    Layer.provideMerge(telemetry)
  )
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const context = yield* Layer.build(layer)
      const closing = Context.get(context, Closing)
      yield* listen(Services.make(context), {
        host: gateway.host,
        port: gateway.port,
        silence: silence(gateway),
        shutdownWithin: gateway.shutdownWithin,
        closing: closing.begin
      })
      yield* greeting(gateway)
      return yield* Effect.never
    })
  )
})
