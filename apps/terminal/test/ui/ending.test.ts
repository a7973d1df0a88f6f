// How it ends when nobody pressed q: an error of its own, a signal, a terminal that is gone. The terminal is
// left as it was, and where the watched orders stood stays on it.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { vi } from "vitest"
import { machine, samples } from "../harness.ts"
import { signingIn } from "../signedIn.ts"
import { sit } from "./person.ts"
import type { Seat } from "./person.ts"

const home = machine()
const world = await signingIn({ on: home })
vi.setConfig({ testTimeout: 60_000 })

// Breaks something of Node's before the program starts.
const broken = (script: string): ReadonlyArray<string> => [
  `--import=data:text/javascript,${encodeURIComponent(script)}`
]
const [, fulfilled] = samples.fulfilled

/** Somebody who watches an order, and is back among the customers. */
const watching = async (seat: Seat = {}) => {
  const me = sit(seat)
  await me.sees("Contoso")
  me.press(`\u001b[200~${samples.fulfilled.join(" ")}\u001b[201~`)
  await me.sees(/✔ fulfilled {2}1\/1/)
  me.press(" ")
  await me.sees("★ watched")
  me.press("\u001b")
  await me.sees("Alpine Ski House")
  return me
}
type Person = Awaited<ReturnType<typeof watching>>

const leftClean = (me: Person) => {
  assert.deepStrictEqual(me.remains(), [])
  assert.match(me.read(), new RegExp(`^${fulfilled} {2}✔ fulfilled {2}1/1 unit .*Contoso$`, "m"))
  // Ours alone, without what was on the other screen or a stack.
  assert.notMatch(me.read(), /^ +at |Alpine|node:|quit$/m)
}

const broke = async (me: Person, why: string) => {
  assert.strictEqual(await me.ended, 1)
  leftClean(me)
  const said = me.read().replaceAll("\n", "")
  assert.strictEqual(said.split("orderwatch: an error of orderwatch's own").length, 2)
  assert.include(said, why)
}

describe.skipIf(process.platform === "win32")("an error of its own", { concurrent: true }, () => {
  // From when the bell rings, it throws.
  const breaking = (what: string) =>
    broken(`${what}
      process.on("SIGUSR2", () => { globalThis.isBroken = true; process.stdout.write("\\u0007") })`)
  const breakNow = async (me: Person) => {
    const before = me.sent().length
    me.signal("SIGUSR2")
    await me.comesTo("break", () => me.sent().includes("\u0007", before))
  }

  it("while a screen is drawn", async () => {
    const flags = breaking(`Object.defineProperty(Intl.DateTimeFormat.prototype, "format", { get() {
        if (globalThis.isBroken) throw new Error("no clock"); return () => "12:00:00" } })`)
    const me = await watching({ flags })
    await breakNow(me)
    me.press(`\u001b[200~${samples.pending.join(" ")}\u001b[201~`)
    await broke(me, "no clock")
  })

  it("while a screen is drawn anew because time passes", async () => {
    const flags = breaking(`Object.defineProperty(Intl.DateTimeFormat.prototype, "format", { get() {
        if (globalThis.isBroken) throw new Error("no clock"); return () => "12:00:00" } })`)
    const me = await watching({ flags })
    me.press(`\u001b[200~${samples.pending.join(" ")}\u001b[201~`)
    await me.sees("Seen so far")
    await breakNow(me)
    await broke(me, "no clock")
  })

  it("while something is asked", async () => {
    const flags = breaking(`const sorted = Array.prototype.toSorted
      Array.prototype.toSorted = function (...args) {
        if (globalThis.isBroken) throw new Error("no order"); return sorted.apply(this, args) }`)
    const me = await watching({ flags })
    await breakNow(me)
    me.press("\r")
    await broke(me, "no order")
  })

  it("in nobody's hands", async () => {
    const script = `process.on("SIGUSR2", () => { throw new Error("out of the blue") })`
    const me = await watching({ flags: broken(script) })
    me.signal("SIGUSR2")
    await broke(me, "out of the blue")
  })

  it("in a promise that nobody waits for", async () => {
    const script = `process.on("SIGUSR2", () => { Promise.reject(new Error("unheard")) })`
    const me = await watching({ flags: broken(script) })
    me.signal("SIGUSR2")
    await broke(me, "unheard")
  })
})

describe.skipIf(process.platform === "win32")("ended from outside", { concurrent: true }, () => {
  it.each(["SIGTERM", "SIGHUP", "SIGINT"])(
    "by %s, it leaves the terminal clean",
    async (signal) => {
      const me = await watching()
      me.signal(signal)
      assert.strictEqual(await me.ended, 130)
      leftClean(me)
    }
  )

  it("twice, as by a terminal that goes, while it still writes what is watched", async () => {
    const { directory, env } = world.person()
    await world.signIn({ directory, env })
    const flags =
      broken(`import fs from "node:fs"; import { syncBuiltinESMExports } from "node:module";
      const { fsync } = fs; fs.fsync = (file, then) => setTimeout(() => fsync(file, then), 1500);
      syncBuiltinESMExports()`)
    const me = await watching({ args: [], flags, env: { ...env, HOME: home.home } })
    me.signal("SIGHUP")
    await me.comesTo("leave", () => !me.isAlternate())
    me.signal("SIGHUP")
    assert.strictEqual(await me.ended, 130)
    assert.include(readFileSync(join(directory, "interface.json"), "utf8"), fulfilled)
  })

  it("with its terminal gone, it ends too, and what is watched is kept", async () => {
    const { directory, env } = world.person()
    await world.signIn({ directory, env })
    const me = await watching({ args: [], env: { ...env, HOME: home.home } })
    me.close()
    await me.isGone()
    assert.include(readFileSync(join(directory, "interface.json"), "utf8"), fulfilled)
  })
})
