import { createLocalJWKSet, jwtVerify } from "jose"
import { assert, describe, it } from "vitest"
import { claimsOf, harness, host, scope } from "../harness.ts"

const { tenantId } = harness().simulator.credentials
const document = "v2.0/.well-known/openid-configuration"

describe("OpenID discovery", () => {
  it.each([tenantId, "orderwatch-partner.onmicrosoft.com"])(
    "names every endpoint of tenant %s under the origin that was asked",
    async (tenant) => {
      const { status, json, hasBom } = await harness().send(`/${tenant}/${document}`)
      assert.strictEqual(status, 200)
      assert.isFalse(hasBom)
      assert.deepInclude(json, {
        issuer: `${host}/${tenantId}/v2.0`,
        authorization_endpoint: `${host}/${tenantId}/oauth2/v2.0/authorize`,
        token_endpoint: `${host}/${tenantId}/oauth2/v2.0/token`,
        device_authorization_endpoint: `${host}/${tenantId}/oauth2/v2.0/devicecode`,
        jwks_uri: `${host}/${tenantId}/discovery/v2.0/keys`
      })
    }
  )

  it("answers where it says that it does", async () => {
    const { send } = harness()
    const { json } = await send(`/${tenantId}/${document}`)
    for (const [name, url] of Object.entries(json))
      if (/_endpoint$|_uri$/.test(name))
        assert.notStrictEqual((await send(String(url).slice(host.length))).status, 404, name)
  })

  it.each([
    [`/common/${document}`, 50194],
    [`/nobody.onmicrosoft.com/${document}`, 90002],
    ["/common/discovery/v2.0/keys", 50194]
  ])("refuses %s", async (path, code) => {
    const { status, json } = await harness().send(path)
    assert.strictEqual(status, 400)
    assert.deepEqual(json["error_codes"], [code])
  })
})

describe("ID tokens", () => {
  const keysPath = `/${tenantId}/discovery/v2.0/keys`

  it("are signed by the published key where that was asked for", async () => {
    const { login, send, simulator, time } = harness({ signIdTokens: true })
    const { json } = await login({ scope })
    const keys: { readonly keys: [] } = JSON.parse((await send(keysPath)).text)
    const { payload } = await jwtVerify(String(json["id_token"]), createLocalJWKSet(keys), {
      algorithms: ["RS256"],
      issuer: `${host}/${tenantId}/v2.0`,
      audience: simulator.credentials.clientId,
      currentDate: new Date(time.now)
    })
    assert.strictEqual(payload["tid"], tenantId)
  })

  it("are JWTs in shape only otherwise, and no key is published", async () => {
    const { login, send } = harness()
    assert.strictEqual(claimsOf((await login({ scope })).json["id_token"]).tid, tenantId)
    assert.deepEqual((await send(keysPath)).json, { keys: [] })
  })

  it("come with client_info where the client asks for it, as Microsoft's libraries do", async () => {
    const { json } = await harness().login({ scope, client_info: "1" })
    const text = Buffer.from(String(json["client_info"]), "base64url").toString()
    assert.strictEqual(JSON.parse(text).utid, tenantId)
  })
})
