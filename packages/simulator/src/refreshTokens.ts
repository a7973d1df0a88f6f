// Refresh tokens: which are known, and what each one leads to.

/** What comes of exchanging a refresh token; a successor inherits it. */
export type Condition =
  | "valid"
  | "revoked"
  | "expired"
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
  ["requireMfa", "mfaRequired"],
  ["withdrawConsent", "consentMissing"],
  ["withoutMfa", "withoutMfa"],
  ["wrongAudience", "wrongAudience"],
  ["bornExpired", "bornExpired"],
  ["withoutRotation", "withoutRotation"]
])

/** Refresh tokens that every simulator knows from the start. */
export const seeds: ReadonlyMap<string, Condition> = new Map([
  ["simulator-refresh-token", "valid"],
  ["refresh-revoked", "revoked"],
  ["refresh-expired", "expired"],
  ["refresh-mfa-required", "mfaRequired"],
  ["refresh-consent-missing", "consentMissing"],
  ["refresh-without-mfa", "withoutMfa"],
  ["refresh-wrong-audience", "wrongAudience"],
  ["refresh-born-expired", "bornExpired"],
  ["refresh-without-rotation", "withoutRotation"]
])

export const makeRefreshTokens = () => {
  const known = new Map(seeds)
  return {
    find: (token: string) => known.get(token),
    /** A successor; its predecessor stays valid, as Microsoft's does. */
    issue: (condition: Condition) => {
      const token = `simulator-refresh-${crypto.randomUUID()}`
      known.set(token, condition)
      return token
    },
    /** Puts one token into a condition, or all without a telling name; says how many. */
    put: (condition: Condition, only?: string) => {
      const found = [...known.keys()].filter((token) =>
        only === undefined ? isPlain(token) : token === only
      )
      for (const token of found) known.set(token, condition)
      return found.length
    }
  }
}

// A telling name keeps its meaning unless that very token is changed.
const isPlain = (token: string) => token.startsWith("simulator-refresh-")

export type RefreshTokens = ReturnType<typeof makeRefreshTokens>
