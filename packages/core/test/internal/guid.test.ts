import { assert, describe, it } from "@effect/vitest"
import { guidUnsafe } from "../../src/internal/guid.ts"

describe("a GUID", () => {
  it("is random, of version 4, and never the same twice, however many are made", () => {
    const made = Array.from({ length: 2000 }, guidUnsafe)
    for (const guid of made) {
      assert.match(guid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
    assert.strictEqual(new Set(made).size, made.length)
    for (const variant of "89ab") assert.isTrue(made.some((guid) => guid[19] === variant))
  })
})
