import { existsSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { lines, machine, samples } from "./harness.ts"

const { run, show, temporary } = machine()

// Node ends the process with 97 to 99 where it listens, connects, or looks up a name.
const offline = `data:text/javascript,${encodeURIComponent(`
  import dns from "node:dns"
  import net from "node:net"
  import { syncBuiltinESMExports } from "node:module"
  dns.lookup = () => process.exit(97)
  net.Server.prototype.listen = () => process.exit(98)
  net.Socket.prototype.connect = () => process.exit(99)
  syncBuiltinESMExports()
`)}`
describe.concurrent("orderwatch --demo", () => {
  it("without a terminal prints the report of the document's order", async () => {
    const { exitCode, stderr, stdout } = await run(["--demo"])
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    assert.include(stdout, `Order ${samples.fulfilled[1]}\nCustomer ${samples.fulfilled[0]}\n`)
    assert.match(stdout, /^✔ fulfilled {2}1\/1 unit fulfilled/m)
  })

  it("--json prints the same as an OrderReport", async () => {
    const { exitCode, stdout } = await run(["--demo", "--json"])
    assert.strictEqual(exitCode, 0)
    const { orderId, settled, verdict } = JSON.parse(stdout)
    assert.deepStrictEqual(
      { orderId, settled, verdict },
      { orderId: samples.fulfilled[1], settled: true, verdict: "fulfilled" }
    )
  })

  it.each([
    [["--demo"], 0],
    [["--demo", "customers"], 0],
    [["orders", "contoso.onmicrosoft.com", "--demo"], 0],
    [["status", "--demo", ...samples.pending, "--exit-status"], 8],
    [["status", ...samples.fulfilled, "no-such-order", "--demo"], 5],
    [["status", ...samples.fulfilled, "--raw", "--demo"], 0]
  ] as const)("%j needs no network, and leaves nothing on the disk", async (args, expected) => {
    const home = temporary(`home-${args.join("-").replaceAll(/[^\w-]/g, "")}`)
    mkdirSync(home)
    const env = {
      HOME: home,
      XDG_CACHE_HOME: join(home, "cache"),
      XDG_CONFIG_HOME: join(home, "config"),
      LOCALAPPDATA: home,
      TMPDIR: home
    }
    const ran = await run(args, { env, flags: ["--import", offline] })
    assert.strictEqual(ran.exitCode, expected, ran.stderr)
    assert.deepStrictEqual(readdirSync(home), [])
  })

  it("can do without the right to write, and to start anything", async () => {
    const { exitCode, stderr } = await run(["--demo"], {
      flags: ["--permission", "--allow-fs-read=*"]
    })
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
  })

  it("takes nothing from the environment that is meant for Partner Center", async () => {
    const { exitCode } = await run(["--demo"], {
      env: {
        PARTNER_CENTER_API_URL: "http://api.example",
        PARTNER_CENTER_CLOUD: "mars",
        PARTNER_CENTER_REFRESH_TOKEN: "refresh-revoked",
        HTTPS_PROXY: "nonsense"
      }
    })
    assert.strictEqual(exitCode, 0)
  })

  // Where the full-screen interface cannot be: see ui/session.test.ts for where it can.
  const env = { TERM: "dumb" }

  it("on a dumb terminal of 80 by 24 is an overview of the sample orders", async () => {
    const { exitCode, isWrapped, lines } = await show(["--demo"], { env })
    assert.strictEqual(exitCode, 0)
    assert.isFalse(isWrapped)
    for (const line of lines) assert.isAtMost(line.length, 80)
    const row = (id: string) => lines.find((line) => line.includes(id)) ?? ""
    assert.match(row(samples.fulfilled[1]), /^Contoso .*✔ fulfilled +1\/1/)
    assert.match(row(samples.partiallyFulfilled[1]), /◐ partially fulfilled +12\/17/)
    assert.match(row(samples.unfulfilled[1]), /✖ unfulfilled +0\/4/)
    assert.match(row(samples.pending[1]), /… pending +3\/4/)
    assert.match(row(samples.unknown[1]), /\? unknown +3\/4/)
    assert.match(row(samples.legacy[1]), /… pending +50\/105/)
    assert.match(row("Ia80ZLkXp6eWOqpp35pBQJLhqv9IiGVZ1"), /… not visible yet +—/)
    assert.include(lines.join("\n"), "orderwatch status --demo ")
  })

  it.each([100, 200])("the overview fits %i columns too", async (cols) => {
    const { isWrapped, lines } = await show(["--demo"], { cols, env })
    assert.isFalse(isWrapped, lines.join("\n"))
  })

  it("--json and a redirected stdout are no terminal", async () => {
    const { lines } = await show(["--demo", "--json"])
    assert.strictEqual(JSON.parse(lines.join("")).verdict, "fulfilled")
  })
})

describe.concurrent("orderwatch without --demo", () => {
  it("keeps its compiled code in the cache of the user, and nothing else", async () => {
    const home = temporary("cached")
    mkdirSync(home)
    await run(["--version"], { env: { HOME: home, XDG_CACHE_HOME: "", LOCALAPPDATA: home } })
    assert.isAtMost(readdirSync(home).length, 1)
    if (process.platform === "linux") assert.isTrue(existsSync(join(home, ".cache", "orderwatch")))
    assert.lengthOf(lines((await run(["--version"])).stdout), 1)
  })
})
