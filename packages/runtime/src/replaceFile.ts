// Replaces a file so that a crash at any point leaves the old content or the new, and never a part.
import { Effect, FileSystem, Path, Schedule } from "effect"
import type { PlatformError } from "effect/PlatformError"

const onWindows = process.platform === "win32"

// On Windows a file that somebody reads at the moment cannot be replaced for as long as that takes.
const again = Schedule.upTo(Schedule.spaced("20 millis"), { times: 25 })

/**
 * Writes beside the file, in `temporary`, brings it to the disk and renames it over the file. What an
 * earlier crash left in `temporary` is overwritten, so one writer at a time may use that name.
 */
export const replaceFile = Effect.fnUntraced(function* (
  path: string,
  content: Uint8Array,
  options: { readonly temporary: string; readonly mode: number }
): Effect.fn.Return<void, PlatformError, FileSystem.FileSystem | Path.Path> {
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const { mode, temporary } = options
  yield* files.remove(temporary, { force: true })
  const write = Effect.gen(function* () {
    const file = yield* files.open(temporary, { flag: "wx", mode })
    yield* file.writeAll(content)
    yield* file.sync
  }).pipe(Effect.scoped)
  yield* write.pipe(
    Effect.andThen(
      Effect.retry(files.rename(temporary, path), { schedule: again, while: () => onWindows })
    ),
    Effect.onError(() => Effect.ignore(files.remove(temporary, { force: true })))
  )
  yield* syncDirectory(paths.dirname(path))
}, Effect.uninterruptible)

// The new name, too, must be on the disk. Windows has no such call, and some file systems refuse it:
// the file is replaced all the same.
export const syncDirectory = (directory: string) =>
  onWindows
    ? Effect.void
    : FileSystem.FileSystem.pipe(
        Effect.flatMap((files) => files.open(directory)),
        Effect.flatMap((opened) => opened.sync),
        Effect.scoped,
        Effect.ignore
      )
