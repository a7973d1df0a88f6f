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
import { sit } from "./person.ts"
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
