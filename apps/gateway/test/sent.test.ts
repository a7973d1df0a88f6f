import { assert, describe, it } from "@effect/vitest"
import { sentHeaders } from "../src/sent.ts"

describe("what a request's headers say", () => {
  const names = ["host", "accept", "x-twice", "x-empty", "x-none", "acc", "accept-language"]

  it("is what the Headers of a Request say", () => {
    const pairs: ReadonlyArray<readonly [string, string]> = [
      ["Host", "127.0.0.1:8780"],
      ["ACCEPT", "text/html, */*;q=0.1"],
      ["X-Twice", "one"],
      ["x-empty", ""],
      ["x-TWICE", "two"],
      ["X-twice", ""]
    ]
    const headers = new Headers()
    for (const [name, value] of pairs) headers.append(name, value)
    const sent = sentHeaders(pairs.flat())
    for (const name of names) assert.strictEqual(sent.get(name), headers.get(name), name)
  })
})
