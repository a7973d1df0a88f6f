// What comes of somebody signing in: who it is and whether with multi-factor, or why not.
import { type LoginError, loginError } from "../loginErrors.ts"
import { tenantId } from "./tenant.ts"
import type { User, Users } from "./users.ts"

export interface SignedIn {
  readonly upn: string
  readonly mfa: boolean
}

const otherTenant = (user: User) =>
  loginError(
    400,
    "invalid_request",
    50020,
    `User account '${user.upn}' from identity provider 'https://sts.windows.net/${user.tenantId}/' does not exist in tenant 'Contoso' and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first.`
  )

const nobody = loginError(
  400,
  "invalid_grant",
  50034,
  "The user account does not exist in the directory. To sign into this application, the account must be added to the directory."
)

const disabled = loginError(400, "invalid_grant", 50057, "The user account is disabled.")

const notEnrolled = loginError(
  400,
  "invalid_grant",
  50079,
  "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'."
)

const adminConsent = loginError(
  400,
  "invalid_grant",
  90094,
  "An administrator of your organization must give consent to this application before you can use it."
)

export const mfaRequired = loginError(
  400,
  "invalid_grant",
  50076,
  "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'."
)

export const consentMissing = loginError(
  400,
  "invalid_grant",
  65001,
  "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource."
)

/** The user accepts on a page, which gives the app the consent that it lacked. */
export const signIn = (users: Users, upn: string, asksMfa: boolean): SignedIn | LoginError => {
  const user = users.find(upn)
  if (user === undefined) return nobody
  if (user.tenantId !== tenantId) return otherTenant(user)
  if (user.isDisabled) return disabled
  if (asksMfa && user.mfa === "never") return notEnrolled
  if (user.consent === "adminOnly") return adminConsent
  users.change(user.upn, { consent: "granted" })
  return { upn: user.upn, mfa: user.mfa === "always" || (asksMfa && user.mfa === "whenAsked") }
}

/** Why a user who signed in once gets no further token without signing in again. */
export const barred = (user: User, mfa: boolean): LoginError | undefined => {
  if (user.isDisabled) return disabled
  if (user.consent !== "granted") return consentMissing
  return user.mfa === "always" && !mfa ? mfaRequired : undefined
}
