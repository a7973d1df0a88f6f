// ID tokens, and the key that signs them where somebody will check.
import { encode, encodeText } from "../base64url.ts"
import type { Clock } from "../time.ts"
import { jwt } from "../token.ts"
import { tenantId } from "./tenant.ts"
import type { User } from "./users.ts"

export interface IdTokenOptions {
  readonly clock: Clock
  /** Otherwise a token is a JWT in shape only. */
  readonly isSigned: boolean
  /** Seconds. */
  readonly lifetime: number
}

export interface Subject {
  readonly user: User
  readonly clientId: string
  /** Where the request arrived. */
  readonly origin: string
  readonly nonce?: string | undefined
}

export const issuerOf = (origin: string) => `${origin}/${tenantId}/v2.0`

const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }

/** Takes about a tenth of a second, which is why nobody does it before there is need. */
const makeKey = async () => {
  const pair = await crypto.subtle.generateKey(
    { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    false,
    ["sign", "verify"]
  )
  const { n, e } = await crypto.subtle.exportKey("jwk", pair.publicKey)
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(n))
  return { pair, n, e, kid: encode(new Uint8Array(hash)) }
}

export const makeIdTokens = ({ clock, isSigned, lifetime }: IdTokenOptions) => {
  let made: ReturnType<typeof makeKey> | undefined
  const key = () => (made ??= makeKey())
  return {
    issue: async ({ user, clientId, origin, nonce }: Subject) => {
      const seconds = Math.floor(clock.now() / 1000)
      const claims = {
        aud: clientId,
        iss: issuerOf(origin),
        iat: seconds,
        nbf: seconds,
        exp: seconds + lifetime,
        name: user.name,
        ...(nonce === undefined ? {} : { nonce }),
        oid: user.oid,
        preferred_username: user.upn,
        sub: encodeText(`${clientId} ${user.oid}`),
        tid: tenantId,
        ver: "2.0"
      }
      if (!isSigned) return jwt(claims)
      const { pair, kid } = await key()
      const header = { typ: "JWT", alg: "RS256", kid }
      const signed = `${encodeText(JSON.stringify(header))}.${encodeText(JSON.stringify(claims))}`
      const bytes = new TextEncoder().encode(signed)
      const signature = await crypto.subtle.sign(algorithm, pair.privateKey, bytes)
      return `${signed}.${encode(new Uint8Array(signature))}`
    },
    /** The JSON Web Key Set; empty where nothing is signed. */
    keys: async () => {
      if (!isSigned) return { keys: [] }
      const { n, e, kid } = await key()
      return { keys: [{ kty: "RSA", use: "sig", alg: "RS256", kid, x5t: kid, n, e }] }
    }
  }
}

export type IdTokens = ReturnType<typeof makeIdTokens>
