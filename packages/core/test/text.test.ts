import { assert, describe, it } from "@effect/vitest"
import { plain, without, withoutByteOrderMark } from "../src/text.ts"

describe("plain", () => {
  it.each([
    ["as it is: é 漢字 🙂", "as it is: é 漢字 🙂"],
    ["\u001b[31mred\u001b[0m", "[31mred [0m"],
    ["one\r\ntwo\tthree\u0000", "one two three"],
    ["\u009b31mred", "31mred"],
    ["user\u202egpj.exe", "user gpj.exe"],
    ["a\u2028b\u2029c\u200bd", "a b c d"],
    ["\uFEFFmarked", "marked"],
    ["\u0007\u0008", ""]
  ])("control characters can neither move a cursor nor forge a line: %j", (text, safe) => {
    assert.strictEqual(plain(text), safe)
  })
})

describe("withoutByteOrderMark", () => {
  it.each([
    ["\uFEFF{}", "{}"],
    ["\uFEFF\uFEFF", "\uFEFF"],
    ["a\uFEFF\n\uFEFFb", "a\uFEFF\n\uFEFFb"],
    ["", ""]
  ])("a mark is taken from the beginning, once: %j", (text, rest) => {
    assert.strictEqual(withoutByteOrderMark(text), rest)
  })
})

describe("without", () => {
  it("every occurrence of every secret is taken out", () => {
    assert.strictEqual(without("one two one", ["one", "two"]), "<redacted> <redacted> <redacted>")
  })

  it("what a pattern would read otherwise is taken literally", () => {
    assert.strictEqual(without("a.c abc a$&c", ["a.c", "a$&c"]), "<redacted> abc <redacted>")
  })

  it("a secret is also found as a form writes it", () => {
    const secret = "a8Q~b+c/d=e!"
    const form = String(new URLSearchParams({ client_secret: secret }))
    assert.strictEqual(without(form, [secret]), "client_secret=<redacted>")
  })

  it("no secret at all changes nothing", () => {
    assert.strictEqual(without("text", []), "text")
    assert.strictEqual(without("text", [""]), "text")
  })
})
