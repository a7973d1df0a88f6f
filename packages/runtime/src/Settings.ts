// What the user set: flags before the environment before defaults, read once, checked before anything
// else happens.
import { Cloud, CloudName } from "@orderwatch/core/Cloud"
import type { CloudShape } from "@orderwatch/core/Cloud"
import type { ClientProof, CredentialShape } from "@orderwatch/core/Credential"
import type { Entry } from "@orderwatch/core/CredentialVault"
import { plain } from "@orderwatch/core/text"
import {
  Config,
  Context,
  Data,
  Duration,
  Effect,
  FileSystem,
  Option,
  Redacted,
  Result
} from "effect"
import { parseDuration } from "./duration.ts"

/** A setting is missing or malformed. `message` is one line: which, where it was looked for, what to do. */
export class SettingsError extends Data.TaggedError("SettingsError")<{
  readonly setting: string
  readonly message: string
}> {}

/** Settings as flags give them; they win over the environment. */
export interface SettingsFlags {
  readonly cloud?: CloudName | undefined
}

export interface SettingsShape {
  readonly cloud: CloudShape
  readonly credential: CredentialShape
  /** Tokens from the environment: what the vault begins with. */
  readonly seed: Entry
  readonly locale: string
  readonly attemptTimeout: Duration.Duration
  readonly deadline: Duration.Duration
  readonly requestsPerMinute: number
}

/** The settings of this process. */
export class Settings extends Context.Service<Settings, SettingsShape>()(
  "@orderwatch/runtime/Settings"
) {}

const refuse = (setting: string, problem: string) =>
  new SettingsError({ setting, message: `${setting} ${problem}` })

// An empty variable counts as unset.
const text = (setting: string) =>
  Config.option(Config.String(setting)).pipe(
    Effect.orElseSucceed(() => Option.none<string>()),
    Effect.map((value) =>
      Option.filter(
        Option.map(value, (found) => found.trim()),
        (found) => found !== ""
      )
    )
  )

const parsed = <A>(
  setting: string,
  fallback: A,
  expected: string,
  parse: (value: string) => Option.Option<A>
) =>
  Effect.flatMap(
    text(setting),
    Option.match({
      onNone: () => Effect.succeed(fallback),
      onSome: (value) =>
        Option.match(parse(value), {
          onNone: () =>
            Effect.fail(refuse(setting, `in the environment is malformed: set it to ${expected}.`)),
          onSome: Effect.succeed
        })
    })
  )

const duration = (setting: string, fallback: Duration.Duration) =>
  parsed(setting, fallback, "a duration above zero, such as 500ms, 10s, 30m or 2h", (value) =>
    Option.filter(parseDuration(value), (found) => Duration.toMillis(found) > 0)
  )

// A secret travels in a header or a form: a line break in it is a mistake, and would be quoted by errors.
const unfit = /[\u0000-\u001f\u007f]/

// A header cannot carry it as `Bearer`.
const noBearer = /[^\u0021-\u007e]/

const secret = Effect.fnUntraced(function* (setting: string, unlike?: RegExp) {
  const inline = yield* text(setting)
  const file = yield* text(`${setting}_FILE`)
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
  if (unlike !== undefined && Option.exists(value, (found) => unlike.test(found))) {
    return yield* refuse(name, `${holds} more than a token: it must be the token alone.`)
  }
  return Option.map(value, (found) => Redacted.make(found))
})

const cloud = Effect.fnUntraced(function* (flags: SettingsFlags) {
  const name =
    flags.cloud ??
    (yield* parsed<CloudName>(
      "PARTNER_CENTER_CLOUD",
      "global",
      `one of ${CloudName.literals.join(", ")}`,
      (value) => Option.fromNullishOr(CloudName.literals.find((known) => known === value))
    ))
  const apiUrl = Option.getOrUndefined(yield* text("PARTNER_CENTER_API_URL"))
  const loginUrl = Option.getOrUndefined(yield* text("PARTNER_CENTER_LOGIN_URL"))
  const made = Cloud.make(name, { apiUrl, loginUrl })
  return yield* Result.match(made, {
    onSuccess: Effect.succeed,
    onFailure: ({ message, setting }) =>
      Effect.fail(
        refuse(
          setting === "apiUrl" ? "PARTNER_CENTER_API_URL" : "PARTNER_CENTER_LOGIN_URL",
          `in the environment ${message}.`
        )
      )
  })
})

const proof = Effect.gen(function* () {
  const clientSecret = yield* secret("PARTNER_CENTER_CLIENT_SECRET")
  const certificate = yield* text("PARTNER_CENTER_CLIENT_CERTIFICATE_FILE")
  if (Option.isSome(certificate)) {
    return yield* refuse(
      "PARTNER_CENTER_CLIENT_CERTIFICATE_FILE",
      "is set in the environment, but this version cannot sign in by certificate yet: use a client secret."
    )
  }
  return Option.match(clientSecret, {
    onNone: (): ClientProof => ({ _tag: "None" }),
    onSome: (found): ClientProof => ({ _tag: "Secret", secret: found })
  })
})

const name = (setting: string, what: string, isNeeded: boolean) =>
  Effect.flatMap(
    text(setting),
    Option.match({
      onNone: () =>
        isNeeded
          ? Effect.fail(
              refuse(
                setting,
                `is not set (looked in the environment). Set it to ${what}, or add --demo to try the simulator.`
              )
            )
          : Effect.succeed(""),
      onSome: (value) =>
        /^[A-Za-z0-9][A-Za-z0-9.-]{0,253}$/.test(value)
          ? Effect.succeed(value)
          : Effect.fail(refuse(setting, `in the environment is malformed: set it to ${what}.`))
    })
  )

const vault = parsed(
  "ORDERWATCH_VAULT",
  "env",
  "env (this version has no other vault yet)",
  (value) => (value === "env" ? Option.some("env") : Option.none())
)

/** Reads the settings through the current `ConfigProvider`, and secrets from the files it names. */
export const read = Effect.fnUntraced(function* (
  flags: SettingsFlags = {}
): Effect.fn.Return<SettingsShape, SettingsError, FileSystem.FileSystem> {
  const chosen = yield* cloud(flags)
  const accessToken = yield* secret("PARTNER_CENTER_ACCESS_TOKEN", noBearer)
  const refreshToken = yield* secret("PARTNER_CENTER_REFRESH_TOKEN")
  // A ready token needs nobody to sign in.
  const signsIn = Option.isNone(accessToken) || Option.isSome(refreshToken)
  const tenantId = yield* name(
    "PARTNER_CENTER_TENANT_ID",
    "the partner's tenant, a GUID or a domain",
    signsIn
  )
  const clientId = yield* name(
    "PARTNER_CENTER_CLIENT_ID",
    "the app registration's application (client) id",
    signsIn
  )
  yield* vault
  return {
    cloud: chosen,
    credential: { tenantId, clientId, proof: yield* proof },
    seed: {
      accessToken: Option.getOrUndefined(accessToken),
      refreshToken: Option.getOrUndefined(refreshToken)
    },
    locale: yield* parsed("PARTNER_CENTER_LOCALE", "en-US", "a locale such as en-US", (value) =>
      /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(value) ? Option.some(value) : Option.none()
    ),
    attemptTimeout: yield* duration("PARTNER_CENTER_ATTEMPT_TIMEOUT", Duration.seconds(10)),
    deadline: yield* duration("PARTNER_CENTER_DEADLINE", Duration.seconds(60)),
    requestsPerMinute: yield* parsed(
      "PARTNER_CENTER_REQUESTS_PER_MINUTE",
      300,
      "a whole number from 1 to 10000",
      (value) =>
        /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 10_000
          ? Option.some(Number(value))
          : Option.none()
    )
  }
})
