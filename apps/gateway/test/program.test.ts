// The program as it is started: what it says, and with what it ends.
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

const start = (...args: ReadonlyArray<string>) => {
  const { PATH } = process.env
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH, HOME: "/nonexistent" },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const said = { out: "", err: "" }
  child.stdout.on("data", (data) => {
    said.out += String(data)
  })
  child.stderr.on("data", (data) => {
    said.err += String(data)
  })
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve))
  const until = (text: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = text.exec(said.err)
        if (found !== null) resolve(found)
      }
      child.stderr.on("data", look)
      child.on("exit", () => reject(new Error(said.err)))
      look()
    })
  return { child, said, exited, until }
}

describe("the program", () => {
  it("serves the demo on a port of its own, says where, and ends with 0 when it is told to", async () => {
    const { child, exited, said, until } = start("--demo", "--port", "0")
    const [, url = ""] = await until(/curl (http:\S+)/)
    const response = await fetch(url)
    assert.strictEqual(response.status, 200)
    assert.include(await response.text(), '"verdict":"fulfilled"')
    child.kill("SIGTERM")
    assert.strictEqual(await exited, 0)
    assert.strictEqual(said.out, "")
    const lines = said.err.trimEnd().split("\n").slice(2)
    assert.strictEqual(JSON.parse(lines[0] ?? "").status, 200)
  })

  const refused: ReadonlyArray<readonly [string, ReadonlyArray<string>, RegExp]> = [
    ["an address that others reach, without callers", ["--demo", "--host", "0.0.0.0"], /KEYS_FILE/],
    ["settings that are missing", ["serve"], /PARTNER_CENTER_TENANT_ID is not set/],
    ["a flag that is none", ["--nope"], /--nope/],
    ["a port that is none", ["--demo", "--port", "70000"], /--port is malformed/]
  ]
  it.each(refused)("refuses %s in one line, with 2", async (_, args, text) => {
    const { exited, said } = start(...args)
    assert.strictEqual(await exited, 2)
    assert.match(said.err, text)
    assert.strictEqual(said.out, "")
    assert.isAtMost(said.err.trimEnd().split("\n").length, 2)
  })

  it("refuses a port that is taken", async () => {
    const first = start("--demo", "--port", "0")
    const [, port = ""] = await first.until(/http:\/\/127\.0\.0\.1:(\d+)/)
    const second = start("--demo", "--port", port)
    assert.strictEqual(await second.exited, 2)
    assert.include(second.said.err, "EADDRINUSE")
    first.child.kill("SIGINT")
    assert.strictEqual(await first.exited, 0)
  })

  it("says who it is", async () => {
    const { exited, said } = start("--help")
    assert.strictEqual(await exited, 0)
    assert.include(said.out, "keys")
  })
})
