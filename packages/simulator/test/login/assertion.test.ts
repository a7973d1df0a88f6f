import { importPKCS8, SignJWT } from "jose"
import { assert, describe, it } from "vitest"
import { make } from "../../src/Simulator.ts"
import { makeCertificate } from "../certificate.ts"
import { claimsOf, type Harness, harness, host } from "../harness.ts"

const now = Date.UTC(2026, 10, 22, 10)
const registered = makeCertificate(now)
const other = makeCertificate(now)
const expired = makeCertificate(now, { until: now - 1000 })
const certificates = [registered.cert, expired.cert]

const { tenantId, clientId } = make().credentials
const endpoint = `${host}/${tenantId}/oauth2/v2.0/token`
const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

interface Assertion {
  readonly key?: string
  readonly header?: Record<string, string>
  readonly alg?: "PS256" | "RS256"
  readonly claims?: Record<string, unknown>
}

const signed = async ({ key = registered.key, header, alg = "PS256", claims }: Assertion = {}) => {
  const seconds = now / 1000
  const said = {
    aud: endpoint,
    iss: clientId,
    sub: clientId,
    jti: "1",
    nbf: seconds,
    exp: seconds + 600
  }
  return new SignJWT({ ...said, ...claims })
    .setProtectedHeader({ typ: "JWT", "x5t#S256": registered.x5tS256, ...header, alg })
    .sign(await importPKCS8(key, alg))
}

const shown = async (
  app: Harness,
  assertion: Assertion = {},
  fields: Record<string, string> = {}
) =>
  app.login({
    client_assertion: await signed(assertion),
    client_assertion_type: type,
    ...fields
  })

describe("a client assertion", () => {
  it.each(["PS256", "RS256"] as const)(
    "signed with %s by a registered key is a proof",
    async (alg) => {
      const { status, json } = await shown(harness({ certificates }), { alg })
      assert.strictEqual(status, 200)
      assert.strictEqual(claimsOf(json["access_token"]).appidacr, "2")
    }
  )

  it("may name its certificate by SHA-1, and may be used again", async () => {
    const app = harness({ certificates })
    const fields = {
      client_assertion_type: type,
      client_assertion: await new SignJWT({
        aud: endpoint,
        iss: clientId,
        sub: clientId,
        jti: "1",
        exp: now / 1000 + 60
      })
        .setProtectedHeader({ alg: "RS256", x5t: registered.x5t })
        .sign(await importPKCS8(registered.key, "RS256"))
    }
    for (const _ of [1, 2]) assert.strictEqual((await app.login(fields)).status, 200)
  })

  it("is checked against a public key given as a JWK too", async () => {
    const jwk = { jwk: registered.jwk, "x5t#S256": registered.x5tS256 }
    assert.strictEqual((await shown(harness({ certificates: [jwk] }))).status, 200)
  })

  it("is checked against a certificate that was registered through control", async () => {
    const app = harness()
    assert.strictEqual((await shown(app)).status, 401)
    const { status } = await app.control("certificates", { certificate: registered.cert })
    assert.strictEqual(status, 201)
    assert.strictEqual((await shown(app)).status, 200)
    assert.strictEqual((await app.control("certificates", { certificate: "no" })).status, 400)
  })

  it.each([
    endpoint,
    `${host}/ORDERWATCH-PARTNER.onmicrosoft.com/oauth2/v2.0/token/`,
    `${host}/${tenantId}/oauth2/token`,
    `${host}/${tenantId}/v2.0`,
    `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
    `https://login.microsoftonline.us/${tenantId}/v2.0`,
    `https://login.partner.microsoftonline.cn/${tenantId}/oauth2/v2.0/token`
  ])("may be for %s", async (aud) => {
    assert.strictEqual((await shown(harness({ certificates }), { claims: { aud } })).status, 200)
  })

  it.each<[string, Assertion, number, string]>([
    [
      "an unknown certificate",
      { header: { "x5t#S256": other.x5tS256 } },
      700027,
      "key was not found"
    ],
    ["another key", { key: other.key }, 700027, "did not match"],
    [
      "an expired certificate",
      { key: expired.key, header: { "x5t#S256": expired.x5tS256 } },
      700027,
      "expired"
    ],
    ["a subject that is not its issuer", { claims: { iss: "x" } }, 50048, "Issuer"],
    ["another client", { claims: { iss: "x", sub: "x" } }, 700021, "client_id"],
    [
      "another host",
      { claims: { aud: endpoint.replace(".test", ".example") } },
      700023,
      "audience"
    ],
    ["another tenant", { claims: { aud: `${host}/common/oauth2/v2.0/token` } }, 700023, "audience"],
    ["another path", { claims: { aud: host } }, 700023, "audience"],
    ["a time that has passed", { claims: { exp: now / 1000 - 301 } }, 700024, "valid time range"],
    ["a time to come", { claims: { nbf: now / 1000 + 301 } }, 700024, "valid time range"],
    ["no end", { claims: { exp: undefined } }, 700024, "valid time range"],
    ["no id", { claims: { jti: undefined } }, 50027, "jti"]
  ])("is refused with %s", async (_, assertion, code, word) => {
    const { status, json } = await shown(harness({ certificates }), assertion)
    assert.strictEqual(status, 401)
    assert.deepInclude(json, { error: "invalid_client", error_codes: [code] })
    assert.include(String(json["error_description"]), word)
  })

  it("may be five minutes off, as clocks are", async () => {
    const claims = { nbf: now / 1000 + 299, exp: now / 1000 - 299 }
    assert.strictEqual((await shown(harness({ certificates }), { claims })).status, 200)
  })

  it("is refused when it was changed after it was signed, or says that it is unsigned", async () => {
    const app = harness({ certificates })
    const [header, , signature] = (await signed()).split(".")
    const claims = Buffer.from(JSON.stringify({ sub: clientId })).toString("base64url")
    const none = Buffer.from(JSON.stringify({ alg: "none", "x5t#S256": registered.x5tS256 }))
    for (const text of [
      `${header}.${claims}.${signature}`,
      `${none.toString("base64url")}.${claims}.`,
      "a.b.c",
      `${header}.${claims}`
    ]) {
      const { json } = await app.login({ client_assertion: text, client_assertion_type: type })
      assert.deepEqual(json["error_codes"], [700027], text)
    }
  })

  it("is refused without its type", async () => {
    const { json } = await shown(harness({ certificates }), {}, { client_assertion_type: "jwt" })
    assert.deepEqual(json["error_codes"], [700027])
  })
})

describe("the three clients", () => {
  it("one takes no proof, a secret or an assertion", async () => {
    const app = harness({ certificates })
    for (const fields of [{}, { client_secret: app.simulator.credentials.clientSecret }])
      assert.strictEqual((await app.login(fields)).status, 200)
    assert.strictEqual((await shown(app)).status, 200)
  })

  it("one is public: a secret or an assertion is refused, right or wrong", async () => {
    const app = harness({ certificates })
    const client_id = app.simulator.clients.public
    assert.strictEqual((await app.login({ client_id })).status, 200)
    for (const client_secret of [app.simulator.credentials.clientSecret, "no"]) {
      const { status, json } = await app.login({ client_id, client_secret })
      assert.strictEqual(status, 401)
      assert.deepInclude(json, { error: "invalid_client", error_codes: [700025] })
    }
    assert.deepEqual((await shown(app, {}, { client_id })).json["error_codes"], [700025])
  })

  it("one is confidential: nothing goes without a proof", async () => {
    const app = harness({ certificates })
    const client_id = app.simulator.clients.confidential
    const { status, json } = await app.login({ client_id })
    assert.strictEqual(status, 401)
    assert.deepInclude(json, { error: "invalid_client", error_codes: [7000218] })
    const wrong = await app.login({ client_id, client_secret: "no" })
    assert.deepEqual(wrong.json["error_codes"], [7000215])
    const { clientSecret } = app.simulator.credentials
    assert.strictEqual((await app.login({ client_id, client_secret: clientSecret })).status, 200)
    const claims = { iss: client_id, sub: client_id }
    assert.strictEqual((await shown(app, { claims }, { client_id })).status, 200)
  })
})

describe("certificates", () => {
  it.each(["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])(
    "that are none are refused when the simulator is made: %j",
    (certificate) => {
      assert.throws(() => make({ certificates: [certificate] }), /certificate/)
    }
  )
})
