// What the facts about a credential mean. Pure: the rules, and in which order they are told.
import { DateTime, Duration, Option, Redacted } from "effect"
import type { Finding, Health } from "../CredentialHealth.ts"
import type { Entry } from "../CredentialVault.ts"
import type { PartnerCenterError } from "../PartnerCenterError.ts"
import { plain } from "../text.ts"
import { claimsOf } from "../TokenClaims.ts"
import type { TokenClaims } from "../TokenClaims.ts"

export interface Facts {
  readonly entry: Option.Option<Entry>
  /** The access token in use; without one, the entry's. */
  readonly token?: Redacted.Redacted | undefined
  /** Why no access token could be had. */
  readonly refused?: PartnerCenterError | undefined
  readonly now: DateTime.Utc
  /** What the token must be for: the cloud's Partner Center API. */
  readonly audience: string
  /** The tenant that the settings name. */
  readonly tenantId?: string | undefined
  /** Whether a renewed refresh token is still there for the next process. */
  readonly isDurable: boolean
}

// https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime
const lifetimeDays = 90
const warnFromDays = 75

// How the API is named in v2.0 tokens, in every tenant.
const apiAppId = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"

/** All of the facts, and what was read out of the token. */
interface Seen extends Facts {
  readonly held: Entry
  readonly shown: Redacted.Redacted | undefined
  readonly claims: TokenClaims | undefined
  readonly expiresAt: DateTime.Utc | undefined
  readonly ageDays: number | undefined
}

export const assess = (facts: Facts): Health => {
  const seen = read(facts)
  const { ageDays, claims, expiresAt, held } = seen
  const user = userOf(claims)
  const app = appOf(claims)
  return {
    ...(claims?.tid !== undefined && { tenantId: plain(claims.tid) }),
    ...(user !== undefined && { user: plain(user) }),
    ...(app !== undefined && { app: plain(app) }),
    roles: (claims?.roles ?? []).map(plain),
    mfa: mfaOf(claims),
    appOnly: isAppOnly(claims),
    ...(expiresAt !== undefined && { tokenExpiresAt: expiresAt }),
    ...(held.signedInAt !== undefined && { signedInAt: held.signedInAt }),
    ...(held.refreshedAt !== undefined && { refreshedAt: held.refreshedAt }),
    ...(ageDays !== undefined && { refreshTokenAgeDays: ageDays }),
    ...(held.refreshToken !== undefined &&
      held.refreshedAt !== undefined && {
        refreshTokenExpiresAt: DateTime.addDuration(held.refreshedAt, Duration.days(lifetimeDays))
      }),
    findings: findings(seen)
  }
}

const read = (facts: Facts): Seen => {
  const held: Entry = Option.getOrElse(facts.entry, () => ({}))
  const shown = facts.token ?? held.accessToken
  const claims = shown === undefined ? undefined : Option.getOrUndefined(claimsOf(shown))
  const isHeld =
    shown !== undefined &&
    held.accessToken !== undefined &&
    Redacted.value(shown) === Redacted.value(held.accessToken)
  const said =
    claims?.exp === undefined ? undefined : Option.getOrUndefined(DateTime.make(claims.exp * 1000))
  const ageDays =
    held.refreshToken === undefined || held.refreshedAt === undefined
      ? undefined
      : Math.max(0, Math.floor(Duration.toDays(DateTime.distance(held.refreshedAt, facts.now))))
  return {
    ...facts,
    held,
    shown,
    claims,
    ageDays,
    expiresAt: said ?? (isHeld ? held.expiresAt : undefined)
  }
}

type Rule = (seen: Seen) => Finding | undefined

const findings = (seen: Seen): ReadonlyArray<Finding> => {
  const { held, refused, shown } = seen
  if (shown === undefined && held.refreshToken === undefined && !wasRefusedByLogin(refused)) {
    return [
      {
        level: "fail",
        code: "no-credential",
        message: refused?.reason.description ?? "there is no credential",
        remedy: refused?.reason.remedy ?? "Sign in with a user of the partner's tenant."
      }
    ]
  }
  const found: Array<Finding> = []
  for (const rule of rules) {
    const finding = rule(seen)
    if (finding !== undefined && !found.some(({ code }) => code === finding.code)) {
      found.push(finding)
    }
  }
  return found
}

const wasRefusedByLogin = (refused: PartnerCenterError | undefined): boolean =>
  refused?.reason.code !== undefined || refused?.reason.httpStatus !== undefined

const expired: Rule = ({ expiresAt, held, now }) =>
  expiresAt === undefined ||
  held.refreshToken !== undefined ||
  DateTime.isGreaterThan(expiresAt, now)
    ? undefined
    : {
        level: "fail",
        code: "expired",
        message: `the access token ended at ${DateTime.formatIso(expiresAt)}, and there is no refresh token`,
        remedy: "Sign in, or set a new access token."
      }

const refusal: Rule = ({ refused }) => {
  if (refused === undefined) return undefined
  const { reason } = refused
  const code =
    reason._tag === "MfaRequired"
      ? "mfa"
      : reason._tag === "ConditionalAccess"
        ? "conditional-access"
        : "sign-in"
  return { level: "fail", code, message: refused.message, remedy: reason.remedy }
}

const readable: Rule = ({ claims, shown }) =>
  shown === undefined || claims !== undefined
    ? undefined
    : {
        level: "warn",
        code: "opaque",
        message:
          "the access token cannot be read, so its user and multi-factor state are not known",
        remedy: "Where requests succeed there is nothing to do."
      }

const audience: Rule = ({ audience, claims }) => {
  if (claims?.aud === undefined) return undefined
  const given = typeof claims.aud === "string" ? [claims.aud] : claims.aud
  return given.map(asAddress).some((aud) => aud === asAddress(audience) || aud === apiAppId)
    ? { level: "ok", code: "audience", message: `the token is for ${audience}` }
    : {
        level: "fail",
        code: "audience",
        message: `the token is for ${plain(given.join(", ")) || "nobody"}, not for ${audience}`,
        remedy:
          "Ask for a token of the Partner Center API of this cloud, and check the cloud setting."
      }
}

const asAddress = (text: string): string => text.toLowerCase().replace(/\/+$/, "")

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const tenant: Rule = ({ claims, tenantId }) =>
  claims?.tid === undefined ||
  tenantId === undefined ||
  !guid.test(tenantId) ||
  claims.tid.toLowerCase() === tenantId.toLowerCase()
    ? undefined
    : {
        level: "warn",
        code: "tenant",
        message: `the token is of tenant ${plain(claims.tid)}, and the settings name ${tenantId}`,
        remedy: "Check PARTNER_CENTER_TENANT_ID, or sign in with a user of that tenant."
      }

const userOf = (claims: TokenClaims | undefined) =>
  claims?.upn ?? claims?.unique_name ?? claims?.preferred_username

const appOf = (claims: TokenClaims | undefined) => claims?.appid ?? claims?.azp

// Where the token does not say so: a user's carries delegated permissions.
const isAppOnly = (claims: TokenClaims | undefined): boolean =>
  claims?.idtyp === undefined
    ? appOf(claims) !== undefined && claims?.scp === undefined && userOf(claims) === undefined
    : claims.idtyp === "app"

const appOnly: Rule = ({ claims }) => {
  if (appOf(claims) === undefined && claims?.idtyp === undefined) return undefined
  return isAppOnly(claims)
    ? {
        level: "fail",
        code: "app-only",
        message: "the app signed in on its own, without a user",
        remedy: "Sign in as a user (App+User): provisioning status is not for an app alone."
      }
    : { level: "ok", code: "app-only", message: "the app signed in with a user" }
}

const mfaOf = (claims: TokenClaims | undefined): Health["mfa"] =>
  claims?.amr === undefined ? "unknown" : claims.amr.includes("mfa") ? "yes" : "no"

// https://learn.microsoft.com/partner-center/security/partner-security-requirements-mandating-mfa
const mfa: Rule = ({ claims }) => {
  if (claims === undefined || isAppOnly(claims)) return undefined
  switch (mfaOf(claims)) {
    case "yes":
      return {
        level: "ok",
        code: "mfa",
        message: "the user signed in with multi-factor authentication"
      }
    case "no":
      return {
        level: "fail",
        code: "mfa",
        message: "the user signed in without multi-factor authentication",
        remedy: "Sign in again with multi-factor authentication; renewing the token does not help."
      }
    case "unknown":
      return {
        level: "warn",
        code: "mfa",
        message: "the token does not tell whether there was multi-factor authentication",
        remedy: "Sign in again with multi-factor authentication where requests are refused."
      }
  }
}

const scope: Rule = (seen) => {
  const { claims } = seen
  return claims?.scp === undefined ||
    audience(seen)?.level === "fail" ||
    claims.scp.toLowerCase().split(" ").includes("user_impersonation")
    ? undefined
    : {
        level: "warn",
        code: "scope",
        message: "the token lacks the permission user_impersonation of Partner Center",
        remedy:
          "Add the Partner Center API to the app registration's permissions, consent, and sign in again."
      }
}

const age: Rule = ({ ageDays }) => {
  if (ageDays === undefined) return undefined
  const since = ageDays === 0 ? "less than a day" : ageDays === 1 ? "1 day" : `${ageDays} days`
  const message = `the refresh token was last used ${since} ago`
  if (ageDays < warnFromDays) return { level: "ok", code: "refresh-token-age", message }
  return ageDays < lifetimeDays
    ? {
        level: "warn",
        code: "refresh-token-age",
        message: `${message}; it expires after ${lifetimeDays} days without use`,
        remedy: "Use it, or sign in again, before then."
      }
    : {
        level: "fail",
        code: "refresh-token-age",
        message: `${message}; it expires after ${lifetimeDays} days without use`,
        remedy: "Sign in again."
      }
}

// A token without an entry is somebody else's to renew.
const renewable: Rule = ({ entry, expiresAt, held }) =>
  Option.isNone(entry) || held.refreshToken !== undefined
    ? undefined
    : {
        level: "warn",
        code: "no-refresh-token",
        message: `the access token cannot be renewed${expiresAt === undefined ? "" : ` when it ends at ${DateTime.formatIso(expiresAt)}`}`,
        remedy: "Sign in, or set PARTNER_CENTER_REFRESH_TOKEN to the user's refresh token."
      }

const durable: Rule = ({ held, isDurable }) =>
  isDurable || held.refreshToken === undefined
    ? undefined
    : {
        level: "warn",
        code: "not-durable",
        message: "a renewed refresh token is not kept beyond this process",
        remedy: "Sign in, so that the credential is kept in the vault and renewed there."
      }

// What explains the others comes first.
const rules: ReadonlyArray<Rule> = [
  expired,
  refusal,
  readable,
  audience,
  tenant,
  appOnly,
  mfa,
  scope,
  age,
  renewable,
  durable
]
