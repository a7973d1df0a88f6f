// The way out: Node's own HTTP with connections kept alive, through the proxy that the environment
// names. Unlike `fetch` it loads in a few milliseconds.
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Effect, Layer } from "effect"
import type { HttpClient } from "effect/http/HttpClient"
import { SettingsError } from "./Settings.ts"

const proxies = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]
const loopback = "localhost,127.0.0.1-127.255.255.254,[::1],::1"

// What goes to loopback never leaves the machine, so no proxy sees it.
const proxyEnv = (env: NodeJS.ProcessEnv) => {
  // An empty variable counts as unset.
  const excepted = env["no_proxy"] || env["NO_PROXY"]
  return {
    HTTP_PROXY: env["http_proxy"] || env["HTTP_PROXY"],
    HTTPS_PROXY: env["https_proxy"] || env["HTTPS_PROXY"],
    NO_PROXY: excepted ? `${excepted},${loopback}` : loopback
  }
}

const isProxy = (value: string | undefined): boolean => {
  if (!value) return true
  const { protocol } = URL.parse(value) ?? {}
  return protocol === "http:" || protocol === "https:"
}

/** Whether the environment names a proxy. */
export const hasProxy: Effect.Effect<boolean> = Effect.sync(() =>
  proxies.some((name) => Boolean(process.env[name]))
)

// Extra certificate authorities are Node's own affair (NODE_EXTRA_CA_CERTS).
export const layer: Layer.Layer<HttpClient, SettingsError> = Layer.unwrap(
  Effect.suspend(() => {
    const { env } = process
    const malformed = proxies.find((name) => !isProxy(env[name]))
    return malformed === undefined
      ? Effect.succeed(
          NodeHttpClient.layerNodeHttpOptions({ keepAlive: true, proxyEnv: proxyEnv(env) })
        )
      : Effect.fail(
          new SettingsError({
            setting: malformed,
            message: `${malformed} in the environment is malformed: set it to an address such as http://proxy:3128.`
          })
        )
  })
)
