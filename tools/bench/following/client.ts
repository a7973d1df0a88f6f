// The client as the apps have it, and the simulator that it asks.
import { Cloud } from "@orderwatch/core/Cloud"
import * as Http from "@orderwatch/runtime/Http"
import * as Runtime from "@orderwatch/runtime/Runtime"
import { Duration, FileSystem, Layer, Option, Path, Redacted, Result, Schema } from "effect"
import { start } from "../part.ts"

/** What a simulator says that was started. */
export const Upstream = Schema.Struct({
  url: Schema.String,
  credentials: Schema.Struct({
    tenantId: Schema.String,
    clientId: Schema.String,
    clientSecret: Schema.String,
    refreshToken: Schema.String
  })
})

/** Starts a simulator of so many orders. */
export const startUpstream = (orders: number) =>
  start("following/upstream.ts", Upstream, { args: [String(orders)] })

/** The services of the apps, over the network. */
export const layer = ({ credentials, url }: typeof Upstream.Type, requestsPerMinute: number) =>
  Runtime.layer({
    cloud: Result.getOrThrow(Cloud.make("global", { apiUrl: url, loginUrl: url })),
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
    requestsPerMinute
  }).pipe(Layer.provide([Http.layer, FileSystem.layerNoop({}), Path.layer]))

const Counts = Schema.Struct({
  busiestMinute: Schema.Finite,
  operations: Schema.Struct({
    order: Schema.optionalKey(Schema.Finite),
    provisioningStatus: Schema.optionalKey(Schema.Finite)
  })
})

const Requests = Schema.Array(
  Schema.Struct({
    at: Schema.Finite,
    operation: Schema.optionalKey(Schema.String),
    path: Schema.String
  })
)

const asked = async (url: string, path: string): Promise<unknown> =>
  (await fetch(`${url}/_simulator/requests${path}`)).json()

/** What the simulator counted: requests by kind, and the most in any sixty seconds. */
export const countsOf = async (url: string) => {
  const { busiestMinute, operations } = Schema.decodeUnknownSync(Counts)(
    await asked(url, "/counts")
  )
  const { order = 0, provisioningStatus: looks = 0 } = operations
  return { busiestMinute, looks, requests: order + looks }
}

/** Has the simulator count from nothing. */
export const forget = (url: string) => fetch(`${url}/_simulator/requests`, { method: "DELETE" })

/** Has the simulator keep no more than so many requests; it counts them all. */
export const keep = (url: string, most: number) =>
  fetch(`${url}/_simulator/requests`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ keep: most })
  })

/** When which order's status was asked, by the simulator's log: epoch milliseconds, the oldest first. */
export const looksOf = async (url: string) =>
  Schema.decodeUnknownSync(Requests)(await asked(url, "")).flatMap(({ at, operation, path }) =>
    operation === "provisioningStatus" ? [{ at, order: path }] : []
  )
