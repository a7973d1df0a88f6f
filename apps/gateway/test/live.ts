// The gateway over the simulator's fetch: everything but the socket is as it is in earnest.
import { Cloud } from "@orderwatch/core/Cloud"
import type { SettingsShape } from "@orderwatch/runtime/Settings"
import { make } from "@orderwatch/simulator/Simulator"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Context, Duration, Effect, Layer, Metric, Option, Redacted, Result } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Services from "../src/services.ts"
import type { GatewaySettingsShape } from "../src/settings.ts"
import { settings } from "./gateway.ts"

const address = "http://127.0.0.1"

/** A simulator, and its `fetch` that notes the paths it was asked for. */
export const simulated = () => {
  const simulator = make()
  const asked: Array<string> = []
  return {
    ...simulator,
    asked,
    layer: FetchHttpClient.layer.pipe(
      Layer.provide(
        Layer.succeed(FetchHttpClient.Fetch, (input, init) => {
          const request = new Request(input, init)
          asked.push(new URL(request.url).pathname)
          return simulator.fetch(request)
        })
      )
    )
  }
}

export type Simulated = ReturnType<typeof simulated>

/** How the core asks that simulator. */
export const upstreamOf = ({ credentials }: Simulated): SettingsShape => ({
  cloud: Result.getOrThrow(Cloud.make("global", { apiUrl: address, loginUrl: address })),
  credential: {
    tenantId: credentials.tenantId,
    clientId: credentials.clientId,
    proof: { _tag: "Secret", secret: Redacted.make(credentials.clientSecret) }
  },
  vault: { kind: "env", isForced: true },
  profile: Option.none(),
  notices: [],
  seed: { refreshToken: Redacted.make(credentials.refreshToken) },
  locale: "en-US",
  attemptTimeout: Duration.seconds(10),
  deadline: Duration.seconds(60),
  requestsPerMinute: 10_000
})

/** The services over the simulator, as the gateway has them, with a registry of metrics of their own. */
export const services = Effect.fnUntraced(function* (
  simulator: Simulated,
  more: Partial<GatewaySettingsShape> = {}
) {
  const layer = Services.layer(upstreamOf(simulator), { ...settings, ...more }).pipe(
    Layer.provide(Layer.mergeAll(simulator.layer, NodeServices.layer)),
    Layer.provideMerge(Layer.succeed(Metric.MetricRegistry, new Map()))
  )
  return Context.merge(yield* Effect.context<never>(), yield* Layer.build(layer))
})

/** What is asked over those services, without a socket. */
export const asking = (context: Effect.Success<ReturnType<typeof services>>) => {
  const made = Services.make(context)
  return (path: string, init: RequestInit = {}) =>
    Effect.promise(async () => {
      const headers = new Headers(init.headers)
      if (!headers.has("host")) headers.set("host", "127.0.0.1:8780")
      return made.request(path, { ...init, headers })
    })
}
