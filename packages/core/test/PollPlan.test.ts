import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as PollPlan from "../src/PollPlan.ts"
import type { Outcome } from "../src/PollPlan.ts"

const minute = 60_000
const outcomes: ReadonlyArray<Outcome> = ["changed", "unchanged", "notVisible", "failed"]
const planned = (...seen: ReadonlyArray<Outcome>) => seen.reduce(PollPlan.after, PollPlan.start)
const floor = PollPlan.interval.floor
const wait = (plan: PollPlan.PollPlan, random = 0, asked?: number) =>
  PollPlan.next(plan, { floor, random, asked })

const Past = Schema.Array(Schema.Literals(["changed", "unchanged", "notVisible", "failed"]))
const Chance = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const Floor = Schema.Int.check(Schema.isBetween({ minimum: 1000, maximum: 60 * minute }))
const Asked = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 * minute }))

describe("PollPlan", () => {
  it("a floor is 30 seconds and a ceiling five minutes, unless somebody says otherwise", () => {
    assert.deepStrictEqual(PollPlan.interval, { floor: 30_000, ceiling: 5 * minute })
  })

  it("begins at the floor", () => {
    assert.strictEqual(wait(PollPlan.start).wait, 30_000)
  })

  it("grows by half for every look that brought nothing new, and stays at its most", () => {
    const waits = Array.from(
      { length: 8 },
      (_, quiet) => wait(planned(...Array.from({ length: quiet }, () => "unchanged" as const))).wait
    )
    assert.deepStrictEqual(
      waits.map((millis) => millis / 1000),
      [30, 45, 67.5, 101.25, 151.875, 227.8125, 250, 250]
    )
  })

  it("chance adds a fifth at most, and never leads beyond five minutes", () => {
    assert.strictEqual(wait(PollPlan.start, 0.5).wait, 33_000)
    assert.strictEqual(wait(PollPlan.start, 1).wait, 36_000)
    const late = planned(...Array.from({ length: 50 }, () => "unchanged" as const))
    assert.strictEqual(wait(late, 1).wait, 5 * minute)
  })

  it("a change brings it back down to the floor", () => {
    const plan = planned("unchanged", "unchanged", "unchanged", "changed")
    assert.deepStrictEqual(wait(plan), { wait: 30_000, why: "changed" })
  })

  it("grows on failures too, together with what was unchanged", () => {
    assert.deepStrictEqual(wait(planned("failed")), { wait: 45_000, why: "failed" })
    assert.deepStrictEqual(wait(planned("unchanged", "failed")), { wait: 67_500, why: "failed" })
  })

  it("what is not visible yet is looked for at the floor", () => {
    const plan = planned("failed", "failed", "notVisible")
    assert.deepStrictEqual(wait(plan), { wait: 30_000, why: "notVisible" })
  })

  it("upstream's own wait goes before a shorter plan, exactly, and is the reason then", () => {
    const asked = { wait: 50_000, why: "throttled" }
    assert.deepStrictEqual(wait(planned("failed"), 0, 50_000), asked)
    assert.deepStrictEqual(wait(planned("failed"), 0, 44_000), { wait: 45_000, why: "failed" })
  })

  it("a floor above five minutes is kept", () => {
    const late = planned("unchanged", "unchanged")
    for (const plan of [PollPlan.start, late]) {
      assert.strictEqual(PollPlan.next(plan, { floor: 20 * minute, random: 0 }).wait, 20 * minute)
    }
  })

  it.prop(
    "is never below the floor nor below what was asked, and above five minutes only for those",
    { past: Past, random: Chance, floor: Floor, asked: Asked },
    ({ asked, floor, past, random }) => {
      const next = PollPlan.next(planned(...past), { floor, random, asked })
      assert.isAtLeast(next.wait, floor)
      assert.isAtLeast(next.wait, asked)
      assert.isAtMost(next.wait, Math.max(floor * 1.2, asked, 5 * minute))
      assert.strictEqual(next.why === "throttled", next.wait === asked && asked > 0)
    },
    { arbitrary: { seed: "next", runs: 500 } }
  )

  it.each(outcomes)("the reason is how the last look ended: %s", (outcome) => {
    assert.strictEqual(wait(planned("unchanged", outcome)).why, outcome)
  })
})
