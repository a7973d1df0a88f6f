import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { escaped, json } from "../../src/render/json.ts"

describe("json", () => {
  it("escapes what a terminal would act on", () => {
    assert.strictEqual(
      json({ name: "\u001b[2J\u007f\u009b31m\u202Eturned\u2066\uFEFF" }),
      '{\n  "name": "\\u001b[2J\\u007f\\u009b31m\\u202eturned\\u2066\\ufeff"\n}'
    )
  })

  it("leaves words of every script as they are", () => {
    assert.strictEqual(json(["Ärger 数量 🚲"]), '[\n  "Ärger 数量 🚲"\n]')
  })

  it.prop(
    "is read back as what was written",
    { text: Schema.String },
    ({ text }) => {
      const value = { [text]: [`${text}\u009b\u202e`] }
      assert.deepStrictEqual(JSON.parse(json(value)), value)
      assert.notMatch(json(value), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
      assert.strictEqual(escaped(json(value)), json(value))
    },
    { arbitrary: { seed: "json", runs: 200 } }
  )
})
