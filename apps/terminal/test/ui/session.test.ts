import { assert, describe, it } from "vitest"
import { makeHome, sit, still } from "./person.ts"

const order = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1"

describe.concurrent("a whole session", () => {
  const seats = [
    { what: "at 80 by 24", cols: 80, rows: 24, env: {} },
    { what: "at 120 by 40", cols: 120, rows: 40, env: {} },
    { what: "without colour", cols: 80, rows: 24, env: { NO_COLOR: "1" } }
  ]
  it.for(seats)(
    "$what: welcome, demo, customer, order, watchlist, help, quit",
    async (seat, { expect }) => {
      const home = makeHome()
      const me = sit({ ...seat, args: [], env: { HOME: home, ...seat.env } })
      const shows = async (name: string) =>
        expect(still(await me.rests()).replaceAll(home, "~")).toMatchSnapshot(
          `${seat.what}: ${name}`
        )

      await me.sees("try the demo")
      await shows("welcome")
      me.press("d")
      await me.sees("Alpine Ski House")
      await shows("customers")
      me.press("\r")
      await me.sees(/34828C05.*✔ fulfilled/)
      await me.sees(/YxH1.*… pending/)
      await shows("orders")
      me.press("\r")
      await me.sees("Seen so far")
      await shows("order pending")
      await me.sees(/^✔ fulfilled {2}2\/2/m, 60_000)
      await shows("order fulfilled")
      me.press(" ")
      await me.sees("★ watched")
      me.press("w")
      await me.sees(/Contoso.*✔ fulfilled/)
      await shows("watchlist")
      me.press("?")
      await me.sees("Everywhere")
      await shows("help")
      me.press("q")
      assert.strictEqual(await me.ended, 0)
      assert.isFalse(me.isAlternate())
      assert.match(me.read(), new RegExp(`^${order} {2}✔ fulfilled {2}2/2 units.*Contoso$`, "m"))
      if ("NO_COLOR" in seat.env) assert.notMatch(me.sent(), /\u001b\[[\d;]*(?:3[1-7]|9[0-7])m/)
      // Shown again, with the cursor, and without what was asked of the keyboard.
      assert.match(me.sent(), /\u001b\[\?2004l/)
      assert.isAbove(me.sent().lastIndexOf("\u001b[?25h"), me.sent().lastIndexOf("\u001b[?25l"))
    }
  )
})
