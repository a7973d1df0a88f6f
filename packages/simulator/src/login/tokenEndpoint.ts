// The token endpoint: what each grant leads to, in the shapes of OAuth 2.0 as Entra's v2.0 has them.
import { encodeText } from "../base64url.ts"
import type { Call } from "../gate.ts"
import * as errors from "../loginErrors.ts"
import { type Condition, type RefreshTokens, refusal, type Session } from "../refreshTokens.ts"
import type { Clock } from "../time.ts"
import type { Grant, Tokens } from "../token.ts"
import type { Certificates } from "./certificate.ts"
import { type Client, readClient } from "./clients.ts"
import type { Codes } from "./codes.ts"
import type { DeviceCodes } from "./deviceCodes.ts"
import type { IdTokens } from "./idTokens.ts"
import { readProof } from "./proof.ts"
import { readScope, type Scope } from "./scope.ts"
import { barred } from "./signIn.ts"
import { tenantId, wrongTenant } from "./tenant.ts"
import type { Users } from "./users.ts"

export interface TokenEndpointOptions {
  readonly clock: Clock
  readonly tokens: Tokens
  readonly refreshTokens: RefreshTokens
  readonly users: Users
  readonly certificates: Certificates
  readonly codes: Codes
  readonly deviceCodes: DeviceCodes
  readonly idTokens: IdTokens
  /** Seconds. */
  readonly lifetime: number
}

/** What a grant gives: a user's session, or the app itself. */
interface Entitled {
  readonly session?: Session
  readonly scope: Scope
  readonly condition: Condition
  readonly nonce?: string | undefined
}

export const makeTokenEndpoint = (options: TokenEndpointOptions) => {
  const { clock, tokens, refreshTokens, users, lifetime } = options

  const byRefreshToken = (client: Client, form: URLSearchParams) => {
    const scope = readScope(form.get("scope") ?? "")
    if ("error" in scope) return scope
    const text = form.get("refresh_token") ?? ""
    const token = refreshTokens.find(text)
    if (token === undefined || (token.session.clientId ?? client.id) !== client.id)
      return errors.refreshTokenInvalid
    const user = users.find(token.session.upn)
    const refused = refusal(token, clock.now()) ?? (user && barred(user, token.session.mfa))
    if (refused !== undefined) return refused
    refreshTokens.use(text)
    return { session: token.session, scope, condition: token.condition }
  }

  const byCode = async (client: Client, form: URLSearchParams) => {
    const code = form.get("code")
    const redirectUri = form.get("redirect_uri")
    if (!code) return errors.parameterMissing("code")
    if (!redirectUri) return errors.parameterMissing("redirect_uri")
    const verifier = form.get("code_verifier")
    const granted = await options.codes.redeem({ code, clientId: client.id, redirectUri, verifier })
    if ("error" in granted) return granted
    const scope = readScope(form.get("scope") ?? granted.scope)
    if ("error" in scope) return scope
    return { ...signedIn(client, granted), scope, nonce: granted.nonce }
  }

  const byDeviceCode = (client: Client, form: URLSearchParams) => {
    const code = form.get("device_code")
    if (!code) return errors.parameterMissing("device_code")
    const answered = options.deviceCodes.redeem(code, client.id)
    if ("error" in answered) return answered
    const scope = readScope(answered.scope)
    return "error" in scope ? scope : { ...signedIn(client, answered), scope }
  }

  const byClient = (proof: string, form: URLSearchParams) => {
    if (proof === "0") return errors.proofMissing
    const scope = readScope(form.get("scope") ?? "")
    if ("error" in scope) return scope
    return scope.asked.includes(`${scope.resource}/.default`)
      ? { scope, condition: "valid" as const }
      : errors.scopeInvalid(scope.resource)
  }

  const entitle = (
    client: Client,
    proof: string,
    form: URLSearchParams
  ): Promise<Entitled | errors.LoginError> | Entitled | errors.LoginError => {
    const grant = form.get("grant_type")
    switch (grant) {
      case null:
      case "":
        return errors.parameterMissing("grant_type")
      case "client_credentials":
        return byClient(proof, form)
      case "refresh_token":
        return byRefreshToken(client, form)
      case "authorization_code":
        return byCode(client, form)
      case "urn:ietf:params:oauth:grant-type:device_code":
      // As Microsoft's own libraries still write it.
      case "device_code":
        return byDeviceCode(client, form)
      default:
        return errors.grantUnsupported(grant)
    }
  }

  return async ({ form, param, origin }: Call) => {
    const now = clock.now()
    const failed = (failure: errors.LoginError) => errors.loginFailure(failure, now)
    const wrong = wrongTenant(param("tenant"))
    if (wrong !== undefined) return failed(wrong)
    const client = readClient(form.get("client_id"), param("tenant"))
    if ("error" in client) return failed(client)
    const proof = await readProof(client, form, options.certificates, { origin, now })
    if (typeof proof !== "string") return failed(proof)
    const entitled = await entitle(client, proof, form)
    if ("error" in entitled) return failed(entitled)

    const { session, scope, condition, nonce } = entitled
    const user = session === undefined ? undefined : users.find(session.upn)
    const grant: Grant = {
      ...(user === undefined ? {} : { user }),
      audience: condition === "wrongAudience" ? "https://graph.windows.net" : scope.resource,
      mfa: session !== undefined && session.mfa && condition !== "withoutMfa",
      lifetime: condition === "bornExpired" ? -60 : lifetime,
      tenantId,
      clientId: client.id,
      proof
    }
    const body = {
      token_type: "Bearer",
      expires_in: lifetime,
      ext_expires_in: lifetime,
      access_token: tokens.issue(grant)
    }
    if (session === undefined || user === undefined) return errors.loginAnswer(200, body, now)
    const rotates = scope.asked.includes("offline_access") && condition !== "withoutRotation"
    const subject = { user, clientId: client.id, origin, nonce }
    const more = {
      scope: `${scope.resource}/user_impersonation ${scope.resource}/.default`,
      ...(rotates ? { refresh_token: refreshTokens.issue(session, condition) } : {}),
      ...(scope.asked.includes("openid")
        ? { id_token: await options.idTokens.issue(subject) }
        : {}),
      ...(form.get("client_info") === "1"
        ? { client_info: encodeText(JSON.stringify({ uid: user.oid, utid: tenantId })) }
        : {})
    }
    return errors.loginAnswer(200, { ...body, ...more }, now)
  }
}

const signedIn = (
  client: Client,
  { upn, mfa }: { readonly upn: string; readonly mfa: boolean }
) => ({
  session: { upn, mfa, clientId: client.id },
  condition: "valid" as const
})
