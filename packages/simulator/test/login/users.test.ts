import { assert, describe, it } from "vitest"
import { claimsOf, type Harness, harness, scope, statusPath } from "../harness.ts"

const person = (name: string) => `${name}@orderwatch-partner.onmicrosoft.com`
const avery = person("avery.howard")
const day = 86_400_000

/** A user signed in by device code. */
const signIn = async (app: Harness, user: string) => {
  const { tenantId, clientId } = app.simulator.credentials
  const asked = await app.post(`/${tenantId}/oauth2/v2.0/devicecode`, {
    client_id: clientId,
    scope
  })
  const { user_code, device_code } = asked.json
  await app.control("device-codes", { userCode: user_code, user, answer: "accept" })
  const { json } = await app.login({
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code: String(device_code)
  })
  return {
    accessToken: String(json["access_token"]),
    refresh: () => app.login({ refresh_token: String(json["refresh_token"]) })
  }
}

const { customerId, orderId } = harness().simulator.sample
const status = (app: Harness, accessToken: string, headers: Record<string, string> = {}) =>
  app.get(statusPath(customerId, orderId), { authorization: `Bearer ${accessToken}`, ...headers })

describe("a user's refresh token", () => {
  it("stays good after it was exchanged, and dies after ninety days without use", async () => {
    const app = harness()
    const { refresh } = await signIn(app, avery)
    const successor = String((await refresh()).json["refresh_token"])
    for (const _ of [1, 2]) {
      app.time.now += 89 * day
      assert.strictEqual((await refresh()).status, 200)
    }
    const unused = await app.login({ refresh_token: successor })
    assert.deepEqual(unused.json["error_codes"], [700082])
    assert.include(
      String(unused.json["error_description"]),
      "was issued on 2026-11-22T10:00:00.0000000Z"
    )
    app.time.now += 90 * day
    assert.deepEqual((await refresh()).json["error_codes"], [700082])
  })

  it("is revoked for that user alone", async () => {
    const app = harness()
    const blake = await signIn(app, person("blake.singh"))
    const other = await signIn(app, avery)
    const { json } = await app.control("refresh-tokens", {
      action: "revoke",
      user: person("blake.singh")
    })
    assert.strictEqual(json["changed"], 1)
    assert.deepEqual((await blake.refresh()).json["error_codes"], [50173])
    assert.strictEqual((await other.refresh()).status, 200)
    assert.strictEqual(
      (await signIn(app, person("blake.singh")).then(({ refresh }) => refresh())).status,
      200
    )
  })

  it("needs consent, which signing in again gives", async () => {
    const app = harness()
    const { refresh } = await signIn(app, avery)
    await app.control("users", { user: avery, consent: "missing" })
    assert.deepInclude((await refresh()).json, {
      error_codes: [65001],
      suberror: "consent_required"
    })
    await signIn(app, avery)
    assert.strictEqual((await refresh()).status, 200)
  })

  it("of a sign-in without multi-factor is refused once the user must do it", async () => {
    const app = harness()
    const { refresh } = await signIn(app, person("casey.ortiz"))
    assert.deepEqual(claimsOf((await refresh()).json["access_token"]).amr, ["pwd"])
    await app.control("users", { user: person("casey.ortiz"), mfa: "always" })
    assert.deepInclude((await refresh()).json, { error_codes: [50076], suberror: "basic_action" })
    const again = await signIn(app, person("casey.ortiz"))
    assert.deepEqual(claimsOf((await again.refresh()).json["access_token"]).amr, ["pwd", "mfa"])
  })

  it("dies with the account", async () => {
    const app = harness()
    const { refresh } = await signIn(app, avery)
    await app.control("users", { user: avery, isDisabled: true })
    assert.deepEqual((await refresh()).json["error_codes"], [50057])
  })
})

describe("a user at the API", () => {
  it("needs the role of an Admin agent", async () => {
    const app = harness()
    const { accessToken } = await signIn(app, person("dana.weiss"))
    const refused = await status(app, accessToken)
    assert.strictEqual(refused.status, 403)
    assert.strictEqual(refused.json["code"], 900150)
    await app.control("users", { user: person("dana.weiss"), isAdminAgent: true })
    assert.strictEqual((await status(app, accessToken)).status, 200)
  })

  it("needs multi-factor", async () => {
    const app = harness()
    const { accessToken } = await signIn(app, person("blake.singh"))
    assert.strictEqual((await status(app, accessToken)).json["code"], 900421)
  })
})

describe("ValidateMfa", () => {
  const ask = { ValidateMfa: "true" }

  it("is answered by isMfaCompliant, whether the request succeeds or not", async () => {
    const app = harness()
    const good = await status(app, (await signIn(app, avery)).accessToken, ask)
    assert.strictEqual(good.status, 200)
    assert.strictEqual(good.headers.get("isMfaCompliant"), "true")
    const bad = await status(app, (await signIn(app, person("casey.ortiz"))).accessToken, ask)
    assert.strictEqual(bad.status, 401)
    assert.strictEqual(bad.headers.get("isMfaCompliant"), "false")
    const customers = await app.get("/v1/customers", ask)
    assert.strictEqual(customers.headers.get("isMfaCompliant"), "true")
  })

  it("is not answered unless asked, nor for an app-only, expired or unknown token", async () => {
    const app = harness()
    const { accessToken } = await signIn(app, avery)
    assert.isFalse((await status(app, accessToken)).headers.has("isMfaCompliant"))
    const appToken = await app.appToken()
    app.time.now += 3_600_000
    for (const token of [appToken, accessToken, "no"])
      assert.isFalse((await status(app, token, ask)).headers.has("isMfaCompliant"))
  })
})

describe("the user control", () => {
  it("answers with the user as changed, and /_simulator lists them", async () => {
    const app = harness()
    const { json } = await app.control("users", { user: avery.toUpperCase(), mfa: "never" })
    assert.deepInclude(json, { upn: avery, mfa: "never", isAdminAgent: true })
    const overview = (await app.send("/_simulator")).text
    for (const word of ["erin.novak@fabrikam.onmicrosoft.com", app.simulator.clients.public])
      assert.include(overview, word)
  })

  it.each([
    [{}],
    [{ user: "nobody" }],
    [{ user: avery, mfa: 1 }],
    [{ user: avery, isDisabled: 1 }]
  ])("refuses %j", async (body) => {
    const { status, json } = await harness().control("users", body)
    assert.strictEqual(status, 400)
    assert.isString(json["error"])
  })
})

describe("the clock control", () => {
  const date = (headers: Headers) => Date.parse(headers.get("Date") ?? "")

  it("puts every Date and every token fast or slow", async () => {
    const app = harness()
    for (const skewSeconds of [7200, -7200]) {
      await app.control("clock", { skewSeconds })
      const told = app.time.now + skewSeconds * 1000
      const { headers, json } = await app.login()
      assert.strictEqual(date(headers), told)
      assert.strictEqual(claimsOf(json["access_token"]).iat, told / 1000)
      const authorization = `Bearer ${String(json["access_token"])}`
      const answer = await app.get("/v1/customers", { authorization })
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(date(answer.headers), told)
      assert.strictEqual(date((await app.send("/devicelogin")).headers), told)
    }
  })

  it("expires what was issued before, and leaves the orders' courses alone", async () => {
    const app = harness()
    const before = await app.get(statusPath(customerId, orderId))
    const { refresh } = await signIn(app, avery)
    await app.control("clock", { skewSeconds: 90 * 86_400 })
    assert.deepEqual((await refresh()).json["error_codes"], [700082])
    assert.strictEqual((await app.get("/v1/customers")).status, 401)
    await app.control("clock", { skewSeconds: 0 })
    assert.strictEqual((await app.get(statusPath(customerId, orderId))).text, before.text)
    assert.deepInclude((await app.send("/_simulator/clock")).json, { skewSeconds: 0 })
  })

  it.each([[{}], [{ skewSeconds: "1" }], [{ skewSeconds: 0.5 }], [{ skewSeconds: 1e12 }]])(
    "refuses %j",
    async (body) => {
      assert.strictEqual((await harness().control("clock", body)).status, 400)
    }
  )
})
