// What to do about each of the login's refusals: by its AADSTS number, else by OAuth's word for it.
import type { ReasonTag } from "../PartnerCenterError.ts"

export interface Known {
  readonly tag: Extract<
    ReasonTag,
    "SignInRequired" | "MfaRequired" | "ConditionalAccess" | "Unavailable"
  >
  /** Without one, the reason's own. */
  readonly remedy?: string
}

const permissions =
  "Add the Partner Center API to the app registration's permissions, and check the cloud setting."
const consent =
  "Let an administrator of the partner's tenant consent to the app, then sign in again."
const account =
  "The user's account is locked, disabled or its password has expired: see to it, then sign in."
const declined = "The sign-in was declined: begin it again, and accept it."
const newCode = "The code is wrong or has expired: begin the sign-in again, and enter the new code."
const beginAgain = "The sign-in was interrupted or its code was used before: begin it again."
const proof = "The client secret is wrong or has expired: set a new one."
const certificate =
  "The client certificate is not the app's or has expired: check PARTNER_CENTER_CLIENT_CERTIFICATE_FILE."

// https://learn.microsoft.com/entra/identity-platform/reference-error-codes. Some that the login says are
// not on that page: 70020, 500112, 530032, 700007, 700021, 700023, 700024, 7000112, 7000218, 7000222.
const numbers: ReadonlyArray<readonly [ReadonlyArray<number>, Known["tag"], remedy?: string]> = [
  [[50074, 50076, 50158], "MfaRequired"],
  [
    [50072, 50079, 53004],
    "MfaRequired",
    "Let the user set up multi-factor authentication (https://aka.ms/mfasetup), then sign in again."
  ],
  [
    [50078],
    "MfaRequired",
    "The tenant's policy asks for multi-factor authentication anew: sign in again."
  ],
  [
    [50005, 50097, 50129, 50131, 50155, 53000, 53001, 53002, 53003, 53011, 530032, 530034, 530035],
    "ConditionalAccess"
  ],
  [
    [50058, 50085, 50089, 50132, 50133, 50173],
    "SignInRequired",
    "The session was ended: sign in again."
  ],
  [
    [70008, 70043, 700082, 700084],
    "SignInRequired",
    "The refresh token has expired (90 days without use, or by policy): sign in again."
  ],
  [
    [70000],
    "SignInRequired",
    "Sign in again: the refresh token is not valid for this tenant and app."
  ],
  [
    [700007],
    "SignInRequired",
    "The refresh token was issued to another app: check PARTNER_CENTER_CLIENT_ID, or sign in again."
  ],
  [[65001, 90008, 90094], "SignInRequired", consent],
  [
    [65004],
    "SignInRequired",
    "The consent was declined: sign in again and accept it, or let an administrator consent."
  ],
  [[50001, 500011, 65005, 650052, 650056, 650057], "SignInRequired", permissions],
  [
    [28002, 28003, 70011],
    "SignInRequired",
    "Check PARTNER_CENTER_CLOUD: the login does not know the permission asked for."
  ],
  [
    [90038, 90043, 900432],
    "SignInRequired",
    "The tenant belongs to another cloud: set PARTNER_CENTER_CLOUD to it."
  ],
  [
    [700011, 700016],
    "SignInRequired",
    "Check PARTNER_CENTER_CLIENT_ID and PARTNER_CENTER_TENANT_ID: the tenant has no such app."
  ],
  [
    [50059, 50128, 90002, 90019, 900023],
    "SignInRequired",
    "Check PARTNER_CENTER_TENANT_ID: there is no such tenant."
  ],
  [
    [70001, 7000112],
    "SignInRequired",
    "The app is disabled: let an administrator of the partner's tenant enable it."
  ],
  [[70002, 7000215, 7000222], "SignInRequired", proof],
  [[700025], "SignInRequired", "The app is a public client: unset PARTNER_CENTER_CLIENT_SECRET."],
  [
    [7000218],
    "SignInRequired",
    "The app is no public client: set its secret or its certificate, or allow public client flows."
  ],
  [[50012, 50013, 50027, 50048, 700027, 700030], "SignInRequired", certificate],
  [
    [700021, 700023],
    "SignInRequired",
    "The signed assertion is for another app or tenant: check client id, tenant and login address."
  ],
  [
    [700024],
    "SignInRequired",
    "Check this machine's clock: the signed assertion is outside of its time."
  ],
  [
    [16000, 16003, 50014, 50020, 50034, 51004],
    "SignInRequired",
    "The user is not of the partner's tenant: sign in with one who is."
  ],
  [[50053, 50055, 50056, 50057, 50064, 50126, 50135, 50144], "SignInRequired", account],
  [[50105], "SignInRequired", "Let an administrator assign the user to the app."],
  [
    [50002, 500021, 500022, 500212, 500213],
    "SignInRequired",
    "A policy keeps this network or user out of the tenant: ask an administrator."
  ],
  [
    [50194],
    "SignInRequired",
    "The app is single-tenant: set PARTNER_CENTER_TENANT_ID to its tenant."
  ],
  [
    [50196],
    "SignInRequired",
    "The login sees a request loop: stop, wait some minutes, sign in again."
  ],
  [
    [50011, 70004, 500113],
    "SignInRequired",
    "Add http://localhost to the app registration's redirect addresses (mobile and desktop)."
  ],
  [[54005, 500112, 501481], "SignInRequired", beginAgain],
  [[70016], "SignInRequired", "Finish the sign-in in the browser first."],
  [[70018, 70019, 70020], "SignInRequired", newCode],
  [
    [9002327],
    "SignInRequired",
    "The refresh token belongs to a single-page app: sign in with this app instead."
  ],
  [[50033, 50087, 90006, 90012, 90024, 90033], "Unavailable"]
]

export const byNumber: ReadonlyMap<number, Known> = new Map(
  numbers.flatMap(([codes, tag, remedy]) =>
    codes.map((code) => [code, { tag, ...(remedy !== undefined && { remedy }) }] as const)
  )
)

// RFC 6749 §4.1.2.1 and §5.2, RFC 8628 §3.5, and Microsoft's own.
export const byWord: ReadonlyMap<string, Known> = new Map([
  ["interaction_required", { tag: "MfaRequired" }],
  ["temporarily_unavailable", { tag: "Unavailable" }],
  ["server_error", { tag: "Unavailable" }],
  ["consent_required", { tag: "SignInRequired", remedy: consent }],
  ["invalid_resource", { tag: "SignInRequired", remedy: permissions }],
  ["invalid_scope", { tag: "SignInRequired", remedy: permissions }],
  ["access_denied", { tag: "SignInRequired", remedy: declined }],
  ["authorization_declined", { tag: "SignInRequired", remedy: declined }],
  ["bad_verification_code", { tag: "SignInRequired", remedy: newCode }],
  ["expired_token", { tag: "SignInRequired", remedy: newCode }],
  [
    "invalid_client",
    {
      tag: "SignInRequired",
      remedy: "Check the app's id and its proof: the client secret or the client certificate."
    }
  ],
  [
    "unauthorized_client",
    {
      tag: "SignInRequired",
      remedy: "Allow this way of signing in for the app (public client flows), or use another."
    }
  ]
])

/** The remedy for a device code that nobody entered in time. */
export const codeExpired = newCode
