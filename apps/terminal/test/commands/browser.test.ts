// Signing in as people do it: in a browser, over the simulator's own pages.
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { chromium } from "playwright-core"
import type { Browser, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { samples } from "../harness.ts"
import { assertSealed, signingIn, vaultOf } from "../signedIn.ts"

const executablePath = "/usr/bin/chromium"
const isMissing = !existsSync(executablePath)
const howTo = `no ${executablePath}: apt-get update && apt-get install -y --no-install-recommends chromium`

const { control, credentials, person, run, show, signIn, start, temporary } = await signingIn()
await control("device-codes", { interval: 0 })

const status = ["status", ...samples.fulfilled, "--log-level", "all"]
const login = ["login", "--log-level", "all"]
const authorizeUrl = /^http:\S+\/authorize\?\S+$/m

// A browser that shows nothing and tells what it was started with.
const spyBrowser = (name: string) => {
  const seen = temporary(`${name}.json`)
  const command = temporary(name)
  const script = `require("fs").writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ args: process.argv.slice(2), env: process.env }))`
  writeFileSync(command, `#!${process.execPath}\n${script}\n`)
  chmodSync(command, 0o700)
  return {
    command,
    opened: async (): Promise<{
      readonly args: ReadonlyArray<string>
      readonly env: Readonly<Record<string, string>>
    }> => {
      for (let tries = 0; tries < 100; tries++) {
        const text = existsSync(seen) ? readFileSync(seen, "utf8") : ""
        if (text.endsWith("}")) return JSON.parse(text)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      throw new Error("no browser was opened")
    }
  }
}

describe.skipIf(process.platform === "win32")("the browser that login opens", () => {
  it("gets the address, and no secret with it", async () => {
    const me = person()
    const { command, opened } = spyBrowser("spy")
    const secrets = {
      PARTNER_CENTER_CLIENT_SECRET: "simulator-client-secret",
      PARTNER_CENTER_REFRESH_TOKEN: "refresh-of-the-environment",
      PARTNER_CENTER_ACCESS_TOKEN: "access-of-the-environment",
      ORDERWATCH_VAULT_KEY: me.env["ORDERWATCH_VAULT_KEY"] ?? ""
    }
    const env = { ...me.env, ...secrets, BROWSER: command }
    const signing = start(login, { env })
    const [url = ""] = await signing.says(authorizeUrl)
    const { args, env: given } = await opened()
    signing.child.kill("SIGINT")
    assert.strictEqual((await signing.ended).exitCode, 130)
    assert.deepEqual(args, [url])
    const fields = [...new URL(url).searchParams.keys()].toSorted()
    // No verifier, and no proof of the app.
    assert.strictEqual(
      fields.join(" "),
      "amr_values client_id code_challenge code_challenge_method redirect_uri response_mode response_type scope state"
    )
    for (const [name, value] of Object.entries(given)) {
      assert.notMatch(name, /^(?:PARTNER_CENTER|ORDERWATCH|NODE|OTEL)_/)
      for (const secret of Object.values(secrets)) assert.notInclude(value, secret, name)
    }
  })
})

// Where there is no browser that is a failure in CI, and elsewhere a reason to skip.
describe.skipIf(isMissing && process.env["CI"] === undefined)(
  `login in a browser${isMissing ? ` (${howTo})` : ""}`,
  () => {
    let browser: Browser
    let page: Page

    beforeAll(async () => {
      assert.isFalse(isMissing, howTo)
      browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
      page = await browser.newPage()
    })
    afterAll(() => browser?.close())

    it("signs in with multi-factor, brings the user back, and keeps the credential", async () => {
      const me = person()
      const signing = start(login, { env: { ...me.env, BROWSER: "/no/such/browser" } })
      const [url = ""] = await signing.says(authorizeUrl)
      await page.goto(url)
      await page.getByText("asks for multi-factor").waitFor()
      await page.getByLabel("Blake Singh").check()
      await page.getByRole("button", { name: "Accept" }).click()
      await page.getByRole("heading", { name: "Back to the terminal" }).waitFor()
      const { exitCode, stderr, stdout } = await signing.ended
      assert.strictEqual(exitCode, 0, stderr)
      assert.match(stdout, /^Signed in as blake\.singh@.*\n/)
      assert.match(stdout, /^ {2}Multi-factor {3}yes$/m)
      const [who, looked] = await Promise.all([
        run(["whoami", "--json"], { env: me.env }),
        run(status, { env: me.env })
      ])
      assert.deepEqual([who.exitCode, looked.exitCode], [0, 0], who.stderr + looked.stderr)
      assertSealed(me)
    })

    it("that the user cancels ends with 4, says so in both places, and loses nothing", async () => {
      const me = person()
      await signIn(me)
      const kept = vaultOf(me)
      const signing = start(login, { env: { ...me.env, BROWSER: "/no/such/browser" } })
      const [url = ""] = await signing.says(authorizeUrl)
      await page.goto(url)
      await page.getByRole("button", { name: "Cancel" }).click()
      await page.getByRole("heading", { name: "Not signed in" }).waitFor()
      const { exitCode, stderr } = await signing.ended
      assert.strictEqual(exitCode, 4)
      assert.match(stderr, /declined/)
      assert.strictEqual(vaultOf(me), kept)
    })

    it("by a device code is answered on the page that the code is for", async () => {
      const me = person()
      const signing = start(["login", "--device-code"], { env: me.env })
      const [, verificationUri = ""] = await signing.says(/Open (\S+) on any device/)
      const [, userCode = ""] = await signing.says(/^ {4}([A-Z0-9]{9})$/m)
      await page.goto(verificationUri)
      await page.getByLabel("Enter the code").fill(userCode)
      await page.getByRole("button", { name: "Next" }).click()
      await page.getByLabel("Avery Howard").check()
      await page.getByRole("button", { name: "Accept" }).click()
      await page.getByText("You are signed in").waitFor()
      const { exitCode, stderr } = await signing.ended
      assert.strictEqual(exitCode, 0, stderr)
      assert.strictEqual((await run(["whoami"], { env: me.env })).exitCode, 0)
    })
  }
)

describe("login on a terminal", () => {
  it("shows the address whole, so that it can be copied, and ends by Ctrl-C", async () => {
    const shown = await show(["login"], {
      env: { ...person().env, BROWSER: "/no/such/browser", ORDERWATCH_LOG_LEVEL: "none" },
      keys: { after: /Ctrl-C ends this/, press: "\u0003" }
    })
    assert.strictEqual(shown.exitCode, 130)
    assert.match(shown.sent.replaceAll("\r\n", "\n"), authorizeUrl)
    assert.notInclude(shown.sent, credentials.refreshToken)
  })
})
