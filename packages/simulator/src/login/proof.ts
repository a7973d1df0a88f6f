// How a client proves itself at the token endpoint, and whether that is enough.
import * as errors from "../loginErrors.ts"
import { type Asserted, wrongAssertion } from "./assertion.ts"
import type { Certificates } from "./certificate.ts"
import { type Client, secret } from "./clients.ts"

/** As the claim `appidacr` writes it: not at all, by a secret, by a certificate. */
export type Proof = "0" | "1" | "2"

const credentialOfPublicClient = errors.loginError(
  401,
  "invalid_client",
  700025,
  "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
)

export const readProof = async (
  client: Client,
  form: URLSearchParams,
  certificates: Certificates,
  at: Omit<Asserted, "clientId">
): Promise<Proof | errors.LoginError> => {
  const shown = form.get("client_secret")
  if (!form.has("client_assertion") && shown === null)
    return client.proof === "required" ? errors.proofMissing : "0"
  if (client.proof === "refused") return credentialOfPublicClient
  if (!form.has("client_assertion")) return shown === secret ? "1" : errors.secretWrong(client.id)
  return (await wrongAssertion(form, certificates, { ...at, clientId: client.id })) ?? "2"
}
