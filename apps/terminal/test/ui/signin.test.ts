// Signing in inside the interface, and what it does when a sign-in is over while it is open.
import { assert, describe, it } from "@effect/vitest"
import { keepSecret, machine, samples } from "../harness.ts"
import { assertSealed, signingIn } from "../signedIn.ts"
import { sit } from "./person.ts"

const home = machine()
const world = await signingIn({ on: home })
await world.control("device-codes", { interval: 0 })

const copied = (me: ReturnType<typeof sit>): string => {
  const all = [...me.sent().matchAll(/\u001b\]52;c;([^\u0007]*)\u0007/g)]
  return Buffer.from(all.at(-1)?.[1] ?? "", "base64").toString()
}

// What a browser does with the address, for who accepts as that user or cancels.
const browse = async (url: string, answer: "accept" | "cancel") => {
  const page = await (await fetch(url)).text()
  const user = /value="(blake\.singh[^"]*)"/.exec(page)?.[1] ?? ""
  const body = new URLSearchParams({ user, answer })
  return (await fetch(url, { method: "POST", body })).text()
}

const codeOn = async (me: ReturnType<typeof sit>): Promise<string> => {
  const shown = await me.sees(/│ +(?:[A-Z0-9] ){8}[A-Z0-9] +│/)
  return (/│ +((?:[A-Z0-9] )+[A-Z0-9]) +│/.exec(shown)?.[1] ?? "").replaceAll(" ", "")
}

const leave = async (me: ReturnType<typeof sit>) => {
  me.press("q")
  assert.strictEqual(await me.ended, 0)
  assert.deepStrictEqual(me.remains(), [])
}

describe("signing in inside the interface", () => {
  const noBrowser = { HOME: home.home, BROWSER: "/no/such/browser" }

  it("by a browser that cannot be opened shows the address, copies it, and goes on when it is answered", async () => {
    const person = world.person()
    const me = sit({ args: [], env: { ...person.env, ...noBrowser } })
    await me.sees("sign in in the browser")
    me.press("b")
    const shown = await me.sees("Open this address in a browser on this machine")
    me.press("y")
    await me.sees("copied the address")
    const url = copied(me)
    keepSecret(new URL(url).searchParams.get("state") ?? "")
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/\S+\/authorize\?\S+$/)
    // Whole on the screen, too, line by line.
    assert.include(shown.split("\n").join(""), url)
    assert.match(await browse(url, "accept"), /Back to the terminal/)
    await me.sees(/● LIVE .*global/)
    await me.sees("Contoso")
    me.press(`\u001b[200~${samples.fulfilled.join(" ")}\u001b[201~`)
    await me.sees("✔ fulfilled")
    await leave(me)
    assertSealed(person)
  })

  it("says so when the user cancels in the browser, and begins again", async () => {
    const person = world.person()
    const me = sit({ args: [], env: { ...person.env, ...noBrowser } })
    await me.sees("sign in in the browser")
    me.press("b")
    await me.sees("Open this address")
    me.press("y")
    await me.sees("copied the address")
    const first = copied(me)
    await browse(first, "cancel")
    await me.sees("declined to consent")
    assert.notMatch(me.read(), /y copy/)
    me.press("y")
    await me.sees("there is nothing to copy")
    me.press("R")
    await me.sees("Open this address")
    me.press("y")
    await me.comesTo("another address", () => copied(me) !== first)
    assert.match(await browse(copied(me), "accept"), /Back to the terminal/)
    await me.sees("Contoso")
    await leave(me)
  })

  it("frees the port when one goes back without", async () => {
    const person = world.person()
    const me = sit({ args: [], env: { ...person.env, ...noBrowser } })
    await me.sees("sign in in the browser")
    me.press("b")
    await me.sees("Open this address")
    me.press("y")
    await me.sees("copied the address")
    const back = new URL(copied(me)).searchParams.get("redirect_uri") ?? ""
    me.press("\u001b")
    await me.sees("try the demo")
    const isGone = () =>
      fetch(back).then(
        () => false,
        () => true
      )
    for (const end = Date.now() + 15_000; !(await isGone());) assert.isBelow(Date.now(), end)
    await leave(me)
  })
})

describe("a sign-in that is over while the interface is open", () => {
  it("is renewed without a word, and where it cannot be, leads to a new one", async () => {
    const person = world.person()
    await world.signIn(person)
    const me = sit({ args: [], env: { ...person.env, HOME: home.home } })
    await me.sees("Contoso")
    await world.control("clock", { advance: "2h" })
    me.press(`\u001b[200~${samples.fulfilled.join(" ")}\u001b[201~`)
    await me.sees("✔ fulfilled")
    await world.control("refresh-tokens", { action: "revoke" })
    await world.control("clock", { advance: "2h" })
    me.press(`\u001b[200~${samples.unfulfilled.join(" ")}\u001b[201~`)
    await me.sees("✖ Nobody is signed in, or the sign-in is no longer valid")
    me.press("e")
    const problem = await me.sees("s signs in again")
    assert.match(problem, /› Problem/)
    assert.match(problem, /→ The session was ended: sign in again/)
    assert.match(problem, /s sign in/)
    me.press("y")
    await me.sees("copied all of it")
    const bundle: Record<string, unknown> = JSON.parse(copied(me))
    assert.strictEqual(bundle["reason"], "SignInRequired")
    me.press("s")
    await world.control("device-codes", { userCode: await codeOn(me), answer: "accept" })
    // Back where one was.
    await me.sees("✖ unfulfilled")
    me.press("\u001b")
    await me.sees("✔ fulfilled")
    me.press("\u001b")
    await me.sees("Alpine Ski House")
    await leave(me)
  })
})

describe("with upstream down from the start", () => {
  it("the problem is explained, and R finds it back", async () => {
    const person = world.person()
    const away = {
      ...person.env,
      HOME: home.home,
      PARTNER_CENTER_REFRESH_TOKEN: "simulator-refresh-token"
    }
    await world.control("refresh-tokens", { action: "restore" })
    await world.control("faults", { fault: { kind: "status", status: 503 }, times: 0 })
    const me = sit({
      args: [],
      env: { ...away, PARTNER_CENTER_DEADLINE: "1s", PARTNER_CENTER_ATTEMPT_TIMEOUT: "500ms" }
    })
    await me.sees(/✖ .*\(e: what to do, R: again\)/, 60_000)
    assert.match(me.read(), /nothing could be asked: e says why/)
    me.press("e")
    await me.sees(/→ /)
    const cleared = await fetch(`${world.url}/_simulator/faults`, { method: "DELETE" })
    assert.isTrue(cleared.ok)
    me.press("R")
    await me.sees("Contoso", 60_000)
    await leave(me)
  })
})

describe("without clipboard and notifications", () => {
  it("all else is as ever", async () => {
    // A desktop without its program, and a terminal that answers nothing.
    const me = sit({ env: { DISPLAY: ":99", PATH: "/nonexistent" } })
    await me.sees("Contoso")
    me.press("\r")
    await me.sees("YxH1")
    me.press(" ")
    await me.sees("watching YxH1")
    me.press("y")
    await me.sees("copied YxH1")
    await me.sees(/^.★?YxH1\S+ +✔ fulfilled/m, 60_000)
    me.press("w")
    await me.sees(/Contoso +✔ fulfilled/)
    await me.comesTo(
      "ring",
      () => /\u0007\u001b\]9;Order fulfilled: Contoso/.test(me.sent()),
      30_000
    )
    await leave(me)
  })
})
