import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { digestOf, idForm, idOf } from "../../src/access/keyText.ts"
import { aKey } from "./fixtures.ts"

const scanner = /owk_[0-9a-z]{8}_[0-9A-Za-z]{49}/

describe("the text of a key", () => {
  it.effect("is what a scanner looks for, and never the same twice", () =>
    Effect.gen(function* () {
      const made = yield* Effect.all(Array.from({ length: 200 }, () => aKey()))
      assert.strictEqual(new Set(made.map(({ text }) => text)).size, 200)
      assert.strictEqual(new Set(made.map(({ key }) => key.id)).size, 200)
      for (const { key, text } of made) {
        assert.strictEqual(scanner.exec(`curl -H "Authorization: Bearer ${text}" …`)?.[0], text)
        assert.match(key.id, idForm)
        assert.strictEqual(idOf(text), key.id)
      }
    })
  )

  it.effect("with one character changed is no key, which takes no file to know", () =>
    Effect.gen(function* () {
      const { text } = yield* aKey()
      for (let at = 0; at < text.length; at++) {
        const other = text[at] === "a" ? "b" : "a"
        assert.isUndefined(idOf(text.slice(0, at) + other + text.slice(at + 1)))
      }
      for (const wrong of ["", "owk_", text.slice(1), `${text} `, `${text}a`, text.toUpperCase()]) {
        assert.isUndefined(idOf(wrong))
      }
    })
  )

  it.prop(
    "any other text is none, and has a digest as long as a key's",
    { text: Schema.String },
    ({ text }) => {
      assert.isUndefined(idOf(text))
      assert.strictEqual(digestOf(text).length, 32)
    },
    { arbitrary: { seed: "keyText", runs: 300 } }
  )
})
