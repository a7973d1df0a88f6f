// Checks a signed client assertion (RFC 7523) as Entra does: key, signature, subject, audience, time.
import { decode } from "../base64url.ts"
import { type LoginError, loginError } from "../loginErrors.ts"
import type { Certificates, Registered } from "./certificate.ts"
import { isTenant } from "./tenant.ts"

const refused = (code: number, text: string) => loginError(401, "invalid_client", code, text)

const malformed = refused(700027, "Client assertion failed signature validation.")

const signatureWrong = (reason: string, header: ReadonlyMap<string, unknown>) => {
  const thumbprint = String(header.get("x5t#S256") ?? header.get("x5t")).replaceAll(/[^\w-]/g, "?")
  return refused(
    700027,
    `Client assertion contains an invalid signature. [Reason - ${reason}., Thumbprint of key used by client: '${thumbprint.slice(0, 64)}']`
  )
}

const otherClient = refused(
  700021,
  "Client assertion application identifier doesn't match 'client_id' parameter."
)
const otherSubject = refused(50048, "Subject must match Issuer claim in the client assertion.")
const otherAudience = refused(
  700023,
  "Client assertion audience claim does not match Realm issuer."
)
const idMissing = refused(50027, "JWT token is invalid or malformed: it has no 'jti'.")

const outOfTime = (now: number, from: unknown, until: unknown) => {
  const written = (seconds: unknown) =>
    typeof seconds === "number" ? new Date(seconds * 1000).toISOString() : "not given"
  return refused(
    700024,
    `Client assertion is not within its valid time range. Current time: ${new Date(now).toISOString()}, assertion valid from ${written(from)}, expiry time of assertion ${written(until)}.`
  )
}

/** What the clocks of client and login may differ by, in seconds. */
const tolerance = 300

const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

export interface Asserted {
  readonly clientId: string
  /** Where the request arrived. */
  readonly origin: string
  /** Epoch milliseconds. */
  readonly now: number
}

/** Why the assertion in this form proves nothing, if it does not. */
export const wrongAssertion = async (
  form: URLSearchParams,
  certificates: Certificates,
  { clientId, origin, now }: Asserted
): Promise<LoginError | undefined> => {
  const parts = (form.get("client_assertion") ?? "").split(".")
  const [header, claims] = parts.map(readJson)
  const signature = decode(parts[2] ?? "-")
  const isComplete = parts.length === 3 && form.get("client_assertion_type") === type
  if (!isComplete || header === undefined || claims === undefined || signature === undefined)
    return malformed
  const registered = await certificates.find(header)
  if (registered === undefined) return signatureWrong("The key was not found", header)
  if (now < registered.from || now > registered.until)
    return signatureWrong("The key used is expired", header)
  const signed = new TextEncoder().encode(parts.slice(0, 2).join("."))
  if (!(await verify(registered, header.get("alg"), signature, signed)))
    return signatureWrong("The provided signature value did not match the expected one", header)

  if (claims.get("iss") !== claims.get("sub")) return otherSubject
  if (String(claims.get("sub")).toLowerCase() !== clientId) return otherClient
  if (!isAudience(claims.get("aud"), origin)) return otherAudience
  const [from, until] = [claims.get("nbf"), claims.get("exp")]
  const isEarly = typeof from === "number" && from - tolerance > now / 1000
  if (isEarly || typeof until !== "number" || until + tolerance < now / 1000)
    return outOfTime(now, from, until)
  return claims.get("jti") ? undefined : idMissing
}

const verify = async (
  registered: Registered,
  algorithm: unknown,
  signature: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>
) => {
  if (algorithm !== "PS256" && algorithm !== "RS256") return false
  const key = await registered.key(algorithm)
  const how = algorithm === "PS256" ? { name: "RSA-PSS", saltLength: 32 } : "RSASSA-PKCS1-v1_5"
  return crypto.subtle.verify(how, key, signature, signed)
}

const readJson = (part: string): ReadonlyMap<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(decode(part)))
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value)
    return isObject ? new Map<string, unknown>(Object.entries(value)) : undefined
  } catch {
    return undefined
  }
}

const hosts: ReadonlySet<string> = new Set([
  "https://login.microsoftonline.com",
  "https://login.microsoftonline.us",
  "https://login.partner.microsoftonline.cn",
  "https://login.chinacloudapi.cn"
])

/** The token endpoint or the issuer, of this origin or of one of Microsoft's logins. */
const isAudience = (audience: unknown, origin: string) => {
  if (typeof audience !== "string" || !URL.canParse(audience)) return false
  const url = new URL(audience)
  if (!hosts.has(url.origin) && loopback(url.origin) !== loopback(origin)) return false
  const [, tenant, ...rest] = url.pathname.split("/")
  return (
    isTenant(tenant ?? "") &&
    ["oauth2/v2.0/token", "oauth2/token", "v2.0"].includes(rest.join("/").replace(/\/$/, ""))
  )
}

/** This machine's names under one name. */
const loopback = (origin: string) =>
  origin.replace(/\/\/(127\.0\.0\.1|\[::1\])(?=:|$)/, "//localhost")
