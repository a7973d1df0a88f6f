// Changes of the keys' file: one process at a time, the file replaced as a whole or not at all.
import { plain } from "@orderwatch/core/text"
import { replaceFile } from "@orderwatch/runtime/replaceFile"
import type { SettingsError } from "@orderwatch/runtime/SettingsError"
import { hold } from "@orderwatch/runtime/vaults/lock"
import { DateTime, Effect, FileSystem, Path, Redacted } from "effect"
import type { Duration } from "effect"
import type { SecureRandom } from "effect/crypto/SecureRandom"
import { load, print, stateOf } from "./keyFile.ts"
import type { Key } from "./keyFile.ts"
import { refusal, unusable } from "./keyPlace.ts"
import { digestOf, make } from "./keyText.ts"

type Machine = FileSystem.FileSystem | Path.Path

/** The keys in the file; none where there is no file yet. */
export const list = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<ReadonlyArray<Key>, SettingsError, Machine> {
  const files = yield* FileSystem.FileSystem
  const isThere = yield* Effect.mapError(files.exists(path), (error) =>
    unusable(path, "read", error)
  )
  return isThere ? yield* load(path) : []
})

// The file itself, made out through links, so that all who change it take the same lock.
const targetOf = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const whole = paths.resolve(path)
  const directory = paths.dirname(whole)
  yield* files.makeDirectory(directory, { recursive: true, mode: 0o700 })
  if (yield* files.exists(whole)) return yield* files.realPath(whole)
  return paths.join(yield* files.realPath(directory), paths.basename(whole))
})

const change = <A>(
  path: string,
  edit: (
    keys: ReadonlyArray<Key>
  ) => Effect.Effect<{ readonly keys: ReadonlyArray<Key>; readonly told: A }, SettingsError>
): Effect.Effect<A, SettingsError, Machine> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const target = yield* Effect.mapError(targetOf(path), (error) => unusable(path, "made", error))
    yield* Effect.mapError(hold(`${target}.lock`), (error) =>
      error._tag === "LockUnavailable"
        ? refusal(path, ` cannot be changed: ${error.message}`)
        : refusal(path, " is being changed by a process that does not come to its end: end it.")
    )
    const before = yield* list(target)
    const { keys, told } = yield* edit(before)
    if (keys === before) return told
    // Whom the file's owner lets read it, a gateway that runs as another user, goes on to read it.
    const mode = yield* Effect.match(files.stat(target), {
      onFailure: () => 0o600,
      onSuccess: (info) => info.mode & 0o777
    })
    const content = new TextEncoder().encode(print(keys))
    yield* Effect.mapError(
      replaceFile(target, content, { temporary: `${target}.new`, mode }),
      (error) => unusable(path, "written", error)
    )
    return told
  }).pipe(Effect.scoped)

export interface NewKey {
  readonly name: string
  readonly customers: ReadonlyArray<string>
  readonly expires?: Duration.Duration | undefined
}

/** Adds a key. Its text is nowhere else than in what this returns. */
export const add = Effect.fnUntraced(function* (
  path: string,
  { customers, expires, name }: NewKey
): Effect.fn.Return<
  { readonly key: Key; readonly text: Redacted.Redacted },
  SettingsError,
  Machine | SecureRandom
> {
  const { id, text } = yield* make
  const created = yield* DateTime.now
  const key: Key = {
    id,
    name,
    sha256: digestOf(Redacted.value(text)).toString("hex"),
    customers,
    created,
    ...(expires !== undefined && { expires: DateTime.addDuration(created, expires) })
  }
  return yield* change(path, (keys) =>
    keys.some((other) => other.id === id)
      ? Effect.die(new Error("40 random bits came out as before"))
      : Effect.succeed({ keys: [...keys, key], told: { key, text } })
  )
})

/** Revokes a key; `false` where it was revoked before. */
export const revoke = Effect.fnUntraced(function* (
  path: string,
  id: string
): Effect.fn.Return<{ readonly key: Key; readonly isNew: boolean }, SettingsError, Machine> {
  const revoked = yield* DateTime.now
  return yield* change(path, (keys) => {
    const found = keys.find((key) => key.id === id)
    if (found === undefined) {
      return Effect.fail(refusal(path, ` has no key with the id ${plain(id).slice(0, 80)}.`))
    }
    if (stateOf(found, revoked) === "revoked") {
      return Effect.succeed({ keys, told: { key: found, isNew: false } })
    }
    const key: Key = { ...found, revoked }
    return Effect.succeed({
      keys: keys.map((other) => (other === found ? key : other)),
      told: { key, isNew: true }
    })
  })
})
