// What the user set: flags before the environment before the profile before defaults, read once, checked
// before anything else happens.
import { Cloud, CloudName } from "@orderwatch/core/Cloud"
import type { CloudShape } from "@orderwatch/core/Cloud"
import type { ClientProof, CredentialShape } from "@orderwatch/core/Credential"
import type { Entry, Owner } from "@orderwatch/core/CredentialVault"
import { plain, visible } from "@orderwatch/core/text"
import { Context, Duration, Effect, FileSystem, Option, Path, Redacted, Result } from "effect"
import { fromPem } from "./ClientAssertion.ts"
import { parseDuration } from "./duration.ts"
import { places } from "./places.ts"
import { keys } from "./profiles/keys.ts"
import type { ProfileKey } from "./profiles/keys.ts"
import { secret } from "./secret.ts"
import { SettingsError } from "./SettingsError.ts"
import { sources } from "./sources.ts"
import type { Found, SettingsFlags, Sources } from "./sources.ts"
import { choose, vaultKinds } from "./vaults/choose.ts"
import type { VaultFile, VaultSettings } from "./vaults/choose.ts"
import { holds } from "./vaults/file.ts"
import { parseKey } from "./vaults/key.ts"

export { SettingsError }
export type { SettingsFlags }

export interface SettingsShape {
  readonly cloud: CloudShape
  readonly credential: CredentialShape
  /** Tokens from the environment: what the vault begins with. */
  readonly seed: Entry
  readonly vault: VaultSettings
  /** The name of the profile in use. */
  readonly profile: Option.Option<string>
  /** What the user should know of how the settings were read, one line each. */
  readonly notices: ReadonlyArray<string>
  readonly locale: string
  readonly attemptTimeout: Duration.Duration
  readonly deadline: Duration.Duration
  readonly requestsPerMinute: number
}

/** The settings of this process. */
export class Settings extends Context.Service<Settings, SettingsShape>()(
  "@orderwatch/runtime/Settings"
) {}

/** What counts where nothing is set, as it would be written. */
export const defaults = {
  cloud: "global",
  locale: "en-US",
  attempt_timeout: "10s",
  deadline: "60s",
  requests_per_minute: "300"
} as const satisfies Partial<Record<ProfileKey, string>>

const refuse = (setting: string, problem: string) =>
  new SettingsError({ setting, message: `${setting} ${problem}` })

const malformed = ({ at, setting }: Found, expected: string) =>
  refuse(setting, `${at} is malformed: set it to ${expected}.`)

const parsed = <A>(
  sources: Sources,
  key: keyof typeof defaults,
  expected: string,
  parse: (value: string) => Option.Option<A>
) =>
  Effect.gen(function* () {
    const found = yield* sources.find(key)
    const value = Option.match(found, { onNone: () => defaults[key], onSome: (set) => set.value })
    return yield* Option.match(parse(value), {
      onNone: () =>
        Effect.fail(
          Option.match(found, {
            onNone: () => refuse(keys[key].variable, "has no default."),
            onSome: (set) => malformed(set, expected)
          })
        ),
      onSome: Effect.succeed
    })
  })

const duration = (sources: Sources, key: "attempt_timeout" | "deadline") =>
  parsed(sources, key, "a duration above zero, such as 500ms, 10s, 30m or 2h", (value) =>
    Option.filter(parseDuration(value), (found) => Duration.toMillis(found) > 0)
  )

const cloud = Effect.fnUntraced(function* (sources: Sources) {
  const name = yield* parsed<CloudName>(
    sources,
    "cloud",
    `one of ${CloudName.literals.join(", ")}`,
    (value) => Option.fromNullishOr(CloudName.literals.find((known) => known === value))
  )
  const hosts = {
    apiUrl: Option.getOrUndefined(yield* sources.find("api_url")),
    loginUrl: Option.getOrUndefined(yield* sources.find("login_url"))
  }
  const made = Cloud.make(name, { apiUrl: hosts.apiUrl?.value, loginUrl: hosts.loginUrl?.value })
  return yield* Result.match(made, {
    onSuccess: Effect.succeed,
    onFailure: ({ message, setting }) => {
      const set = hosts[setting]
      return Effect.fail(refuse(set?.setting ?? setting, `${set?.at ?? ""} ${message}.`))
    }
  })
})

const certificate = Effect.fnUntraced(function* (sources: Sources, set: Found, clientId: string) {
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const profile = Option.getOrUndefined(sources.profile)
  // A profile means files beside it.
  const base =
    set.setting === "client_certificate_file" && profile ? paths.dirname(profile.path) : "."
  const path = paths.resolve(base, set.value)
  const pem = yield* Effect.mapError(files.readFileString(path), (error) =>
    refuse(
      set.setting,
      `${set.at} names a file that cannot be read (${plain(path)}: ${error.reason._tag}): name one with the certificate and its key.`
    )
  )
  const passphrase = yield* secret(sources, "PARTNER_CENTER_CLIENT_CERTIFICATE_PASSWORD")
  const sign = yield* fromPem({
    pem,
    clientId,
    passphrase: Option.getOrUndefined(passphrase),
    setting: set.setting,
    at: set.at
  })
  return { _tag: "Assertion", sign } satisfies ClientProof
})

const proof = Effect.fnUntraced(function* (sources: Sources, clientId: string) {
  const clientSecret = yield* secret(sources, "PARTNER_CENTER_CLIENT_SECRET")
  const file = yield* sources.find("client_certificate_file")
  const isInEnvironment = Option.exists(
    file,
    ({ setting }) => setting === keys.client_certificate_file.variable
  )
  if (Option.isSome(clientSecret) && isInEnvironment) {
    return yield* refuse(
      keys.client_certificate_file.variable,
      "and PARTNER_CENTER_CLIENT_SECRET are both set in the environment: unset one of them."
    )
  }
  // The environment goes before the profile in this, too.
  if (Option.isSome(clientSecret)) {
    return { _tag: "Secret", secret: clientSecret.value } satisfies ClientProof
  }
  return Option.isSome(file)
    ? yield* certificate(sources, file.value, clientId)
    : ({ _tag: "None" } satisfies ClientProof)
})

const name = (sources: Sources, key: "tenant_id" | "client_id", what: string, isNeeded: boolean) =>
  Effect.flatMap(
    sources.find(key),
    Option.match({
      onNone: () =>
        isNeeded
          ? Effect.fail(
              refuse(
                keys[key].variable,
                `is not set (${sources.looked}). Set it to ${what}, or add --demo to try the simulator.`
              )
            )
          : Effect.succeed(""),
      onSome: (set) =>
        /^[A-Za-z0-9][A-Za-z0-9.-]{0,253}$/.test(set.value)
          ? Effect.succeed(set.value)
          : Effect.fail(malformed(set, what))
    })
  )

const vaultFile = Effect.fnUntraced(function* (sources: Sources) {
  const set = yield* secret(sources, "ORDERWATCH_VAULT_KEY")
  const key = Option.flatMap(set, (text) => parseKey(Redacted.value(text)))
  if (Option.isSome(set) && Option.isNone(key)) {
    return yield* refuse(
      "ORDERWATCH_VAULT_KEY",
      "in the environment is malformed: set it to 32 bytes in Base64 or hex, such as from `openssl rand -base64 32`."
    )
  }
  return Option.map(yield* places, ({ vault }): VaultFile => ({
    path: vault,
    key: Option.getOrUndefined(key)
  }))
})

const vault = Effect.fnUntraced(function* (sources: Sources, owner: Owner, tokens: Entry) {
  const file = Option.getOrUndefined(yield* vaultFile(sources))
  const set = yield* sources.find("vault")
  if (Option.isSome(set)) {
    const kind = vaultKinds.find((known) => known === set.value.value)
    if (kind === undefined) return yield* malformed(set.value, vaultKinds.join(" or "))
    if (kind === "env") return { settings: { kind, isForced: true, file } satisfies VaultSettings }
    if (file !== undefined) {
      return { settings: { kind, isForced: true, file } satisfies VaultSettings }
    }
    return yield* refuse(
      set.value.setting,
      `${set.value.at} asks for a file, and the environment tells of no home for it: set ORDERWATCH_CONFIG_DIR to a directory of your own, such as /var/lib/orderwatch.`
    )
  }
  const hasTokens = tokens.refreshToken !== undefined || tokens.accessToken !== undefined
  // Tokens that were given work, whatever became of the file.
  const entry =
    file !== undefined && hasTokens ? yield* Effect.result(holds(file.path, owner)) : undefined
  const hasEntry = entry !== undefined && Result.isSuccess(entry) && entry.success
  return {
    settings: choose({ file, hasTokens, hasEntry }),
    ...(entry !== undefined &&
      Result.isFailure(entry) && {
        notice: `${entry.failure.message} The tokens of the environment are used meanwhile.`
      })
  }
})

/** Reads the settings through the current `ConfigProvider`, the profiles, and the files they name. */
export const read = Effect.fnUntraced(function* (
  flags: SettingsFlags = {}
): Effect.fn.Return<SettingsShape, SettingsError, FileSystem.FileSystem | Path.Path> {
  const from = yield* sources(flags)
  const chosen = yield* cloud(from)
  const accessToken = yield* secret(from, "PARTNER_CENTER_ACCESS_TOKEN", visible)
  const refreshToken = yield* secret(from, "PARTNER_CENTER_REFRESH_TOKEN")
  // A ready token needs nobody to sign in.
  const signsIn = Option.isNone(accessToken) || Option.isSome(refreshToken)
  const tenantId = yield* name(
    from,
    "tenant_id",
    "the partner's tenant, a GUID or a domain",
    signsIn
  )
  const clientId = yield* name(
    from,
    "client_id",
    "the app registration's application (client) id",
    signsIn
  )
  const seed: Entry = {
    accessToken: Option.getOrUndefined(accessToken),
    refreshToken: Option.getOrUndefined(refreshToken)
  }
  const kept = yield* vault(from, { loginUrl: chosen.loginUrl, tenantId, clientId }, seed)
  return {
    cloud: chosen,
    credential: { tenantId, clientId, proof: yield* proof(from, clientId) },
    seed,
    vault: kept.settings,
    profile: Option.map(from.profile, ({ name }) => name),
    notices: kept.notice === undefined ? from.notices : [...from.notices, kept.notice],
    locale: yield* parsed(from, "locale", "a locale such as en-US", (value) =>
      /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(value) ? Option.some(value) : Option.none()
    ),
    attemptTimeout: yield* duration(from, "attempt_timeout"),
    deadline: yield* duration(from, "deadline"),
    requestsPerMinute: yield* parsed(
      from,
      "requests_per_minute",
      "a whole number from 1 to 1000000",
      (value) =>
        /^\d{1,7}$/.test(value) && Number(value) >= 1 && Number(value) <= 1_000_000
          ? Option.some(Number(value))
          : Option.none()
    )
  }
})
