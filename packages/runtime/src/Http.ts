// The way out: Node's fetch, through the proxy that the environment names.
import { Effect, Layer } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type { HttpClient } from "effect/http/HttpClient"
import { SettingsError } from "./Settings.ts"

const names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]
const loopback = "localhost,127.0.0.1,[::1],::1"

// Extra certificate authorities are Node's own affair (NODE_EXTRA_CA_CERTS). What goes to loopback
// never leaves the machine.
const useProxy = Effect.gen(function* () {
  const { env } = process
  if (!names.some((name) => env[name])) return
  const { setGlobalProxyFromEnv } = yield* Effect.promise(() => import("node:http"))
  const noProxy = env["NO_PROXY"] ?? env["no_proxy"]
  yield* Effect.try({
    try: () =>
      setGlobalProxyFromEnv({
        ...env,
        no_proxy: undefined,
        NO_PROXY: noProxy ? `${noProxy},${loopback}` : loopback
      }),
    catch: () =>
      new SettingsError({
        setting: "HTTPS_PROXY",
        message: "HTTPS_PROXY is malformed: set it to an address such as http://proxy:3128."
      })
  })
})

export const layer: Layer.Layer<HttpClient, SettingsError> = Layer.unwrap(
  Effect.as(useProxy, FetchHttpClient.layer)
)
