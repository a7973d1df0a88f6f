// What the interface keeps between runs: whom one watches, and which customers one was at. One file for all
// tenants, with a part for each.
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import { Verdict } from "@orderwatch/core/OrderReport"
import { places } from "@orderwatch/runtime/places"
import { replaceFile } from "@orderwatch/runtime/replaceFile"
import { Data, Effect, FileSystem, Option, Path, Schema } from "effect"

const name = Schema.optionalKey(Schema.String)

export const Watched = Schema.Struct({
  customerId: CustomerId,
  orderId: OrderId,
  customerName: name,
  /** As it was last seen: what is another then has changed meanwhile. */
  verdict: Schema.optionalKey(Verdict)
})
export type Watched = typeof Watched.Type

export const Recent = Schema.Struct({
  id: CustomerId,
  name,
  domain: name,
  /** Milliseconds since the epoch. */
  at: Schema.Finite
})
export type Recent = typeof Recent.Type

export const Kept = Schema.Struct({
  watched: Schema.Array(Watched),
  /** The latest first. */
  recent: Schema.Array(Recent),
  isNotifying: Schema.Boolean
})
export type Kept = typeof Kept.Type

export const nothing: Kept = { watched: [], recent: [], isNotifying: true }

const Contents = Schema.fromJsonString(
  Schema.Struct({ version: Schema.Literal(1), tenants: Schema.Record(Schema.String, Kept) })
)

/** What is kept cannot be read or written. `message` says so in one line. */
export class NotKept extends Data.TaggedError("NotKept")<{ readonly message: string }> {}

const decode = Schema.decodeUnknownEffect(Contents)
const encode = Schema.encodeEffect(Contents)

const contents = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const text = yield* files.readFileString(path).pipe(
    Effect.map(Option.some),
    Effect.catchIf(
      ({ reason }) => reason._tag === "NotFound",
      () => Effect.succeed(Option.none<string>())
    )
  )
  return Option.isNone(text) ? { version: 1 as const, tenants: {} } : yield* decode(text.value)
})

const unusable = (path: string) =>
  new NotKept({ message: `${path} cannot be used; what you watch is not kept between runs` })

/** What is kept for that tenant. */
export const load = Effect.fnUntraced(function* (tenant: string) {
  const known = yield* places
  if (Option.isNone(known)) return nothing
  const path = known.value.state
  const { tenants } = yield* Effect.mapError(contents(path), () => unusable(path))
  return tenants[tenant] ?? nothing
})

/** Keeps that for the tenant; what is kept for others stays. */
export const save = Effect.fnUntraced(function* (tenant: string, kept: Kept) {
  const known = yield* places
  if (Option.isNone(known)) return
  const path = known.value.state
  yield* Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    const { tenants } = yield* contents(path)
    const text = yield* encode({ version: 1, tenants: { ...tenants, [tenant]: kept } })
    yield* files.makeDirectory(paths.dirname(path), { recursive: true, mode: 0o700 })
    yield* replaceFile(path, new TextEncoder().encode(`${text}\n`), {
      temporary: `${path}.${process.pid}.new`,
      mode: 0o600
    })
  }).pipe(Effect.mapError(() => unusable(path)))
})
