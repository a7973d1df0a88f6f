// What the full-screen interface has to bear: small windows, large pastes, fast keys, hostile names, no upstream.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { machine, samples } from "../harness.ts"
import { signingIn } from "../signedIn.ts"
import { makeHome, sit } from "./person.ts"

const home = machine()
const world = await signingIn({ on: home })
await world.control("device-codes", { interval: 0 })

const leave = async (me: ReturnType<typeof sit>) => {
  me.press("q")
  assert.strictEqual(await me.ended, 0)
  assert.isFalse(me.isAlternate())
}

describe.concurrent("the full-screen interface", () => {
  it("shows where an order stands after one paste", async () => {
    const me = sit()
    await me.sees("Contoso")
    me.press(`\u001b[200~${samples.pending.join(" ")}\u001b[201~`)
    await me.sees(/… pending {2}3\/4 units fulfilled/)
    await leave(me)
  })

  it("shows it after fewer than six keys to who has read nothing but the first screen", async () => {
    const me = sit()
    await me.sees(/\/ search/)
    const keys = ["/", "f", "a", "b", "\r"]
    for (const key of keys) me.press(key)
    assert.isBelow(keys.length, 6)
    await me.sees(/f76c6b7f449d +… pending +3\/4/)
    await leave(me)
  })

  it("takes a paste that the terminal does not mark as one", async () => {
    const me = sit()
    await me.sees("Contoso")
    me.press(samples.partiallyFulfilled.join("\t"))
    await me.sees(/◐ partially fulfilled {2}12\/17/)
    await leave(me)
  })

  it("bears a paste of a megabyte, in a list and while one types", async () => {
    const me = sit()
    await me.sees("Contoso")
    me.press(`\u001b[200~${"x ".repeat(500_000)}\u001b[201~`)
    await me.sees("that names no customer and order")
    me.press("/")
    await me.sees(/^\//m)
    me.press(`\u001b[200~${"y".repeat(1_000_000)}\u001b[201~`)
    await me.sees("nothing found")
    assert.strictEqual(me.lines().length, 24)
    me.press("\u001b")
    await me.sees("Contoso")
    await leave(me)
  })

  it("does what keys say that come faster than frames", async () => {
    const me = sit()
    await me.sees("Alpine Ski House")
    me.press("jjjjkk?")
    await me.sees("Everywhere")
    me.press("\u001b")
    await me.sees(/^› Adventure Works/m)
    me.press("/wood\r")
    await me.sees("Wg4Rt7Yp2LmKxQz9-VbNc_JdHs6FaE3u1")
    await leave(me)
  })

  it("is of use on 20 by 5, and larger and smaller windows show no remains", async () => {
    const me = sit({ cols: 20, rows: 5 })
    await me.sees("› Contoso")
    assert.isAtMost(Math.max(...me.lines().map((line) => line.length)), 20)
    me.press("\r")
    await me.sees("› YxH")
    me.press("\r")
    await me.sees(/pending|fulfilled/)
    me.press("\u001b")
    for (const [cols, rows] of [
      [120, 40],
      [40, 10],
      [200, 60],
      [80, 24]
    ] as const) {
      me.resize(cols, rows)
      await me.comesTo(
        `fill ${cols} by ${rows} once`,
        (shown) =>
          /DEMO/.test(shown[0] ?? "") &&
          /quit/.test(shown[rows - 1] ?? "") &&
          me.read().split("DEMO").length === 2 &&
          me.read().split("? help").length === 2
      )
    }
    await leave(me)
  })

  it("draws a window that was made narrower anew, and none of the old one", async () => {
    const me = sit()
    await me.sees("Contoso")
    me.press("\u001b[200~contoso.onmicrosoft.com YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1\u001b[201~")
    await me.sees("units fulfilled")
    for (const cols of [120, 80, 110, 60]) {
      me.resize(cols, 24)
      await me.comesTo(`fit ${cols}`, (shown) => {
        const text = shown.join("\n")
        return (
          (shown[0] ?? "").includes("DEMO") &&
          (shown[2] ?? "").includes("units fulfilled") &&
          text.split("Line  Name").length === 2 &&
          text.includes("Customer Contoso 0c39d6d5-c70d-4c55-bc02-f620844f3fd1") &&
          (shown[23] ?? "").includes("quit")
        )
      })
    }
    await leave(me)
    assert.isAbove(me.sent().lastIndexOf("\u001b[?7h"), me.sent().lastIndexOf("\u001b[?7l"))
  })

  it("never lets a name act on the terminal", async () => {
    const me = sit()
    await me.sees("Contoso")
    me.press(`\u001b[200~${samples.hostile.join(" ")}\u001b[201~`)
    await me.sees(/Azure +\[2J/)
    me.press("vG")
    await me.sees("observed")
    await leave(me)
    const sent = me.sent()
    for (const injected of ["\u001b[2J\u001b[31mRed", "\u001b]0;", "\u009b", "\u202e", "\u001b[8m"])
      assert.notInclude(sent, injected)
  })

  it("says that upstream is down, why, and what to do; and goes on when it is back", async () => {
    const me = sit({
      args: [],
      env: {
        HOME: home.home,
        PARTNER_CENTER_API_URL: "http://127.0.0.1:1",
        PARTNER_CENTER_LOGIN_URL: "http://127.0.0.1:1",
        PARTNER_CENTER_TENANT_ID: "tenant.example",
        PARTNER_CENTER_CLIENT_ID: "app",
        PARTNER_CENTER_REFRESH_TOKEN: "token"
      }
    })
    await me.sees("● LIVE tenant.example · global at 127.0.0.1:1")
    await me.sees("e: what to do", 60_000)
    me.press("e")
    await me.sees("→ Check the network")
    me.press("y")
    await me.sees("copied all of it")
    const [, copied = ""] = /\u001b\]52;c;([^\u0007]*)\u0007/.exec(me.sent()) ?? []
    assert.include(Buffer.from(copied, "base64").toString(), "Unavailable")
    await leave(me)
  })

  it("signs in by a code, keeps the watchlist for the next time, and tells the tenant apart", async () => {
    const { directory, env } = world.person()
    const me = sit({ args: [], env: { ...env, HOME: home.home } })
    await me.sees("sign in by a code")
    me.press("s")
    const shown = await me.sees(/│ +(?:[A-Z0-9] ){8}[A-Z0-9] +│/)
    const userCode = (/│ +((?:[A-Z0-9] )+[A-Z0-9]) +│/.exec(shown)?.[1] ?? "").replaceAll(" ", "")
    await world.control("device-codes", { userCode, answer: "accept" })
    await me.sees(/● LIVE .*global/)
    await me.sees("Contoso")
    me.press(`\u001b[200~${samples.fulfilled.join(" ")}\u001b[201~`)
    await me.sees("✔ fulfilled")
    me.press(" ")
    await me.sees("★ watched")
    await leave(me)
    const file = join(directory, "interface.json")
    assert.include(readFileSync(file, "utf8"), samples.fulfilled[1])
    const again = sit({ args: [], env: { ...env, HOME: home.home } })
    await again.sees("Contoso")
    again.press("w")
    await again.sees(/✔ fulfilled/)
    await leave(again)
  })

  it("leads from a sign-in that has ended to a new one", async () => {
    const { env } = world.person()
    const me = sit({
      args: [],
      env: { ...env, HOME: home.home, PARTNER_CENTER_REFRESH_TOKEN: "refresh-revoked" }
    })
    await me.sees("e: what to do", 30_000)
    me.press("e")
    await me.sees("s signs in again")
    me.press("s")
    await me.sees(/│ +(?:[A-Z0-9] ){8}[A-Z0-9] +│/)
    await leave(me)
  })

  it("writes nothing on the disk in the demo", async () => {
    const empty = makeHome()
    const me = sit({ env: { HOME: empty, XDG_STATE_HOME: empty, XDG_CACHE_HOME: empty } })
    await me.sees("Contoso")
    me.press("\r")
    await me.sees("34828C05")
    me.press(" ")
    await me.sees("watching ")
    await leave(me)
    assert.deepStrictEqual(readdirSync(empty), [])
    assert.isFalse(existsSync(join(empty, "orderwatch")))
  })

  it.each(["SIGTERM", "SIGHUP", "SIGINT"])("leaves the terminal clean on %s", async (signal) => {
    const me = sit()
    await me.sees("Contoso")
    me.signal(signal)
    await me.ended
    assert.isFalse(me.isAlternate())
    assert.isAbove(me.sent().lastIndexOf("\u001b[?25h"), me.sent().lastIndexOf("\u001b[?25l"))
  })

  it("draws nothing while nothing changes", async () => {
    const me = sit()
    await me.sees("Alpine Ski House")
    await me.rests(400)
    const before = me.sent().length
    await new Promise((resolve) => setTimeout(resolve, 3000))
    assert.strictEqual(me.sent().length, before)
    await leave(me)
  })
})

describe.concurrent("where the full-screen interface cannot be", () => {
  it.each([
    ["TERM=dumb", { TERM: "dumb" }],
    ["CI", { CI: "true" }],
    ["GitHub's actions", { GITHUB_ACTIONS: "true" }]
  ])("with %s there is none, and no error", async (_, env) => {
    const demo = sit({ env })
    assert.strictEqual(await demo.ended, 0)
    assert.notInclude(demo.sent(), "\u001b[?1049h")
    assert.include(demo.sent(), "Sample orders")
    const plain = sit({ args: [], env })
    assert.strictEqual(await plain.ended, 0)
    assert.include(plain.sent(), "USAGE")
    assert.notInclude(plain.sent(), "Raw mode")
  })

  it("without a terminal there is none, and no error", async () => {
    const { exitCode, stderr, stdout } = await home.run([])
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    assert.include(stdout, "USAGE")
  })
})
