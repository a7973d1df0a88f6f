import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { page } from "../src/docs.ts"
import { document } from "../src/openapi.ts"

const reachedAt = (address: string) => document(Option.some(new URL(address)))

describe("the page of /docs", () => {
  it.effect("is made once for however many ask for it at first", () =>
    Effect.gen(function* () {
      const pages = yield* Effect.all(
        Array.from({ length: 3 }, () => page(document(Option.none()))),
        { concurrency: "unbounded" }
      )
      for (const one of pages) assert.strictEqual(one, pages[0])
    })
  )

  it.effect("is that of the document that it is asked for", () =>
    Effect.gen(function* () {
      const one = yield* page(reachedAt("https://one.example"))
      const other = yield* page(reachedAt("https://other.example"))
      assert.include(one.body, "https://one.example")
      assert.include(other.body, "https://other.example")
      assert.notInclude(other.body, "https://one.example")
    })
  )
})
