// A request's body, read no further than it may be long, and no longer than somebody waits for it.
import { Effect } from "effect"
import { InvalidInput, PayloadTooLarge } from "./problem.ts"

/** In bytes. */
export const largest = 64 * 1024

const cut = () => new InvalidInput({ detail: "The body was cut off." })
const strict = new TextDecoder("utf-8", { fatal: true })

const readAll = Effect.fnUntraced(function* (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limit: number
) {
  const chunks: Array<Uint8Array> = []
  let size = 0
  for (;;) {
    const { done, value } = yield* Effect.tryPromise({ try: () => reader.read(), catch: cut })
    if (done) return Buffer.concat(chunks, size)
    size += value.length
    if (size > limit) return yield* new PayloadTooLarge({ limit })
    chunks.push(value)
  }
})

/** The body as UTF-8 text. What Content-Length says is not believed, only held against it. */
export const readText = Effect.fnUntraced(function* (
  request: Request,
  limit: number = largest
): Effect.fn.Return<string, InvalidInput | PayloadTooLarge> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) {
    return yield* new PayloadTooLarge({ limit })
  }
  if (request.body === null) return ""
  const bytes = yield* Effect.acquireUseRelease(
    Effect.try({ try: () => request.body?.getReader(), catch: cut }),
    (reader) => (reader === undefined ? Effect.fail(cut()) : readAll(reader, limit)),
    (reader) => Effect.promise(async () => reader?.cancel().catch(() => {}))
  )
  return yield* Effect.try({
    try: () => strict.decode(bytes),
    catch: () => new InvalidInput({ detail: "The body is not UTF-8." })
  })
})
