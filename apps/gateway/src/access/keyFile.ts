// The file of the callers' keys: hashes only, read strictly.
import { withoutByteOrderMark } from "@orderwatch/core/text"
import { SettingsError } from "@orderwatch/runtime/SettingsError"
import { DateTime, Effect, FileSystem, Option, Path, Result, Schema, SchemaIssue } from "effect"
import { isEntry } from "./customers.ts"
import { check, refusal, unusable } from "./keyPlace.ts"
import { idForm } from "./keyText.ts"

const matching = (form: RegExp, message: string) =>
  Schema.String.check(Schema.isPattern(form, { message }))

const Customer = Schema.String.check(
  Schema.makeFilter((text: string) => isEntry(text) || "a customer is a GUID, or * for all of them")
)

/** A caller's key, as the file has it. Nothing of it is a secret. */
export const Key = Schema.Struct({
  id: matching(idForm, "an id is 8 letters and digits, as `keys add` makes it"),
  name: matching(
    /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}$/u,
    "a name is up to 64 letters, digits, spaces and . _ @ -"
  ),
  /** Of the whole key, in hex. */
  sha256: matching(/^[0-9a-f]{64}$/, "this is the SHA-256 of a key, 64 lower-case hex digits"),
  /** Absent or empty: the key may ask about nobody. */
  customers: Schema.optionalKey(Schema.Array(Customer)),
  created: Schema.DateTimeUtcFromString,
  expires: Schema.optionalKey(Schema.DateTimeUtcFromString),
  revoked: Schema.optionalKey(Schema.DateTimeUtcFromString)
})
export type Key = typeof Key.Type

const Document = Schema.Struct({ version: Schema.Literal(1), keys: Schema.Array(Key) })

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

type Steps = ReadonlyArray<PropertyKey | { readonly key: PropertyKey }>

const written = (path: Steps): string =>
  path
    .map((step) => (typeof step === "object" ? step.key : step))
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "")

// Node's own message may quote the file; only the place in it is repeated.
const place = (error: unknown): string =>
  error instanceof Error ? (/\(line \d+ column \d+\)/.exec(error.message)?.[0] ?? "") : ""

/** The keys in the text, or the one line that says what is wrong and where. */
export const parse = (
  path: string,
  text: string
): Result.Result<ReadonlyArray<Key>, SettingsError> =>
  Result.gen(function* () {
    const json = yield* Result.try({
      try: (): unknown => JSON.parse(withoutByteOrderMark(text)),
      catch: (error) => refusal(path, ` is not JSON ${place(error)}`.trimEnd() + ": mend it.")
    })
    const { keys } = yield* Result.mapError(
      Schema.decodeUnknownResult(Document)(json, { onExcessProperty: "error" }),
      ({ issue }) => {
        const [first] = issuesOf(issue).issues
        const at = written(first?.path ?? [])
        return refusal(path, `:${at === "" ? "" : ` ${at}:`} ${first?.message ?? "malformed"}.`)
      }
    )
    const ids = new Set<string>()
    const at = keys.findIndex(({ id }) => {
      const isKnown = ids.has(id)
      ids.add(id)
      return isKnown
    })
    return at < 0 ? keys : yield* Result.fail(refusal(path, `: keys[${at}].id: two keys have it.`))
  })

const encode = Schema.encodeSync(Document)

/** The file's text, for people too. */
export const print = (keys: ReadonlyArray<Key>): string =>
  `${JSON.stringify(encode({ version: 1, keys }), null, 2)}\n`

// Some 10,000 keys.
const most = 8 * 1024 * 1024

/** The file as text, where nobody else can write it. */
export const read = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<string, SettingsError, FileSystem.FileSystem | Path.Path> {
  const files = yield* FileSystem.FileSystem
  const { size } = yield* check(path)
  if (size > most) return yield* refusal(path, " is larger than 8 MiB: remove keys from it.")
  return yield* Effect.mapError(files.readFileString(path), (error) =>
    unusable(path, "read", error)
  )
})

/** The keys in the file; it must be there. */
export const load = (path: string) =>
  Effect.flatMap(read(path), (text) => Effect.fromResult(parse(path, text)))

/** What has become of a key. */
export const stateOf = (key: Key, now: DateTime.Utc): "active" | "expired" | "revoked" => {
  if (key.revoked !== undefined) return "revoked"
  return Option.exists(Option.fromUndefinedOr(key.expires), DateTime.isLessThanOrEqualTo(now))
    ? "expired"
    : "active"
}
