// The apps registered in the partner's tenant: what each must prove, and where it may be sent back.
import * as errors from "../loginErrors.ts"

export interface Client {
  readonly id: string
  readonly name: string
  /** Whether it shows a secret or a signed assertion. */
  readonly proof: "optional" | "refused" | "required"
  /** Whether it may be sent back to any port and path of this machine. */
  readonly isNative: boolean
  /** Other addresses, compared exactly. */
  readonly redirects: ReadonlyArray<string>
}

export const secret = "simulator-client-secret"

/** Takes a proof and does without one, as the Secure Application Model and a native app do. */
export const either: Client = {
  id: "b6a0f7de-8a5c-4d43-9f6b-2c1d0e9f8a7b",
  name: "Contoso Orders",
  proof: "optional",
  isNative: true,
  redirects: ["https://orders.contoso.example/signed-in"]
}

export const publicClient: Client = {
  id: "0d2f9c53-6a41-4f7e-8c1b-5e7a3b9d4f60",
  name: "Contoso Orders for the desktop",
  proof: "refused",
  isNative: true,
  redirects: ["https://login.microsoftonline.com/common/oauth2/nativeclient"]
}

export const confidential: Client = {
  id: "e4c7a1b2-93d8-4b6f-a05e-7f1c8d2b6a39",
  name: "Contoso Orders on a server",
  proof: "required",
  isNative: false,
  redirects: ["https://orders.contoso.example/signed-in"]
}

export const clients: ReadonlyArray<Client> = [either, publicClient, confidential]

/** The client that a request names. */
export const readClient = (id: string | null, tenant: string): Client | errors.LoginError => {
  if (!id) return errors.parameterMissing("client_id")
  return (
    clients.find((client) => client.id === id.toLowerCase()) ?? errors.clientUnknown(id, tenant)
  )
}

export const isLoopback = (redirectUri: string) =>
  /^http:\/\/(localhost|127\.0\.0\.1)(:\d{1,5})?([/?]|$)/i.test(redirectUri)

export const mayReturnTo = (client: Client, redirectUri: string) =>
  URL.canParse(redirectUri) &&
  !redirectUri.includes("#") &&
  (client.redirects.includes(redirectUri) || (client.isNative && isLoopback(redirectUri)))
