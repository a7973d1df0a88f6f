import { assert, describe, it } from "vitest"
import { claimsOf, harness, statusPath } from "./harness.ts"

describe("the token endpoint", () => {
  it("answers a refresh token with numbers, a rotated refresh token and a v1.0 access token", async () => {
    const { login, simulator, time } = harness()
    const { status, json } = await login()
    assert.strictEqual(status, 200)
    assert.strictEqual(json["token_type"], "Bearer")
    assert.strictEqual(json["expires_in"], 3599)
    assert.strictEqual(json["ext_expires_in"], 3599)
    assert.include(String(json["scope"]), "user_impersonation")
    assert.notStrictEqual(json["refresh_token"], simulator.credentials.refreshToken)
    assert.notProperty(json, "id_token")
    const claims = claimsOf(json["access_token"])
    const seconds = time.now / 1000
    assert.deepInclude(claims, {
      aud: "https://api.partnercenter.microsoft.com",
      iss: `https://sts.windows.net/${simulator.credentials.tenantId}/`,
      iat: seconds,
      nbf: seconds,
      exp: seconds + 3599,
      acr: "1",
      amr: ["pwd", "mfa"],
      appid: simulator.credentials.clientId,
      appidacr: "0",
      scp: "user_impersonation",
      tid: simulator.credentials.tenantId,
      ver: "1.0"
    })
    assert.containsAllKeys(claims, ["upn", "oid", "name"])
  })

  it("keeps a rotated refresh token's predecessor valid", async () => {
    const { login } = harness()
    const next = String((await login()).json["refresh_token"])
    assert.strictEqual((await login({ refresh_token: next })).status, 200)
    assert.strictEqual((await login()).status, 200)
  })

  it("returns a refresh token only with offline_access, an id token only with openid", async () => {
    const { login } = harness()
    const scope = "https://api.partnercenter.microsoft.com/user_impersonation openid"
    const { json } = await login({ scope })
    assert.notProperty(json, "refresh_token")
    assert.property(json, "id_token")
  })

  it("issues for the audience of China's cloud when asked", async () => {
    const { login } = harness()
    const resource = "https://partner.partnercenterapi.microsoftonline.cn"
    const { json } = await login({ scope: `${resource}/.default` })
    assert.strictEqual(claimsOf(json["access_token"]).aud, resource)
  })

  it("says by appidacr how the client proved itself", async () => {
    const { login, simulator } = harness()
    const secret = await login({ client_secret: simulator.credentials.clientSecret })
    assert.strictEqual(claimsOf(secret.json["access_token"]).appidacr, "1")
    assert.strictEqual(claimsOf((await login()).json["access_token"]).appidacr, "0")
  })

  it("gives an app-only token for client credentials", async () => {
    const { appToken } = harness()
    const claims = claimsOf(await appToken())
    assert.strictEqual(claims.idtyp, "app")
    assert.doesNotHaveAnyKeys(claims, ["scp", "amr", "upn"])
  })

  it("issues tokens that live as long as the options say", async () => {
    const { login } = harness({ accessTokenLifetime: 5 })
    assert.strictEqual((await login()).json["expires_in"], 5)
  })

  it.each<[string, Record<string, string>, number, string, number]>([
    ["a wrong secret", { client_secret: "no" }, 401, "invalid_client", 7000215],
    ["a malformed assertion", { client_assertion: "no" }, 401, "invalid_client", 700027],
    ["an unknown client", { client_id: "no" }, 400, "unauthorized_client", 700016],
    ["no client", { client_id: "" }, 400, "invalid_request", 900144],
    ["no grant", { grant_type: "" }, 400, "invalid_request", 900144],
    ["another grant", { grant_type: "password" }, 400, "unsupported_grant_type", 70003],
    ["an empty refresh token", { refresh_token: "" }, 400, "invalid_grant", 70000],
    ["an unknown refresh token", { refresh_token: "no" }, 400, "invalid_grant", 70000],
    ["a revoked one", { refresh_token: "refresh-revoked" }, 400, "invalid_grant", 50173],
    ["an expired one", { refresh_token: "refresh-expired" }, 400, "invalid_grant", 700082],
    [
      "one without MFA by policy",
      { refresh_token: "refresh-mfa-required" },
      400,
      "invalid_grant",
      50076
    ],
    [
      "one without consent",
      { refresh_token: "refresh-consent-missing" },
      400,
      "invalid_grant",
      65001
    ],
    [
      "one past its sign-in frequency",
      { refresh_token: "refresh-sign-in-frequency" },
      400,
      "invalid_grant",
      70043
    ],
    ["one of a single-page app", { refresh_token: "refresh-spa" }, 400, "invalid_grant", 700084],
    ["no scope", { scope: "" }, 400, "invalid_scope", 70011],
    ["only openid", { scope: "openid" }, 400, "invalid_scope", 70011],
    [
      "another permission",
      { scope: "https://api.partnercenter.microsoft.com/nope" },
      400,
      "invalid_scope",
      70011
    ],
    [
      "another resource",
      { scope: "https://api.partner.microsoft.com/.default" },
      400,
      "invalid_resource",
      500011
    ],
    ["an app without proof", { grant_type: "client_credentials" }, 401, "invalid_client", 7000218]
  ])("refuses %s", async (_, fields, status, error, code) => {
    const { login } = harness()
    const { status: actual, json } = await login(fields)
    assert.strictEqual(actual, status)
    assert.deepInclude(json, { error, error_codes: [code] })
    assert.isTrue(String(json["error_description"]).startsWith(`AADSTS${code}: `))
    assert.containsAllKeys(json, ["timestamp", "trace_id", "correlation_id", "error_uri"])
  })

  it.each([
    ["nobody.onmicrosoft.com", 90002],
    ["00000000-0000-0000-0000-000000000000", 90002],
    ["common", 50194]
  ])("refuses tenant %s", async (tenant, code) => {
    const { login } = harness()
    const { status, json } = await login({}, tenant)
    assert.strictEqual(status, 400)
    assert.deepEqual(json["error_codes"], [code])
  })

  it("takes neither GET nor a JSON body", async () => {
    const { send, simulator } = harness()
    const path = `/${simulator.credentials.tenantId}/oauth2/v2.0/token`
    assert.strictEqual((await send(path)).status, 405)
    const json = await send(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}"
    })
    assert.deepInclude(json.json, { error: "invalid_request" })
  })
})

describe("refresh tokens that lead to a doubtful access token", () => {
  const { customerId, orderId } = harness().simulator.sample
  it.each([
    ["refresh-without-mfa", 900421],
    ["refresh-wrong-audience", 900420],
    ["refresh-born-expired", 400]
  ])("%s ends in a 401 with code %i", async (refreshToken, code) => {
    const { token, get } = harness()
    const authorization = `Bearer ${await token(refreshToken)}`
    const answer = await get(statusPath(customerId, orderId), { authorization })
    assert.strictEqual(answer.status, 401)
    assert.strictEqual(answer.json["code"], code)
    assert.isTrue(answer.headers.get("WWW-Authenticate")?.startsWith("OAuth realm="))
  })

  it("leaves the next refresh token out of the answer for refresh-without-rotation", async () => {
    const { login } = harness()
    const { status, json } = await login({ refresh_token: "refresh-without-rotation" })
    assert.strictEqual(status, 200)
    assert.notProperty(json, "refresh_token")
  })

  it("hands the condition on to the successor", async () => {
    const { login } = harness()
    const next = await login({ refresh_token: "refresh-without-mfa" })
    const again = await login({ refresh_token: String(next.json["refresh_token"]) })
    assert.deepEqual(claimsOf(again.json["access_token"]).amr, ["pwd"])
  })
})

describe("the refresh token control", () => {
  it.each([
    ["revoke", 50173],
    ["expire", 700082],
    ["signInFrequency", 70043],
    ["spa", 700084],
    ["requireMfa", 50076],
    ["withdrawConsent", 65001]
  ])("%s refuses every own token until restored", async (action, code) => {
    const { login, control } = harness()
    const next = String((await login()).json["refresh_token"])
    assert.strictEqual((await control("refresh-tokens", { action })).json["changed"], 2)
    assert.deepEqual((await login({ refresh_token: next })).json["error_codes"], [code])
    await control("refresh-tokens", { action: "restore" })
    assert.strictEqual((await login({ refresh_token: next })).status, 200)
  })

  it("changes a single token when it is named", async () => {
    const { login, control, simulator } = harness()
    const next = String((await login()).json["refresh_token"])
    await control("refresh-tokens", { action: "revoke", token: simulator.credentials.refreshToken })
    assert.strictEqual((await login()).status, 400)
    assert.strictEqual((await login({ refresh_token: next })).status, 200)
  })

  it.each([[{}], [{ action: "explode" }], [{ action: "revoke", token: "unknown" }]])(
    "refuses %j",
    async (body) => {
      const { control } = harness()
      const { status, json } = await control("refresh-tokens", body)
      assert.strictEqual(status, 400)
      assert.isString(json["error"])
    }
  )
})
