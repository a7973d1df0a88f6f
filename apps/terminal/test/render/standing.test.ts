import { assert, describe, it } from "@effect/vitest"
import type { Verdict } from "@orderwatch/core/OrderReport"
import { progress, stamp, state, trouble } from "../../src/render/standing.ts"
import { theme } from "../../src/theme.ts"
import {
  beginning,
  changed,
  failed,
  failure,
  later,
  nextLook,
  report,
  seen,
  unseen
} from "../standings.ts"

const plain = theme({ environment: {}, flag: false, isTerminal: false })
const coloured = theme({ environment: {}, flag: true, isTerminal: true })
const usage = { perMinute: 300, spent: 3 }

describe("where an order stands", () => {
  it.each([
    ["fulfilled", "Order-1  ✔ fulfilled  2/2 units"],
    ["partiallyFulfilled", "Order-1  ◐ partially fulfilled  0/2 units"],
    ["unfulfilled", "Order-1  ✖ unfulfilled  0/2 units"],
    ["pending", "Order-1  … pending  0/2 units"],
    ["unknown", "Order-1  ? unknown  0/2 units · “unknown”"]
  ] satisfies ReadonlyArray<[Verdict, string]>)("is a glyph and words: %s", (verdict, line) => {
    assert.strictEqual(state(seen(verdict), plain, 0), line)
  })

  it("has its colour where that is welcome, and its words all the same", () => {
    const line = state(seen("fulfilled"), coloured, 0)
    assert.strictEqual(line, "Order-1  \u001b[32m✔ fulfilled\u001b[39m  2/2 units")
  })

  it("says so where nothing was seen", () => {
    assert.strictEqual(state(unseen(), plain, 0), "Order-1  ? not seen yet")
  })

  it("stands below the others, whatever their ids are", () => {
    assert.strictEqual(state(unseen(), plain, 9), "Order-1    ? not seen yet")
  })

  it("has no units where there are none", () => {
    const units = { total: 0, fulfilled: 0, pending: 0, unfulfilled: 0, unknown: 0 }
    const latest = changed(report("unknown", { units, lines: [] }))
    assert.strictEqual(state({ ...unseen(), latest }, plain, 0), "Order-1  ? unknown")
  })

  it("says what is odd: words, units that will not come, and lines that went back", () => {
    const [line] = report("pending").lines
    if (line === undefined) throw new Error("a report has a line")
    const units = { total: 3, fulfilled: 1, pending: 1, unfulfilled: 1, unknown: 0 }
    const odd = { ...line, status: "unknown", rawStatus: "par\u001b[2Jked" } as const
    const lines = [line, odd, odd, { ...line, lineItemNumber: 7, warnings: ["wentBack" as const] }]
    const latest = changed(report("pending", { units, lines }))
    assert.strictEqual(
      state({ ...unseen(), latest }, plain, 0),
      "Order-1  … pending  1/3 units · 1 unfulfilled · “par [2Jked” · ! line 7 went back"
    )
  })

  it("says how long it took, where it was seen pending", () => {
    const { history } = changed(report("pending"))
    const latest = changed(report("fulfilled", { observedAt: later(260) }), history)
    assert.strictEqual(
      state({ ...unseen(), latest }, plain, 0),
      "Order-1  ✔ fulfilled  2/2 units · after 4 min"
    )
  })
})

describe("the time before a line", () => {
  it("is in full for a file, and by the clock on the wall for a person", () => {
    assert.strictEqual(stamp(beginning, false), "2026-11-22T10:00:00Z")
    assert.match(stamp(beginning, true), /^\d\d:\d\d:\d\d$/)
  })
})

describe("trouble", () => {
  const error = failure("Unavailable")
  const until = beginning

  it("is a line that says what is done about it", () => {
    assert.match(
      trouble(unseen(), { _tag: "NotVisibleYet", error, until }, true, plain),
      /^! Order-1: not visible yet; waiting for it until \d\d:\d\d:\d\d$/
    )
    assert.match(
      trouble(unseen(), { _tag: "Throttled", error, until }, true, plain),
      /^! Order-1: too many requests; held back until \d\d:\d\d:\d\d$/
    )
  })

  it("has upstream's words, and nothing in them that acts on a terminal", () => {
    const line = trouble(unseen(), { _tag: "Retrying", error }, true, plain)
    assert.match(line, /^! Order-1: .+ · it was \[2J Unavailable; trying again$/)
  })
})

describe("the progress", () => {
  it.each([
    ["changed", "next look in 30 s"],
    ["unchanged", "next look in 30 s (no change)"],
    ["notVisible", "next look in 30 s (not there yet)"],
    ["failed", "next look in 30 s (the last failed)"],
    ["throttled", "next look in 30 s (asked to wait)"],
    ["budget", "next look in 30 s (others first)"]
  ] as const)("says when the next look is, and why then: %s", (why, says) => {
    const standing = { ...seen("pending"), next: nextLook(100, why) }
    assert.strictEqual(
      progress([standing], usage, later(70)),
      `… pending · for 1 min · ${says} · 297/300 requests`
    )
  })

  it("before the first look says that there is one", () => {
    assert.strictEqual(
      progress([unseen()], usage, beginning),
      "… not seen yet · looking · 297/300 requests"
    )
  })

  it("says that a look is under way once its time has come", () => {
    const standing = { ...seen("pending"), next: nextLook(30, "changed") }
    assert.include(progress([standing], usage, later(30)), "· looking ·")
  })

  it("counts several, and goes by the next look and the longest wait of those that are open", () => {
    const pending = { ...seen("pending"), next: nextLook(90, "changed") }
    const recent = changed(report("pending", { observedAt: later(50) }))
    const all = [
      { ...seen("fulfilled"), next: nextLook(1, "changed") },
      pending,
      { ...unseen(), latest: recent, next: nextLook(80, "unchanged") },
      { ...failed("Conflict"), next: nextLook(2, "failed") },
      unseen()
    ]
    assert.strictEqual(
      progress(all, usage, later(60)),
      "… 1 fulfilled, 2 pending, 1 failed, 1 not seen yet · for 1 min · next look in 20 s (no change) · 297/300 requests"
    )
  })

  it("never has less than no request left", () => {
    const line = progress([unseen()], { perMinute: 60, spent: 66 }, beginning)
    assert.include(line, "0/60 requests")
  })
})
