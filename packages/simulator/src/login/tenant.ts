// The partner's one tenant, by id or by domain.
import * as errors from "../loginErrors.ts"

export const tenantId = "7a1b6c44-5c7e-4f0b-a3d5-0f6c1d2e3b4a"
const domain = "orderwatch-partner.onmicrosoft.com"

export const isTenant = (tenant: string) =>
  tenant.toLowerCase() === tenantId || tenant.toLowerCase() === domain

/** Why a sign-in to this tenant cannot be, if it cannot. */
export const wrongTenant = (tenant: string) => {
  const id = tenant.toLowerCase()
  if (id === "common" || id === "organizations") return errors.singleTenant
  return isTenant(tenant) ? undefined : errors.tenantNotFound(tenant)
}
