// The core as others get it: packed, examined, and installed with npm in a project of its own.
import {
  cpSync,
  globSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { serve } from "@orderwatch/simulator/serve"
import { make } from "@orderwatch/simulator/Simulator"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { root, run } from "../workspace.ts"

const catalog = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")
const version = (name: string) =>
  catalog.match(new RegExp(`^  "?${name}"?: (.+)$`, "m"))?.[1] ?? expect.unreachable(name)

// What pnpm tells its scripts is not meant for the npm of another project.
const outside = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm|pnpm)_(config|package|lifecycle)_/i.test(name)
  )
)

/** What a program that must succeed printed. */
const output = async (...call: Parameters<typeof run>) => {
  const ran = await run(...call)
  expect(ran.code, ran.output).toBe(0)
  return ran.output
}

describe("the packed core", () => {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "orderwatch-packed-")))
  const project = join(scratch, "project")
  const bin = (name: string) => join(root, "tools/checks/node_modules/.bin", name)
  let tarball: string

  beforeAll(async () => {
    const core = join(root, "packages/core")
    await output("pnpm", ["pack", "--pack-destination", scratch], { cwd: core })
    tarball = join(scratch, globSync("*.tgz", { cwd: scratch })[0] ?? "")
    cpSync(join(root, "tools/checks/consumer"), project, { recursive: true })
    writeFileSync(join(project, "package.json"), `{ "private": true, "type": "module" }`)
    const packages = [tarball, `effect@${version("effect")}`, `typescript@${version("typescript")}`]
    await output("npm", ["install", "--no-audit", "--no-fund", ...packages], {
      cwd: project,
      env: outside
    })
  })
  afterAll(() => rmSync(scratch, { recursive: true, force: true }))

  it("is what publint calls good", async () => {
    expect(await output(bin("publint"), ["run", "--strict", tarball], { cwd: scratch })).toContain(
      "All good!"
    )
  })

  it("has the types it says, for everyone who imports modules", () =>
    output(bin("attw"), [tarball, "--profile", "esm-only", "--no-color"], { cwd: scratch }))

  it("has its licence, and no internals for sale", () => {
    const installed = join(project, "node_modules/@orderwatch/core")
    expect(readFileSync(join(installed, "LICENSE"), "utf8")).toContain("MIT License")
    const { dependencies, exports, peerDependencies } = JSON.parse(
      readFileSync(join(installed, "package.json"), "utf8")
    )
    expect(dependencies).toBeUndefined()
    expect(peerDependencies).toEqual({ effect: version("effect") })
    expect(exports).toMatchObject({ "./internal/*": null })
  })

  it.each([
    ["nodenext", "nodenext"],
    ["esnext", "bundler"]
  ])("compiles in another project, declarations included: %s, %s", async (module, resolution) => {
    const compilerOptions = {
      module,
      moduleResolution: resolution,
      target: "es2024",
      lib: ["es2024", "dom"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true
    }
    const config = `tsconfig.${resolution}.json`
    writeFileSync(join(project, config), JSON.stringify({ compilerOptions, files: ["report.ts"] }))
    const tsc = join(project, "node_modules/typescript/bin/tsc")
    await output(process.execPath, [tsc, "-p", config], { cwd: project })
  })

  it("reads an order over a socket", async () => {
    const simulator = make()
    const served = await serve(simulator)
    try {
      const { credentials, sample } = simulator
      const printed = await output(process.execPath, ["report.ts"], {
        cwd: project,
        env: {
          ...outside,
          PARTNER_CENTER_API_URL: served.url,
          PARTNER_CENTER_LOGIN_URL: served.url,
          PARTNER_CENTER_TENANT_ID: credentials.tenantId,
          PARTNER_CENTER_CLIENT_ID: credentials.clientId,
          PARTNER_CENTER_CLIENT_SECRET: credentials.clientSecret,
          PARTNER_CENTER_REFRESH_TOKEN: credentials.refreshToken,
          CUSTOMER: sample.customerId,
          ORDER: sample.orderId
        }
      })
      expect(JSON.parse(printed)).toMatchObject({
        orderId: sample.orderId,
        verdict: "fulfilled",
        settled: true
      })
    } finally {
      await served.close()
    }
  })
})
