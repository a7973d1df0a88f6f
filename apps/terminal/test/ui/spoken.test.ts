// The interface as a screen reader gets it: words, one thing at a time, and nothing again that has not changed.
import { assert, describe, it } from "@effect/vitest"
import { spoken } from "../../src/ui/components/spoken.ts"
import { samples } from "../harness.ts"
import { makeHome, sit } from "./person.ts"

describe("a line that is read aloud", () => {
  it.each([
    ["orderwatch › Contoso          ◇ DEMO, sample data", "orderwatch, Contoso, DEMO, sample data"],
    ["Problem      ● LIVE prod · global ", "Problem, LIVE prod, global"],
    ["… pending  3/4 units fulfilled", "pending, 3 of 4 units fulfilled"],
    [
      "  5cf72f146967  ✔ fulfilled   25/25      7 h  ████████░░░░",
      "5cf72f146967, fulfilled, 25 of 25, 7 h"
    ],
    ["a  ✖ unfulfilled  xxxxxxxxxxxx  completed", "a, unfulfilled, completed"],
    ["a  ? unknown  ????????????  pending", "a, unknown, pending"],
    ["a  ·    4 min", "a, not looked at yet, 4 min"],
    ["  → Check the network.", "What to do: Check the network."],
    ["! held back", "Warning: held back"],
    ["  ┌─────────┐", ""],
    ["  │   A B   │", "A B"],
    ["↵ open  / search  ? help  q quit", "enter open, / search, ? help, q quit"],
    ["  esc h ← backspace  back; or clear", "esc h left backspace, back; or clear"],
    [
      "Open http://127.0.0.1:8799/10/20 on any device",
      "Open http://127.0.0.1:8799/10/20 on any device"
    ]
  ])("“%s” is said as “%s”", (line, said) => {
    assert.strictEqual(spoken(line), said)
  })
})

const glyphs = /[█░│─┌┐└┘✔✖◐◇●★›→↵·]|… [a-z]/

describe.concurrent("a session with a screen reader", () => {
  const reads = (me: ReturnType<typeof sit>) => async (text: string | RegExp) => {
    await me.sees(text)
    const shown = await me.rests()
    assert.notMatch(shown, glyphs)
    // From the first line on, whatever it takes.
    assert.match(shown, /^orderwatch/)
    assert.match(shown.split("\n").at(-1) ?? "", /quit$|leave it$/)
    assert.isAtMost(shown.split("\n").length, me.lines().length)
    return shown
  }
  const spokenSeat = { env: { INK_SCREEN_READER: "true" } }

  it("is words on every screen, with the place in the list", async () => {
    const home = makeHome()
    const me = sit({ args: [], env: { ...spokenSeat.env, HOME: home } })
    const sees = reads(me)
    await sees("d, try the demo")
    me.press("d")
    await sees(/^1 of 12: Contoso, contoso\.onmicrosoft\.com, 0c39/m)
    me.press("j")
    await sees(/^2 of 12: Fabrikam/m)
    me.press("G")
    await sees(/^12 of 12: Tailspin Toys/m)
    me.press("g\r")
    await sees(/^1 of 3: YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1, (?:pending|fulfilled), [02] of 2/m)
    me.press("j")
    await sees(/^2 of 3: 5cf72f146967, fulfilled, 25 of 25/m)
    me.press(" ")
    await sees(/^2 of 3, watched: 5cf7/m)
    me.press("\r")
    await sees(/^fulfilled, 25 of 25 units fulfilled$/m)
    me.press("w")
    await sees(/^1 of 1: Contoso, fulfilled, 25 of 25/m)
    me.press("?")
    await sees(/^G end, the last$/m)
    me.press(`\u001b[200~${samples.contoso} fault-403\u001b[201~`)
    await sees("The signed-in user may not do this")
    me.press("e")
    await sees("What to do: Give the user the Admin agent role")
    me.press(":")
    me.press("x")
    await sees(/^:x$/m)
    me.press("\u001b")
    await sees("What to do")
    me.press("q")
    assert.strictEqual(await me.ended, 0)
    assert.deepStrictEqual(me.remains(), [])
  })

  it("is read from its first line on in a small window, too", async () => {
    const me = sit({ ...spokenSeat, cols: 40, rows: 12 })
    const sees = reads(me)
    await sees(/^1 of 12: Contoso/m)
    me.press(`\u001b[200~${samples.partiallyFulfilled.join(" ")}\u001b[201~`)
    await sees("partially fulfilled, 12 of 17")
    me.press("G")
    await sees("server id")
    me.press("q")
    assert.strictEqual(await me.ended, 0)
  })

  it("says nothing again while nothing changes, though time passes", async () => {
    const me = sit(spokenSeat)
    await me.sees("1 of 12: Contoso")
    me.press(`\u001b[200~${samples.slow.join(" ")}\u001b[201~`)
    await me.sees("pending since")
    await me.rests(400)
    const before = me.sent()
    // A clock on the screen would have moved by then.
    await new Promise((resolve) => setTimeout(resolve, 2500))
    assert.strictEqual(
      me
        .sent()
        .slice(before.length)
        .replaceAll(/\u001b\[\?2026[hl]/g, ""),
      ""
    )
    me.press("q")
    assert.strictEqual(await me.ended, 0)
  })
})
