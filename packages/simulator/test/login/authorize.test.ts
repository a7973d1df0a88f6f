import { createHash } from "node:crypto"
import { assert, describe, it } from "vitest"
import { claimsOf, type Harness, harness, scope } from "../harness.ts"

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
const challenge = createHash("sha256").update(verifier).digest("base64url")
const redirectUri = "http://localhost:51234/signed-in"
const web = "https://orders.contoso.example/signed-in"

type Fields = Record<string, string | undefined>

const given = (fields: Fields) =>
  Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))

const path = (app: Harness, fields: Fields = {}, tenant = app.simulator.credentials.tenantId) => {
  const query = new URLSearchParams(
    given({
      client_id: app.simulator.clients.public,
      response_type: "code",
      redirect_uri: redirectUri,
      scope,
      state: "a state & more",
      nonce: "a nonce",
      code_challenge: challenge,
      code_challenge_method: "S256",
      ...fields
    })
  )
  return `/${tenant}/oauth2/v2.0/authorize?${query}`
}

const person = (name: string) => `${name}@orderwatch-partner.onmicrosoft.com`
const avery = person("avery.howard")

/** The page answered, and what the app is told behind its address. */
const answered = async (app: Harness, fields: Fields = {}, user = avery, answer = "accept") => {
  const response = await app.post(path(app, fields), { user, answer })
  const location = response.headers.get("Location") ?? ""
  const query = URL.canParse(location) ? new URL(location).searchParams : new URLSearchParams()
  return { ...response, location, query }
}

/** The scope is the one that was authorized. */
const redeem = (app: Harness, code: string | null, fields: Fields = {}) =>
  app.post(
    `/${app.simulator.credentials.tenantId}/oauth2/v2.0/token`,
    Object.fromEntries(
      given({
        grant_type: "authorization_code",
        client_id: app.simulator.clients.public,
        code: code ?? "",
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...fields
      })
    )
  )

const signedIn = async (app: Harness, fields: Fields = {}, user = avery) => {
  const { query } = await answered(app, fields, user)
  return claimsOf((await redeem(app, query.get("code"))).json["access_token"])
}

describe("the authorize page", () => {
  it("names the app, what it asks for and who may sign in", async () => {
    const app = harness()
    const { status, text, headers } = await app.send(path(app))
    assert.strictEqual(status, 200)
    assert.include(headers.get("Content-Type"), "text/html")
    for (const word of ["Contoso Orders for the desktop", "Access Partner Center as you", avery])
      assert.include(text, word)
    assert.notInclude(text, "multi-factor authentication")
  })

  it("chooses whom login_hint names", async () => {
    const app = harness()
    const { text } = await app.send(path(app, { login_hint: person("dana.weiss") }))
    assert.match(text, /value="dana\.weiss@[^"]+"\s+checked/)
  })

  it("sends the browser back with a code and the same state", async () => {
    const { status, location, query } = await answered(harness())
    assert.strictEqual(status, 302)
    assert.isTrue(location.startsWith(`${redirectUri}?`))
    assert.strictEqual(query.get("state"), "a state & more")
    assert.isString(query.get("code"))
  })

  it("sends the browser back with access_denied when the user cancels", async () => {
    const { query } = await answered(harness(), {}, avery, "cancel")
    assert.strictEqual(query.get("error"), "access_denied")
    assert.isTrue(query.get("error_description")?.startsWith("AADSTS65004: "))
    assert.strictEqual(query.get("state"), "a state & more")
    assert.isFalse(query.has("code"))
  })

  it("answers in the fragment, or by a form that posts itself, where asked", async () => {
    const app = harness()
    const { location } = await answered(app, { response_mode: "fragment" })
    assert.match(location, /^http:\/\/localhost:51234\/signed-in#code=\S+&state=a\+state/)
    const { status, text } = await answered(app, { response_mode: "form_post", state: `"><b>` })
    assert.strictEqual(status, 200)
    assert.include(text, `action="${redirectUri}"`)
    assert.include(text, 'name="code"')
    assert.include(text, 'value="&quot;&gt;&lt;b&gt;"')
  })

  it("keeps the query of the address it sends back to", async () => {
    const { location } = await answered(harness(), { redirect_uri: `${redirectUri}?from=here` })
    assert.match(location, /\/signed-in\?from=here&code=/)
  })

  it.each(["http://localhost", "http://127.0.0.1:1", "http://localhost:8080/a/b?c=d"])(
    "goes back to %s for a native app",
    async (redirect_uri) => {
      assert.strictEqual((await answered(harness(), { redirect_uri })).status, 302)
    }
  )

  it.each<[string, Fields, string]>([
    ["an unknown client", { client_id: "no" }, "AADSTS700016"],
    ["no client", { client_id: undefined }, "AADSTS900144"],
    ["no address", { redirect_uri: undefined }, "AADSTS900144"],
    ["an address elsewhere", { redirect_uri: "https://evil.example/" }, "AADSTS50011"],
    ["an address over http", { redirect_uri: "http://orders.contoso.example/" }, "AADSTS50011"],
    ["an address like a loopback", { redirect_uri: "http://localhost.evil/" }, "AADSTS50011"],
    ["an address with a user", { redirect_uri: "http://localhost:1@evil/" }, "AADSTS50011"],
    ["an address with a fragment", { redirect_uri: `${redirectUri}#x` }, "AADSTS50011"],
    ["a script as address", { redirect_uri: "javascript:alert(1)" }, "AADSTS50011"]
  ])("shows %s on a page, and sends nobody there", async (_, fields, code) => {
    const app = harness()
    for (const { status, headers, text } of [
      await app.send(path(app, fields)),
      await answered(app, fields)
    ]) {
      assert.strictEqual(status, 400)
      assert.isFalse(headers.has("Location"))
      assert.include(text, code)
    }
  })

  it.each([
    ["common", "AADSTS50194"],
    ["nobody.onmicrosoft.com", "AADSTS90002"]
  ])("shows that tenant %s is wrong", async (tenant, code) => {
    const app = harness()
    const { status, text } = await app.send(path(app, {}, tenant))
    assert.strictEqual(status, 400)
    assert.include(text, code)
  })

  it("sends a server's app back to its registered address alone", async () => {
    const app = harness()
    const fields = { client_id: app.simulator.clients.confidential }
    assert.include((await app.send(path(app, fields))).text, "AADSTS50011")
    const { location } = await answered(app, { ...fields, redirect_uri: web })
    assert.isTrue(location.startsWith(web))
  })

  it.each<[string, Fields, string, number]>([
    ["no response type", { response_type: undefined }, "invalid_request", 900144],
    ["another response type", { response_type: "token" }, "unsupported_response_type", 70005],
    ["another response mode", { response_mode: "web_message" }, "invalid_request", 70007],
    ["a native app without PKCE", { code_challenge: undefined }, "invalid_request", 50147],
    ["a challenge of the wrong size", { code_challenge: "short" }, "invalid_request", 50147],
    ["a challenge in plain", { code_challenge_method: "plain" }, "invalid_request", 501491],
    ["no scope", { scope: undefined }, "invalid_request", 900144],
    [
      "another resource",
      { scope: "https://graph.windows.net/.default" },
      "invalid_resource",
      500011
    ],
    ["claims that are no JSON", { claims: "{" }, "invalid_request", 9002313],
    ["a silent sign-in", { prompt: "none" }, "login_required", 50058]
  ])("tells the app of %s", async (_, fields, error, code) => {
    const app = harness()
    const { status, headers } = await app.send(path(app, fields), { redirect: "manual" })
    assert.strictEqual(status, 302)
    const query = new URL(headers.get("Location") ?? "").searchParams
    assert.strictEqual(query.get("error"), error)
    assert.isTrue(query.get("error_description")?.startsWith(`AADSTS${code}: `))
    assert.strictEqual(query.get("state"), "a state & more")
  })

  it("keeps asking when the chosen user cannot sign in", async () => {
    const app = harness()
    const other = await answered(app, {}, "erin.novak@fabrikam.onmicrosoft.com")
    assert.strictEqual(other.status, 400)
    assert.include(other.text, "AADSTS50020")
    assert.include((await answered(app, {}, "nobody")).text, "AADSTS50034")
    await app.control("users", { user: avery, isDisabled: true })
    assert.include((await answered(app)).text, "AADSTS50057")
    await app.control("users", { user: avery, isDisabled: false, consent: "adminOnly" })
    assert.include((await answered(app)).text, "AADSTS90094")
  })
})

describe("multi-factor at the authorize page", () => {
  const amr = JSON.stringify({ id_token: { amr: { essential: true, values: ["mfa"] } } })
  const acrs = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } })

  it.each<[string, Fields]>([
    ["amr_values", { amr_values: "ngcmfa mfa" }],
    ["an amr claim", { claims: amr }],
    ["an authentication context", { claims: acrs }]
  ])("is asked for by %s, and said on the page", async (_, fields) => {
    const app = harness()
    assert.include((await app.send(path(app, fields))).text, "asks for multi-factor")
    const { amr } = await signedIn(app, fields, person("blake.singh"))
    assert.deepEqual(amr, ["pwd", "mfa"])
  })

  it("is not done by a user who need not, where nobody asks", async () => {
    const unrelated = { claims: JSON.stringify({ access_token: { xms_cc: { values: ["CP1"] } } }) }
    const { amr } = await signedIn(harness(), unrelated, person("blake.singh"))
    assert.deepEqual(amr, ["pwd"])
  })

  it("is done by a user who always must", async () => {
    assert.deepEqual((await signedIn(harness())).amr, ["pwd", "mfa"])
  })

  it("cannot be done by a user who never enrolled", async () => {
    const app = harness()
    const { status, text } = await answered(app, { amr_values: "mfa" }, person("casey.ortiz"))
    assert.strictEqual(status, 400)
    assert.include(text, "AADSTS50079")
    assert.deepEqual((await signedIn(app, {}, person("casey.ortiz"))).amr, ["pwd"])
  })
})

describe("an authorization code", () => {
  it("gives tokens of the user who signed in, with the nonce in the ID token", async () => {
    const app = harness()
    const { query } = await answered(app)
    const { status, json } = await redeem(app, query.get("code"))
    assert.strictEqual(status, 200)
    assert.deepInclude(claimsOf(json["id_token"]), {
      aud: app.simulator.clients.public,
      iss: `https://partner-center.test/${app.simulator.credentials.tenantId}/v2.0`,
      nonce: "a nonce",
      preferred_username: avery
    })
    assert.deepInclude(claimsOf(json["access_token"]), { upn: avery, appidacr: "0" })
    const refresh_token = String(json["refresh_token"])
    const again = { client_id: app.simulator.clients.public, refresh_token }
    assert.strictEqual((await app.login(again)).status, 200)
    assert.deepEqual((await app.login({ refresh_token })).json["error_codes"], [70000])
  })

  it.each<[string, Fields, number]>([
    ["a code that nobody gave out", { code: "no" }, 70000],
    ["no code", { code: "" }, 900144],
    ["no address", { redirect_uri: undefined }, 900144],
    ["another address", { redirect_uri: "http://localhost:1/" }, 500112],
    ["another verifier", { code_verifier: `${verifier}x` }, 501481],
    ["no verifier", { code_verifier: undefined }, 501481]
  ])("is refused with %s, and stays good", async (_, fields, error) => {
    const app = harness()
    const { query } = await answered(app)
    const { status, json } = await redeem(app, query.get("code"), fields)
    assert.strictEqual(status, 400)
    assert.deepEqual(json["error_codes"], [error])
    assert.strictEqual((await redeem(app, query.get("code"))).status, 200)
  })

  it("is refused to another client", async () => {
    const app = harness()
    const { query } = await answered(app)
    const other = { client_id: app.simulator.credentials.clientId }
    assert.deepEqual((await redeem(app, query.get("code"), other)).json["error_codes"], [70000])
  })

  it("is good once, also of two requests at the same time", async () => {
    const app = harness()
    const { query } = await answered(app)
    const answers = await Promise.all([1, 2].map(() => redeem(app, query.get("code"))))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 400])
    const { json } = await redeem(app, query.get("code"))
    assert.deepInclude(json, { error: "invalid_grant", error_codes: [54005] })
  })

  it("lives for a minute", async () => {
    const app = harness()
    const early = (await answered(app)).query.get("code")
    app.time.now += 59_000
    assert.strictEqual((await redeem(app, early)).status, 200)
    const late = (await answered(app)).query.get("code")
    app.time.now += 60_000
    assert.deepEqual((await redeem(app, late)).json["error_codes"], [70008])
  })

  it("serves a server's app that proves itself, without PKCE; a verifier without challenge is refused", async () => {
    const app = harness()
    const client_id = app.simulator.clients.confidential
    const without = { code_challenge: undefined, code_challenge_method: undefined }
    const { query } = await answered(app, { ...without, client_id, redirect_uri: web })
    const proof = {
      client_id,
      client_secret: app.simulator.credentials.clientSecret,
      redirect_uri: web
    }
    const code = query.get("code")
    assert.deepEqual((await redeem(app, code, proof)).json["error_codes"], [501481])
    const { status, json } = await redeem(app, code, { ...proof, code_verifier: undefined })
    assert.strictEqual(status, 200)
    assert.strictEqual(claimsOf(json["access_token"]).appidacr, "1")
  })
})
