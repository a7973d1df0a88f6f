// Whether a vault may be written where it is: nobody else may read it, or put another in its place.
import { VaultError } from "@orderwatch/core/CredentialVault"
import { plain } from "@orderwatch/core/text"
import { Effect, FileSystem, Option, Path } from "effect"
import type { PlatformError } from "effect/PlatformError"

/** What went wrong with a file of the vault, in one line. */
export const unusable = (path: string, verb: string, error: PlatformError): VaultError =>
  new VaultError({
    message: `${plain(path)} cannot be ${verb} (${why(error)}): make it so, or set ORDERWATCH_CONFIG_DIR to a directory of your own.`
  })

const why = ({ reason }: PlatformError): string => {
  const { cause } = reason
  // The system's own word (ENOSPC, EROFS) says more than the tag, where there is one.
  return cause instanceof Error && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : reason._tag
}

const refuse = (path: string, problem: string) =>
  Effect.fail(new VaultError({ message: `${plain(path)} ${problem}` }))

// Windows keeps access apart from these bits: a user's own directories are the user's there.
const ofOthers = (path: string, info: FileSystem.File.Info, mode: string) => {
  if (process.platform === "win32") return Effect.void
  const user = process.getuid?.()
  if (user !== undefined && Option.exists(info.uid, (owner) => owner !== user)) {
    return refuse(
      path,
      "belongs to another user: run this as that user, or set ORDERWATCH_CONFIG_DIR to a directory of your own."
    )
  }
  return (info.mode & 0o077) === 0
    ? Effect.void
    : refuse(
        path,
        `is open to other users (mode ${(info.mode & 0o777).toString(8).padStart(4, "0")}): run \`chmod ${mode} ${plain(path)}\`, then ask again.`
      )
}

/** Makes the vault's directory, for its owner alone, and refuses one that others can look into. */
export const prepare = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<void, VaultError, FileSystem.FileSystem | Path.Path> {
  const files = yield* FileSystem.FileSystem
  const directory = (yield* Path.Path).dirname(path)
  const found = yield* files.makeDirectory(directory, { recursive: true, mode: 0o700 }).pipe(
    Effect.andThen(files.stat(directory)),
    Effect.mapError((error) => unusable(directory, "made", error))
  )
  if (found.type !== "Directory") return yield* refuse(directory, "is no directory: move it away.")
  yield* ofOthers(directory, found, "700")
  const file = yield* files.lstat(path).pipe(
    Effect.map(Option.some),
    Effect.catchIf(
      (error) => error.reason._tag === "NotFound",
      () => Effect.succeedNone
    ),
    Effect.mapError((error) => unusable(path, "looked at", error))
  )
  if (Option.isNone(file)) return
  if (file.value.type !== "File") {
    return yield* refuse(
      path,
      "is no plain file, and a credential is not written through a link: move it away."
    )
  }
  yield* ofOthers(path, file.value, "600")
})
