// OpenID Connect discovery, with every address under the origin that was asked.
import type { Call } from "../gate.ts"
import * as errors from "../loginErrors.ts"
import { issuerOf } from "./idTokens.ts"
import { tenantId, wrongTenant } from "./tenant.ts"

export const discovery = ({ param, origin, at }: Call) => {
  const wrong = wrongTenant(param("tenant"))
  if (wrong !== undefined) return errors.loginFailure(wrong, at.now)
  const login = `${origin}/${tenantId}`
  const document = {
    token_endpoint: `${login}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    jwks_uri: `${login}/discovery/v2.0/keys`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    issuer: issuerOf(origin),
    request_uri_parameter_supported: false,
    authorization_endpoint: `${login}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${login}/oauth2/v2.0/devicecode`,
    code_challenge_methods_supported: ["S256"],
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "nonce", "name", "tid", "ver"],
    tenant_region_scope: "EU"
  }
  return errors.loginAnswer(200, document, at.now)
}
