// The house's directions, tried: a copy of the workspace's settings with small rooms in it, where
// `pnpm check` passes; then with one forbidden thing of each kind, where it must refuse every one.
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs"
import { readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { files, manifest, type Ran, root, run, shipped } from "../workspace.ts"

const kept = {
  "packages/core/src/Order.ts": `import { Effect } from "effect"
export const order: Effect.Effect<number> = Effect.succeed(1)`,
  "packages/core/src/Transport.ts": `import * as HttpClient from "effect/http/HttpClient"
import { order } from "./Order.ts"
export const transport = [HttpClient.HttpClient, order]`,
  "packages/core/test/Order.test.ts": `import { readFileSync } from "node:fs"
import { order } from "../src/Order.ts"
setTimeout(() => order, Date.now())
export const wire = readFileSync("x")`,
  "packages/simulator/src/Simulator.ts": `import { Hono } from "hono"
export const app = new Hono().get("/", (c) => c.text(new URL(c.req.url).pathname))`,
  "packages/simulator/src/serve.ts": `import { readFileSync } from "node:fs"
import { serve } from "@hono/node-server"
import { app } from "./Simulator.ts"
export const server = () => [serve({ fetch: app.fetch, port: 0 }), readFileSync("x")]`,
  "packages/runtime/src/Name.ts": `export const name = "runtime"`,
  "packages/runtime/src/Settings.ts": `import { readFile } from "node:fs/promises"
import { order } from "@orderwatch/core/Order"
export const settings = [order, process.env["HOME"], readFile]`,
  "packages/runtime/src/vaults/file.ts": `import { settings } from "../Settings.ts"
export const vault = settings`,
  "apps/gateway/src/app.ts": `import { Hono } from "hono"
import { order } from "@orderwatch/core/Order"
import { settings } from "@orderwatch/runtime/Settings"
export const app = [new Hono(), order, settings]`,
  "apps/gateway/src/watches/store.ts": `import * as SqlClient from "effect/sql/SqlClient"
export const store = SqlClient.SqlClient`,
  "apps/terminal/src/main.ts": `import { Command } from "effect/cli"
import { order } from "@orderwatch/core/Order"
import { settings } from "@orderwatch/runtime/Settings"
export const main = async () => [Command, order, settings, await import("./demo.ts")]`,
  "apps/terminal/src/demo.ts": `import * as HttpClient from "effect/http/HttpClient"
import { app } from "@orderwatch/simulator/Simulator"
export const demo = [HttpClient.HttpClient, app]`,
  "apps/terminal/src/ui/modules.d.ts": `declare module "ink" {
  export const Box: unique symbol
}
declare module "react" {
  export const useState: unique symbol
}`,
  "apps/terminal/src/ui/View.ts": `import { Box } from "ink"
import { useState } from "react"
export const view = [Box, useState]`
}

const lint = "no-restricted-imports"
const unknownModule = "TS2307"
const unknownName = /TS2304|TS2584|TS2591/

/** What is planted, where, and what must refuse it. */
const forbidden: ReadonlyArray<
  readonly [what: string, file: string, code: string, ...by: ReadonlyArray<string | RegExp>]
> = [
  [
    "a Node builtin in core",
    "packages/core/src/A1.ts",
    `import { readFileSync } from "node:fs"\nexport const x = readFileSync`,
    lint,
    /TS2307|TS2591/
  ],
  ["process in core", "packages/core/src/A2.ts", `export const x = process.env`, unknownName],
  [
    "a timer in core",
    "packages/core/src/A3.ts",
    `setTimeout(() => {}, 1)`,
    unknownName,
    "no-restricted-globals"
  ],
  [
    "the clock of the machine in core",
    "packages/core/src/A4.ts",
    `export const x = Date.now()`,
    "no-restricted-properties",
    "globalDate"
  ],
  ["console in core", "packages/core/src/A5.ts", `console.log(1)`, unknownName, "no-console"],
  [
    "SQL in core",
    "packages/core/src/A6.ts",
    `import * as Sql from "effect/sql/SqlClient"\nexport const x = Sql`,
    lint
  ],
  [
    "core importing runtime",
    "packages/core/src/A7.ts",
    `import { settings } from "@orderwatch/runtime/Settings"\nexport const x = settings`,
    lint,
    unknownModule
  ],
  [
    "core importing runtime by path",
    "packages/core/src/A8.ts",
    `import { name } from "../../runtime/src/Name.ts"\nexport const x = name`,
    lint
  ],
  [
    "core importing the simulator",
    "packages/core/src/A9.ts",
    `import { app } from "@orderwatch/simulator/Simulator"\nexport const x = app`,
    lint,
    unknownModule
  ],
  [
    "an effect left unrun in core",
    "packages/core/src/A10.ts",
    `import { Effect } from "effect"\nEffect.log("x")`,
    "floatingEffect"
  ],
  [
    "a Node builtin in the simulator",
    "packages/simulator/src/B1.ts",
    `import { readFileSync } from "node:fs"\nexport const x = readFileSync`,
    lint
  ],
  [
    "runtime importing an app",
    "packages/runtime/src/C1.ts",
    `import { main } from "@orderwatch/terminal/main"\nexport const x = main`,
    lint,
    unknownModule
  ],
  [
    "runtime importing an app by path",
    "packages/runtime/src/C2.ts",
    `import { store } from "../../../apps/gateway/src/watches/store.ts"\nexport const x = store`,
    lint
  ],
  [
    "runtime importing the simulator",
    "packages/runtime/src/C3.ts",
    `import { app } from "@orderwatch/simulator/Simulator"\nexport const x = app`,
    lint,
    unknownModule
  ],
  [
    "a timer in runtime",
    "packages/runtime/src/C4.ts",
    `setInterval(() => {}, 1)`,
    "no-restricted-globals",
    "globalTimers"
  ],
  [
    "Hono in runtime",
    "packages/runtime/src/C5.ts",
    `import { Hono } from "hono"\nexport const x = Hono`,
    lint,
    unknownModule
  ],
  [
    "Ink in the gateway",
    "apps/gateway/src/D1.ts",
    `import { Box } from "ink"\nexport const x = Box`,
    lint,
    unknownModule
  ],
  [
    "the gateway importing the terminal",
    "apps/gateway/src/D2.ts",
    `import { main } from "@orderwatch/terminal/main"\nexport const x = main`,
    lint,
    unknownModule
  ],
  [
    "SQL outside watches",
    "apps/gateway/src/D3.ts",
    `import * as Sql from "effect/sql/SqlClient"\nexport const x = Sql`,
    lint
  ],
  [
    "a workflow outside watches",
    "apps/gateway/src/D4.ts",
    `import { Workflow } from "effect/workflow"\nexport const x = Workflow`,
    lint
  ],
  [
    "the simulator in the gateway, outside demo.ts",
    "apps/gateway/src/D5.ts",
    `import { app } from "@orderwatch/simulator/Simulator"\nexport const x = app`,
    lint
  ],
  [
    "Hono in the terminal",
    "apps/terminal/src/E1.ts",
    `import { Hono } from "hono"\nexport const x = Hono`,
    lint,
    unknownModule
  ],
  [
    "Hono in the terminal, dynamically",
    "apps/terminal/src/E2.ts",
    `export const x = import("hono")`,
    lint,
    unknownModule
  ],
  [
    "the terminal importing the gateway",
    "apps/terminal/src/E3.ts",
    `import { app } from "@orderwatch/gateway/app"\nexport const x = app`,
    lint,
    unknownModule
  ],
  [
    "the terminal importing the gateway by path",
    "apps/terminal/src/E4.ts",
    `import { app } from "../../gateway/src/app.ts"\nexport const x = app`,
    lint
  ],
  [
    "React outside ui",
    "apps/terminal/src/E5.ts",
    `import { useState } from "react"\nexport const x = useState`,
    lint
  ],
  [
    "the simulator in the terminal, outside demo.ts",
    "apps/terminal/src/E6.ts",
    `import { app } from "@orderwatch/simulator/Simulator"\nexport const x = app`,
    lint
  ],
  [
    "HTTP in the terminal",
    "apps/terminal/src/E7.ts",
    `import * as HttpClient from "effect/http/HttpClient"\nexport const x = HttpClient`,
    lint
  ],
  [
    "a test reaching into another package",
    "packages/runtime/test/F1.test.ts",
    `import { order } from "../../core/src/Order.ts"\nexport const x = order`,
    lint
  ]
]

describe("boundaries", () => {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "orderwatch-boundaries-")))
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(scratch, file)), { recursive: true })
    writeFileSync(join(scratch, file), `${text}\n`)
  }
  const check = () => run(process.execPath, ["tools/check.ts"], { cwd: scratch })

  beforeAll(() => {
    const settings = globSync(
      [
        "*.{json,ts}",
        "tools/{check.ts,tsconfig.json}",
        "{packages,apps}/*/{*.config.ts,package.json,tsconfig.json}",
        "{packages,apps}/*/test/tsconfig.json"
      ],
      { cwd: root }
    )
    for (const file of settings) cpSync(join(root, file), join(scratch, file))
    symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"), "junction")
    for (const folder of shipped) linkDependencies(folder, join(root, folder, "node_modules"))
    if (!existsSync(join(root, "apps/gateway"))) {
      write("apps/gateway/package.json", `{ "name": "@orderwatch/gateway", "type": "module" }`)
      cpSync(join(root, "apps/terminal/tsconfig.json"), join(scratch, "apps/gateway/tsconfig.json"))
      linkDependencies("apps/gateway", join(root, "packages/runtime/node_modules"))
      link("apps/gateway", "hono", realpathSync(join(root, "packages/simulator/node_modules/hono")))
      link("apps/gateway", "@orderwatch/runtime", join(scratch, "packages/runtime"))
    }
    for (const [file, text] of Object.entries(kept)) write(file, text)
  })
  afterAll(() => rmSync(scratch, { recursive: true, force: true }))

  // What the package itself may import, with the copies in the place of our own packages.
  function linkDependencies(folder: string, modules: string) {
    for (const name of readdirSync(modules).flatMap((entry) =>
      entry.startsWith("@")
        ? readdirSync(join(modules, entry)).map((it) => `${entry}/${it}`)
        : entry
    )) {
      if (name.startsWith(".")) continue
      const target = realpathSync(join(modules, name))
      link(
        folder,
        name,
        target.startsWith(join(root, "node_modules")) ? target : target.replace(root, `${scratch}/`)
      )
    }
  }
  function link(folder: string, name: string, target: string) {
    const path = join(scratch, folder, "node_modules", name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path, "junction")
  }

  it("the check passes where everything keeps its place", async () => {
    const { code, output } = await check()
    expect(code, output).toBe(0)
  })

  describe("the check refuses", () => {
    let refused: Ran
    beforeAll(async () => {
      for (const [, file, code] of forbidden) write(file, code)
      refused = await check()
      for (const [, file] of forbidden) rmSync(join(scratch, file))
    })

    it("as a whole", () => expect(refused.code).toBe(1))

    it.each(forbidden.map(([what, file, , ...by]) => ({ what, file, by })))("$what", (planted) => {
      const said = complaints(refused.output, planted.file)
      for (const rule of planted.by) expect(said).toMatch(rule)
    })

    it("and nothing else", () => {
      for (const file of Object.keys(kept)) expect(complaints(refused.output, file)).toBe("")
    })
  })

  // tsc names the file before what it says, in one of two ways; oxlint after.
  function complaints(output: string, file: string): string {
    const lines = output.split("\n")
    return lines
      .filter(
        (line, at) =>
          line.startsWith(`${file}(`) ||
          line.startsWith(`${file}:`) ||
          lines[at + 1]?.includes(`[${file}:`)
      )
      .join("\n")
  }
})

describe("the workspace", () => {
  it("lets each package depend only on what is below it", () => {
    const below: Readonly<Record<string, ReadonlyArray<string>>> = {
      "@orderwatch/core": [],
      "@orderwatch/simulator": [],
      "@orderwatch/runtime": ["@orderwatch/core"],
      "@orderwatch/gateway": ["@orderwatch/core", "@orderwatch/runtime", "@orderwatch/simulator"],
      "@orderwatch/terminal": ["@orderwatch/core", "@orderwatch/runtime", "@orderwatch/simulator"]
    }
    const only: Readonly<Record<string, ReadonlyArray<string>>> = {
      hono: ["@orderwatch/gateway", "@orderwatch/simulator"],
      ink: ["@orderwatch/terminal"],
      react: ["@orderwatch/terminal"]
    }
    for (const folder of shipped) {
      const { name, dependencies = {} } = manifest(join(root, folder))
      for (const dependency of Object.keys(dependencies)) {
        if (dependency.startsWith("@orderwatch/")) expect(below[name], name).toContain(dependency)
        if (dependency in only) expect(only[dependency], dependency).toContain(name)
      }
    }
    expect(manifest(join(root, "packages/core")).dependencies).toBeUndefined()
  })

  it("loads the simulator only where it is asked for: demo.ts is reached by import() alone", () => {
    const early = /^(import|export) (?!type\b)[^;(]*?from "[^"]*\/demo\.ts"/m
    for (const file of files("apps/*/src/**/*.{ts,tsx}")) {
      expect(readFileSync(join(root, file), "utf8"), file).not.toMatch(early)
    }
  })

  it("has no barrels", () => {
    expect(files("{packages,apps}/*/{src,test}/**/index.{ts,tsx}")).toEqual([])
  })
})
