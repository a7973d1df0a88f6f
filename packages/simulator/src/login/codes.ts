// Authorization codes: each good for a minute, once, for the client and address that it was given to.
import { encode } from "../base64url.ts"
import { type LoginError, loginError } from "../loginErrors.ts"
import type { Clock } from "../time.ts"
import type { SignedIn } from "./signIn.ts"

export interface Granted extends SignedIn {
  readonly clientId: string
  readonly redirectUri: string
  readonly scope: string
  /** PKCE's, of method S256. */
  readonly challenge?: string
  readonly nonce?: string
}

/** What a client shows for a code. */
export interface Redemption {
  readonly code: string
  readonly clientId: string
  readonly redirectUri: string
  readonly verifier: string | null
}

const refused = (code: number, text: string) => loginError(400, "invalid_grant", code, text)

const unknown = refused(
  70000,
  "The provided value for the 'code' parameter is not valid. The code is not one of this client's."
)
const redeemed = refused(
  54005,
  "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."
)
const expired = refused(
  70008,
  "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource."
)
const otherAddress = (asked: string, given: string) =>
  refused(
    500112,
    `The reply address '${asked}' does not match the reply address '${given}' provided when requesting Authorization code.`
  )
const verifierWrong = refused(
  501481,
  "The Code_Verifier does not match the code_challenge supplied in the authorization request."
)

/** Milliseconds. */
const lifetime = 60_000

export const makeCodes = (clock: Clock) => {
  const known = new Map<string, { granted: Granted; expiresAt: number; isRedeemed: boolean }>()
  return {
    issue: (granted: Granted) => {
      if (known.size > 1000)
        for (const [code, { expiresAt }] of known)
          if (expiresAt < clock.now() - 3_600_000) known.delete(code)
      const code = `simulator-code-${crypto.randomUUID()}`
      known.set(code, { granted, expiresAt: clock.now() + lifetime, isRedeemed: false })
      return code
    },
    redeem: async (shown: Redemption): Promise<Granted | LoginError> => {
      const { code, clientId, redirectUri, verifier } = shown
      const found = known.get(code)
      if (found === undefined || found.granted.clientId !== clientId) return unknown
      if (found.granted.redirectUri !== redirectUri)
        return otherAddress(redirectUri, found.granted.redirectUri)
      const challenge = verifier === null ? undefined : await challengeOf(verifier)
      if (challenge !== found.granted.challenge) return verifierWrong
      // From here on nothing waits, so that of two requests one is the second.
      if (found.isRedeemed) return redeemed
      if (found.expiresAt <= clock.now()) return expired
      found.isRedeemed = true
      return found.granted
    }
  }
}

export type Codes = ReturnType<typeof makeCodes>

const challengeOf = async (verifier: string) =>
  encode(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))))
