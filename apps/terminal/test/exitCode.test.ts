import { assert, describe, it } from "@effect/vitest"
import { worst } from "../src/exitCode.ts"
import type { ExitCode } from "../src/exitCode.ts"

describe("worst", () => {
  const order: ReadonlyArray<ExitCode> = [130, 2, 4, 1, 5, 124, 8, 3, 0]

  it("of two codes it is the one that comes first in the contract, in either order", () => {
    for (const [at, first] of order.entries()) {
      for (const second of order.slice(at)) {
        assert.strictEqual(worst([first, second]), first)
        assert.strictEqual(worst([second, first]), first)
      }
    }
  })

  it("of none it is 0", () => {
    assert.strictEqual(worst([]), 0)
  })
})
