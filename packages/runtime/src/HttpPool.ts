// The way out of a process that lives long and sends much: undici's pool, which takes less than half of what
// Node's own HTTP takes for a request, and longer to load.
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Effect, Layer } from "effect"
import type { HttpClient } from "effect/http/HttpClient"
import { Agent } from "undici"
import * as Http from "./Http.ts"
import type { SettingsError } from "./SettingsError.ts"

// HTTP/1.1, as the command speaks. Milliseconds: a connection is found dead sooner by its owner.
const options: Agent.Options = { allowH2: false, keepAliveTimeout: 30_000 }

const dispatcher = Layer.effect(
  NodeHttpClient.Dispatcher,
  Effect.acquireRelease(
    Effect.sync(() => new Agent(options)),
    (agent) => Effect.promise(() => agent.destroy())
  )
)

/** As `Http.layer`. Through a proxy they are one, so that `NO_PROXY` means the same everywhere. */
export const layer: Layer.Layer<HttpClient, SettingsError> = Layer.unwrap(
  Effect.map(Http.hasProxy, (isProxied) =>
    isProxied ? Http.layer : NodeHttpClient.layerUndiciNoDispatcher.pipe(Layer.provide(dispatcher))
  )
)
