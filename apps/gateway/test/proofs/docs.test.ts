// The page of /docs in a browser: whole, quiet, and with nothing from elsewhere.
import { existsSync } from "node:fs"
import { chromium } from "playwright-core"
import type { Browser } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { cleaningUp, freePort, gateway, jsonOf, partnerCenter } from "./running.ts"

cleaningUp()

const executablePath = "/usr/bin/chromium"
const isMissing = !existsSync(executablePath)
const howTo = `no ${executablePath}: apt-get update && apt-get install -y --no-install-recommends chromium`

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>
}

// Where there is no browser that is a failure in CI, and elsewhere a reason to skip.
describe.skipIf(isMissing && process.env["CI"] === undefined)(
  `/docs in a browser${isMissing ? ` (${howTo})` : ""}`,
  () => {
    let browser: Browser
    let url: string

    beforeAll(async () => {
      assert.isFalse(isMissing, howTo)
      browser = await chromium.launch({
        executablePath,
        args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
      })
      url = (await gateway(await partnerCenter(), await freePort())).url
    })
    afterAll(() => browser?.close())

    it("shows every operation, asks nobody else for anything, and keeps its policy", async () => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
      const page = await context.newPage()
      const asked: Array<string> = []
      const said: Array<string> = []
      // Also what a worker asks, and what the policy stops before it is sent.
      context.on("request", (request) => asked.push(request.url()))
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) said.push(message.text())
      })
      page.on("pageerror", (error) => said.push(String(error)))
      const response = await page.goto(`${url}/docs`, { waitUntil: "networkidle" })
      assert.strictEqual(response?.status(), 200)
      await page.getByRole("heading", { name: "orderwatch" }).first().waitFor()
      // A picture for whoever wants to see it.
      const picture = process.env["DOCS_PICTURE"]
      if (picture !== undefined) await page.screenshot({ path: picture })
      // Groups are made when they are opened.
      for (const group of ["Partner Center", "Operation", "About"]) {
        await page.getByRole("button", { name: `Open Group ${group}` }).click()
      }
      const described = await jsonOf<Document>(await fetch(`${url}/openapi.json`))
      const operations = Object.values(described.paths).flatMap((item) => Object.values(item))
      for (const { summary } of operations) {
        await page.getByRole("button", { name: summary }).first().waitFor()
      }
      await page.getByRole("button", { name: "Whether it can serve" }).first().click()
      await page
        .getByRole("button", { name: /Test Request.*readyz/ })
        .first()
        .click()
      await Promise.all([
        page.waitForResponse(`${url}/readyz`),
        page.getByRole("button", { name: /^Send/ }).first().click()
      ])
      await page.waitForTimeout(500)
      const elsewhere = asked.filter(
        (address) => !address.startsWith(`${url}/`) && !/^(?:data|blob):/.test(address)
      )
      assert.deepStrictEqual(elsewhere, [])
      assert.deepStrictEqual(said, [])
    })
  }
)
