// The token endpoint: refresh_token and client_credentials grants in the shapes of OAuth 2.0 v2.0.
import * as errors from "./loginErrors.ts"
import type { RefreshTokens } from "./refreshTokens.ts"
import type { Clock } from "./time.ts"
import { clouds, jwt, type Grant, type Tokens, user } from "./token.ts"

export const credentials = {
  tenantId: "7a1b6c44-5c7e-4f0b-a3d5-0f6c1d2e3b4a",
  clientId: "b6a0f7de-8a5c-4d43-9f6b-2c1d0e9f8a7b",
  clientSecret: "simulator-client-secret",
  refreshToken: "simulator-refresh-token"
}

const tenantDomain = "orderwatch-partner.onmicrosoft.com"

export interface LoginOptions {
  readonly clock: Clock
  readonly tokens: Tokens
  readonly refreshTokens: RefreshTokens
  /** Seconds. */
  readonly lifetime: number
}

export const makeLogin =
  ({ clock, tokens, refreshTokens, lifetime }: LoginOptions) =>
  (tenant: string, form: URLSearchParams) => {
    const failed = (failure: errors.LoginError) => errors.loginFailure(failure, clock.now())
    const wrong = wrongRequest(tenant, form)
    if (wrong !== undefined) return failed(wrong)
    const proof = clientProof(form)
    if (typeof proof !== "string") return failed(proof)
    const scope = resourceOf(form.get("scope") ?? "")
    if (typeof scope !== "string") return failed(scope)

    const grant = { tenantId: credentials.tenantId, clientId: credentials.clientId, proof }
    const asked = (form.get("scope") ?? "").split(" ")
    switch (form.get("grant_type")) {
      case "client_credentials": {
        if (proof === "0") return failed(errors.proofMissing)
        if (!asked.includes(`${scope}/.default`)) return failed(errors.scopeInvalid(scope))
        const app: Grant = { ...grant, kind: "app", audience: scope, mfa: false, lifetime }
        return errors.loginAnswer(200, answer(tokens.issue(app), lifetime), clock.now())
      }
      case "refresh_token": {
        const condition = refreshTokens.find(form.get("refresh_token") ?? "")
        if (condition === undefined) return failed(errors.refreshTokenInvalid)
        const refusal = errors.refusals[condition]
        if (refusal !== undefined) return failed(refusal)
        const access = tokens.issue({
          ...grant,
          kind: "user",
          audience: condition === "wrongAudience" ? "https://graph.windows.net" : scope,
          mfa: condition !== "withoutMfa",
          lifetime: condition === "bornExpired" ? -60 : lifetime
        })
        const rotates = asked.includes("offline_access") && condition !== "withoutRotation"
        const body = {
          ...answer(access, lifetime),
          scope: `${scope}/user_impersonation ${scope}/.default`,
          ...(rotates ? { refresh_token: refreshTokens.issue(condition) } : {}),
          ...(asked.includes("openid") ? { id_token: idToken(clock.now(), lifetime) } : {})
        }
        return errors.loginAnswer(200, body, clock.now())
      }
      default:
        return failed(errors.grantUnsupported(form.get("grant_type") ?? ""))
    }
  }

const answer = (accessToken: string, lifetime: number) => ({
  token_type: "Bearer",
  expires_in: lifetime,
  ext_expires_in: lifetime,
  access_token: accessToken
})

const wrongRequest = (tenant: string, form: URLSearchParams) => {
  const id = tenant.toLowerCase()
  if (id === "common" || id === "organizations") return errors.singleTenant
  if (id !== credentials.tenantId && id !== tenantDomain) return errors.tenantNotFound(tenant)
  if (!form.get("grant_type")) return errors.parameterMissing("grant_type")
  const client = form.get("client_id")
  if (!client) return errors.parameterMissing("client_id")
  return client.toLowerCase() === credentials.clientId
    ? undefined
    : errors.clientUnknown(client, tenant)
}

const clientProof = (form: URLSearchParams): "0" | "1" | "2" | errors.LoginError => {
  const assertion = form.get("client_assertion")
  if (assertion !== null) {
    const isJwtBearer =
      form.get("client_assertion_type") === "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return isJwtBearer && assertion.split(".").length === 3 ? "2" : errors.assertionWrong
  }
  const secret = form.get("client_secret")
  if (secret === null) return "0"
  return secret === credentials.clientSecret ? "1" : errors.secretWrong(credentials.clientId)
}

/** The one resource whose scopes are asked for. */
const resourceOf = (scope: string) => {
  const asked = scope.split(" ").filter((word) => word !== "")
  const own = clouds.find((resource) =>
    asked.some(
      (word) => word === `${resource}/.default` || word === `${resource}/user_impersonation`
    )
  )
  if (own !== undefined) return own
  const other = asked.find((word) => /^(https|api):\/\/[^/]+\/[^/]+$/.test(word))
  if (other === undefined || clouds.some((resource) => other.startsWith(`${resource}/`)))
    return errors.scopeInvalid(scope)
  return errors.resourceUnknown(other.replace(/\/[^/]+$/, ""))
}

const idToken = (now: number, lifetime: number) => {
  const seconds = Math.floor(now / 1000)
  return jwt({
    aud: credentials.clientId,
    iss: `https://login.microsoftonline.com/${credentials.tenantId}/v2.0`,
    iat: seconds,
    nbf: seconds,
    exp: seconds + lifetime,
    name: user.name,
    oid: user.oid,
    preferred_username: user.upn,
    tid: credentials.tenantId,
    ver: "2.0"
  })
}
