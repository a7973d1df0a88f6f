// The profiles of config.toml: several partner tenants side by side, by name, without any secret.
import { plain, withoutByteOrderMark } from "@orderwatch/core/text"
import { Effect, FileSystem, Option, Path, Result } from "effect"
import type { PlatformError } from "effect/PlatformError"
import { places } from "./places.ts"
import { isProfileName, names, parse } from "./profiles/document.ts"
import type { Document } from "./profiles/document.ts"
import { withDefault, withoutProfile, withProfile } from "./profiles/edit.ts"
import type { ProfileValues } from "./profiles/keys.ts"
import { replaceFile } from "./replaceFile.ts"
import { SettingsError } from "./SettingsError.ts"

/** What config.toml holds, and where it is. */
export interface Profiles extends Document {
  readonly path: string
}

const refuse = (setting: string, message: string) => new SettingsError({ setting, message })

const unusable = (path: string, verb: string, { reason }: PlatformError) =>
  refuse(
    "config.toml",
    `${plain(path)} cannot be ${verb} (${reason._tag}): make it so, or set ORDERWATCH_CONFIG_DIR to another directory.`
  )

const load = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const source = yield* files.readFileString(path).pipe(
    Effect.catchIf(
      (error) => error.reason._tag === "NotFound",
      () => Effect.succeed("")
    ),
    Effect.mapError((error) => unusable(path, "read", error))
  )
  const text = withoutByteOrderMark(source).replaceAll("\r\n", "\n")
  return { text, document: yield* Effect.fromResult(parse(path, text)) }
})

/** The profiles of this user; none where the environment tells of no home, or there is no file. */
export const read: Effect.Effect<
  Option.Option<Profiles>,
  SettingsError,
  FileSystem.FileSystem | Path.Path
> = Effect.gen(function* () {
  const known = yield* places
  if (Option.isNone(known)) return Option.none()
  const { document } = yield* load(known.value.config)
  return Option.some({ ...document, path: known.value.config })
})

/** The profile of that name. */
export const find = (
  profiles: Profiles,
  name: string,
  asked: string
): Result.Result<ProfileValues, SettingsError> => {
  const found = profiles.profiles.get(name)
  return found === undefined
    ? Result.fail(
        refuse(
          asked,
          `${asked} names the profile ${plain(name)}, which is not in ${plain(profiles.path)}: ${names(profiles.profiles)}.`
        )
      )
    : Result.succeed(found)
}

const printed = ({ defaultProfile, profiles }: Document): string =>
  JSON.stringify([
    defaultProfile,
    [...profiles].map(([name, values]) => [name, Object.entries(values).toSorted()]).toSorted()
  ])

// Changes the text, and writes it only if it then says what was meant and nothing else.
const change = Effect.fnUntraced(function* (
  edit: (source: string) => string,
  meant: (before: Document) => Document
) {
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const known = yield* places
  if (Option.isNone(known)) {
    return yield* refuse(
      "ORDERWATCH_CONFIG_DIR",
      "ORDERWATCH_CONFIG_DIR is not set, and the environment tells of no home: set it to a directory of your own."
    )
  }
  const { config } = known.value
  const { document, text } = yield* load(config)
  const edited = edit(text)
  const after = parse(config, edited)
  if (Result.isFailure(after) || printed(after.success) !== printed(meant(document))) {
    return yield* refuse(
      "config.toml",
      `${plain(config)} is written in a way that cannot be changed here without harm: edit it by hand.`
    )
  }
  yield* Effect.gen(function* () {
    yield* files.makeDirectory(paths.dirname(config), { recursive: true, mode: 0o700 })
    // A link to a file that is kept elsewhere stays one.
    const path = yield* Effect.orElseSucceed(files.realPath(config), () => config)
    const mode = yield* Effect.match(files.stat(path), {
      onFailure: () => 0o600,
      onSuccess: (info) => info.mode & 0o777
    })
    const content = new TextEncoder().encode(edited)
    yield* replaceFile(path, content, { temporary: `${path}.${process.pid}.new`, mode })
  }).pipe(Effect.mapError((error) => unusable(config, "written", error)))
})

/** Keeps the profile under that name, in place of the one that had it. */
export const save = Effect.fnUntraced(function* (
  name: string,
  values: ProfileValues
): Effect.fn.Return<void, SettingsError, FileSystem.FileSystem | Path.Path> {
  if (!isProfileName(name)) {
    return yield* refuse(
      "profile",
      `${plain(name)} is no name for a profile: use letters, digits, \`.\`, \`_\` and \`-\`.`
    )
  }
  yield* change(
    (source) => withProfile(source, name, values),
    (before) => ({ ...before, profiles: new Map([...before.profiles, [name, values]]) })
  )
})

/** Forgets the profile; it is the default no longer, if it was. Whether there was one. */
export const remove = Effect.fnUntraced(function* (
  name: string
): Effect.fn.Return<boolean, SettingsError, FileSystem.FileSystem | Path.Path> {
  const profiles = yield* read
  if (!Option.exists(profiles, (found) => found.profiles.has(name))) return false
  const wasDefault = Option.exists(profiles, (found) => found.defaultProfile === name)
  yield* change(
    (source) => withoutProfile(wasDefault ? withDefault(source, undefined) : source, name),
    (before) => ({
      defaultProfile: wasDefault ? undefined : before.defaultProfile,
      profiles: new Map([...before.profiles].filter(([other]) => other !== name))
    })
  )
  return true
})

/** Makes the profile the one that is used where none is named. */
export const setDefault = Effect.fnUntraced(function* (
  name: string
): Effect.fn.Return<void, SettingsError, FileSystem.FileSystem | Path.Path> {
  const profiles = yield* read
  if (Option.isSome(profiles)) yield* Effect.fromResult(find(profiles.value, name, "profile"))
  yield* change(
    (source) => withDefault(source, name),
    (before) => ({ ...before, defaultProfile: name })
  )
})
