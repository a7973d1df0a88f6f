import { assert, describe, it } from "@effect/vitest"
import { wrong } from "./safety.ts"

describe("the watch over everything that a process of this suite prints", () => {
  it.each([
    ["a p+ss word in it", "the secret p+ss word"],
    ["in a form p%2Bss+word", "the secret p+ss word"],
    ["a token eyJhbGciOiJub25lIn0.e30.", "a token"],
    ["Authorization: Bearer abcdefgh1234", "a token"],
    ["rotated to simulator-refresh-0b5d", "a token"],
    ["TypeError: no\n    at run (file:///dist/program.js:1:200)", "a stack trace"],
    ["cause=Error: no at async /dist/program.js:1:200", "a stack trace"],
    ["moved\u001b[2J", "a control character"],
    ["eight bits \u009b31m", "a control character"],
    ["turned \u202E around", "a control character"],
    ["back\rwards", "a control character"]
  ])("finds %j", (output, found) => {
    assert.strictEqual(wrong(output, ["p+ss word"]), found)
  })

  it("has nothing against words, colours and line breaks", () => {
    assert.isUndefined(
      wrong("\u001b[32m✔ fulfilled\u001b[39m at 10:20:30\n数量 🚲\n", ["p+ss word"])
    )
  })
})
