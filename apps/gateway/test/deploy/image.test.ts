import { existsSync } from "node:fs"
import { createServer } from "node:http"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { validate } from "dockerfile-utils"
import { parse } from "yaml"
import { Schema } from "effect"
import { pathOf, read, root } from "./files.ts"
import { readFileSync } from "node:fs"

const text = read("Containerfile")
const instructions = text
  .replace(/\\\n/g, " ")
  .split("\n")
  .filter((line) => /^[A-Z]+ /.test(line))
const of = (name: string) =>
  instructions
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1))

const Workspace = Schema.Struct({ catalog: Schema.Record(Schema.String, Schema.String) })
const Package = Schema.Struct({ packageManager: Schema.String })

describe("the Containerfile", () => {
  it("is without fault to a linter", () => {
    assert.deepEqual(
      validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`),
      []
    )
  })

  it("has the Node and the pnpm that the repository has", () => {
    const { catalog } = Schema.decodeUnknownSync(Workspace)(
      parse(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8"))
    )
    const { packageManager } = Schema.decodeUnknownSync(Schema.fromJsonString(Package))(
      readFileSync(join(root, "package.json"), "utf8")
    )
    const bases = of("FROM")
    assert.lengthOf(bases, 2)
    for (const base of bases) {
      assert.include(base, `node:${catalog["node"]}-bookworm-slim`)
    }
    assert.include(of("RUN").join("\n"), packageManager)
  })

  it("copies what there is", () => {
    const sources = of("COPY")
      .filter((line) => !line.startsWith("--from="))
      .flatMap((line) => line.split(/\s+/).slice(0, -1))
    assert.isAbove(sources.length, 5)
    for (const source of sources) assert.isTrue(existsSync(join(root, source)), source)
    const ignored = read("Containerfile.dockerignore").split("\n")
    for (const source of sources) {
      const top = source.startsWith("apps/gateway") ? "apps/gateway" : source.split("/")[0]
      assert.include(ignored, `!${top}`)
    }
  })

  it("is documented to run as whom its secrets can be read by, also without root", () => {
    const [uid, gid] = (of("USER")[0] ?? "").split(":")
    assert.include(text, `podman run --userns=keep-id:uid=${uid},gid=${gid} `)
    assert.include(text, `that only user ${uid} can read`)
  })

  it("runs as nobody special, writes in its volume only, and takes signals itself", () => {
    assert.deepEqual(of("USER"), ["1000:1000"])
    assert.deepEqual(of("VOLUME"), ['["/var/lib/orderwatch"]'])
    // Without a shell between, which would keep SIGTERM to itself.
    for (const line of [...of("ENTRYPOINT"), ...of("CMD")]) assert.isArray(JSON.parse(line))
    assert.notMatch(of("ENV").join(" "), /SECRET|TOKEN|_KEY=/)
    assert.match(of("HEALTHCHECK").join(""), /"node", "\/opt\/orderwatch\/healthcheck\.mjs"/)
  })
})

describe("the health check of the container", () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/livez" ? status : 404
    response.end()
  })
  let status = 200
  let port = 0

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    port = typeof address === "object" && address !== null ? address.port : 0
  })
  afterAll(() => {
    server.close()
  })

  const check = (port: string) =>
    new Promise<number | null>((resolve) => {
      spawn(process.execPath, [pathOf("healthcheck.mjs")], {
        env: { ...process.env, ORDERWATCH_GATEWAY_PORT: port },
        stdio: "inherit"
      }).once("exit", resolve)
    })

  it("says by its exit code whether the gateway lives, and nothing else", async () => {
    assert.strictEqual(await check(String(port)), 0)
    status = 500
    assert.strictEqual(await check(String(port)), 1)
    assert.strictEqual(await check("1"), 1)
  })
})
