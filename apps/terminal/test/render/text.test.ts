import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as CliOutput from "effect/cli/CliOutput"
import { ago, count, fit, table, wrap } from "../../src/render/text.ts"
import type { Column } from "../../src/render/text.ts"
import { theme } from "../../src/theme.ts"

const plain = theme({ environment: {}, flag: false, isTerminal: false })
const coloured = theme({ environment: {}, flag: true, isTerminal: true })
const cells = (...texts: ReadonlyArray<string>) => texts.map((text) => ({ text }))
const width = (text: string) => CliOutput.displayWidth(text)

describe("fit", () => {
  it.each([
    ["short", 5, "short"],
    ["longer", 5, "long…"],
    ["数量数量", 8, "数量数量"],
    ["数量数量", 7, "数量数…"],
    ["数量数量", 6, "数量…"],
    ["a🚲b", 4, "a🚲b"],
    ["a🚲bc", 3, "a…"],
    ["👩‍👩‍👧‍👦 family", 4, "👩‍👩‍👧‍👦 …"],
    ["e\u0301e\u0301e\u0301", 2, "e\u0301…"],
    ["", 3, ""]
  ])("%j in %i columns is %j", (text, columns, expected) => {
    assert.strictEqual(fit(text, columns), expected)
  })

  it.prop(
    "is never wider than it may be, and the text itself where that fits",
    {
      text: Schema.String,
      columns: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 }))
    },
    ({ columns, text }) => {
      const fitted = fit(text, columns)
      assert.isAtMost(width(fitted), columns)
      if (width(text) <= columns) assert.strictEqual(fitted, text)
    },
    { arbitrary: { seed: "fit", runs: 300 } }
  )
})

describe("wrap", () => {
  it("breaks a line between words and keeps its indent", () => {
    assert.deepStrictEqual(wrap("  one two three four", 11), ["  one two", "  three", "  four"])
  })

  it("leaves a line that fits, and any line where nobody measures", () => {
    assert.deepStrictEqual(wrap("one  two", 8), ["one  two"])
    assert.deepStrictEqual(wrap("one two", Number.POSITIVE_INFINITY), ["one two"])
  })

  it("leaves a word that is longer than a line whole, for it to be copied", () => {
    assert.deepStrictEqual(wrap("id 0123456789", 6), ["id", "0123456789"])
  })
})

describe("table", () => {
  const columns: ReadonlyArray<Column> = [
    { title: "Line", isRight: true },
    { title: "Name", isFlexible: true },
    { title: "State" }
  ]

  it("is as wide as what is in it, numbers at the right, nothing at a line's end", () => {
    const rows = [cells("0", "A name", "✔ fulfilled"), cells("10", "数量", "? unknown")]
    assert.deepStrictEqual(table(columns, rows, { width: 80, theme: plain }), [
      "Line  Name    State",
      "   0  A name  ✔ fulfilled",
      "  10  数量    ? unknown"
    ])
  })

  it("fits a terminal: the flexible column gives way, wide characters count twice", () => {
    const rows = [cells("0", "数量".repeat(20), "✔ fulfilled"), cells("1", "short", "? unknown")]
    const shown = table(columns, rows, { width: 40, theme: plain })
    assert.deepStrictEqual(shown, [
      "Line  Name                   State",
      "   0  数量数量数量数量数量…  ✔ fulfilled",
      "   1  short                  ? unknown"
    ])
    for (const line of shown) assert.isAtMost(width(line), 40)
  })

  it("the widest flexible column gives way first", () => {
    const two: ReadonlyArray<Column> = [
      { title: "A", isFlexible: true },
      { title: "B", isFlexible: true }
    ]
    const rows = [cells("a".repeat(30), "b".repeat(10))]
    assert.deepStrictEqual(
      table(two, rows, { width: 24, theme: plain })[1],
      `${"a".repeat(11)}…  ${"b".repeat(10)}`
    )
  })

  it("a column that can be spared goes where there is no room for it", () => {
    const spare: ReadonlyArray<Column> = [...columns, { title: "Placed", isOptional: true }]
    const rows = [cells("0", "a long enough name", "✔ fulfilled", "2 d")]
    assert.include(table(spare, rows, { width: 80, theme: plain })[0], "Placed")
    const narrow = table(spare, rows, { width: 30, theme: plain })
    assert.notInclude(narrow[0], "Placed")
    for (const line of narrow) assert.isAtMost(width(line), 30)
  })

  it("is cut nowhere without a terminal", () => {
    const name = "n".repeat(500)
    const [, row] = table(columns, [cells("0", name, "x")], {
      width: Number.POSITIVE_INFINITY,
      theme: plain
    })
    assert.include(row, name)
  })

  it("a colour takes no room, and colours no blank at a line's end", () => {
    const styled = (style?: "ok") => [
      [{ text: "0" }, { text: "n" }, { text: "yes", ...(style && { style }) }],
      [{ text: "1" }, { text: "n" }, { text: "longer" }]
    ]
    const [, first] = table(columns, styled("ok"), { width: 80, theme: coloured })
    assert.strictEqual(first, "   0  n     \u001b[32myes\u001b[39m")
    const without = table(columns, styled(), { width: 80, theme: plain })
    assert.strictEqual(without[1], "   0  n     yes")
  })

  it("has its titles where it has no rows", () => {
    assert.deepStrictEqual(table(columns, [], { width: 80, theme: plain }), ["Line  Name  State"])
  })
})

describe("ago", () => {
  const second = 1000
  const minute = 60 * second
  const hour = 60 * minute
  const day = 24 * hour
  it.each([
    [0, "0 s"],
    [499, "0 s"],
    [59 * second, "59 s"],
    [minute, "1 min"],
    [hour - second, "59 min"],
    [hour, "1 h"],
    [2 * day - second, "47 h"],
    [2 * day, "2 d"],
    [400 * day, "400 d"],
    [-5 * minute, "0 s"]
  ])("%i ms is %s", (elapsed, expected) => {
    assert.strictEqual(ago(1_000_000, 1_000_000 + elapsed), expected)
  })
})

describe("count", () => {
  it.each([
    [0, "0 units"],
    [1, "1 unit"],
    [2, "2 units"]
  ])("%i is %s", (amount, expected) => {
    assert.strictEqual(count(amount, "unit"), expected)
  })
})
