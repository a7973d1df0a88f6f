import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { layout, row } from "../../src/ui/components/layout.ts"
import { bar } from "../../src/ui/components/bar.ts"
import { frameOf } from "../../src/ui/state/frame.ts"
import { move, windowOf } from "../../src/ui/state/place.ts"
import { begin, pop, push, screen, topOf } from "../../src/ui/state/screen.ts"
import { displayWidth } from "../../src/render/text.ts"

const rowsOf = (count: number) => Array.from({ length: count }, (_, at) => ({ key: String(at) }))
const amount = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 }))
const step = Schema.Int.check(Schema.isBetween({ minimum: -70, maximum: 70 }))

describe("a place in a list", () => {
  it.prop(
    "is always in sight, whatever one presses",
    [amount, amount, Schema.Array(step)],
    ([count, height, steps]) => {
      const extent = { rows: rowsOf(count), height: height + 1, isList: true }
      const place = steps.reduce((at, by) => move(at, by, extent), begin)
      const { at, from, to } = windowOf(place, extent)
      assert.isAtMost(to - from, extent.height)
      assert.isAtMost(to, count)
      if (count > 0) assert.isTrue(from <= at && at < to, `${from} ${at} ${to}`)
    }
  )

  it("stays with its row when the list is another", () => {
    const rows = rowsOf(30)
    const place = move(begin, 7, { rows, height: 10, isList: true })
    const sorted = { rows: rows.toReversed(), height: 10, isList: true }
    const { at } = windowOf(place, sorted)
    assert.strictEqual(sorted.rows[at]?.key, "7")
  })

  it("shows no more than the window of 20,000 rows, and reads no more", () => {
    let read = 0
    const rows = new Proxy(rowsOf(20_000), {
      get: (all, name, self) => {
        if (typeof name === "string" && /^\d+$/.test(name)) read++
        return Reflect.get(all, name, self)
      }
    })
    const extent = { rows, height: 20, isList: true }
    let place = begin
    for (let at = 0; at < 100; at++) place = move(place, 10, extent)
    assert.strictEqual(windowOf(place, extent).at, 1000)
    assert.isBelow(read, 1000)
  })

  it("of a text ends with its last line at the foot", () => {
    const extent = { rows: rowsOf(30), height: 10, isList: false }
    const { from, to } = windowOf(move(begin, 1000, extent), extent)
    assert.deepStrictEqual([from, to], [20, 30])
  })
})

describe("screens", () => {
  const customers = screen({ _tag: "Customers" })
  const help = screen({ _tag: "Help" })

  it("are gone back through, and never below the first", () => {
    const stack = push(push([customers], help), screen({ _tag: "Watchlist" }))
    assert.strictEqual(topOf(stack)._tag, "Watchlist")
    assert.strictEqual(topOf(pop(pop(pop(pop(stack)))))._tag, "Customers")
  })

  it("that are open already are gone back to", () => {
    const stack = push(push([customers], help), screen({ _tag: "Watchlist" }))
    assert.strictEqual(push(stack, help).length, 2)
  })

  it.each([
    [5, 3],
    [9, 7],
    [10, 5],
    [24, 19],
    [60, 55],
    [1, 1]
  ])("of %i rows have %i for a list", (rows, height) => {
    assert.strictEqual(frameOf({ columns: 80, rows }, customers).height, height)
  })
})

describe("columns", () => {
  const columns = [
    { title: "Name", least: 10, most: 40 },
    { title: "Id", least: 36, isOptional: true },
    { title: "Units", least: 7, isRight: true }
  ]
  const names = [
    "plain",
    "数量管理株式会社の長い長い名前",
    "👩‍👩‍👧‍👦 family 🚲 shop",
    "e\u0301tude a\u0308u\u0308o\u0308 combining",
    "שלום עולם חברה בעמ",
    "ｆｕｌｌｗｉｄｔｈ",
    ""
  ]
  it.each([20, 40, 80, 200])("are equally wide in each row at %i", (width) => {
    const made = layout(columns, width)
    const widths = names.map((text) =>
      displayWidth(row(made, [{ text }, { text: "id" }, { text: "1/2" }]))
    )
    assert.strictEqual(new Set(widths).size, 1, String(widths))
    assert.isAtMost(widths[0] ?? 0, width)
  })
})

describe("a bar of units", () => {
  const units = Schema.Struct({
    fulfilled: amount,
    pending: amount,
    unfulfilled: amount,
    unknown: amount
  })
  it.prop("is as wide as asked for, and shows all that is there", [units], ([counted]) => {
    const total = counted.fulfilled + counted.pending + counted.unfulfilled + counted.unknown
    const drawn = bar({ ...counted, total }, 10)
    assert.strictEqual(drawn.length, total === 0 ? 0 : 10)
    if (total === 0) return
    assert.strictEqual(drawn.includes("█"), counted.fulfilled > 0)
    assert.strictEqual(drawn.includes("x"), counted.unfulfilled > 0)
  })
})
