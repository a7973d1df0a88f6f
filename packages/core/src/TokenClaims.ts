// What an access token says of itself. It is read, not verified: that is the API's part, for which the
// token is meant.
import { Option, Redacted, Result, Schema } from "effect"
import * as Base64Url from "effect/encoding/Base64Url"

const optional = Schema.optionalKey
const Texts = Schema.Array(Schema.String)

/**
 * The claims of an Entra access token, v1.0 or v2.0, that tell whose it is and what it is good for.
 * Times are in seconds since the epoch.
 *
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export const TokenClaims = Schema.Struct({
  /** The API that the token is for: its address, or, in v2.0, its application id. */
  aud: optional(Schema.Union([Schema.String, Texts])),
  iss: optional(Schema.String),
  exp: optional(Schema.Finite),
  iat: optional(Schema.Finite),
  /** How the user was authenticated; `mfa` is among them after multi-factor authentication. */
  amr: optional(Texts),
  appid: optional(Schema.String),
  /** The v2.0 name of `appid`. */
  azp: optional(Schema.String),
  /** How the app proved itself: `0` not at all, `1` by a secret, `2` by a certificate. */
  appidacr: optional(Schema.String),
  /** Delegated permissions, separated by spaces. An app on its own has none. */
  scp: optional(Schema.String),
  roles: optional(Texts),
  tid: optional(Schema.String),
  upn: optional(Schema.String),
  unique_name: optional(Schema.String),
  preferred_username: optional(Schema.String),
  oid: optional(Schema.String),
  name: optional(Schema.String),
  /** `app` where an app signed in on its own. */
  idtyp: optional(Schema.String)
})
export type TokenClaims = typeof TokenClaims.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(TokenClaims))

/** The claims of a token; none where it is not a JSON Web Token, which is its issuer's right. */
export const claimsOf = (token: Redacted.Redacted): Option.Option<TokenClaims> => {
  const [header, payload, signature, ...more] = Redacted.value(token).split(".")
  return !header || !payload || signature === undefined || more.length > 0
    ? Option.none()
    : Option.flatMap(Result.getSuccess(Base64Url.decodeString(payload)), decode)
}
