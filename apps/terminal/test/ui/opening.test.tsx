// The first frame of the demo, before there is anybody to ask.
import { assert, describe, it } from "@effect/vitest"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { Tracker } from "@orderwatch/core/Tracker"
import { Layer, Stream } from "effect"
import { renderToString } from "ink"
import { aloneAsks } from "../../src/fullScreen.ts"
import { uncoloured } from "../../src/theme.ts"
import { App } from "../../src/ui/App.tsx"
import { Registry } from "../../src/ui/bridge.ts"
import { makeEarly } from "../../src/ui/early.ts"
import type { Heard } from "../../src/ui/early.ts"
import { Opening } from "../../src/ui/Opening.tsx"
import { samples } from "../harness.ts"
import { prompt, sit } from "./person.ts"
import { demoSession, makeStage } from "./stage.ts"

describe("the first frame", () => {
  const silent = Layer.mergeAll(
    Layer.mock(Tracker)({}),
    Layer.mock(PartnerCenter)({ customers: () => Stream.never })
  )
  it.each([
    [80, 24, "drawn"],
    [200, 60, "drawn"],
    [40, 10, "drawn"],
    [20, 5, "drawn"],
    [80, 24, "read aloud"]
  ])("at %i by %i, %s, is the one that the interface begins with", (columns, rows, how) => {
    const isSpoken = how !== "drawn"
    const before = { columns: process.stdout.columns, rows: process.stdout.rows }
    Object.assign(process.stdout, { columns, rows })
    const stage = makeStage({
      size: { columns, rows },
      isSpoken,
      session: { ...demoSession, layer: silent }
    })
    const { actions, asks, registry, rows: all, signIns, store } = stage
    const shown = renderToString(
      <Registry value={registry}>
        <App {...{ actions, asks, signIns, store }} rows={all} onSuspend={() => {}} />
      </Registry>,
      { columns }
    )
    const first = renderToString(
      <Opening session={demoSession} theme={uncoloured} isSpoken={isSpoken} early={makeEarly()} />,
      { columns }
    )
    stage.end()
    Object.assign(process.stdout, before)
    assert.strictEqual(first, shown)
    if (!isSpoken) assert.strictEqual(first.split("\n").length, rows)
  })
})

describe("what is typed on the first frame", () => {
  it("is kept in its order, and given on before what comes later", () => {
    const early = makeEarly()
    const heard: Array<string> = []
    const paste = (text: string): Heard => ({ _tag: "Paste", text })
    const hear = (one: Heard) => void heard.push(one._tag === "Paste" ? one.text : one.input)
    early.hear(paste("a"))
    early.hear(paste("b"))
    early.give(hear)
    early.hear(paste("c"))
    assert.deepStrictEqual(heard, ["a", "b", "c"])
  })
})

const shellWaits = new RegExp(`${RegExp.escape(prompt.trim())}$`)

describe.concurrent("on a terminal", () => {
  // Before anything is loaded that could answer.
  const early = async () => {
    const me = sit()
    await me.sees("… asking")
    return me
  }
  const isClean = (me: ReturnType<typeof sit>) => {
    assert.isFalse(me.isAlternate())
    assert.isAbove(me.sent().lastIndexOf("\u001b[?25h"), me.sent().lastIndexOf("\u001b[?25l"))
  }

  it("keys that come before anybody listens are not lost", async () => {
    const me = await early()
    me.press("?")
    await me.sees("Everywhere")
    me.press("q")
    assert.strictEqual(await me.ended, 0)
    isClean(me)
  })

  it("nor is what is typed to search, or a paste", async () => {
    const [typist, paster, mover] = await Promise.all([early(), early(), early()])
    typist.press("/fab\r")
    mover.press("jjjk")
    paster.press(`\u001b[200~${samples.fulfilled.join(" ")}\u001b[201~`)
    await typist.sees("orderwatch › Fabrikam")
    await mover.sees(/^› Adventure/m)
    await paster.sees("✔ fulfilled")
    typist.press("\u0003")
    paster.press("q")
    mover.press("q")
    const ended = [typist.ended, paster.ended, mover.ended]
    assert.deepStrictEqual(await Promise.all(ended), [0, 0, 0])
  })

  it("who leaves at once has left with 0", async () => {
    const me = await early()
    me.press("q")
    assert.strictEqual(await me.ended, 0)
    isClean(me)
  })

  it.each(["SIGTERM", "SIGHUP", "SIGINT"])("%s leaves it clean", async (signal) => {
    const me = await early()
    me.signal(signal)
    await me.ended
    isClean(me)
  })

  // Before what comes after the first frame is there, that is done.
  const meanwhile = (script: string): ReadonlyArray<string> => [
    `--import=data:text/javascript,${encodeURIComponent(`
      import { registerHooks } from "node:module"
      registerHooks({
        load: (url, context, next) => {
          const loaded = next(url, context)
          if (!url.endsWith("/dist/alone.js")) return loaded
          return { ...loaded, source: ${JSON.stringify(`${script}\n//`)} + loaded.source }
        }
      })`)}`
  ]

  it.each([
    ["that cannot be loaded", `throw new Error("no more")`],
    [
      "in nobody's hands",
      `await new Promise(() => setTimeout(() => { throw new Error("no more") }))`
    ],
    ["in a promise", `await new Promise(() => void Promise.reject(new Error("no more")))`]
  ])("an error of its own, %s, leaves it clean and says so", async (_, script) => {
    const me = sit({ flags: meanwhile(script) })
    assert.strictEqual(await me.ended, 1)
    assert.include(me.sent(), "… asking")
    assert.deepStrictEqual(me.remains(), [])
    assert.strictEqual(
      me.read(),
      "orderwatch: an error of orderwatch's own, please report it: Error: no more"
    )
  })

  const atShell = async (script: string) => {
    const me = sit({ isAtShell: true, flags: meanwhile(script) })
    await me.sees(shellWaits)
    me.press(`${me.command}\r`)
    return me
  }
  const leaves = async (me: ReturnType<typeof sit>) => {
    me.press("q")
    await me.sees(shellWaits)
    assert.deepStrictEqual(me.remains(), [])
    me.press("exit\r")
    assert.strictEqual(await me.ended, 0)
  }

  it.skipIf(process.platform === "win32")("stopped, it leaves the shell a clean one", async () => {
    const me = await atShell(`process.kill(process.pid, "SIGTSTP")
      await new Promise((resolve) => setTimeout(resolve, 100))`)
    await me.sees("… asking")
    await me.sees(shellWaits)
    assert.deepStrictEqual(me.remains(), [])
    me.press("fg\r")
    await me.sees("Alpine Ski House")
    await leaves(me)
  })

  it.skipIf(process.platform === "win32")("held meanwhile, it is drawn anew", async () => {
    const me = await atShell(`process.kill(process.pid, "SIGSTOP")
      await new Promise((resolve) => setTimeout(resolve, 100))`)
    await me.sees("Stopped")
    await me.sees(shellWaits)
    me.press("clear; fg\n")
    await me.sees("Alpine Ski House")
    assert.include(await me.rests(), "orderwatch › Customers")
    assert.notInclude(me.read(), prompt)
    await leaves(me)
  })

  it("nothing on it moves when the interface takes its place", async () => {
    const me = await early()
    const first = me.lines()
    await me.sees("Alpine Ski House")
    assert.deepStrictEqual([me.lines()[0], me.lines()[23]], [first[0], first[23]])
    assert.strictEqual(me.sent().split("\u001b[?1049h").length, 2)
    assert.notInclude(me.sent(), "\u001b[2J")
    me.press("q")
    assert.strictEqual(await me.ended, 0)
  })
})

describe("a command line that asks for the full screen alone", () => {
  it.each([
    [[], false, undefined],
    [["--no-color"], false, false],
    [["--demo"], true, undefined],
    [["--demo", "--no-color"], true, false],
    [["--color", "--demo"], true, true]
  ])("is %j", (args, isDemo, color) => {
    assert.deepStrictEqual(aloneAsks(args), { isDemo, color })
  })

  it.each([
    [["--demo", "--demo"]],
    [["--demo", "--color", "--no-color"]],
    [["--demo=true"]],
    [["--demo", "--nope"]],
    [["--demo", "--json"]],
    [["--profile", "fab"]],
    [["status", "--demo"]],
    [["--", "--demo"]]
  ])("is not %j, which may be refused or mean something else", (args) => {
    assert.isUndefined(aloneAsks(args))
  })
})
