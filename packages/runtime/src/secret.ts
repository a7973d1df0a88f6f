// A secret from the environment: the variable itself, or the file that `…_FILE` names.
import { plain } from "@orderwatch/core/text"
import { Effect, FileSystem, Option, Redacted } from "effect"
import { SettingsError } from "./SettingsError.ts"
import type { SecretName, Sources } from "./sources.ts"

// A secret travels in a header or a form: a line break in it is a mistake, and would be quoted by errors.
const unfit = /[\u0000-\u001f\u007f]/

/** The secret, if it is set. */
export const secret = Effect.fnUntraced(function* (
  sources: Sources,
  setting: SecretName,
  /** What it must be, because nothing could carry anything else. */
  like?: RegExp
): Effect.fn.Return<Option.Option<Redacted.Redacted>, SettingsError, FileSystem.FileSystem> {
  const refuse = (name: string, problem: string) =>
    new SettingsError({ setting: name, message: `${name} ${problem}` })
  const inline = yield* sources.secret(setting)
  const file = yield* sources.secret(setting, "_FILE")
  if (Option.isSome(inline) && Option.isSome(file)) {
    return yield* refuse(
      setting,
      `and ${setting}_FILE are both set in the environment: unset one of them.`
    )
  }
  const name = Option.isSome(file) ? `${setting}_FILE` : setting
  const value = yield* Option.match(file, {
    onNone: () => Effect.succeed(inline),
    onSome: (path) =>
      Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path)).pipe(
        Effect.map((content) => Option.some(content.trim())),
        Effect.mapError((error) =>
          refuse(
            name,
            `in the environment names a file that cannot be read (${plain(path)}: ${error.reason._tag}): name one that can.`
          )
        )
      )
  })
  if (Option.contains(value, "")) {
    return yield* refuse(name, "in the environment names an empty file: name one with the secret.")
  }
  const holds = `in the environment ${Option.isSome(file) ? "names a file that holds" : "holds"}`
  if (Option.exists(value, (found) => unfit.test(found))) {
    return yield* refuse(name, `${holds} line breaks or control characters: it must be one line.`)
  }
  if (like !== undefined && Option.exists(value, (found) => !like.test(found))) {
    return yield* refuse(name, `${holds} more than a token: it must be the token alone.`)
  }
  return Option.map(value, (found) => Redacted.make(found))
})
