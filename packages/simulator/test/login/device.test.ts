import { assert, describe, it } from "vitest"
import { claimsOf, type Harness, harness, scope } from "../harness.ts"

const grant = "urn:ietf:params:oauth:grant-type:device_code"

const asked = async (app: Harness, fields: Record<string, string> = {}) => {
  const { tenantId, clientId } = app.simulator.credentials
  const path = `/${tenantId}/oauth2/v2.0/devicecode`
  return app.post(path, { client_id: clientId, scope, ...fields })
}

/** A device code, and how its device asks about it. */
const started = async (app: Harness, fields: Record<string, string> = {}) => {
  const { json } = await asked(app, fields)
  const userCode = String(json["user_code"])
  const poll = (more: Record<string, string> = {}) =>
    app.login({ grant_type: grant, device_code: String(json["device_code"]), ...fields, ...more })
  const answer = (more: Record<string, string>) =>
    app.post("/devicelogin", { code: userCode, ...more })
  return { json, userCode, poll, answer }
}

const accept = { user: "avery.howard@orderwatch-partner.onmicrosoft.com", answer: "accept" }

describe("the device code endpoint", () => {
  it("gives a code to type on a page of the simulator, with what RFC 8628 and Entra say of it", async () => {
    const { json, userCode } = await started(harness())
    assert.match(userCode, /^[A-Z2-9]{9}$/)
    const page = "https://partner-center.test/devicelogin"
    assert.deepInclude(json, { verification_uri: page, expires_in: 900, interval: 5 })
    assert.strictEqual(
      json["message"],
      `To sign in, use a web browser to open the page ${page} and enter the code ${userCode} to authenticate.`
    )
    assert.notProperty(json, "verification_uri_complete")
  })

  it.each([
    ["no client", { client_id: "" }, 900144],
    ["an unknown client", { client_id: "no" }, 700016],
    ["no scope", { scope: "" }, 900144],
    ["a scope of nothing", { scope: "openid" }, 70011]
  ])("refuses %s", async (_, fields, code) => {
    const { status, json } = await asked(harness(), fields)
    assert.strictEqual(status, 400)
    assert.deepEqual(json["error_codes"], [code])
  })

  it("refuses another tenant", async () => {
    const app = harness()
    const { json } = await app.post("/common/oauth2/v2.0/devicecode", { client_id: "x", scope })
    assert.deepEqual(json["error_codes"], [50194])
  })

  it("gives out codes of another interval and life after the control said so", async () => {
    const app = harness()
    await app.control("device-codes", { interval: 0, expiresIn: 30 })
    const { json, poll } = await started(app)
    assert.deepInclude(json, { expires_in: 30, interval: 0 })
    for (const _ of [1, 2, 3])
      assert.strictEqual((await poll()).json["error"], "authorization_pending")
  })
})

describe("polling for a device code", () => {
  it("is told to wait until the user answered, and then gets what a user's sign-in gives", async () => {
    const app = harness()
    const { poll, answer } = await started(app)
    const pending = await poll()
    assert.strictEqual(pending.status, 400)
    assert.deepInclude(pending.json, { error: "authorization_pending", error_codes: [70016] })
    assert.strictEqual((await answer(accept)).status, 200)
    app.time.now += 5000
    const { status, json } = await poll()
    assert.strictEqual(status, 200)
    assert.deepInclude(claimsOf(json["access_token"]), { upn: accept.user, amr: ["pwd", "mfa"] })
    assert.strictEqual(claimsOf(json["id_token"]).preferred_username, accept.user)
    const again = await app.login({ refresh_token: String(json["refresh_token"]) })
    assert.strictEqual(again.status, 200)
  })

  it("needs no scope, and gets the one the code was asked for", async () => {
    const app = harness()
    const resource = "https://partner.partnercenterapi.microsoftonline.cn/.default"
    const { poll, answer } = await started(app, { scope: resource })
    await answer(accept)
    const { json } = await poll({ scope: "" })
    assert.include(resource, claimsOf(json["access_token"]).aud)
    assert.notProperty(json, "refresh_token")
  })

  it("is told to slow down when it comes too soon, and then has to wait five seconds longer", async () => {
    const app = harness()
    const { poll } = await started(app)
    const errors: Array<unknown> = []
    // The interval is 5 seconds, and after each poll that came too soon 5 more.
    for (const wait of [0, 4, 8, 15, 15]) {
      app.time.now += wait * 1000
      errors.push((await poll()).json["error"])
    }
    const [pending, slow] = ["authorization_pending", "slow_down"]
    assert.deepEqual(errors, [pending, slow, slow, pending, pending])
  })

  it("is told that the user declined", async () => {
    const { poll, answer } = await started(harness())
    await answer({ answer: "cancel" })
    const { status, json } = await poll()
    assert.strictEqual(status, 400)
    assert.strictEqual(json["error"], "authorization_declined")
  })

  it("is told that the code expired, answered or not", async () => {
    const app = harness()
    const { poll, answer } = await started(app)
    await answer(accept)
    app.time.now += 900_000
    assert.deepInclude((await poll()).json, { error: "expired_token", error_codes: [70020] })
  })

  it("is refused for a code that is unknown or another client's", async () => {
    const app = harness()
    const { poll } = await started(app)
    const bad = { error: "bad_verification_code", error_codes: [70018] }
    assert.deepInclude((await poll({ device_code: "no" })).json, bad)
    assert.deepInclude((await poll({ client_id: app.simulator.clients.public })).json, bad)
    assert.deepEqual((await poll({ device_code: "" })).json["error_codes"], [900144])
  })

  it("may write the grant as Microsoft's libraries do, in one word", async () => {
    const { poll, answer } = await started(harness())
    await answer(accept)
    assert.strictEqual((await poll({ grant_type: "device_code" })).status, 200)
  })

  it("gets tokens once", async () => {
    const { poll, answer } = await started(harness())
    await answer(accept)
    assert.strictEqual((await poll()).status, 200)
    assert.deepInclude((await poll()).json, { error: "invalid_grant", error_codes: [54005] })
  })

  it("works for a public client, and for a confidential one only with its proof", async () => {
    const app = harness()
    const open = await started(app, { client_id: app.simulator.clients.public })
    await open.answer(accept)
    assert.strictEqual((await open.poll()).status, 200)
    const closed = await started(app, { client_id: app.simulator.clients.confidential })
    await closed.answer(accept)
    assert.deepEqual((await closed.poll()).json["error_codes"], [7000218])
    const proof = { client_secret: app.simulator.credentials.clientSecret }
    assert.strictEqual((await closed.poll(proof)).status, 200)
  })
})

describe("the page for a device code", () => {
  it("asks for the code, takes it in any case and spacing, and then asks who signs in", async () => {
    const app = harness()
    const { userCode } = await started(app)
    assert.include((await app.send("/devicelogin")).text, 'name="code"')
    const typed = `${userCode.slice(0, 4).toLowerCase()} - ${userCode.slice(4)}`
    const { status, text } = await app.post("/devicelogin", { code: typed })
    assert.strictEqual(status, 200)
    for (const word of ["Avery Howard", "Contoso Orders", "Accept", "Cancel"])
      assert.include(text, word)
  })

  it("says what is wrong with a code: mistyped, expired, already answered", async () => {
    const app = harness()
    assert.include((await app.post("/devicelogin", { code: "<b>" })).text, "AADSTS70018")
    const { answer } = await started(app)
    await answer({ answer: "cancel" })
    assert.include((await answer(accept)).text, "AADSTS90120")
    const late = await started(app)
    app.time.now += 900_000
    const { status, text } = await late.answer({})
    assert.strictEqual(status, 400)
    assert.include(text, "AADSTS70019")
  })

  it("keeps asking when somebody of another tenant tries to sign in", async () => {
    const { answer, poll } = await started(harness())
    const { text } = await answer({ user: "erin.novak@fabrikam.onmicrosoft.com", answer: "accept" })
    assert.include(text, "AADSTS50020")
    assert.strictEqual((await poll()).json["error"], "authorization_pending")
    assert.strictEqual((await answer(accept)).status, 200)
  })

  it("escapes what was typed", async () => {
    const { text } = await harness().post("/devicelogin", { code: `"><script>alert(1)</script>` })
    assert.notInclude(text, "<script>alert")
  })
})

describe("the device code control", () => {
  it("answers a code without a browser", async () => {
    const app = harness()
    const { userCode, poll } = await started(app)
    const user = "casey.ortiz@orderwatch-partner.onmicrosoft.com"
    await app.control("device-codes", { userCode, user, answer: "accept" })
    assert.deepEqual(claimsOf((await poll()).json["access_token"]).amr, ["pwd"])
    const other = await started(app)
    await app.control("device-codes", { userCode: other.userCode, answer: "cancel" })
    assert.strictEqual((await other.poll()).json["error"], "authorization_declined")
  })

  it.each([[{ userCode: "NO" }], [{ interval: -1 }], [{ user: "nobody" }], [{ answer: "maybe" }]])(
    "refuses %j",
    async (body) => {
      const { status, json } = await harness().control("device-codes", body)
      assert.strictEqual(status, 400)
      assert.isString(json["error"])
    }
  )
})
