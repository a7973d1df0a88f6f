// Where a setting comes from: a flag, the environment, the profile, in that order; and which variables
// an explicit profile puts aside.
import type { CloudName } from "@orderwatch/core/Cloud"
import { plain } from "@orderwatch/core/text"
import { Config, Effect, Option } from "effect"
import type { FileSystem, Path } from "effect"
import * as Profiles from "./Profiles.ts"
import { isKey, keys, profileKeys } from "./profiles/keys.ts"
import type { ProfileKey, ProfileValues } from "./profiles/keys.ts"
import { SettingsError } from "./SettingsError.ts"

/** Settings as flags give them; they win over everything else. */
export interface SettingsFlags {
  readonly cloud?: CloudName | undefined
  /** The profile that the whole group (who signs in, how, and where) is taken from. */
  readonly profile?: string | undefined
}

/** The secrets, which come from the environment only: inline, or as `…_FILE`. */
export const secrets = {
  PARTNER_CENTER_CLIENT_SECRET: { isGroup: true },
  PARTNER_CENTER_CLIENT_CERTIFICATE_PASSWORD: { isGroup: false },
  PARTNER_CENTER_REFRESH_TOKEN: { isGroup: true },
  PARTNER_CENTER_ACCESS_TOKEN: { isGroup: true },
  ORDERWATCH_VAULT_KEY: { isGroup: false }
} as const satisfies Record<string, { readonly isGroup: boolean }>

export type SecretName = keyof typeof secrets
const isSecretName = (name: string): name is SecretName => Object.hasOwn(secrets, name)
export const secretNames: ReadonlyArray<SecretName> = Object.keys(secrets).filter(isSecretName)

/** A value as it was written, and where. */
export interface Found {
  readonly value: string
  /** What the place calls it: the variable, or the profile's key. */
  readonly setting: string
  /** The place, as a message says it after the name. */
  readonly at: string
  /** The place, as a list of settings says it. */
  readonly from: string
}

/** The profile in use. */
export interface ChosenProfile {
  readonly name: string
  readonly values: ProfileValues
  /** The file it is in. */
  readonly path: string
  /** Who named it. */
  readonly from: string
}

export interface Sources {
  readonly profile: Option.Option<ChosenProfile>
  /** The value that counts. */
  readonly find: (key: ProfileKey) => Effect.Effect<Option.Option<Found>>
  /** A variable that has no key in the profile. */
  readonly variable: (name: string) => Effect.Effect<Option.Option<string>>
  /** Like `variable`, but none where the profile takes its place. */
  readonly secret: (name: SecretName, suffix?: "_FILE") => Effect.Effect<Option.Option<string>>
  /** Where settings of the group were looked for, as a message says it. */
  readonly looked: string
  readonly notices: ReadonlyArray<string>
}

/** A variable of the environment; an empty one counts as unset. */
export const variable = (name: string) =>
  Config.option(Config.String(name)).pipe(
    Effect.orElseSucceed(() => Option.none<string>()),
    Effect.map((value) =>
      Option.filter(
        Option.map(value, (found) => found.trim()),
        (found) => found !== ""
      )
    )
  )

const chosen = Effect.fnUntraced(function* (
  profiles: Option.Option<Profiles.Profiles>,
  flag: string | undefined
): Effect.fn.Return<Option.Option<ChosenProfile>, SettingsError> {
  const set = yield* variable("ORDERWATCH_PROFILE")
  const named =
    flag === undefined
      ? Option.orElse(
          Option.map(set, (name) => ({
            name,
            asked: "ORDERWATCH_PROFILE",
            from: "environment ORDERWATCH_PROFILE"
          })),
          () =>
            Option.flatMapNullishOr(profiles, ({ defaultProfile, path }) =>
              defaultProfile === undefined
                ? undefined
                : {
                    name: defaultProfile,
                    asked: "default_profile",
                    from: `default_profile (${plain(path)})`
                  }
            )
        )
      : Option.some({ name: flag, asked: "--profile", from: "flag --profile" })
  if (Option.isNone(named)) return Option.none()
  const { asked, from, name } = named.value
  if (Option.isNone(profiles)) {
    return yield* new SettingsError({
      setting: asked,
      message: `${asked} names the profile ${plain(name)}, but the environment tells of no home to look for it: set ORDERWATCH_CONFIG_DIR.`
    })
  }
  const values = yield* Effect.fromResult(Profiles.find(profiles.value, name, asked))
  return Option.some({ name, values, from, path: profiles.value.path })
})

const groupVariables = [
  ...profileKeys.flatMap((key) => (keys[key].isGroup ? [keys[key].variable] : [])),
  ...secretNames.flatMap((name) => (secrets[name].isGroup ? [name, `${name}_FILE`] : []))
]

const hasGroup = (values: ProfileValues): boolean =>
  Object.keys(values).some((key) => isKey(key) && keys[key].isGroup)

/** Everything that settings are read from. */
export const sources = Effect.fnUntraced(function* (
  flags: SettingsFlags
): Effect.fn.Return<Sources, SettingsError, FileSystem.FileSystem | Path.Path> {
  const profiles = yield* Profiles.read
  const profile = yield* chosen(profiles, flags.profile)
  const isExplicit = flags.profile !== undefined
  const notices: Array<string> = []

  if (isExplicit && Option.isSome(profile)) {
    const set = yield* Effect.filter(groupVariables, (name) =>
      Effect.map(variable(name), Option.isSome)
    )
    if (set.length > 0) {
      notices.push(
        `--profile ${profile.value.name} takes the place of these variables, which are ignored: ${set.join(", ")}.`
      )
    }
  }

  // An environment that names somebody else stands for itself: nothing of the profile's group is mixed
  // into it, least of all a host to send its secrets to.
  const isAnother = yield* Effect.gen(function* () {
    if (isExplicit || Option.isNone(profile) || !hasGroup(profile.value.values)) return false
    const { client_id: client = "", tenant_id: tenant = "" } = profile.value.values
    const [tenantId, clientId] = yield* Effect.all([
      variable(keys.tenant_id.variable),
      variable(keys.client_id.variable)
    ])
    if (Option.isNone(tenantId) || Option.isNone(clientId)) return false
    return (
      tenantId.value.toLowerCase() !== tenant.toLowerCase() ||
      clientId.value.toLowerCase() !== client.toLowerCase()
    )
  })
  if (isAnother && Option.isSome(profile)) {
    notices.push(
      `${keys.tenant_id.variable} and ${keys.client_id.variable} in the environment name another than the profile ${profile.value.name}: of the profile, nothing about who signs in, how and where is used.`
    )
  }

  const inProfile = (key: ProfileKey) =>
    Option.flatMap(profile, ({ name, path, values }) => {
      const value = keys[key].isGroup && isAnother ? undefined : values[key]
      return Option.map(Option.fromUndefinedOr(value), (value) => ({
        value,
        setting: key,
        at: `in the profile ${name} (${plain(path)})`,
        from: `profile ${name} (${plain(path)})`
      }))
    })

  const inEnvironment = (name: string) =>
    Effect.map(
      variable(name),
      Option.map((value) => ({
        value,
        setting: name,
        at: "in the environment",
        from: `environment ${name}`
      }))
    )

  const find = Effect.fnUntraced(function* (key: ProfileKey) {
    if (key === "cloud" && flags.cloud !== undefined) {
      return Option.some<Found>({
        value: flags.cloud,
        setting: "--cloud",
        at: "",
        from: "flag --cloud"
      })
    }
    const set: Option.Option<Found> =
      isExplicit && keys[key].isGroup ? Option.none() : yield* inEnvironment(keys[key].variable)
    return Option.orElse(set, () => inProfile(key))
  })

  return {
    profile,
    find,
    variable,
    secret: (name, suffix) =>
      isExplicit && secrets[name].isGroup
        ? Effect.succeedNone
        : variable(suffix === undefined ? name : `${name}${suffix}`),
    looked: looked(profiles, profile, isExplicit, isAnother),
    notices
  }
})

const looked = (
  profiles: Option.Option<Profiles.Profiles>,
  profile: Option.Option<ChosenProfile>,
  isExplicit: boolean,
  isAnother: boolean
): string => {
  if (Option.isSome(profile) && !isAnother) {
    const { name, path } = profile.value
    const place = `in the profile ${name}, ${plain(path)}`
    return isExplicit ? `looked ${place}` : `looked in the environment and ${place}`
  }
  if (Option.isNone(profiles) || Option.isSome(profile)) return "looked in the environment"
  const { path, profiles: known } = profiles.value
  return known.size === 0
    ? `looked in the environment, and for a profile in ${plain(path)}`
    : `looked in the environment; ${plain(path)} has profiles for --profile: ${[...known.keys()].join(", ")}`
}
