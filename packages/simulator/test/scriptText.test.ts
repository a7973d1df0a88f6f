import { assert, describe, it } from "vitest"
import { parseScript } from "../src/scriptText.ts"

const failure = async (file: string, text: string) =>
  parseScript(file, text).then(
    () => "",
    (error: unknown) => (error instanceof Error ? error.message : "")
  )

describe("the text of a script", () => {
  it("is JSON, with or without a byte order mark, unless its name ends in .toml", async () => {
    assert.deepEqual(await parseScript("a.json", '\uFEFF{"orders":[]}'), { orders: [] })
    assert.deepEqual(await parseScript("a", "[]"), [])
    assert.deepInclude(await parseScript("A.TOML", "orders = []"), { orders: [] })
  })

  it.each([
    ["", 1, 1],
    ["{", 1, 2],
    ['{"a": x}', 1, 7],
    ['{\n  "a": 1,\n}', 3, 1],
    ['{"a" 1}', 1, 6],
    ["[1 2]", 1, 4],
    ["[1]\n]", 2, 1],
    ['["a\nb"]', 1, 2],
    ['["\\x"]', 1, 2],
    ["[01]", 1, 3],
    ["[1.]", 1, 3],
    ["[true, fals]", 1, 8],
    ["\uFEFF{]", 1, 3],
    [`${"[".repeat(2000)}x`, 1, 1002]
  ])("as JSON, %j is wrong at line %i, column %i", async (text, line, column) => {
    assert.strictEqual(await failure("a.json", text), `not JSON at line ${line}, column ${column}`)
  })

  it.each([
    ["a = 1\nb = = 2", "not TOML at line 2, column 5: invalid value"],
    ["[[orders]\n", "not TOML at line 1, column 10: "]
  ])("as TOML, %j says its place and what is wrong, in one line", async (text, message) => {
    const told = await failure("a.toml", text)
    assert.isTrue(told.startsWith(message), told)
    assert.notInclude(told, "\n")
  })
})
