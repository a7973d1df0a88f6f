// Every setting with its value and where it came from, for people who wonder. Secrets are told as set
// or unset; nothing is checked, so that a wrong value can be seen too.
import { plain } from "@orderwatch/core/text"
import { Effect, Option, Path } from "effect"
import type { FileSystem } from "effect"
import { places } from "./places.ts"
import { keys, profileKeys } from "./profiles/keys.ts"
import type { ProfileKey } from "./profiles/keys.ts"
import { defaults } from "./Settings.ts"
import type { SettingsError } from "./SettingsError.ts"
import { secretNames, sources } from "./sources.ts"
import type { SettingsFlags } from "./sources.ts"

export interface Explained {
  /** The setting as the environment calls it. */
  readonly setting: string
  /** The same in a profile; secrets and a few others have none there. */
  readonly key?: string
  /** As it was written; of a secret `set` or `unset`; absent where there is none. */
  readonly value?: string
  readonly isSecret: boolean
  /** `flag --cloud`, `environment NAME`, `profile NAME (PATH)` or `default`. */
  readonly source: string
}

const isDefaulted = (key: ProfileKey): key is keyof typeof defaults => Object.hasOwn(defaults, key)

/** All settings, in the order of the documentation, with what the flags say. */
export const explain = Effect.fnUntraced(function* (
  flags: SettingsFlags = {}
): Effect.fn.Return<ReadonlyArray<Explained>, SettingsError, FileSystem.FileSystem | Path.Path> {
  const from = yield* sources(flags)
  const files = yield* places
  const paths = yield* Path.Path
  const directory = yield* from.variable("ORDERWATCH_CONFIG_DIR")
  const located = Option.isSome(directory) ? "environment ORDERWATCH_CONFIG_DIR" : "default"
  const level = yield* from.variable("ORDERWATCH_LOG_LEVEL")

  const plainly = (
    setting: string,
    value: Option.Option<string>,
    source: string,
    key?: string
  ): Explained => ({
    setting,
    ...(key !== undefined && { key }),
    ...(Option.isSome(value) && { value: plain(value.value) }),
    isSecret: false,
    source
  })

  const known = yield* Effect.forEach(profileKeys, (key) =>
    Effect.map(
      from.find(key),
      Option.match({
        onNone: () =>
          plainly(
            keys[key].variable,
            isDefaulted(key) ? Option.some(defaults[key]) : Option.none(),
            "default",
            key
          ),
        onSome: ({ from, value }) => plainly(keys[key].variable, Option.some(value), from, key)
      })
    )
  )
  const hidden = yield* Effect.forEach(
    secretNames,
    Effect.fnUntraced(function* (setting) {
      const inline = yield* from.secret(setting)
      const file = yield* from.secret(setting, "_FILE")
      const isSet = Option.isSome(inline) || Option.isSome(file)
      const name = Option.isSome(inline) ? setting : `${setting}_FILE`
      return {
        setting,
        value: isSet ? "set" : "unset",
        isSecret: true,
        source: isSet ? `environment ${name}` : "default"
      } satisfies Explained
    })
  )
  return [
    plainly(
      "ORDERWATCH_PROFILE",
      Option.map(from.profile, ({ name }) => name),
      Option.match(from.profile, { onNone: () => "default", onSome: ({ from }) => from }),
      "default_profile"
    ),
    ...known,
    ...hidden,
    plainly(
      "ORDERWATCH_LOG_LEVEL",
      Option.some(Option.getOrElse(level, () => "warn")),
      Option.isSome(level) ? "environment ORDERWATCH_LOG_LEVEL" : "default"
    ),
    plainly(
      "ORDERWATCH_CONFIG_DIR",
      Option.orElse(directory, () => Option.map(files, ({ config }) => paths.dirname(config))),
      located
    )
  ]
})
