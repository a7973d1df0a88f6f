// The token endpoint's failures, as Entra words them.
import { jsonType } from "./wire.ts"

export interface LoginError {
  readonly status: number
  readonly error: string
  readonly code: number
  readonly text: string
}

export const loginError = (
  status: number,
  error: string,
  code: number,
  text: string
): LoginError => ({
  status,
  error,
  code,
  text
})

export const parameterMissing = (name: string) =>
  loginError(
    400,
    "invalid_request",
    900144,
    `The request body must contain the following parameter: '${name}'.`
  )

export const tenantNotFound = (tenant: string) =>
  loginError(
    400,
    "invalid_request",
    90002,
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`
  )

export const singleTenant = loginError(
  400,
  "invalid_request",
  50194,
  "Application is not configured as a multi-tenant application. Use a tenant-specific endpoint."
)

export const clientUnknown = (client: string, tenant: string) =>
  loginError(
    400,
    "unauthorized_client",
    700016,
    `Application with identifier '${client}' was not found in the directory '${tenant}'.`
  )

export const secretWrong = (client: string) =>
  loginError(
    401,
    "invalid_client",
    7000215,
    `Invalid client secret provided for app '${client}'. Ensure the secret being sent is the secret value, not the secret ID.`
  )

export const proofMissing = loginError(
  401,
  "invalid_client",
  7000218,
  "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
)

export const grantUnsupported = (grant: string) =>
  loginError(
    400,
    "unsupported_grant_type",
    70003,
    `The app requested an unsupported grant type '${grant}'.`
  )

export const scopeInvalid = (scope: string) =>
  loginError(
    400,
    "invalid_scope",
    70011,
    `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`
  )

export const resourceUnknown = (resource: string) =>
  loginError(
    400,
    "invalid_resource",
    500011,
    `The resource principal named ${resource} was not found in the tenant.`
  )

export const refreshTokenInvalid = loginError(
  400,
  "invalid_grant",
  70000,
  "The provided value for the input parameter 'refresh_token' is not valid."
)

export const transient = (status: number) =>
  loginError(
    status,
    "temporarily_unavailable",
    90033,
    "A transient error has occurred. Please try again."
  )

/** Suberrors that go with a number; clients read them beside `error`. */
const suberrors: ReadonlyMap<number, string> = new Map([
  [50076, "basic_action"],
  [65001, "consent_required"],
  [700082, "bad_token"],
  [700084, "bad_token"],
  [70043, "token_expired"],
  [50173, "bad_token"]
])

/** What the login says of a failure, in a body or behind the address that a browser goes back to. */
export const failureBody = (failure: LoginError, now: number) => {
  const traceId = crypto.randomUUID()
  const correlationId = crypto.randomUUID()
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace("T", " ")}Z`
  const suberror = suberrors.get(failure.code)
  return {
    error: failure.error,
    error_description: `AADSTS${failure.code}: ${failure.text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [failure.code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${failure.code}`,
    ...(suberror === undefined ? {} : { suberror })
  }
}

/** The failure as the answer's body and headers. */
export const loginFailure = (failure: LoginError, now: number) =>
  loginAnswer(failure.status, failureBody(failure, now), now)

export const loginAnswer = (status: number, body: object, now: number) =>
  new Response(JSON.stringify(body), {
    status,
    headers: {
      "Content-Type": jsonType,
      "Cache-Control": "no-store, no-cache",
      Pragma: "no-cache",
      "x-ms-request-id": crypto.randomUUID(),
      Date: new Date(now).toUTCString()
    }
  })
