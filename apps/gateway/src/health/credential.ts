// What is known of the credential: assessed in the background, so that no probe asks anybody anything.
import { CredentialHealth } from "@orderwatch/core/CredentialHealth"
import type { Health } from "@orderwatch/core/CredentialHealth"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { Clock, DateTime, Duration, Effect, Exit, Option, Queue } from "effect"
import { observed } from "../metrics/gauge.ts"

/**
 * How often at most it is assessed: of itself, while it cannot serve (somebody may have signed in elsewhere,
 * and nobody asks us meanwhile), and when something has happened.
 */
export const interval = {
  usual: Duration.minutes(1),
  unwell: Duration.seconds(15),
  least: Duration.seconds(5)
} as const

export interface Assessment {
  /** When it was tried last. */
  readonly at: DateTime.Utc
  /** What was found the last time that it could be assessed. */
  readonly health: Option.Option<Health>
  /** Why it could not be, where the last try failed. */
  readonly failure: Option.Option<PartnerCenterError>
}

const secondsBy = (time: DateTime.Utc | undefined, toSeconds: (millis: number) => number) =>
  Effect.map(Clock.currentTimeMillis, (now) =>
    time === undefined ? Number.NaN : toSeconds(now - time.epochMilliseconds)
  )

/** Assesses until the scope ends, at once and then again and again. It asks the login at most. */
export const assessing = Effect.gen(function* () {
  const credential = yield* CredentialHealth
  const changes = yield* Queue.sliding<void>(1)
  let latest: Option.Option<Assessment> = Option.none()
  const known = () => Option.getOrUndefined(Option.flatMap(latest, ({ health }) => health))

  const assess = Effect.gen(function* () {
    const exit = yield* Effect.exit(credential.check)
    const at = yield* DateTime.now
    const before = Option.flatMap(latest, ({ health }) => health)
    latest = Option.some({
      at,
      health: Exit.isSuccess(exit) ? Option.some(exit.value) : before,
      failure: Exit.findErrorOption(exit)
    })
    if (Exit.isFailure(exit) && Option.isNone(Exit.findErrorOption(exit))) {
      yield* Effect.logError("the credential could not be assessed", exit.cause)
    }
  })

  yield* observed(
    "orderwatch_refresh_token_age_seconds",
    { description: "Since the refresh token was last used; after 90 days without use it expires." },
    Effect.suspend(() => secondsBy(known()?.refreshedAt, (millis) => Math.max(0, millis) / 1000))
  )
  yield* observed(
    "orderwatch_refresh_token_expires_in_seconds",
    { description: "Until the refresh token expires if it is not used." },
    Effect.suspend(() => secondsBy(known()?.refreshTokenExpiresAt, (millis) => -millis / 1000))
  )
  for (const level of ["warn", "fail"] as const) {
    yield* observed(
      "orderwatch_credential_findings",
      { description: "What is wrong with the credential, or soon will be.", attributes: { level } },
      Effect.sync(
        () => known()?.findings.filter((finding) => finding.level === level).length ?? Number.NaN
      )
    )
  }

  const isUnwell = () =>
    Option.exists(
      latest,
      ({ failure, health }) =>
        Option.isSome(failure) ||
        Option.exists(health, ({ findings }) => findings.some(({ level }) => level === "fail"))
    )

  yield* assess.pipe(
    Effect.andThen(Effect.sleep(interval.least)),
    Effect.andThen(
      Effect.suspend(() => {
        const whole = isUnwell() ? interval.unwell : interval.usual
        return Effect.timeoutOption(Queue.take(changes), Duration.subtract(whole, interval.least))
      })
    ),
    Effect.forever,
    Effect.forkScoped
  )

  return {
    latest: Effect.sync(() => latest),
    /** Says that something may have become different. */
    changed: Effect.asVoid(Queue.offer(changes, undefined))
  }
})
