// The callers' JWTs, by the issuer's keys.
import { createHash } from "node:crypto"
import type { JWTPayload, JWTVerifyOptions } from "jose"
import { Clock, DateTime, Effect, Option } from "effect"
import type { Scope } from "effect"
import type { HttpClient } from "effect/http/HttpClient"
import type { IssuerUnavailable } from "../problem.ts"
import type { OidcSettings } from "../settings.ts"
import { until } from "./caller.ts"
import type { Caller } from "./caller.ts"
import { fromList } from "./customers.ts"
import type { Customers } from "./customers.ts"
import type { Issuer } from "./discovery.ts"
import * as Issuers from "./issuer.ts"

export interface Tokens {
  /** The caller whose token this is, if it is one that counts now. */
  readonly find: (text: string) => Effect.Effect<Option.Option<Caller>, IssuerUnavailable>
}

// Asymmetric ones only: by `HS256` a public key would do as the secret, and `none` needs none at all.
const algorithms = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(" ")

/** In seconds: how far the issuer's clock and ours may be apart. */
export const tolerance = 60

/** The customers that a claim lists: text in an array, or one text with spaces or commas between them. */
export const customersOf = (claims: JWTPayload, claim: string): Customers => {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined
  if (typeof value === "string") return fromList(value.split(/[\s,]+/))
  return fromList(
    Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : []
  )
}

const callerOf = (name: string, { exp = 0, sub = "", ...claims }: JWTPayload, claim: string) => {
  const digest = createHash("sha256").update(`${name}#${sub}`).digest("base64url")
  return {
    id: `oidc_${digest.slice(0, 16)}`,
    customers: customersOf({ exp, sub, ...claims }, claim),
    ended: until((exp + tolerance) * 1000)
  } satisfies Caller
}

type Verified =
  | { readonly _tag: "Good"; readonly claims: JWTPayload }
  | { readonly _tag: "Bad" }
  | { readonly _tag: "UnknownKey" }

export const make = Effect.fnUntraced(function* (
  settings: OidcSettings
): Effect.fn.Return<Tokens, never, HttpClient | Scope.Scope> {
  const issuers = yield* Issuers.make(settings.issuer)
  const { errors, jwtVerify } = yield* Effect.promise(() => import("jose"))

  const attempt = async (
    text: string,
    { keyOf }: Issuer,
    options: JWTVerifyOptions
  ): Promise<Verified> => {
    try {
      return { _tag: "Good", claims: (await jwtVerify(text, keyOf, options)).payload }
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return { _tag: "UnknownKey" }
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return { _tag: "Bad" }
      // The token names no key, or several have the name.
      for await (const key of error) {
        try {
          return { _tag: "Good", claims: (await jwtVerify(text, key, options)).payload }
        } catch {}
      }
      return { _tag: "Bad" }
    }
  }

  const verify = Effect.fnUntraced(function* (text: string, issuer: Issuer) {
    const now = yield* Clock.currentTimeMillis
    return yield* Effect.promise(() =>
      attempt(text, issuer, {
        issuer: issuer.name,
        audience: settings.audience,
        algorithms,
        clockTolerance: tolerance,
        currentDate: DateTime.toDateUtc(DateTime.makeUnsafe(now)),
        requiredClaims: ["exp", "sub"]
      })
    )
  })

  return {
    find: Effect.fnUntraced(function* (text: string) {
      const before = yield* issuers.current
      let issuer = before
      let verified = yield* verify(text, issuer)
      if (verified._tag === "UnknownKey") {
        issuer = yield* issuers.after(before)
        if (issuer !== before) verified = yield* verify(text, issuer)
      }
      return verified._tag === "Good"
        ? Option.some(callerOf(issuer.name, verified.claims, settings.customersClaim))
        : Option.none()
    })
  }
})
