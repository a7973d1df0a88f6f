// The simulator in this process: no port, no credential, nothing on the disk.
import { Cloud } from "@orderwatch/core/Cloud"
import type { SettingsShape } from "@orderwatch/runtime/Settings"
import { make } from "@orderwatch/simulator/Simulator"
import { Duration, Layer, Option, Redacted, Result } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type { HttpClient } from "effect/http/HttpClient"

const simulator = make()
// Nothing listens there, and nothing is sent there.
const address = "http://127.0.0.1"

export const settings: SettingsShape = {
  cloud: Result.getOrThrow(Cloud.make("global", { apiUrl: address, loginUrl: address })),
  credential: {
    tenantId: simulator.credentials.tenantId,
    clientId: simulator.credentials.clientId,
    proof: { _tag: "Secret", secret: Redacted.make(simulator.credentials.clientSecret) }
  },
  vault: { kind: "env", isForced: true },
  profile: Option.none(),
  notices: [],
  seed: { refreshToken: Redacted.make(simulator.credentials.refreshToken) },
  locale: "en-US",
  attemptTimeout: Duration.seconds(10),
  deadline: Duration.seconds(60),
  requestsPerMinute: 10_000
}

export const http: Layer.Layer<HttpClient> = FetchHttpClient.layer.pipe(
  Layer.provide(
    Layer.succeed(FetchHttpClient.Fetch, (input, init) => simulator.fetch(new Request(input, init)))
  )
)

/** The order of the vendor's document. */
export const sample = simulator.sample
