import { assert, describe, it } from "@effect/vitest"
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import { record } from "@orderwatch/core/OrderHistory"
import { make, PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import * as OrderReport from "@orderwatch/core/OrderReport"
import { DateTime, Option } from "effect"
import { renderToString } from "ink"
import { Line } from "../../src/ui/components/lines.tsx"
import { footer } from "../../src/ui/components/footer.ts"
import { header } from "../../src/ui/components/header.ts"
import { after, isFault, unseen } from "../../src/ui/state/following.ts"
import type { Following } from "../../src/ui/state/following.ts"
import { begin, rooms, screen, topOf } from "../../src/ui/state/screen.ts"
import type { Stack } from "../../src/ui/state/screen.ts"
import type { Session } from "../../src/ui/state/session.ts"
import type { Step } from "../../src/ui/state/signIn.ts"
import { idleKeys } from "../../src/ui/views/idle.ts"
import { orderLines } from "../../src/ui/views/order.ts"
import { problemLines, supportBundle } from "../../src/ui/views/problem.ts"
import { titleLine } from "../../src/ui/views/frame.ts"
import { nothing } from "../../src/ui/watchlistFile.ts"
import { signInLines } from "../../src/ui/views/signIn.ts"
import { welcomeLines } from "../../src/ui/views/welcome.ts"
import { theme, uncoloured } from "../../src/theme.ts"
import { displayWidth } from "../../src/render/text.ts"
import { samples } from "../harness.ts"

const shown = (lines: ReadonlyArray<string>, columns: number) =>
  renderToString(
    <>
      {lines.map((text, at) => (
        <Line key={at} text={text} />
      ))}
    </>,
    { columns }
  )
const coloured = theme({ flag: true, isTerminal: true, environment: {} })
const target = {
  customer: { id: CustomerId.make(samples.contoso), name: "Contoso" },
  orderId: OrderId.make("5cf72f146967")
}
const at = (seconds: number) =>
  DateTime.toUtc(DateTime.makeUnsafe(1_800_000_000_000 + seconds * 1000))
const reportAt = (seconds: number, fulfilled: number, raw: string, name = "Microsoft 365") =>
  OrderReport.make({
    customerId: target.customer.id,
    orderId: target.orderId,
    source: "order",
    isMiscounted: false,
    observedAt: at(seconds),
    support: { requestId: "r-1" },
    order: {
      value: {
        id: target.orderId,
        lineItems: [{ lineItemNumber: 0, friendlyName: name, quantity: 4 }]
      },
      observedAt: at(seconds)
    },
    answered: [
      {
        lineItemNumber: 0,
        status: raw === "fulfilled" ? "fulfilled" : "pending",
        rawStatus: raw,
        source: "order",
        quantities: [
          { quantity: fulfilled, status: "fulfilled" },
          { quantity: 4 - fulfilled, status: "pending" }
        ]
      }
    ]
  })
const changed = (report: OrderReport.OrderReport, before?: Following) =>
  ({
    _tag: "Changed",
    report,
    order: Option.none(),
    history: record(before?.latest?.history, report)
  }) as const
const props = {
  target,
  look: undefined,
  isRaw: false,
  isPaused: false,
  isWatched: false,
  isSpoken: false,
  columns: 80,
  now: at(60).epochMilliseconds,
  theme: uncoloured
}

describe("an order", () => {
  const first = after(unseen, changed(reportAt(0, 1, "prefulfillment_pending")))
  const second = after(first, changed(reportAt(50, 3, "prefulfillment_pending"), first))

  it("shows units as bars, the history with the latest first, and the next look with its reason", () => {
    const following = after(second, { _tag: "NextLook", at: at(90), why: "unchanged" })
    const text = shown(orderLines({ ...props, following }), 80)
    assert.include(text, "… pending  3/4 units fulfilled")
    assert.include(text, "pending for 1 min · next look in 30 s (no change)")
    assert.match(text, /Microsoft 365 +██████░░ +3\/4 {2}… pending/)
    assert.isBelow(text.indexOf("10 s ago"), text.indexOf("1 min ago"))
    assert.include(text, "request id: r-1")
    assert.notInclude(text, "prefulfillment_pending")
  })

  it("shows upstream's own words on demand", () => {
    assert.include(
      shown(orderLines({ ...props, following: second, isRaw: true }), 80),
      "“prefulfillment_pending”"
    )
  })

  it("is read aloud without bars", () => {
    const text = shown(orderLines({ ...props, following: second, isSpoken: true }), 80)
    assert.notMatch(text, /[█░]/)
    assert.include(text, "3/4")
  })

  it.each([20, 40, 80, 120, 200])("fits %i columns, whatever its names are", (columns) => {
    for (const name of [
      "数量".repeat(60),
      "👩‍👩‍👧‍👦".repeat(30),
      "שלום ".repeat(40),
      "a\u001b[2J\u202eb"
    ]) {
      const following = after(unseen, changed(reportAt(0, 1, "pending", name)))
      const lines = orderLines({
        ...props,
        following,
        columns,
        target: { ...target, customer: { ...target.customer, name } }
      })
      for (const line of lines) assert.notMatch(line, /[\u001b\u202e]/)
      if (columns >= 80) {
        const table = lines.filter((line) => line.endsWith("… pending") && line.includes(" 1/4 "))
        for (const line of table) assert.isAtMost(displayWidth(line), columns)
      }
    }
  })

  it("keeps its history when the looking was paused and began anew", () => {
    const again = after(second, changed(reportAt(100, 4, "fulfilled")))
    assert.deepStrictEqual(
      again.latest?.history.changes.map(({ units }) => units.fulfilled),
      [1, 3, 4]
    )
    assert.strictEqual(again.latest?.history.firstSeenAt.epochMilliseconds, at(0).epochMilliseconds)
  })

  it("is a fault when a unit will not come, not when it is late", () => {
    assert.isFalse(isFault(reportAt(0, 1, "pending")))
  })
})

describe("the header", () => {
  const tenant = { kind: "tenant", profile: "prod", cloud: "global" } as const
  const demo = { kind: "demo", profile: "demo", cloud: "simulator" } as const

  it("tells a tenant from the demo without colour, and with it", () => {
    const look = { columns: 80, theme: uncoloured }
    assert.include(header(["Customers"], tenant, look), "● LIVE prod · global")
    assert.include(header(["Customers"], demo, look), "◇ DEMO")
    assert.include(header([], tenant, { columns: 80, theme: coloured }), "\u001b[7m")
    assert.notInclude(header([], demo, { columns: 80, theme: coloured }), "\u001b[7m")
  })

  it.each([20, 40, 80, 200])("is exactly %i columns wide", (columns) => {
    const path = ["数量管理株式会社", "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1"]
    for (const session of [tenant, demo])
      assert.strictEqual(
        displayWidth(header(path, session, { columns, theme: uncoloured })),
        columns
      )
  })
})

describe("the footer", () => {
  it.each([20, 40, 80, 200])("has the keys that fit in %i columns, and how to leave", (columns) => {
    const line = footer(rooms({ _tag: "Orders" }), { columns, theme: uncoloured })
    assert.isAtMost(displayWidth(line), columns)
    assert.include(line, columns >= 40 ? "? help  q quit" : "q quit")
  })

  const customers = screen({ _tag: "Customers" })
  const problem = (tag: "MfaRequired" | "OrderNotFound") =>
    screen({
      _tag: "Problem",
      what: "orders",
      error: new PartnerCenterError({
        operation: "orders",
        reason: make({ _tag: tag }),
        support: {}
      })
    })
  const keysOf = (stack: Stack, kind: Session["kind"], step?: Step) =>
    footer(rooms(topOf(stack)), {
      columns: 200,
      theme: uncoloured,
      without: idleKeys({ stack, session: { kind }, step })
    })

  it("offers no key that would lead nowhere", () => {
    assert.notMatch(keysOf([customers], "demo"), /back/)
    assert.match(keysOf([{ ...customers, place: { ...begin, filter: "a" } }], "demo"), /esc back/)
    assert.notMatch(keysOf([customers, screen({ _tag: "Help" })], "demo"), /\? help/)
    assert.match(keysOf([customers, screen({ _tag: "Help" })], "demo"), /w watchlist/)
    assert.notMatch(keysOf([customers, screen({ _tag: "Watchlist" })], "demo"), /w watchlist/)
    const welcome = screen({ _tag: "Welcome", said: undefined })
    assert.notMatch(keysOf([welcome, screen({ _tag: "Help" })], "none"), /watchlist/)
    assert.match(keysOf([customers, problem("MfaRequired")], "tenant"), /s sign in/)
    assert.notMatch(keysOf([customers, problem("MfaRequired")], "demo"), /sign in/)
    assert.notMatch(keysOf([customers, problem("OrderNotFound")], "tenant"), /sign in/)
    const browser = screen({ _tag: "SignIn", way: "browser", turn: 0 })
    const signingIn = (step: Step) => keysOf([welcome, browser], "none", step)
    assert.match(signingIn({ _tag: "Address", url: "https://a.example", isOpen: true }), /y copy/)
    assert.notMatch(signingIn({ _tag: "Asking" }), /y copy/)
    assert.notMatch(signingIn({ _tag: "Failed", message: "no" }), /y copy/)
    assert.match(signingIn({ _tag: "Failed", message: "no" }), /R again/)
  })
})

describe("the line under the header", () => {
  const idle = { isWaiting: false, error: undefined, isMore: false }
  const titleOf = (at: number, count: number) =>
    titleLine({
      screen: { ...screen({ _tag: "Help" }), place: { ...begin, at } },
      count,
      height: 20,
      loading: idle,
      isPaused: false,
      kept: nothing,
      columns: 80,
      theme: uncoloured
    })

  it("says that a text goes on, and nothing of one that is seen whole", () => {
    assert.strictEqual(titleOf(0, 75), "lines 1 to 20 of 75")
    assert.strictEqual(titleOf(70, 75), "lines 56 to 75 of 75")
    assert.strictEqual(titleOf(0, 20), "")
  })
})

describe("the welcome", () => {
  const welcome = (said: string | undefined) =>
    welcomeLines({ columns: 80, theme: uncoloured, said }).join("\n")

  it("tells how to name a tenant to who has named none, and to nobody else", () => {
    const unnamed = welcome("PARTNER_CENTER_CLIENT_ID is not set (looked everywhere).")
    assert.include(unnamed, "orderwatch profiles add")
    const locked = welcome("the key of the vault is another\u001b[2J")
    assert.include(locked, "! the key of the vault is another")
    assert.notMatch(locked, /profiles add|\u001b/)
    assert.notMatch(welcome(undefined), /profiles add|!/)
  })
})

describe("what goes wrong while signing in", () => {
  it("looks the same on each of its lines, and stays behind its mark", () => {
    const coloured = theme({ flag: true, isTerminal: true, environment: {} })
    const message = "AADSTS90002: this tenant was not found, ".repeat(4)
    const look = { columns: 60, now: 0, isSpoken: false }
    const lines = signInLines({ _tag: "Failed", message }, { ...look, theme: coloured })
    const ofMessage = lines.filter((line) => line.includes("\u001b[1m"))
    assert.isAbove(ofMessage.length, 2)
    for (const line of ofMessage.slice(1)) assert.match(line, /^ {2}\u001b\[1m\S.*\u001b\[22m$/)
    const plainly = signInLines({ _tag: "Failed", message }, { ...look, theme: uncoloured })
    for (const line of plainly) assert.isAtMost(line.length, 60)
  })
})

describe("a problem", () => {
  const error = new PartnerCenterError({
    operation: "orders",
    reason: make({
      _tag: "MfaRequired",
      httpStatus: 401,
      code: "10001",
      description: "MFA\u001b[2J"
    }),
    support: { requestId: "r-2", msCv: "cv" }
  })

  it("has headline, cause, remedy and ids", () => {
    const text = shown(problemLines(error, "orders", { columns: 80, theme: uncoloured }), 80)
    assert.match(text, /✖ Multi-factor authentication is required/)
    assert.match(text, /HTTP 401, code 10001/)
    assert.match(text, /→ Sign in again with multi-factor/)
    assert.match(text, /request id: r-2/)
    assert.match(text, /s signs in again/)
    assert.notMatch(text, /\u001b\[2J/)
  })

  it("is copied as one piece", () => {
    const bundle: Record<string, unknown> = JSON.parse(supportBundle(error, "orders"))
    assert.deepInclude(bundle, { reason: "MfaRequired", requestId: "r-2", upstreamCode: "10001" })
  })
})
