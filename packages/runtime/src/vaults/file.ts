// The vault that lasts: one encrypted file, changed by one process at a time, replaced as a whole.
import { CredentialVault, VaultError } from "@orderwatch/core/CredentialVault"
import type { Entry, Owner } from "@orderwatch/core/CredentialVault"
import { plain } from "@orderwatch/core/text"
import { DateTime, Effect, FileSystem, Layer, Option, Path, Scope, Semaphore } from "effect"
import * as Aead from "effect/crypto/Aead"
import * as Digest from "effect/crypto/Digest"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { replaceFile, syncDirectory } from "../replaceFile.ts"
import type { VaultKey } from "./key.ts"
import { hold, LockUnavailable } from "./lock.ts"
import { prepare, unusable } from "./place.ts"
import { find, open, parse, print, seal, without } from "./sealed.ts"
import type { Entries, Unreadable } from "./sealed.ts"

export interface FileVaultOptions {
  /** The file; its directory is made, for its user alone, when a token is first looked for. */
  readonly path: string
  readonly key: VaultKey
}

const afresh = "move it away and sign in again"

const unreadable = (path: string, { because }: Unreadable, key?: VaultKey): VaultError => {
  const vault = `the credential vault ${plain(path)}`
  switch (because) {
    case "damaged":
      return new VaultError({
        message: `${vault} is damaged, and is left as it is: restore it, or ${afresh}.`
      })
    case "newer":
      return new VaultError({
        message: `${vault} was written by a newer version: update this one, or ${afresh}.`
      })
    case "otherKey":
      return new VaultError({
        message: `${vault} was sealed with another key than the one ${key?.where ?? "here"}: use that key, or ${afresh}.`
      })
  }
}

/** The file's entries, still sealed; none where there is no file. */
const load = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const bytes = yield* files.readFile(path).pipe(
    Effect.map(Option.some),
    Effect.catchIf(
      (error) => error.reason._tag === "NotFound",
      () => Effect.succeedNone
    ),
    Effect.mapError((error) => unusable(path, "read", error))
  )
  if (Option.isNone(bytes)) return []
  return yield* Effect.mapError(Effect.fromResult(parse(bytes.value)), (failed) =>
    unreadable(path, failed)
  )
})

/** Whether the owner has an entry, which takes no key to know. */
export const holds = (
  path: string,
  owner: Owner
): Effect.Effect<boolean, VaultError, FileSystem.FileSystem> =>
  Effect.map(load(path), (entries) => Option.isSome(find(entries, owner)))

/**
 * Moves a vault that cannot be read out of the way, so that somebody can sign in again, and says where
 * it is now.
 */
export const setAside = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<string, VaultError, FileSystem.FileSystem | Path.Path | Scope.Scope> {
  const files = yield* FileSystem.FileSystem
  yield* prepare(path)
  yield* lock(path)
  const now = DateTime.formatIso(yield* DateTime.now)
  const aside = `${path}.${now.replace(/[:.]/g, "-")}`
  yield* Effect.mapError(files.rename(path, aside), (error) => unusable(path, "moved", error))
  return aside
}, Effect.scoped)

const lock = (path: string) =>
  Effect.catchTag(hold(`${path}.lock`), "LockUnavailable", ({ message }) =>
    Effect.fail(new VaultError({ message }))
  )

const write = Effect.fnUntraced(
  function* (path: string, entries: Entries) {
    const files = yield* FileSystem.FileSystem
    if (entries.length > 0) {
      return yield* replaceFile(path, print(entries), { temporary: `${path}.new`, mode: 0o600 })
    }
    yield* files.remove(path, { force: true })
    yield* syncDirectory((yield* Path.Path).dirname(path))
  },
  (effect, path) => Effect.mapError(effect, (error) => unusable(path, "written", error))
)

const make = Effect.fnUntraced(function* ({ key, path }: FileVaultOptions) {
  const context = yield* Effect.context<
    Aead.Aead | Digest.Digest | FileSystem.FileSystem | Path.Path | SecureRandom.SecureRandom
  >()
  // The lock is the process's: whoever waits for it here need not ask the system.
  const one = yield* Semaphore.make(1)

  const noKey = new VaultError({
    message: `the key of the credential vault ${plain(path)} is not ${key.where}: put it there, set ORDERWATCH_VAULT_KEY to it, or ${afresh}.`
  })

  const read = Effect.fnUntraced(function* (owner: Owner) {
    const sealed = find(yield* load(path), owner)
    if (Option.isNone(sealed)) return Option.none<Entry>()
    const found = yield* key.find
    if (Option.isNone(found)) return yield* noKey
    return Option.some<Entry>(
      yield* Effect.mapError(open(sealed.value, found.value), (failed) =>
        unreadable(path, failed, key)
      )
    )
  })

  const save = Effect.fnUntraced(function* (owner: Owner, entry: Entry) {
    const entries = yield* load(path)
    // Where others are sealed already there is a key, and a new one would lock them out.
    const found = yield* key.find
    if (Option.isNone(found) && entries.length > 0) return yield* noKey
    const bytes = Option.isSome(found) ? found.value : yield* key.create
    yield* write(path, [...without(entries, owner), yield* seal(owner, entry, bytes)])
  }, Effect.uninterruptible)

  // Where nothing may be written, what is kept can still be used: only saving it fails.
  const refusal = Effect.andThen(
    Effect.catchTag(prepare(path), "VaultError", ({ message }) =>
      Effect.fail(new LockUnavailable({ message }))
    ),
    hold(`${path}.lock`)
  ).pipe(
    Effect.as(Option.none<VaultError>()),
    Effect.catchTag("LockUnavailable", ({ message }) =>
      Effect.succeedSome(new VaultError({ message }))
    )
  )

  return CredentialVault.of({
    kind: "file",
    isDurable: true,
    read: (owner) => Effect.provideContext(read(owner), context),
    modify: (owner, f) =>
      Effect.acquireUseRelease(
        Scope.make(),
        Effect.fnUntraced(function* (scope) {
          const refused = yield* Effect.provideContext(Scope.provide(refusal, scope), context)
          const entry = yield* Effect.provideContext(read(owner), context)
          return yield* f(entry, (changed) =>
            Option.match(refused, {
              onNone: () => Effect.provideContext(save(owner, changed), context),
              onSome: Effect.fail
            })
          )
        }),
        Scope.close
      ).pipe(one.withPermit),
    remove: (owner) =>
      Effect.gen(function* () {
        if (!(yield* holds(path, owner))) return false
        yield* prepare(path)
        yield* lock(path)
        const entries = yield* load(path)
        const left = without(entries, owner)
        yield* write(path, left)
        return left.length < entries.length
      }).pipe(Effect.scoped, one.withPermit, Effect.provideContext(context))
  })
})

/** The vault in that file. The file and its directory must be its user's alone to be written. */
export const layer = (
  options: FileVaultOptions
): Layer.Layer<CredentialVault, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(CredentialVault, make(options)).pipe(
    Layer.provide(Aead.layerWebCrypto),
    Layer.provide([SecureRandom.layerWebCrypto, Digest.layerWebCrypto])
  )
