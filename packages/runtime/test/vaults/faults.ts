// This machine's files with something that happens between any two steps of a change: a disk that is
// full, or a process that is killed.
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, FileSystem, Layer } from "effect"
import * as PlatformError from "effect/PlatformError"

/** The steps of replacing a file, in their order. `half` is in the middle of its content. */
export const steps = [
  "cleared",
  "opened",
  "half",
  "written",
  "synced",
  "renamed",
  "directory opened",
  "directory synced"
] as const
export type Step = (typeof steps)[number]

export const isStep = (name: string | undefined): name is Step =>
  steps.some((step) => step === name)

/** `happens` runs after each step. */
export const layer = (
  happens: (step: Step) => Effect.Effect<void, PlatformError.PlatformError>
): Layer.Layer<FileSystem.FileSystem> =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (files) => ({
      ...files,
      remove: (path, options) => Effect.tap(files.remove(path, options), () => happens("cleared")),
      rename: (from, to) => Effect.tap(files.rename(from, to), () => happens("renamed")),
      open: (path, options) =>
        Effect.gen(function* () {
          const file = yield* files.open(path, options)
          const isDirectory = options?.flag === undefined
          yield* happens(isDirectory ? "directory opened" : "opened")
          return {
            ...file,
            [FileSystem.FileTypeId]: file[FileSystem.FileTypeId],
            sync: Effect.tap(file.sync, () => happens(isDirectory ? "directory synced" : "synced")),
            writeAll: (buffer) =>
              Effect.gen(function* () {
                const middle = Math.floor(buffer.length / 2)
                yield* file.writeAll(buffer.subarray(0, middle))
                yield* happens("half")
                yield* file.writeAll(buffer.subarray(middle))
                yield* happens("written")
              })
          } satisfies FileSystem.File
        })
    }))
  ).pipe(Layer.provide(NodeServices.layer))

/** What a disk says that is full. */
export const full = PlatformError.systemError({
  _tag: "Unknown",
  module: "FileSystem",
  method: "write",
  cause: Object.assign(new Error("no space left on device"), { code: "ENOSPC" })
})
