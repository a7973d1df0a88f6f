// A file system with one file, which a test changes at will, and a record of what was logged.
import { Effect, FileSystem, Layer, Logger, Option, Path } from "effect"
import * as PlatformError from "effect/PlatformError"
import { ByteSize } from "effect"

export interface OneFile {
  content: string | undefined
  mode: number
}

const info = (type: FileSystem.File.Type, mode: number): FileSystem.File.Info => ({
  type,
  mode,
  mtime: Option.none(),
  atime: Option.none(),
  birthtime: Option.none(),
  dev: 0n,
  ino: Option.none(),
  nlink: Option.none(),
  uid: Option.some(process.getuid?.() ?? 0),
  gid: Option.none(),
  rdev: Option.none(),
  size: ByteSize.bytes(1),
  blksize: Option.none(),
  blocks: Option.none()
})

const missing = (method: string) =>
  Effect.fail(
    PlatformError.systemError({
      _tag: "NotFound",
      module: "FileSystem",
      method,
      pathOrDescriptor: ""
    })
  )

export const path = "/etc/orderwatch/keys.json"

/** Asked at once, so that a test's clock alone decides when it is read. */
export const layer = (file: OneFile): Layer.Layer<FileSystem.FileSystem | Path.Path> =>
  Layer.merge(
    FileSystem.layerNoop({
      realPath: (asked) =>
        file.content === undefined ? missing("realPath") : Effect.succeed(asked),
      stat: (asked) =>
        Effect.succeed(asked === path ? info("File", file.mode) : info("Directory", 0o755)),
      readFileString: () =>
        file.content === undefined ? missing("readFile") : Effect.succeed(file.content)
    }),
    Path.layer
  )

/** What is logged, one line each, with its level. */
export const logs = () => {
  const lines: Array<string> = []
  const layer = Logger.layer([
    Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${String(message)}`))
  ])
  return { lines, layer }
}
