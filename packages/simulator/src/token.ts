// Access tokens: shaped as Entra's v1.0 JWTs, known by their text to the simulator that issued them.
import { encodeText } from "./base64url.ts"
import type { User } from "./login/users.ts"
import type { Clock } from "./time.ts"

export const clouds = [
  "https://api.partnercenter.microsoft.com",
  "https://partner.partnercenterapi.microsoftonline.cn"
]

export interface AccessToken {
  /** Absent from an app-only token. */
  readonly upn?: string
  readonly audience: string
  readonly mfa: boolean
  /** Epoch seconds. */
  readonly expiresAt: number
}

export interface Grant {
  /** Absent from an app-only token. */
  readonly user?: User
  readonly audience: string
  readonly mfa: boolean
  /** Seconds; 0 or less is born expired. */
  readonly lifetime: number
  readonly tenantId: string
  readonly clientId: string
  /** How the client proved itself: "0" not at all, "1" by a secret, "2" by a certificate. */
  readonly proof: "0" | "1" | "2"
}

/** A JWT in shape only: nobody could verify its signature. */
export const jwt = (claims: object) => {
  const header = encodeText(JSON.stringify({ typ: "JWT", alg: "RS256", kid: "simulator" }))
  return `${header}.${encodeText(JSON.stringify(claims))}.${encodeText(crypto.randomUUID())}`
}

const claims = (grant: Grant, now: number, expiresAt: number) => ({
  aud: grant.audience,
  iss: `https://sts.windows.net/${grant.tenantId}/`,
  iat: Math.min(now, expiresAt - 1),
  nbf: Math.min(now, expiresAt - 1),
  exp: expiresAt,
  appid: grant.clientId,
  appidacr: grant.proof,
  ...(grant.user === undefined
    ? { idtyp: "app", oid: "c0a8f1f3-2f5b-4a0c-8f6b-9d9e7f3b1c55" }
    : {
        acr: "1",
        amr: grant.mfa ? ["pwd", "mfa"] : ["pwd"],
        name: grant.user.name,
        oid: grant.user.oid,
        scp: "user_impersonation",
        upn: grant.user.upn
      }),
  tid: grant.tenantId,
  uti: crypto.randomUUID(),
  ver: "1.0"
})

/** The tokens one simulator has issued. */
export const makeTokens = (clock: Clock) => {
  const issued = new Map<string, AccessToken>()
  const seconds = () => Math.floor(clock.now() / 1000)
  const isExpired = (token: AccessToken) => token.expiresAt <= seconds()
  const forgetExpired = () => {
    for (const [text, token] of issued) if (isExpired(token)) issued.delete(text)
  }
  return {
    issue: (grant: Grant) => {
      if (issued.size > 1000) forgetExpired()
      const expiresAt = seconds() + grant.lifetime
      const text = jwt(claims(grant, seconds(), expiresAt))
      issued.set(text, {
        ...(grant.user === undefined ? {} : { upn: grant.user.upn }),
        audience: grant.audience,
        mfa: grant.mfa,
        expiresAt
      })
      return text
    },
    find: (text: string) => issued.get(text),
    isExpired
  }
}

export type Tokens = ReturnType<typeof makeTokens>

/** Tells tokens apart in the request log without giving them away. */
export const fingerprint = async (secret: string) => {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret))
  return Array.from(new Uint8Array(hash, 0, 6), (byte) => byte.toString(16).padStart(2, "0")).join(
    ""
  )
}
