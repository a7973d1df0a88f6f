import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { ConfidentialClientApplication, LogLevel, PublicClientApplication } from "@azure/msal-node"
import { createRemoteJWKSet, customFetch, jwtVerify } from "jose"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type Served, serve } from "../../src/serve.ts"
import { make } from "../../src/Simulator.ts"
import { makeCertificate } from "../certificate.ts"
import { claimsOf } from "../harness.ts"

const certificate = makeCertificate(Date.now())
const simulator = make({ certificates: [certificate.cert], signIdTokens: true })
const { tenantId, clientId, refreshToken } = simulator.credentials
const scopes = ["https://api.partnercenter.microsoft.com/.default"]

const trusted = getCACertificates("default")
let served: Served

beforeAll(async () => {
  // The same certificate for TLS as for the app: nothing else is known here.
  served = await serve(simulator, { tls: certificate })
  setDefaultCACertificates([...trusted, certificate.cert])
})

afterAll(async () => {
  setDefaultCACertificates(trusted)
  await served.close()
})

const control = (path: string, body: unknown) =>
  fetch(`${served.url}/_simulator/${path}`, { method: "POST", body: JSON.stringify(body) })

const configuration = (client: string) => ({
  auth: {
    clientId: client,
    authority: `${served.url}/${tenantId}`,
    knownAuthorities: [new URL(served.url).host]
  },
  system: { loggerOptions: { logLevel: LogLevel.Error, piiLoggingEnabled: false } }
})

/** What the client keeps for itself. */
const cached = (client: PublicClientApplication | ConfidentialClientApplication) =>
  client.getTokenCache().serialize()

describe("@azure/msal-node over TLS", () => {
  it("signs in by device code, renews silently, and its ID token stands the published key", async () => {
    const client = new PublicClientApplication(configuration(simulator.clients.public))
    await control("device-codes", { interval: 1 })
    const user = "blake.singh@orderwatch-partner.onmicrosoft.com"
    const result = await client.acquireTokenByDeviceCode({
      scopes,
      deviceCodeCallback: ({ userCode, verificationUri, message }) => {
        assert.strictEqual(verificationUri, `${served.url}/devicelogin`)
        assert.include(message, userCode)
        void control("device-codes", { userCode, user, answer: "accept" })
      }
    })
    const account = result?.account
    assert(account, "no account")
    assert.strictEqual(account.username, user)
    assert.strictEqual(account.tenantId, tenantId)
    assert.strictEqual(claimsOf(result.accessToken).upn, user)
    const keys = createRemoteJWKSet(new URL(`${served.url}/${tenantId}/discovery/v2.0/keys`), {
      [customFetch]: fetch
    })
    const { payload } = await jwtVerify(result.idToken, keys, {
      issuer: `${served.url}/${tenantId}/v2.0`,
      audience: simulator.clients.public
    })
    assert.strictEqual(payload["preferred_username"], user)
    const silent = { account, scopes, forceRefresh: true }
    const renewed = await client.acquireTokenSilent(silent)
    assert.notStrictEqual(renewed.accessToken, result.accessToken)
    await control("refresh-tokens", { action: "revoke", user })
    const refused = await client.acquireTokenSilent(silent).catch((error: unknown) => error)
    assert.include(String(refused), "AADSTS50173")
  })

  it("is told that the user declined the device code", async () => {
    const client = new PublicClientApplication(configuration(simulator.clients.public))
    await control("device-codes", { interval: 1 })
    const outcome = await client
      .acquireTokenByDeviceCode({
        scopes,
        deviceCodeCallback: ({ userCode }) => {
          void control("device-codes", { userCode, answer: "cancel" })
        }
      })
      .catch((error: unknown) => error)
    assert.include(String(outcome), "authorization_declined")
  })

  it("exchanges a refresh token, and keeps the next one", async () => {
    const client = new PublicClientApplication(configuration(clientId))
    const result = await client.acquireTokenByRefreshToken({
      refreshToken,
      scopes,
      forceCache: true
    })
    assert.strictEqual(result?.account?.name, "Avery Howard")
    assert.match(cached(client), /"secret":"simulator-refresh-[0-9a-f-]{36}"/)
  })

  it("says what is wrong with a refresh token in the login's words", async () => {
    const client = new PublicClientApplication(configuration(clientId))
    const outcome = await client
      .acquireTokenByRefreshToken({ refreshToken: "refresh-mfa-required", scopes })
      .catch((error: unknown) => error)
    assert.include(String(outcome), "AADSTS50076")
    assert.strictEqual(outcome instanceof Error && outcome.name, "InteractionRequiredAuthError")
  })

  it("proves a confidential client by its certificate", async () => {
    const { auth, system } = configuration(simulator.clients.confidential)
    const clientCertificate = {
      thumbprintSha256: certificate.thumbprint,
      privateKey: certificate.key,
      x5c: certificate.cert
    }
    const client = new ConfidentialClientApplication({
      auth: { ...auth, clientCertificate },
      system
    })
    const result = await client.acquireTokenByClientCredential({ scopes })
    assert.deepInclude(claimsOf(result?.accessToken), { appidacr: "2", idtyp: "app" })
  })

  it("is refused with a certificate that is not registered", async () => {
    const other = makeCertificate(Date.now())
    const { auth, system } = configuration(simulator.clients.confidential)
    const clientCertificate = { thumbprintSha256: other.thumbprint, privateKey: other.key }
    const client = new ConfidentialClientApplication({
      auth: { ...auth, clientCertificate },
      system
    })
    const outcome = await client
      .acquireTokenByClientCredential({ scopes })
      .catch((error: unknown) => error)
    assert.include(String(outcome), "AADSTS700027")
  })

  it("exchanges an authorization code that it asked for with PKCE", async () => {
    const client = new PublicClientApplication(configuration(simulator.clients.public))
    const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    const redirectUri = "http://localhost:1"
    const url = await client.getAuthCodeUrl({
      scopes,
      redirectUri,
      codeChallenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      codeChallengeMethod: "S256"
    })
    const answer = await fetch(url, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({
        user: "avery.howard@orderwatch-partner.onmicrosoft.com",
        answer: "accept"
      })
    })
    const location = new URL(answer.headers.get("Location") ?? "")
    const code = location.searchParams.get("code") ?? ""
    const result = await client.acquireTokenByCode({
      scopes,
      redirectUri,
      code,
      codeVerifier: verifier
    })
    assert.strictEqual(result?.account?.name, "Avery Howard")
  })
})
