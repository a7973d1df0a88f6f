import type { ChildProcess } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { version } from "@orderwatch/core/version"
import { lines, samples, simulation } from "./harness.ts"
import type { Ran } from "./harness.ts"

const { env, orderId, run, runAlone, show, temporary } = await simulation()
const look = ["status", samples.contoso, orderId]

/** An address on which every request is told, and none is answered. */
const silence = (onRequest: () => void) =>
  new Promise<{ readonly url: string; readonly close: () => void }>((resolve) => {
    const server = createServer(onRequest).listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve({
        url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
        close: () => {
          server.close()
          server.closeAllConnections()
        }
      })
    })
  })

describe.concurrent("orderwatch", () => {
  it("alone explains itself", async () => {
    const { exitCode, stderr, stdout } = await runAlone([])
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    for (const word of ["status", "customers", "orders", "--demo", "--json"]) {
      assert.include(stdout, word)
    }
    assert.notInclude(stdout, "\u001b")
  })

  it.each([["--help"], ["-h"], ["status", "--help"], ["customers", "--help"], ["orders", "-h"]])(
    "%s %s explains on stdout, and asks nobody",
    async (...args) => {
      const { exitCode, stderr, stdout } = await runAlone(args)
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      assert.include(stdout, "USAGE")
      if (args[0] === "status") assert.include(stdout, "--exit-status")
    }
  )

  it("--version is the version of the package", async () => {
    const { exitCode, stderr, stdout } = await runAlone(["--version"])
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    assert.strictEqual(version, "0.1.0")
    assert.match(stdout, /^orderwatch v?0\.1\.0\n$/)
  })

  it("--completions bash prints a script", async () => {
    const { exitCode, stderr, stdout } = await runAlone(["--completions", "bash"])
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    assert.include(stdout, "orderwatch")
  })

  describe("a wrong command line is one line on stderr and where there is help, ends with 2", () => {
    it.each([
      [["--nope"], "--nope", "orderwatch"],
      [["--no\u001b[2J\npe"], "--no", "orderwatch"],
      [["nope"], "nope", "orderwatch"],
      [["status"], "customer", "orderwatch status"],
      [["status", samples.contoso], "order", "orderwatch status"],
      [["orders"], "customer", "orderwatch orders"],
      [["orders", samples.contoso, "more"], "more", "orderwatch orders"],
      [[...look, "--nope"], "--nope", "orderwatch status"],
      [["customers", "--cloud", "mars"], "mars", "orderwatch customers"],
      [["customers", "--log-level", "loud"], "loud", "orderwatch customers"],
      [["customers", "--color=maybe"], "maybe", "orderwatch customers"]
    ] as const)("%j", async (args, word, command) => {
      const { exitCode, stderr, stdout } = await run(args)
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" })
      const [error, hint, ...more] = lines(stderr)
      assert.match(error ?? "", /^orderwatch: \S/)
      assert.notMatch(error ?? "", / {2}/)
      assert.include(error, word)
      assert.strictEqual(hint, `Try \`${command} --help\`.`)
      assert.deepStrictEqual(more, [])
    })

    it.each([
      [["status", "x", orderId], "“x” is no customer"],
      [["status", `${samples.contoso}0`, orderId], "is no customer"],
      [["status", "no\u001b[2J\ncustomer", orderId], "“no [2J customer” is no customer"],
      [["status", samples.contoso, "a b"], "“a b” is no order id"],
      [["status", samples.contoso, orderId, ""], "“” is no order id"],
      [["status", samples.contoso, "../customers"], "is no order id"],
      [["status", samples.contoso, "o".repeat(500)], "is no order id"],
      [["orders", "contoso..com"], "is no customer"],
      [["status", ...samples.dash], "goes after --"],
      [["status", samples.dash[0], "-ah"], "goes after --"],
      [["-x\u001b[2J\ny"], "goes after --"],
      [[...look, "5cf72f146967", "--raw"], "--raw takes one order"],
      [[...look, "--raw", "--json"], "--raw goes without --json"],
      [[...look, "--raw", "--exit-status"], "--raw goes without"]
    ])("%j", async (args, says) => {
      const { exitCode, stderr, stdout } = await run(args)
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" })
      const [error, ...more] = lines(stderr)
      assert.match(error ?? "", /^orderwatch: /)
      assert.include(error, says)
      assert.isAtMost(error?.length ?? 0, 240)
      assert.deepStrictEqual(more, [])
    })
  })

  describe("a missing or malformed setting is one line that names it, ends with 2", () => {
    const refuses = ({ exitCode, stderr, stdout }: Ran, setting: string) => {
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" })
      assert.match(stderr, new RegExp(`^orderwatch: ${setting} [^\\n]* environment[^\\n]*\\n$`))
    }

    it.each([[look], [["orders", samples.contoso]], [["customers"]]])(
      "nothing, %j",
      async (args) => {
        const ran = await runAlone(args)
        refuses(ran, "PARTNER_CENTER_TENANT_ID")
        assert.include(ran.stderr, "--demo")
      }
    )

    it.each([
      { PARTNER_CENTER_CLIENT_ID: "" },
      { PARTNER_CENTER_CLOUD: "mars" },
      { PARTNER_CENTER_API_URL: "http://api.example" },
      { PARTNER_CENTER_DEADLINE: "soon" },
      { PARTNER_CENTER_REFRESH_TOKEN_FILE: "/no/such/file" },
      { PARTNER_CENTER_CLIENT_SECRET: "", PARTNER_CENTER_CLIENT_SECRET_FILE: "/no/such/file" },
      { PARTNER_CENTER_ACCESS_TOKEN: "first-part\nsecond-part" },
      { ORDERWATCH_VAULT: "cloud" },
      { ORDERWATCH_LOG_LEVEL: "loud" },
      { HTTPS_PROXY: "socks5://user:s3cret-s3cret@proxy:1080" }
    ])("%j", async (wrong: Record<string, string>) => {
      const ran = await run(look, wrong)
      const isWrong = (name: string) => wrong[name] !== "" || name.endsWith("_ID")
      const setting = Object.keys(wrong).find(isWrong) ?? ""
      refuses(ran, setting.replace("REFRESH_TOKEN_FILE", "REFRESH_TOKEN"))
      assert.notMatch(ran.stderr, /s3cret-s3cret|first-part/)
    })

    it("a wrong setting is told before anything is asked, and --demo needs none", async () => {
      const { exitCode } = await runAlone([...look, "--demo"], {
        env: { PARTNER_CENTER_CLOUD: "mars", PARTNER_CENTER_API_URL: "http://api.example" }
      })
      assert.strictEqual(exitCode, 0)
    })
  })

  it("without a credential it says how to get one, ends with 4", async () => {
    const { exitCode, stderr, stdout } = await run(look, {
      PARTNER_CENTER_REFRESH_TOKEN: "",
      PARTNER_CENTER_CLIENT_SECRET: ""
    })
    assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 4, stdout: "" })
    assert.include(stderr, "there is no credential")
    assert.include(stderr, "PARTNER_CENTER_REFRESH_TOKEN")
  })

  it("secrets may come from files", async () => {
    const folder = temporary("secrets")
    await mkdir(folder)
    const [refresh, client] = [join(folder, "refresh"), join(folder, "client")]
    await writeFile(refresh, `${env["PARTNER_CENTER_REFRESH_TOKEN"]}\n`)
    await writeFile(client, `${env["PARTNER_CENTER_CLIENT_SECRET"]}\r\n`)
    const { exitCode } = await run(look, {
      PARTNER_CENTER_REFRESH_TOKEN: "",
      PARTNER_CENTER_REFRESH_TOKEN_FILE: refresh,
      PARTNER_CENTER_CLIENT_SECRET: "",
      PARTNER_CENTER_CLIENT_SECRET_FILE: client
    })
    assert.strictEqual(exitCode, 0)
  })

  it("--cloud goes before the environment", async () => {
    const [flag, variable] = await Promise.all([
      run([...look, "--cloud", "global"], { PARTNER_CENTER_CLOUD: "mars" }),
      run(look, { PARTNER_CENTER_CLOUD: "china" })
    ])
    assert.deepStrictEqual([flag.exitCode, variable.exitCode], [0, 0])
  })

  it("with nobody listening it is Unavailable, ends with 1 and names the error of the network", async () => {
    const nobody = "http://127.0.0.1:9"
    const { exitCode, stderr, stdout } = await run([...look, "--raw"], {
      PARTNER_CENTER_API_URL: nobody,
      PARTNER_CENTER_LOGIN_URL: nobody,
      PARTNER_CENTER_ACCESS_TOKEN: "a-ready-token"
    })
    assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" })
    assert.strictEqual(
      lines(stderr)[0],
      "✖ Partner Center could not be reached or could not answer"
    )
    assert.include(stderr, "ECONNREFUSED")
  })

  it("Ctrl-C while an answer is awaited ends it at once, with 130 and without a word", async () => {
    let asked = () => {}
    const isAsked = new Promise<void>((resolve) => (asked = resolve))
    const { close, url } = await silence(() => asked())
    const ran = await run(
      look,
      { PARTNER_CENTER_API_URL: url, PARTNER_CENTER_ACCESS_TOKEN: "a-ready-token" },
      { meanwhile: (child) => void isAsked.then(() => child.kill("SIGINT")) }
    )
    close()
    assert.deepStrictEqual(ran, { exitCode: 130, stderr: "", stdout: "" })
  })

  it("a reader that has seen enough is no failure, and no answer to a script", async () => {
    const closed = { meanwhile: (child: ChildProcess) => void child.stdout?.destroy() }
    const [list, settled] = await Promise.all([
      run(["customers"], {}, closed),
      run(["status", ...samples.unfulfilled, "--exit-status"], {}, closed)
    ])
    assert.deepStrictEqual([list.exitCode, list.stderr], [0, ""])
    assert.deepStrictEqual([settled.exitCode, settled.stderr], [3, ""])
  })

  it("nobody reading stderr changes nothing of the outcome", async () => {
    const { exitCode, stdout } = await run(
      [...look, "fault-404-order", "--log-level", "all"],
      {},
      {
        meanwhile: (child) => void child.stderr?.destroy()
      }
    )
    assert.strictEqual(exitCode, 5)
    assert.include(stdout, "✔ fulfilled")
  })

  it("logs are on stderr, one line each, and results on stdout as without them", async () => {
    const [quiet, flag, variable] = await Promise.all([
      run(look),
      run([...look, "--log-level", "all"]),
      run(look, { ORDERWATCH_LOG_LEVEL: "debug" })
    ])
    assert.strictEqual(quiet.stderr, "")
    for (const { stderr, stdout } of [flag, variable]) {
      assert.strictEqual(stdout, quiet.stdout)
      assert.isAtLeast(lines(stderr).length, 2)
      for (const line of lines(stderr)) assert.match(line, /^timestamp=\S+ level=[A-Z]+ /)
    }
  })

  describe("colour", () => {
    const escape = "\u001b["
    it.each([
      [[], {}, false],
      [["--color"], {}, true],
      [["--no-color"], { FORCE_COLOR: "1" }, false],
      [[], { FORCE_COLOR: "1" }, true],
      [[], { FORCE_COLOR: "0" }, false],
      [[], { FORCE_COLOR: "1", NO_COLOR: "1" }, false]
    ] as const)("without a terminal, %j and %j: %s", async (flags, variables, isColoured) => {
      const { exitCode, stderr, stdout } = await run(
        [...look, "no-such-order", ...flags],
        variables
      )
      assert.strictEqual(exitCode, 5)
      assert.strictEqual(stdout.includes(escape), isColoured)
      assert.strictEqual(stderr.includes(escape), isColoured)
    })

    it.each([
      [[], {}, true],
      [["--no-color"], {}, false],
      [[], { NO_COLOR: "1" }, false],
      [[], { TERM: "dumb" }, false]
    ] as const)("on a terminal, %j and %j: %s", async (flags, variables, isColoured) => {
      const { exitCode, sent } = await show([...look, ...flags], variables)
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(sent.includes("\u001b[32m✔ fulfilled"), isColoured)
      assert.strictEqual(/\u001b\[\d+m/.test(sent), isColoured)
    })

    it.each(["NO_COLOR", "FORCE_COLOR"])("--json has none, %s or not", async (name) => {
      const { stdout } = await run([...look, "--json"], { [name]: "1" })
      assert.notInclude(stdout, "\u001b")
    })
  })

  describe("a terminal of 80 columns", () => {
    it.each([
      ["a long name", ["status", ...samples.hostile]],
      ["warnings", ["status", ...samples.contradictory]],
      ["two orders", ["status", samples.contoso, orderId, "5cf72f146967"]],
      ["orders", ["orders", samples.contoso]],
      ["customers", ["customers"]]
    ] as const)("wraps no table: %s", async (_, args) => {
      const { isWrapped, lines, sent } = await show(args)
      assert.isFalse(isWrapped, lines.join("\n"))
      for (const line of sent.split("\r\n")) assert.notMatch(line, / (?:\u001b\[\d+m)?$/)
    })

    it("--raw and --json show no control character there either", async () => {
      const shown = await Promise.all([
        show(["status", ...samples.hostile, "--raw"]),
        show(["status", ...samples.hostile, "--json"])
      ])
      for (const { exitCode, sent } of shown) {
        assert.strictEqual(exitCode, 0)
        assert.notInclude(sent, "\u009b")
      }
    })
  })
})
