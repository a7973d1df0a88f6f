import { assert, describe, it } from "@effect/vitest"
import { Option, Redacted, Schema } from "effect"
import { parseKey } from "../../src/vaults/key.ts"

const bytesOf = (text: string) =>
  Option.getOrUndefined(Option.map(parseKey(text), (key) => Buffer.from(Redacted.value(key))))

describe("a vault's key", () => {
  it.prop(
    "is 32 bytes in hex or Base64, of either alphabet and padding",
    {
      bytes: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))).check(
        Schema.isBetweenLength(32, 32)
      )
    },
    ({ bytes }) => {
      const key = Buffer.from(bytes)
      for (const text of [
        key.toString("hex"),
        key.toString("hex").toUpperCase(),
        key.toString("base64"),
        key.toString("base64").replace("=", ""),
        key.toString("base64url")
      ]) {
        assert.deepStrictEqual(bytesOf(text), key, text)
      }
    }
  )

  it.each([
    "",
    "short",
    "0".repeat(63),
    "0".repeat(65),
    "g".repeat(64),
    Buffer.alloc(31).toString("base64"),
    Buffer.alloc(33).toString("base64"),
    `${Buffer.alloc(32).toString("base64")}=`,
    "correct horse battery staple correct horse bat",
    `${"A".repeat(42)} =`
  ])("is not %j", (text) => {
    assert.isUndefined(bytesOf(text))
  })

  it("does not show itself", () => {
    const text = Buffer.alloc(32, 9).toString("base64")
    assert.notInclude(JSON.stringify(parseKey(text)) + String(parseKey(text)), "9")
  })
})
