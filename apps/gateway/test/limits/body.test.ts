import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readText } from "../../src/body.ts"

const limit = 64 * 1024

const posting = (
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
  headers: Record<string, string> = {}
) =>
  new Request("http://localhost:8780/v1/reports", { method: "POST", body, headers, duplex: "half" })

/** Kibibytes without end, and how many were asked for. */
const endless = () => {
  const seen = { chunks: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      seen.chunks++
      controller.enqueue(new Uint8Array(1024).fill(0x20))
    },
    cancel: () => {
      seen.cancelled = true
    }
  })
  return { seen, body }
}

describe("a body", () => {
  it.effect("is read up to its limit, to the byte", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* readText(posting("x".repeat(limit)), limit)).length, limit)
      const { _tag } = yield* Effect.flip(readText(posting("x".repeat(limit + 1)), limit))
      assert.strictEqual(_tag, "PayloadTooLarge")
    })
  )

  it.effect("that does not say how long it is is read no further than its limit", () =>
    Effect.gen(function* () {
      const { body, seen } = endless()
      const { _tag } = yield* Effect.flip(readText(posting(body), limit))
      assert.strictEqual(_tag, "PayloadTooLarge")
      assert.isAtMost(seen.chunks, 66)
      assert.isTrue(seen.cancelled)
    })
  )

  it.effect("that says it is short and is long is not believed", () =>
    Effect.gen(function* () {
      const { body } = endless()
      const { _tag } = yield* Effect.flip(readText(posting(body, { "content-length": "2" }), limit))
      assert.strictEqual(_tag, "PayloadTooLarge")
    })
  )

  it.effect("that says it is long is not read at all", () =>
    Effect.gen(function* () {
      const asked = posting("{}", { "content-length": String(limit + 1) })
      assert.strictEqual((yield* Effect.flip(readText(asked, limit)))._tag, "PayloadTooLarge")
      assert.isFalse(asked.bodyUsed)
    })
  )

  it.effect("that is cut off, or no UTF-8, is the sender's mistake", () =>
    Effect.gen(function* () {
      const cut = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.error(new Error("reset"))
      })
      assert.strictEqual((yield* Effect.flip(readText(posting(cut), limit)))._tag, "InvalidInput")
      const bytes = new Uint8Array([0xff, 0xfe])
      assert.strictEqual((yield* Effect.flip(readText(posting(bytes), limit)))._tag, "InvalidInput")
    })
  )
})
