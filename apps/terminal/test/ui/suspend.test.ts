// Ctrl-Z, `fg`, and signals from outside: whose the terminal is meanwhile, and what is drawn afterwards.
import { assert, describe, it } from "@effect/vitest"
import { vi } from "vitest"
import { prompt, sit } from "./person.ts"

vi.setConfig({ testTimeout: 60_000 })

const shellWaits = new RegExp(`${RegExp.escape(prompt.trim())}$`)

/** At a shell that has started it, with the customers on the screen. */
const sitAtShell = async (cols = 80, rows = 24) => {
  const me = sit({ isAtShell: true, cols, rows })
  await me.sees(shellWaits)
  me.press(`${me.command}\r`)
  await me.sees("Alpine Ski House")
  await me.rests()
  return me
}
type Person = Awaited<ReturnType<typeof sitAtShell>>

// Whether lines are edited and shown by the terminal, and whether Ctrl-C is a signal.
const isCooked = async (me: Person) => {
  me.press("clear; echo $(stty -a | tr -s ' ;' '\\n' | grep -xE -- '-?(icanon|echo|isig)') end\r")
  const shown = await me.sees(/^(?:-?(?:icanon|isig|echo) ){3}end$/m)
  assert.match(shown, /^(?:(?:icanon|isig|echo) ){3}end$/m)
}

const isWhole = (me: Person, cols: number, rows: number) =>
  me.comesTo(
    `fill ${cols} by ${rows}`,
    (shown) =>
      me.isAlternate() &&
      shown.length === rows &&
      /^orderwatch › Customers +◇ DEMO, sample data$/.test(shown[0] ?? "") &&
      (shown[0] ?? "").length === cols &&
      shown.some((line) => line.startsWith("› Contoso")) &&
      (shown[rows - 1] ?? "").endsWith("q quit")
  )

const leaves = async (me: Person) => {
  me.press("q")
  await me.sees(shellWaits)
  assert.deepStrictEqual(me.remains(), [])
  me.press("exit\r")
  assert.strictEqual(await me.ended, 0)
}

const orderwatchOf = async (me: Person): Promise<number> => {
  me.press("clear; jobs -p\r")
  const shown = await me.sees(/^\d+$/m)
  return Number(/^\d+$/m.exec(shown)?.[0])
}

describe.skipIf(process.platform === "win32")("suspended", { concurrent: true }, () => {
  it("by Ctrl-Z gives the terminal back to the shell, and fg draws the whole screen again", async () => {
    const me = await sitAtShell()
    me.press("\u001a")
    await me.sees(shellWaits)
    assert.deepStrictEqual(me.remains(), [])
    assert.notInclude(me.read(), "Contoso")
    await isCooked(me)
    me.press("fg\r")
    await isWhole(me, 80, 24)
    me.press("j\r")
    await me.sees("orders of Fabrikam")
    await leaves(me)
  })

  it("fits a window that was resized meanwhile", async () => {
    const me = await sitAtShell()
    me.press("\u001a")
    await me.sees(shellWaits)
    me.resize(120, 40)
    me.press("fg\r")
    await isWhole(me, 120, 40)
    me.press("\u001a")
    await me.sees(shellWaits)
    me.resize(64, 12)
    me.press("fg\r")
    await isWhole(me, 64, 12)
    await leaves(me)
  })

  it("again and again comes back each time", async () => {
    const me = await sitAtShell()
    for (let time = 0; time < 5; time++) {
      me.press("\u001a")
      await me.sees(shellWaits)
      me.press("clear; fg\r")
      await isWhole(me, 80, 24)
    }
    await leaves(me)
  })

  it("that continues in the background stops again, and leaves the shell its terminal", async () => {
    const me = await sitAtShell()
    me.press("\u001a")
    await me.sees(shellWaits)
    me.press("clear; bg\r")
    await me.sees(shellWaits)
    await isCooked(me)
    for (const end = Date.now() + 15_000; !/Stopped \(tty/.test(await me.rests());) {
      assert.isBelow(Date.now(), end, me.read())
      me.press("clear; jobs\r")
    }
    assert.deepStrictEqual(me.remains(), [])
    me.press("fg\r")
    await isWhole(me, 80, 24)
    await leaves(me)
  })

  it.each(["SIGTSTP", "SIGSTOP"])("from outside by %s comes back", async (signal) => {
    const me = await sitAtShell()
    me.press("\u001a")
    await me.sees(shellWaits)
    const pid = await orderwatchOf(me)
    me.press("fg\r")
    await isWhole(me, 80, 24)
    process.kill(pid, signal)
    await me.sees(shellWaits)
    if (signal === "SIGTSTP") {
      assert.deepStrictEqual(me.remains(), [])
      await isCooked(me)
    }
    // This shell does not undo what keys send.
    me.press("fg\n")
    await isWhole(me, 80, 24)
    me.press("j\r")
    await me.sees("orders of Fabrikam")
    await leaves(me)
  })

  it("where no shell would bring it back, it stays", async () => {
    const me = sit()
    await me.sees("Alpine Ski House")
    await me.rests()
    me.press("\u001a")
    await me.comesTo("leave", () => me.sent().includes("\u001b[?1049l"))
    await isWhole(me, 80, 24)
    me.press("j\r")
    await me.sees("orders of Fabrikam")
    me.signal("SIGTSTP")
    await me.comesTo("leave", () => me.sent().split("\u001b[?1049l").length === 3)
    await me.comesTo("come back", () => me.isAlternate())
    await me.sees("orders of Fabrikam")
    me.press("q")
    assert.strictEqual(await me.ended, 0)
  })
})
