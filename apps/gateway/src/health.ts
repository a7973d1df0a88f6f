// Whether the process lives, and whether it can serve. Neither probe asks anybody anything.
import { Budget } from "@orderwatch/core/Budget"
import type { CredentialHealth } from "@orderwatch/core/CredentialHealth"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import type { ReasonTag } from "@orderwatch/core/PartnerCenterError"
import { Context, DateTime, Duration, Effect, Layer, Option, Schema } from "effect"
import { Access } from "./access.ts"
import type { Caller } from "./access.ts"
import type { Answer } from "./answer.ts"
import { refusal, rulesOf } from "./browser.ts"
import { Closing } from "./closing.ts"
import { assessing } from "./health/credential.ts"
import { Details, readiness } from "./health/readiness.ts"
import type { Call, Path } from "./route.ts"
import { GatewaySettings } from "./settings.ts"

export type { Details, Readiness } from "./health/readiness.ts"

/** What the probes answer with, kept up to date in the background: to ask for it asks nobody. */
export class Health extends Context.Service<
  Health,
  {
    /** Whether it can serve, and why not, by what is known at this moment. */
    readonly now: Effect.Effect<Details>
    /** Has the credential assessed anew within 5 seconds; else that happens once a minute. */
    readonly changed: Effect.Effect<void>
  }
>()("@orderwatch/gateway/Health") {
  static readonly layer: Layer.Layer<
    Health,
    never,
    Budget | Closing | CredentialHealth | PartnerCenter
  > = Layer.effect(
    Health,
    Effect.gen(function* () {
      const budget = yield* Budget
      const closing = yield* Closing
      const partnerCenter = yield* PartnerCenter
      const { changed, latest } = yield* assessing
      return Health.of({
        changed,
        now: Effect.gen(function* () {
          const pausedUntil = yield* budget.pausedUntil
          // After it, or a moment that has passed meanwhile would look like a pause.
          const now = yield* DateTime.now
          return readiness({
            isClosing: yield* closing.isBegun,
            assessment: yield* latest,
            now,
            suspended: Duration.toSeconds(yield* partnerCenter.suspendedFor),
            paused: (pausedUntil - now.epochMilliseconds) / 1000
          })
        })
      })
    })
  )
}

// What says that the credential may be another than was last seen.
const ofCredential: ReadonlyArray<ReasonTag> = [
  "SignInRequired",
  "MfaRequired",
  "WrongAudience",
  "ConditionalAccess",
  "AppOnlyNotSupported",
  "InsufficientPrivileges"
]

/** Whether a failure of that reason is one to look at the credential for. */
export const concerns = (reason: ReasonTag): boolean => ofCredential.includes(reason)

const unkept = { "cache-control": "no-store" } as const

const word = (status: number, text: string): Answer => ({
  status,
  headers: { ...unkept, "content-type": "text/plain; charset=utf-8" },
  body: `${text}\n`
})

/** That the process lives. */
export const livez: Answer = word(200, "alive")

const encode = Schema.encodeSync(Details)

/**
 * Whether it can serve: 200, or 503 where it cannot. One word, but for a caller who may ask about every
 * customer: for that one JSON, with the reasons and what is known of the credential.
 */
export const readyz = Effect.fnUntraced(function* (caller: Option.Option<Caller>) {
  const details = yield* Effect.flatMap(Health, ({ now }) => now)
  const status = details.status === "unready" ? 503 : 200
  if (!Option.exists(caller, ({ customers }) => customers === "all")) {
    return word(status, details.status)
  }
  const answer: Answer = {
    status,
    headers: {
      ...unkept,
      vary: "Authorization",
      "content-type": "application/json; charset=utf-8"
    },
    body: JSON.stringify(encode(details))
  }
  return answer
})

// The path is open to everybody, so that who asks is looked at here. Where nobody needs a key, a page whose
// name was made to lead to this machine must not learn more than others.
const known = Effect.fnUntraced(function* ({ raw }: Call) {
  const { identify, isOpen } = yield* Access
  const rules = rulesOf(yield* GatewaySettings)
  if (refusal(raw, rules) !== undefined) return Option.none<Caller>()
  return isOpen || raw.headers.has("authorization")
    ? yield* Effect.option(identify(raw.headers))
    : Option.none<Caller>()
})

/** `/livez` and `/readyz`. */
export const paths: ReadonlyArray<Path<Access | GatewaySettings | Health>> = [
  {
    path: "/livez",
    isUpstreams: false,
    isOpen: true,
    methods: { GET: { run: () => Effect.succeed(livez) } }
  },
  {
    path: "/readyz",
    isUpstreams: false,
    isOpen: true,
    methods: { GET: { run: (call) => Effect.flatMap(known(call), readyz) } }
  }
]
