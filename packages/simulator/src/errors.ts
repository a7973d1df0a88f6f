// Partner Center's error codes that the simulator answers with: status, words and form of the body.

/** "A": `{code, description, data, source}`; "B": newer services; "C": the gateway's, no code. */
export type Form = "A" | "B" | "C"

export interface ErrorRow {
  readonly status: number
  readonly form: Form
  readonly name: string
  readonly description: string
}

const row = (status: number, form: Form, name: string, description: string): ErrorRow => ({
  status,
  form,
  name,
  description
})

const rows: ReadonlyMap<number, ErrorRow> = new Map([
  [0, row(501, "A", "Undefined", "An undefined exception occurred.")],
  [400, row(401, "A", "AccessDenied", "Access denied.")],
  [1000, row(404, "A", "NotFound", "Not found.")],
  [2000, row(400, "A", "TenantIdInvalid", "Tenant Id must be a GUID.")],
  [10001, row(401, "A", "MfaRequired", "Authentication failed. MFA required.")],
  [20000, row(404, "A", "OrderIdNotFound", "Order id was not found.")],
  [20002, row(403, "A", "NoRelationship", "No relationship between caller and account.")],
  [20003, row(404, "A", "SubscriptionNotFound", "Subscription was not found.")],
  [60003, row(404, "A", "TenantNotFound", "Tenant was not found.")],
  [90000, row(403, "A", "EntraError", "Microsoft Entra returned an error while issuing a token.")],
  [400072, row(200, "A", "ItemNotAvailable", "The item is not available.")],
  [800001, row(401, "A", "PartnerTokenMissing", "Partner token is missing in request context.")],
  [800002, row(400, "A", "InvalidInput", "The request input is invalid.")],
  [800003, row(500, "A", "ServiceException", "An unexpected service error occurred.")],
  [
    800007,
    row(404, "B", "ProvisioningStatusNotFound", "Provisioning information cannot be retrieved.")
  ],
  [800014, row(409, "A", "PendingAdjustment", "There is a pending adjustment on this order.")],
  [
    800060,
    row(
      409,
      "B",
      "OrderInProgress",
      "Order is in progress. Look at order history in a few minutes."
    )
  ],
  [900118, row(400, "B", "InvalidCustomerId", "The customer id is invalid.")],
  [900126, row(400, "B", "EnumValueInvalid", "The enumeration value cannot be parsed.")],
  [900150, row(403, "B", "RoleNotAllowed", "The role has no right to this operation.")],
  [900192, row(500, "B", "GenericFailure", "The operation failed. Retry later.")],
  [900308, row(403, "B", "InsufficientPrivileges", "Insufficient privileges for the operation.")],
  [900309, row(403, "B", "ConditionalAccess", "Blocked by a Conditional Access policy.")],
  [
    900329,
    row(
      403,
      "B",
      "AppOnlyNotSupported",
      "The resource doesn't support application-only authentication."
    )
  ],
  [
    900420,
    row(
      401,
      "B",
      "InvalidAudience",
      "Unauthorized: the audience of the token is no longer supported."
    )
  ],
  [900421, row(401, "B", "MfaRequired", "Multi-factor authentication is required.")]
])

/** The row of a code; a code that is not in the table gets plain words and form A. */
export const errorRow = (code: number): ErrorRow =>
  rows.get(code) ?? row(400, "A", `Error${code}`, `Error ${code}.`)

/** The code that a bare HTTP status stands for when a fault names none. */
export const usualCode = (status: number) => {
  const usual: ReadonlyMap<number, number> = new Map([
    [400, 800002],
    [401, 400],
    [403, 900308],
    [404, 1000],
    [409, 800014],
    [500, 800003]
  ])
  return usual.get(status) ?? (status > 500 ? 900192 : 0)
}

/** The body, as documented under "Error responses"; `code` is a JSON number in all real samples. */
export const errorBody = (form: Form, status: number, code: number, words: ErrorRow) => {
  switch (form) {
    case "A":
      return { code, description: words.description, data: [], source: "PartnerFD" }
    case "B":
      return {
        code,
        message: words.description,
        description: words.description,
        errorName: words.name,
        isRetryable: status >= 500,
        parameters: {},
        errorMessageExtended: `InternalErrorCode=${code}`
      }
    case "C":
      return { statusCode: status, message: words.description }
  }
}
