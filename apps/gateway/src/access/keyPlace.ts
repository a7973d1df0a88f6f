// Whether nobody but this user and root can write the keys' file: who can write it can let anybody in.
import { plain } from "@orderwatch/core/text"
import { SettingsError } from "@orderwatch/runtime/SettingsError"
import { Effect, FileSystem, Option, Path } from "effect"
import type { PlatformError } from "effect/PlatformError"

/** The setting that names the file. */
export const setting = "ORDERWATCH_GATEWAY_KEYS_FILE"

/** One line about the file, which names it. */
export const refusal = (path: string, problem: string): SettingsError =>
  new SettingsError({ setting, message: `${plain(path)}${problem}` })

/** What went wrong with the file, in one line. */
export const unusable = (path: string, verb: string, error: PlatformError): SettingsError =>
  refusal(
    path,
    ` cannot be ${verb} (${why(error)}): make it so, or set ${setting} to another file.`
  )

const why = ({ reason }: PlatformError): string => {
  const { cause } = reason
  return cause instanceof Error && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : reason._tag
}

const byOthers = 0o022
const sticky = 0o1000
const octal = (mode: number) => (mode & 0o7777).toString(8).padStart(4, "0")

// Windows keeps access apart from these bits: a user's own directories are the user's there.
const ofOthers = (path: string, info: FileSystem.File.Info): Effect.Effect<void, SettingsError> => {
  if (process.platform === "win32") return Effect.void
  const ours = [0, process.getuid?.()]
  if (Option.exists(info.uid, (owner) => !ours.includes(owner))) {
    return Effect.fail(
      refusal(path, " belongs to another user, who could let anybody in: make it your own.")
    )
  }
  // In a sticky directory, such as Kubernetes mounts secrets in, nobody replaces another's file.
  const isKept = info.type === "Directory" && (info.mode & sticky) !== 0
  return (info.mode & byOthers) === 0 || isKept
    ? Effect.void
    : Effect.fail(
        refusal(
          path,
          ` can be written by others (mode ${octal(info.mode)}), who could let anybody in: run \`chmod go-w ${plain(path)}\`.`
        )
      )
}

/** Refuses a file that others can write, or replace in its directory. What a link leads to is what counts. */
export const check = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<FileSystem.File.Info, SettingsError, FileSystem.FileSystem | Path.Path> {
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const at = (verb: string) => (error: PlatformError) => unusable(path, verb, error)
  const target = yield* Effect.mapError(files.realPath(path), at("read"))
  for (const directory of new Set([paths.dirname(paths.resolve(path)), paths.dirname(target)])) {
    yield* ofOthers(directory, yield* Effect.mapError(files.stat(directory), at("read")))
  }
  const info = yield* Effect.mapError(files.stat(target), at("read"))
  if (info.type !== "File") return yield* refusal(path, " is no file: name one with keys in it.")
  yield* ofOthers(path, info)
  return info
})
