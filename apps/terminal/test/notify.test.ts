import { spawn } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Sink, Stdio } from "effect"
import { notify, Surroundings } from "../src/notify.ts"
import type { Notification } from "../src/notify.ts"
import { Streams } from "../src/output.ts"

const home = mkdtempSync(join(tmpdir(), "orderwatch-notify-"))
afterAll(() => rmSync(home, { recursive: true, force: true }))

interface Called {
  readonly args: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string>>
}

// Programs of a desktop that show nothing and tell what they were started with.
let made = 0
const desktop = (name: "notify-send" | "osascript") => {
  const path = join(home, String(++made))
  mkdirSync(path)
  const seen = join(path, "seen.json")
  const script = `require("fs").writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ args: process.argv.slice(2), env: process.env }))`
  writeFileSync(join(path, name), `#!${process.execPath}\n${script}\n`)
  chmodSync(join(path, name), 0o700)
  const text = () => (existsSync(seen) ? readFileSync(seen, "utf8") : "")
  return {
    path,
    called: async (): Promise<Called> => {
      for (let tries = 0; tries < 200; tries++) {
        if (text().endsWith("}")) return JSON.parse(text())
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
      throw new Error(`${name} was not called`)
    },
    isQuiet: async (): Promise<boolean> => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      return text() === ""
    }
  }
}

interface Options extends Partial<Surroundings> {
  readonly isTerminal?: boolean
}

/** What is written to stderr. */
const told = Effect.fnUntraced(function* (
  notification: Notification,
  { environment = {}, isTerminal = false, platform = "linux" }: Options = {}
) {
  let said = ""
  const stderr = () =>
    Sink.forEach((chunk: string | Uint8Array) =>
      Effect.sync(() => void (said += Buffer.from(chunk).toString()))
    )
  const columns = 80
  yield* notify(notification).pipe(
    Effect.provide(Stdio.layerTest({ stderr })),
    Effect.provideService(Surroundings, { environment, platform }),
    Effect.provideService(Streams, {
      out: { isTerminal: false, columns },
      err: { isTerminal, columns }
    })
  )
  return said
})

const settled = { title: "orderwatch: settled", body: "2 orders fulfilled" }
const hostile = {
  title: "--help \u001b]9;x\u0007\n'\"$(id)`",
  body: '-e <b>A & B</b>\u001b[2J\r\n"; do shell script \\"id\\" \\n\u202e'
}

describe("the bell of a notification", () => {
  it.effect("rings on a terminal, which is told the text too", () =>
    Effect.gen(function* () {
      const said = yield* told(settled, { isTerminal: true, environment: { TERM: "xterm" } })
      assert.strictEqual(said, "\u0007\u001b]9;orderwatch: settled: 2 orders fulfilled\u0007")
    })
  )

  it.effect("is not heard elsewhere", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* told(settled), "")
      const environment = { TERM: "dumb" }
      assert.strictEqual(yield* told(settled, { isTerminal: true, environment }), "")
    })
  )

  it.effect("lets nothing in the text end it or begin another", () =>
    Effect.gen(function* () {
      const said = yield* told(hostile, { isTerminal: true })
      assert.match(said, /^\u0007\u001b\]9;[^\u0000-\u001f\u007f-\u009f\u202e]+\u0007$/)
    })
  )

  it.effect("is no command to a terminal that has such by number", () =>
    Effect.gen(function* () {
      const said = yield* told({ title: "\u001b7;calc", body: "" }, { isTerminal: true })
      assert.strictEqual(said, "\u0007\u001b]9;orderwatch: 7;calc\u0007")
    })
  )

  it.effect("is short", () =>
    Effect.gen(function* () {
      const long = "x".repeat(1e6)
      const said = yield* told({ title: long, body: long }, { isTerminal: true })
      assert.isBelow(said.length, 500)
    })
  )
})

describe.skipIf(process.platform === "win32")("the desktop's notification", () => {
  it.effect("comes from notify-send, which gets the text as it is meant, and no secret", () =>
    Effect.gen(function* () {
      const { called, path } = desktop("notify-send")
      const environment = {
        PATH: path,
        DISPLAY: ":0",
        DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/bus",
        PARTNER_CENTER_CLIENT_SECRET: "secret",
        ORDERWATCH_VAULT_KEY: "key",
        NODE_OPTIONS: "--no-warnings",
        LD_PRELOAD: ""
      }
      assert.strictEqual(yield* told(hostile, { environment }), "")
      const { args, env } = yield* Effect.promise(called)
      assert.deepStrictEqual(args, [
        "--app-name=orderwatch",
        "--",
        "--help  ]9;x '\"$(id)`",
        '-e &lt;b&gt;A &amp; B&lt;/b&gt; [2J "; do shell script \\\\"id\\\\" \\\\n'
      ])
      const { DBUS_SESSION_BUS_ADDRESS, DISPLAY, PATH, ...others } = env
      assert.deepStrictEqual(
        [DBUS_SESSION_BUS_ADDRESS, DISPLAY, PATH],
        ["unix:path=/run/bus", ":0", path]
      )
      assert.notMatch(Object.keys(others).join(" "), /PARTNER|ORDERWATCH|NODE|LD_/)
    })
  )

  it.effect("comes on Wayland too", () =>
    Effect.gen(function* () {
      const { called, path } = desktop("notify-send")
      yield* told(settled, { environment: { PATH: path, WAYLAND_DISPLAY: "wayland-0" } })
      assert.include((yield* Effect.promise(called)).args, settled.body)
    })
  )

  it.effect("comes on macOS from osascript, whose script has nothing of the text", () =>
    Effect.gen(function* () {
      const { called, path } = desktop("osascript")
      yield* told(hostile, { platform: "darwin", environment: { PATH: path } })
      const { args } = yield* Effect.promise(called)
      assert.deepStrictEqual(args.slice(0, 6), [
        "-e",
        "on run argv",
        "-e",
        "display notification (item 3 of argv) with title (item 1 of argv) subtitle (item 2 of argv)",
        "-e",
        "end run"
      ])
      assert.deepStrictEqual(args.slice(6), [
        "orderwatch",
        "--help  ]9;x '\"$(id)`",
        '-e <b>A & B</b> [2J "; do shell script \\"id\\" \\n'
      ])
    })
  )

  const elsewhere: ReadonlyArray<Options & { readonly where: string }> = [
    { where: "without a desktop" },
    { where: "with an empty DISPLAY", environment: { DISPLAY: "" } },
    { where: "over SSH", environment: { DISPLAY: ":10", SSH_CONNECTION: "a 1 b 2" } },
    { where: "on Windows", environment: { DISPLAY: ":0" }, platform: "win32" }
  ]
  it.effect.each(elsewhere)("does not come $where", ({ environment, platform = "linux" }) =>
    Effect.gen(function* () {
      const { isQuiet, path } = desktop("notify-send")
      yield* told(settled, { environment: { ...environment, PATH: path }, platform })
      assert.isTrue(yield* Effect.promise(isQuiet))
    })
  )

  const missing = join(home, "missing")
  it.effect.each([missing, "", "/dev/null", "\u0000"])(
    "is no failure where nothing shows it: PATH is %j",
    (PATH) =>
      Effect.gen(function* () {
        assert.strictEqual(yield* told(settled, { environment: { PATH, DISPLAY: ":0" } }), "")
        // A child that could not be started says so later.
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 100)))
      })
  )

  it("keeps nobody waiting, however long it takes", async () => {
    const path = join(home, "slow")
    const pid = join(home, "pid")
    mkdirSync(path)
    const script = `require("fs").writeFileSync(${JSON.stringify(pid)}, String(process.pid) + "\\n"); setTimeout(() => {}, 60_000)`
    writeFileSync(join(path, "notify-send"), `#!${process.execPath}\n${script}\n`)
    chmodSync(join(path, "notify-send"), 0o700)
    const source = new URL("../src/notify.ts", import.meta.url).href
    const program = `
      import { Effect } from "effect"
      import * as NodeServices from "@effect/platform-node/NodeServices"
      import { notify } from ${JSON.stringify(source)}
      await Effect.runPromise(Effect.provide(notify({ title: "a", body: "b" }), NodeServices.layer))
    `
    const env = { PATH: path, DISPLAY: ":0" }
    const args = ["--input-type=module", "-e", program]
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    child.stdout.on("data", (text) => (said += text))
    child.stderr.on("data", (text) => (said += text))
    const code = await new Promise((resolve, reject) => {
      child.once("error", reject)
      // Ends with its streams: the slow one has none of them.
      child.once("close", resolve)
    })
    assert.deepStrictEqual([code, said], [0, ""])
    const text = () => (existsSync(pid) ? readFileSync(pid, "utf8") : "")
    for (let tries = 0; tries < 200 && !text().endsWith("\n"); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    // It outlived whoever started it.
    process.kill(Number(text()), "SIGKILL")
  })
})
