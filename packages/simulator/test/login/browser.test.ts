import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type Served, serve } from "../../src/serve.ts"
import { make } from "../../src/Simulator.ts"
import { claimsOf, scope } from "../harness.ts"

const executablePath = "/usr/bin/chromium"
const isMissing = !existsSync(executablePath)
const howTo = `no ${executablePath}: apt-get update && apt-get install -y --no-install-recommends chromium`

// Where there is no browser that is a failure in CI, and elsewhere a reason to skip.
describe.skipIf(isMissing && process.env["CI"] === undefined)(
  `the login's pages in a browser${isMissing ? ` (${howTo})` : ""}`,
  () => {
    const simulator = make()
    const { tenantId } = simulator.credentials
    const client_id = simulator.clients.public
    let served: Served
    let browser: Browser
    let page: Page
    /** What the browser brought to the app's address. */
    const brought: Array<string> = []
    const app = createServer((request, response) => {
      let body = ""
      request.on("data", (data) => (body += data))
      request.on("end", () => {
        if (request.url !== "/favicon.ico") brought.push(`${request.method} ${request.url} ${body}`)
        response.end("Back in the app")
      })
    })
    let redirectUri: string

    beforeAll(async () => {
      assert.isFalse(isMissing, howTo)
      app.listen(0, "127.0.0.1")
      served = await serve(simulator)
      const address = app.address()
      const port = (address: AddressInfo | string | null) =>
        typeof address === "object" ? address?.port : undefined
      redirectUri = `http://127.0.0.1:${port(address)}/signed-in`
      browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
      page = await browser.newPage()
    }, 30_000)

    afterAll(async () => {
      await browser?.close()
      await served?.close()
      app.closeAllConnections()
      app.close()
    })

    const post = async (path: string, fields: Record<string, string>) => {
      const url = `${served.url}/${tenantId}/oauth2/v2.0/${path}`
      const response = await fetch(url, { method: "POST", body: new URLSearchParams(fields) })
      const json: Record<string, unknown> = JSON.parse(await response.text())
      return json
    }

    const code_verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    const open = (fields: Record<string, string> = {}) =>
      page.goto(
        `${served.url}/${tenantId}/oauth2/v2.0/authorize?${new URLSearchParams({
          client_id,
          response_type: "code",
          redirect_uri: redirectUri,
          scope,
          state: "the state",
          code_challenge: createHash("sha256").update(code_verifier).digest("base64url"),
          code_challenge_method: "S256",
          ...fields
        })}`
      )

    it("sign a user in with multi-factor and bring a code to the app, which gets tokens for it", async () => {
      await open({ amr_values: "mfa" })
      await page.getByText("asks for multi-factor").waitFor()
      await page.getByLabel("Casey Ortiz").check()
      await page.getByRole("button", { name: "Accept" }).click()
      assert.include(await page.getByRole("alert").innerText(), "AADSTS50079")
      await page.getByLabel("Blake Singh").check()
      await page.getByRole("button", { name: "Accept" }).click()
      await page.getByText("Back in the app").waitFor()
      const { searchParams } = new URL(page.url())
      assert.strictEqual(searchParams.get("state"), "the state")
      const json = await post("token", {
        grant_type: "authorization_code",
        client_id,
        code: searchParams.get("code") ?? "",
        redirect_uri: redirectUri,
        code_verifier
      })
      assert.deepInclude(claimsOf(json["access_token"]), {
        upn: "blake.singh@orderwatch-partner.onmicrosoft.com",
        amr: ["pwd", "mfa"]
      })
    })

    it("bring a refusal to the app", async () => {
      await open()
      await page.getByRole("button", { name: "Cancel" }).click()
      await page.getByText("Back in the app").waitFor()
      assert.strictEqual(new URL(page.url()).searchParams.get("error"), "access_denied")
    })

    it("post themselves to the app where it asked for form_post", async () => {
      brought.length = 0
      await open({ response_mode: "form_post", state: `"'<&>` })
      await page.getByRole("button", { name: "Accept" }).click()
      await page.getByText("Back in the app").waitFor()
      const [method, path, body] = brought.join().split(" ")
      assert.deepEqual([method, path], ["POST", "/signed-in"])
      const fields = new URLSearchParams(body)
      assert.strictEqual(fields.get("state"), `"'<&>`)
      assert.isString(fields.get("code"))
    })

    it("keep what must not reach another's address", async () => {
      await open({ redirect_uri: "https://evil.example/" })
      assert.include(await page.getByRole("alert").innerText(), "AADSTS50011")
      assert.isTrue(page.url().startsWith(served.url))
    })

    it("take a device's code, then user and consent, and the device gets its tokens", async () => {
      const started = await post("devicecode", { client_id, scope })
      await page.goto(String(started["verification_uri"]))
      const field = page.getByLabel("Enter the code")
      await field.fill("WRONG")
      await page.getByRole("button", { name: "Next" }).click()
      assert.include(await page.getByRole("alert").innerText(), "AADSTS70018")
      await field.fill(String(started["user_code"]).toLowerCase())
      await page.keyboard.press("Enter")
      await page.getByLabel("Avery Howard").check()
      await page.getByRole("button", { name: "Accept" }).click()
      await page.getByText("You are signed in").waitFor()
      const json = await post("token", {
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        client_id,
        device_code: String(started["device_code"])
      })
      assert.isString(json["refresh_token"])
    })
  }
)
