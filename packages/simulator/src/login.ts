// Microsoft's login for the partner's tenant: everything that leads to a token.
import type { Call } from "./gate.ts"
import { makeAuthorize } from "./login/authorize.ts"
import type { Certificates } from "./login/certificate.ts"
import * as clients from "./login/clients.ts"
import { makeCodes } from "./login/codes.ts"
import { makeDevice } from "./login/device.ts"
import type { DeviceCodes } from "./login/deviceCodes.ts"
import { discovery } from "./login/discovery.ts"
import { makeIdTokens } from "./login/idTokens.ts"
import { tenantId, wrongTenant } from "./login/tenant.ts"
import { makeTokenEndpoint } from "./login/tokenEndpoint.ts"
import type { Users } from "./login/users.ts"
import * as errors from "./loginErrors.ts"
import type { RefreshTokens } from "./refreshTokens.ts"
import type { Clock } from "./time.ts"
import type { Tokens } from "./token.ts"

export const credentials = {
  tenantId,
  clientId: clients.either.id,
  clientSecret: clients.secret,
  refreshToken: "simulator-refresh-token"
}

export interface LoginOptions {
  readonly clock: Clock
  readonly tokens: Tokens
  readonly refreshTokens: RefreshTokens
  readonly users: Users
  readonly certificates: Certificates
  readonly deviceCodes: DeviceCodes
  /** Seconds. */
  readonly lifetime: number
  readonly signIdTokens: boolean
}

export const makeLogin = (options: LoginOptions) => {
  const { clock, lifetime } = options
  const codes = makeCodes(clock)
  const idTokens = makeIdTokens({ clock, lifetime, isSigned: options.signIdTokens })
  const device = makeDevice(options)
  return {
    discovery,
    keys: async ({ param, at }: Call) => {
      const wrong = wrongTenant(param("tenant"))
      return wrong === undefined
        ? errors.loginAnswer(200, await idTokens.keys(), at.now)
        : errors.loginFailure(wrong, at.now)
    },
    authorize: makeAuthorize({ ...options, codes }),
    deviceCode: device.start,
    deviceLogin: device.page,
    token: makeTokenEndpoint({ ...options, codes, idTokens })
  }
}
