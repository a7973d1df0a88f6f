// What the operator set of the gateway itself: flags before the environment before defaults, read once,
// checked before a port is opened. Who signs in, and where, is the runtime's Settings.
import { plain } from "@orderwatch/core/text"
import { SettingsError } from "@orderwatch/runtime/SettingsError"
import { variable } from "@orderwatch/runtime/sources"
import { Context, Duration, Effect, Option } from "effect"
import * as Form from "./settings/forms.ts"

export { isLoopback } from "./settings/forms.ts"

/** How JWTs of an OIDC issuer are taken. */
export interface OidcSettings {
  /** `https`, or `http` on loopback. One without a path ends in `/` here; its `iss` may not. */
  readonly issuer: URL
  readonly audience: string
  /** The claim that lists the caller's customers. */
  readonly customersClaim: string
}

export interface GatewaySettingsShape {
  readonly host: string
  /** 0 is any free one. */
  readonly port: number
  /** How long a look is served again while the order is unsettled, and once it has settled. */
  readonly freshFor: Duration.Duration
  readonly settledFreshFor: Duration.Duration
  /** Further values of `Host` that are ours, lower-case, with or without a port. */
  readonly hosts: ReadonlyArray<string>
  /** The origins whose pages may ask, as browsers send them. */
  readonly origins: ReadonlyArray<string>
  readonly keysFile: Option.Option<string>
  readonly oidc: Option.Option<OidcSettings>
  readonly callerRequestsPerMinute: number
  /** How many event streams may be open at once, of all callers. */
  readonly maxStreams: number
  /** How long one request may take, long polls and streams apart. */
  readonly deadline: Duration.Duration
  /** How long what is under way may take once the process is asked to end. */
  readonly shutdownWithin: Duration.Duration
  /** Where callers reach the gateway, for the OpenAPI document. */
  readonly publicUrl: Option.Option<URL>
}

/** The settings of this gateway. */
export class GatewaySettings extends Context.Service<GatewaySettings, GatewaySettingsShape>()(
  "@orderwatch/gateway/GatewaySettings"
) {}

export interface GatewayFlags {
  readonly host?: string | undefined
  readonly port?: number | undefined
}

const prefix = "ORDERWATCH_GATEWAY_"

const refuse = (setting: string, problem: string) =>
  new SettingsError({ setting, message: `${setting} ${problem}` })

const asked = <A>(
  setting: string,
  at: string,
  text: string,
  expected: string,
  parse: (text: string) => Option.Option<A>
): Effect.Effect<A, SettingsError> =>
  Option.match(parse(text), {
    onNone: () => Effect.fail(refuse(setting, `${at}is malformed: set it to ${expected}.`)),
    onSome: Effect.succeed
  })

/** A variable's value, checked. */
const optional = <A>(
  name: string,
  expected: string,
  parse: (text: string) => Option.Option<A>
): Effect.Effect<Option.Option<A>, SettingsError> =>
  Effect.flatMap(variable(`${prefix}${name}`), (set) =>
    Option.isNone(set)
      ? Effect.succeedNone
      : Effect.asSome(asked(`${prefix}${name}`, "in the environment ", set.value, expected, parse))
  )

const or = <A, E>(found: Effect.Effect<Option.Option<A>, E>, otherwise: A) =>
  Effect.map(
    found,
    Option.getOrElse(() => otherwise)
  )

const flagged = <A>(
  flag: string | undefined,
  name: string,
  expected: string,
  parse: (text: string) => Option.Option<A>
) =>
  flag === undefined
    ? optional(name, expected, parse)
    : Effect.asSome(asked(`--${name.toLowerCase()}`, "", flag.trim(), expected, parse))

const oidc = Effect.gen(function* () {
  const issuer = yield* optional(
    "OIDC_ISSUER",
    "the issuer's https address, such as https://login.example.com/tenant/v2.0",
    Form.trusted
  )
  const audience = yield* variable(`${prefix}OIDC_AUDIENCE`)
  const customersClaim = yield* variable(`${prefix}OIDC_CUSTOMERS_CLAIM`)
  if (Option.isSome(issuer) && Option.isNone(audience)) {
    return yield* refuse(
      `${prefix}OIDC_AUDIENCE`,
      `is not set, and ${prefix}OIDC_ISSUER is: set it to the audience (aud) of the tokens that are for this gateway.`
    )
  }
  if (Option.isSome(issuer) && Option.isSome(audience)) {
    return Option.some<OidcSettings>({
      issuer: issuer.value,
      audience: audience.value,
      customersClaim: Option.getOrElse(customersClaim, () => "orderwatch_customers")
    })
  }
  const stray = Option.isSome(audience) ? "OIDC_AUDIENCE" : "OIDC_CUSTOMERS_CLAIM"
  if (Option.isSome(audience) || Option.isSome(customersClaim)) {
    return yield* refuse(
      `${prefix}OIDC_ISSUER`,
      `is not set, and ${prefix}${stray} is: set it to the issuer's https address, or unset ${prefix}${stray}.`
    )
  }
  return Option.none<OidcSettings>()
})

/** Reads the settings through the current `ConfigProvider`. */
export const read = Effect.fnUntraced(function* (
  flags: GatewayFlags = {}
): Effect.fn.Return<GatewaySettingsShape, SettingsError> {
  const settings: GatewaySettingsShape = {
    host: yield* or(
      flagged(flags.host, "HOST", "a name or address, such as 127.0.0.1 or 0.0.0.0", Form.host),
      "127.0.0.1"
    ),
    port: yield* or(
      flagged(flags.port?.toString(), "PORT", "a port from 0 to 65535", Form.whole(0, 65_535)),
      8780
    ),
    freshFor: yield* or(
      optional("FRESH_FOR", "a duration from 0 to 24h, such as 10s", Form.lasting(Duration.zero)),
      Duration.seconds(10)
    ),
    settledFreshFor: Duration.minutes(5),
    hosts: yield* or(
      optional(
        "HOSTS",
        "the names of the gateway between commas, such as orders.example.com",
        Form.list(Form.authority)
      ),
      []
    ),
    origins: yield* or(
      optional(
        "ORIGINS",
        "the origins of pages between commas, such as https://desk.example.com",
        Form.list(Form.origin)
      ),
      []
    ),
    keysFile: yield* variable(`${prefix}KEYS_FILE`),
    oidc: yield* oidc,
    callerRequestsPerMinute: yield* or(
      optional("REQUESTS_PER_MINUTE", "a whole number from 1 to 1000000", Form.whole(1, 1_000_000)),
      600
    ),
    maxStreams: yield* or(
      optional("MAX_STREAMS", "a whole number from 1 to 100000", Form.whole(1, 100_000)),
      5000
    ),
    deadline: yield* or(
      optional(
        "DEADLINE",
        "a duration from 1s to 24h, such as 60s",
        Form.lasting(Duration.seconds(1))
      ),
      Duration.seconds(60)
    ),
    shutdownWithin: yield* or(
      optional(
        "SHUTDOWN_WITHIN",
        "a duration from 0 to 24h, such as 10s",
        Form.lasting(Duration.zero)
      ),
      Duration.seconds(10)
    ),
    publicUrl: yield* optional(
      "PUBLIC_URL",
      "the address that callers use, such as https://orders.example.com",
      Form.webUrl
    )
  }
  if (
    Form.isLoopback(settings.host) ||
    Option.isSome(settings.keysFile) ||
    Option.isSome(settings.oidc)
  ) {
    return settings
  }
  return yield* refuse(
    flags.host === undefined ? `${prefix}HOST` : "--host",
    `${plain(settings.host)} can be reached from other machines, and no caller can be told from another: set ${prefix}KEYS_FILE or ${prefix}OIDC_ISSUER, or listen on 127.0.0.1.`
  )
})
