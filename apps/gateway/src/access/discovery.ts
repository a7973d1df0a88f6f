// What an OIDC issuer says of itself: its name and its keys. Asked for a limited time, read up to a
// limited size, and followed nowhere else.
import type { JSONWebKeySet, JWTVerifyGetKey } from "jose"
import { plain } from "@orderwatch/core/text"
import { Data, Effect, Predicate, Stream } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { isLoopback } from "../settings.ts"

/** The issuer could not be asked, or what it said does not fit. `message` is one line. */
export class IssuerFault extends Data.TaggedError("IssuerFault")<{ readonly message: string }> {}

/** The issuer as it is now. */
export interface Issuer {
  /** What `iss` must say. */
  readonly name: string
  readonly keyOf: JWTVerifyGetKey
}

const limit = { bytes: 512 * 1024, time: "5 seconds" } as const

const get = Effect.fnUntraced(
  function* (client: HttpClient.HttpClient, url: URL) {
    const response = yield* client.execute(HttpClientRequest.get(url, { acceptJson: true }))
    const chunks: Array<Uint8Array> = []
    let size = 0
    yield* Stream.runForEach(response.stream, (chunk) => {
      size += chunk.length
      if (size > limit.bytes) return Effect.fail("an answer larger than 512 KiB")
      chunks.push(chunk)
      return Effect.void
    })
    if (response.status !== 200) return yield* Effect.fail(`status ${response.status}`)
    const json: unknown = yield* Effect.try({
      try: () => JSON.parse(Buffer.concat(chunks).toString("utf8")),
      catch: () => "an answer that is not JSON"
    })
    return Predicate.isObject(json) ? json : yield* Effect.fail("an answer that is no object")
  },
  (effect, _client, url) =>
    effect.pipe(
      Effect.timeoutOrElse({
        duration: limit.time,
        orElse: () => Effect.fail(`no complete answer within ${limit.time}`)
      }),
      Effect.catchDefect(() => Effect.fail("the request could not be sent")),
      Effect.mapError(
        (why) =>
          new IssuerFault({
            message: `${url.origin}${url.pathname} gave ${typeof why === "string" ? why : "no answer"}`
          })
      ),
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
      Effect.provideService(HttpClient.TracerPropagationEnabled, false)
    )
)

const isTrusted = (url: URL, issuer: URL): boolean =>
  url.protocol === "https:" ||
  (url.protocol === "http:" && isLoopback(url.hostname) && issuer.protocol === "http:")

const textOf = (value: unknown): string => (typeof value === "string" ? plain(value) : "nothing")

// What the keys are is looked at when a token names one.
const isKeySet = (value: object): value is JSONWebKeySet =>
  "keys" in value &&
  Array.isArray(value.keys) &&
  value.keys.every((key) => Predicate.isObject(key) && typeof key["kty"] === "string")

/**
 * Asks the issuer for its configuration, then for its keys.
 *
 * https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 */
export const discover = Effect.fnUntraced(function* (
  issuer: URL
): Effect.fn.Return<Issuer, IssuerFault, HttpClient.HttpClient> {
  const client = yield* HttpClient.HttpClient
  const fault = (message: string) => new IssuerFault({ message })
  // Only a gateway with an issuer needs it.
  const { createLocalJWKSet } = yield* Effect.promise(() => import("jose"))
  const base = issuer.href.replace(/\/$/, "")
  const address = new URL(`${base}/.well-known/openid-configuration`)
  const said = yield* get(client, address)
  const { issuer: name, jwks_uri: keys } = said
  // Else whoever answers there could speak for another.
  if (typeof name !== "string" || name.replace(/\/$/, "") !== base) {
    return yield* fault(`${address.href} is of the issuer ${textOf(name)}, and not of ${base}`)
  }
  const from = typeof keys === "string" ? URL.parse(keys) : null
  if (from === null || !isTrusted(from, issuer)) {
    return yield* fault(`${address.href} has its keys at ${textOf(keys)}, which is not https`)
  }
  const set = yield* get(client, from)
  const none = fault(`${from.origin}${from.pathname} gave no set of keys`)
  if (!isKeySet(set)) return yield* none
  return {
    name,
    keyOf: yield* Effect.try({ try: () => createLocalJWKSet(set), catch: () => none })
  }
})
