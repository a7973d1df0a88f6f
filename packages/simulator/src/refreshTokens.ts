// Refresh tokens: whose each one is, and what exchanging it leads to.
import { type LoginError, loginError } from "./loginErrors.ts"
import { consentMissing, mfaRequired } from "./login/signIn.ts"
import { avery } from "./login/users.ts"
import type { Clock } from "./time.ts"

/** What comes of exchanging a refresh token; a successor inherits it. */
export type Condition =
  | "valid"
  | "revoked"
  | "expired"
  | "signInFrequency"
  | "spa"
  | "mfaRequired"
  | "consentMissing"
  | "withoutMfa"
  | "wrongAudience"
  | "bornExpired"
  | "withoutRotation"

/** Control actions and the condition each puts a token into. */
export const actions: ReadonlyMap<string, Condition> = new Map([
  ["restore", "valid"],
  ["revoke", "revoked"],
  ["expire", "expired"],
  ["signInFrequency", "signInFrequency"],
  ["spa", "spa"],
  ["requireMfa", "mfaRequired"],
  ["withdrawConsent", "consentMissing"],
  ["withoutMfa", "withoutMfa"],
  ["wrongAudience", "wrongAudience"],
  ["bornExpired", "bornExpired"],
  ["withoutRotation", "withoutRotation"]
])

/** Refresh tokens that every simulator knows from the start. */
const seeds: ReadonlyMap<string, Condition> = new Map([
  ["simulator-refresh-token", "valid"],
  ["refresh-revoked", "revoked"],
  ["refresh-expired", "expired"],
  ["refresh-sign-in-frequency", "signInFrequency"],
  ["refresh-spa", "spa"],
  ["refresh-mfa-required", "mfaRequired"],
  ["refresh-consent-missing", "consentMissing"],
  ["refresh-without-mfa", "withoutMfa"],
  ["refresh-wrong-audience", "wrongAudience"],
  ["refresh-born-expired", "bornExpired"],
  ["refresh-without-rotation", "withoutRotation"]
])

export interface Session {
  readonly upn: string
  /** Whether multi-factor was done when the user signed in. */
  readonly mfa: boolean
  /** Whose it is; any client's unless given. */
  readonly clientId?: string
}

export interface RefreshToken {
  readonly session: Session
  readonly condition: Condition
  /** Epoch milliseconds, as is `usedAt`. */
  readonly issuedAt: number
  readonly usedAt: number
}

/** Milliseconds without use after which a refresh token is dead. */
const inactivity = 90 * 86_400_000

const refused = (code: number, text: string) => loginError(400, "invalid_grant", code, text)

/** Why a refresh token is refused for its own sake, if it is. */
export const refusal = (token: RefreshToken, now: number): LoginError | undefined => {
  const issued = new Date(token.issuedAt).toISOString().replace("Z", "0000Z")
  switch (token.condition) {
    case "revoked":
      return refused(
        50173,
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password."
      )
    case "signInFrequency":
      return refused(
        70043,
        `The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on ${issued} and the maximum allowed lifetime for this request is 14400.`
      )
    case "spa":
      return refused(
        700084,
        `The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page. The token was issued on ${issued}.`
      )
    case "mfaRequired":
      return mfaRequired
    case "consentMissing":
      return consentMissing
    default:
      return token.condition === "expired" || now - token.usedAt >= inactivity
        ? refused(
            700082,
            `The refresh token has expired due to inactivity. The token was issued on ${issued} and was inactive for 90.00:00:00.`
          )
        : undefined
  }
}

/** Which tokens a control means: one, those of a user, or all. */
export interface Selection {
  readonly token?: string
  readonly upn?: string
}

export const makeRefreshTokens = (clock: Clock) => {
  const born = (session: Session, condition: Condition): RefreshToken => {
    const now = clock.now()
    return { session, condition, issuedAt: now, usedAt: now }
  }
  const known = new Map(
    Array.from(seeds, ([token, condition]) => [
      token,
      born({ upn: avery.upn, mfa: true }, condition)
    ])
  )
  return {
    find: (token: string) => known.get(token),
    /** Ninety days more; using one token does nothing for another. */
    use: (token: string) => {
      const used = known.get(token)
      if (used !== undefined) known.set(token, { ...used, usedAt: clock.now() })
    },
    issue: (session: Session, condition: Condition) => {
      const token = `simulator-refresh-${crypto.randomUUID()}`
      known.set(token, born(session, condition))
      return token
    },
    /** Puts tokens into a condition; says how many. */
    put: (condition: Condition, { token, upn }: Selection) => {
      const found = [...known].filter(([text, { session }]) =>
        token === undefined
          ? isPlain(text) && (upn === undefined || session.upn === upn)
          : text === token
      )
      for (const [text, each] of found) known.set(text, { ...each, condition, usedAt: clock.now() })
      return found.length
    }
  }
}

// A telling name keeps its meaning unless that very token is changed.
const isPlain = (token: string) => token.startsWith("simulator-refresh-")

export type RefreshTokens = ReturnType<typeof makeRefreshTokens>
