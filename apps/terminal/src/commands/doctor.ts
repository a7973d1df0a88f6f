// `orderwatch doctor`: goes the way of a request step by step, and says where it is broken.
import { CredentialHealth } from "@orderwatch/core/CredentialHealth"
import type { Finding, Health } from "@orderwatch/core/CredentialHealth"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { title } from "@orderwatch/core/PartnerCenterError"
import type { PartnerCenterError, Reason } from "@orderwatch/core/PartnerCenterError"
import { plain } from "@orderwatch/core/text"
import type { SettingsShape } from "@orderwatch/runtime/Settings"
import { DateTime, Effect, Layer, Option } from "effect"
import * as Command from "effect/cli/Command"
import { byReason, worst } from "../exitCode.ts"
import type { ExitCode } from "../exitCode.ts"
import { end, report } from "../failure.ts"
import { Demo } from "../flags.ts"
import { result, view } from "../output.ts"
import { reach } from "../reach.ts"
import { logs, overNetwork, settings } from "../session.ts"
import { found } from "./whoami.ts"

/** One step and what came of it. */
interface Check extends Finding {
  readonly exitCode: ExitCode
}

const ok = (code: string, message: string): Check => ({ level: "ok", code, message, exitCode: 0 })
const fail = (code: string, message: string, remedy: string, exitCode: ExitCode): Check => ({
  level: "fail",
  code,
  message,
  remedy,
  exitCode
})

// Upstream may say just what the title says.
const said = (reason: Reason): string => {
  const headline = title(reason)
  const { description } = reason
  return description === undefined || description.replace(/\.$/, "") === headline
    ? headline
    : `${headline}: ${description}`
}

const unread = ({ reason }: PartnerCenterError): Check =>
  fail("read", said(reason), reason.remedy, byReason[reason._tag])

const host = (code: string, name: string, address: string) =>
  Effect.match(reach(address), {
    onSuccess: (how) => ok(code, `${name} answers at ${new URL(address).host} (${how})`),
    onFailure: ({ message, remedy }) => fail(code, `${name}: ${message}`, remedy, 1)
  })

const isProxied = (address: string): boolean =>
  new URL(address).protocol === "https:" &&
  ["https_proxy", "HTTPS_PROXY"].some((name) => Boolean(process.env[name]))

const hosts = Effect.fnUntraced(function* ({ cloud }: SettingsShape) {
  const steps = [
    ["login-host", "Microsoft's login", cloud.loginUrl],
    ["api-host", "Partner Center", cloud.apiUrl]
  ] as const
  return yield* Effect.forEach(steps, ([code, name, address]) =>
    isProxied(address)
      ? Effect.succeed(ok(code, `${name} is asked through the proxy of the environment`))
      : host(code, name, address)
  )
})

// What fails comes first, what only may be better last.
const credential = (health: Health): ReadonlyArray<Check> => {
  const findings = health.findings.map((finding): Check => ({
    ...finding,
    exitCode: finding.level === "fail" ? 4 : 0
  }))
  const of = (wanted: Finding["level"]) => findings.filter(({ level }) => level === wanted)
  const who = health.user ?? (health.appOnly ? "the application itself" : undefined)
  const signedIn = who === undefined ? [] : [ok("sign-in", `signed in as ${who}`)]
  return [...of("fail"), ...signedIn, ...of("ok"), ...of("warn")]
}

const signIn = Effect.flatMap(CredentialHealth, ({ check }) =>
  Effect.match(check, {
    onSuccess: credential,
    onFailure: ({ reason }) => [
      fail(
        "sign-in",
        `nobody could be signed in: ${reason.description ?? title(reason)}`,
        reason.remedy,
        byReason[reason._tag]
      )
    ]
  })
)

const wrongClock = 300
const skew = Effect.fnUntraced(function* (date: string | undefined) {
  const theirs = Option.getOrUndefined(DateTime.make(date ?? ""))
  if (theirs === undefined) return []
  const now = yield* DateTime.now
  const seconds = Math.round((now.epochMilliseconds - theirs.epochMilliseconds) / 1000)
  const off = Math.abs(seconds)
  const way = seconds > 0 ? "fast" : "slow"
  if (off < 60) return [ok("clock", "the clock is right")]
  const message = `the clock is ${off} s ${way}, by Partner Center's`
  const remedy = "Set the clock by a time server: tokens and certificates go by it."
  return off < wrongClock
    ? [{ level: "warn", code: "clock", message, remedy, exitCode: 0 } satisfies Check]
    : [fail("clock", message, remedy, 1)]
})

const compliance = (header: string | undefined): ReadonlyArray<Check> => {
  if (header === undefined) return []
  return header.toLowerCase() === "true"
    ? [ok("mfa-compliance", "Partner Center accepts the sign-in's multi-factor authentication")]
    : [
        fail(
          "mfa-compliance",
          "Partner Center does not see multi-factor authentication in this sign-in",
          "Sign in again with multi-factor authentication: orderwatch login.",
          4
        )
      ]
}

const read = Effect.gen(function* () {
  const partnerCenter = yield* PartnerCenter
  const asked = yield* Effect.result(partnerCenter.customersPage({ size: 1, validateMfa: true }))
  if (asked._tag === "Failure") return [unread(asked.failure)]
  const { headers, value } = asked.success
  return [
    ...(yield* skew(headers["date"])),
    ...compliance(headers["ismfacompliant"]),
    (value.items ?? []).length === 0
      ? ok("read", "Partner Center answers; the partner has no customers")
      : ok("read", "Partner Center answers with the partner's customers")
  ]
})

const isFailure = ({ level }: Check): boolean => level === "fail"

// A step is not taken where one before it has failed that it needs.
const overNetworkChecks = Effect.gen(function* () {
  const known = yield* Effect.result(settings)
  if (known._tag === "Failure") {
    const { message } = known.failure
    return [
      fail("settings", message, "orderwatch profiles show tells where each setting comes from.", 2)
    ]
  }
  const { cloud, credential: who, profile } = known.success
  const from = Option.match(profile, {
    onNone: () => "the environment",
    onSome: (name) => `the profile ${name}`
  })
  const set = ok(
    "settings",
    `settings are from ${from}: tenant ${who.tenantId || "—"}, app ${who.clientId || "—"}, cloud ${cloud.name}`
  )
  const reached = yield* hosts(known.success)
  if (reached.some((check) => isFailure(check) && check.code === "login-host")) {
    return [set, ...reached]
  }
  const asking = Effect.gen(function* () {
    const signed = yield* signIn
    // Of a token without multi-factor Partner Center has the last word.
    const hasToken = signed.some(({ code, level }) => code === "sign-in" && level === "ok")
    const isRefused = signed.some(
      (check) => isFailure(check) && !(hasToken && check.code === "mfa")
    )
    return isRefused || reached.some(isFailure) ? signed : [...signed, ...(yield* read)]
  })
  const rest = yield* Effect.result(Effect.provide(asking, overNetwork(known.success)))
  return rest._tag === "Success"
    ? [set, ...reached, ...rest.success]
    : [set, ...reached, fail("settings", rest.failure.message, "Mend the setting.", 2)]
})

const demoChecks = Effect.gen(function* () {
  const { http, settings } = yield* Effect.promise(() => import("../demo.ts"))
  const { layer } = yield* Effect.promise(() => import("@orderwatch/runtime/Runtime"))
  const asking = Effect.gen(function* () {
    return [...(yield* signIn), ...(yield* read)]
  })
  return [
    ok("settings", "the demo needs no settings"),
    ...(yield* Effect.provide(asking, Layer.provide(layer(settings), http)))
  ]
})

export const doctor = Command.make(
  "doctor",
  {},
  Effect.fnUntraced(function* () {
    const checks = yield* Effect.gen(function* () {
      return (yield* Demo) ? yield* demoChecks : yield* overNetworkChecks
    }).pipe(Effect.provide(Layer.unwrap(logs)))
    yield* result(
      () =>
        checks.map(({ code, level, message, remedy }) => ({
          check: code,
          level,
          message: plain(message),
          remedy
        })),
      Effect.map(view, (view) => checks.flatMap((check) => found(check, view)))
    )
    yield* end(worst(checks.map(({ exitCode }) => exitCode)))
  }, Effect.catch(report))
).pipe(
  Command.withDescription(
    "Go the way of a request step by step: settings, hosts, sign-in, audience, multi-factor authentication, one real read."
  ),
  Command.withShortDescription("Find out what is wrong")
)
