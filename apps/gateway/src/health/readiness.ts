// Whether the gateway can serve, by what is known. Pure.
import { Health } from "@orderwatch/core/CredentialHealth"
import { DateTime, Option, Schema } from "effect"
import type { Assessment } from "./credential.ts"

/** `unready`: no request would succeed, or none is to be sent here any more; `degraded`: some may not. */
export const Readiness = Schema.Literals(["ready", "degraded", "unready"])
export type Readiness = typeof Readiness.Type

/** Why it is not simply ready. There can be more codes in later versions. */
export const Reason = Schema.Struct({
  level: Schema.Literals(["degraded", "unready"]),
  code: Schema.String,
  message: Schema.String
})
export type Reason = typeof Reason.Type

/** What `/readyz` tells those who may know. Times are ISO 8601 in UTC. */
export const Details = Schema.Struct({
  status: Readiness,
  reasons: Schema.Array(Reason),
  assessedAt: Schema.optionalKey(Schema.DateTimeUtcFromString),
  credential: Schema.optionalKey(Health)
})
export type Details = typeof Details.Type

export interface Facts {
  readonly isClosing: boolean
  readonly assessment: Option.Option<Assessment>
  readonly now: DateTime.Utc
  /** Seconds that asking is still suspended after repeated failures, or held because upstream said so. */
  readonly suspended: number
  readonly paused: number
}

const unready = (code: string, message: string): Reason => ({ level: "unready", code, message })
const degraded = (code: string, message: string): Reason => ({ level: "degraded", code, message })

const ofCredential = ({ assessment, now }: Facts): ReadonlyArray<Reason> => {
  if (Option.isNone(assessment)) return [unready("starting", "the credential is being looked at")]
  const { failure, health } = assessment.value
  if (Option.isSome(failure)) {
    const { message, reason } = failure.value
    // The token at hand serves until it ends, whatever became of the login.
    const lasts = Option.exists(
      health,
      ({ tokenExpiresAt }) =>
        tokenExpiresAt !== undefined && DateTime.isGreaterThan(tokenExpiresAt, now)
    )
    const said = `${message} ${reason.remedy}`
    return [lasts ? degraded("login", said) : unready("login", said)]
  }
  return Option.match(health, {
    onNone: () => [unready("login", "the credential could not be assessed")],
    onSome: ({ findings }) =>
      findings.flatMap(({ code, level, message, remedy }) => {
        const said = remedy === undefined ? message : `${message}. ${remedy}`
        return level === "ok" ? [] : [level === "fail" ? unready(code, said) : degraded(code, said)]
      })
  })
}

/** What the facts mean. */
export const readiness = (facts: Facts): Details => {
  const { assessment, isClosing, paused, suspended } = facts
  const reasons = [
    ...(isClosing ? [unready("closing", "the gateway is about to end")] : []),
    ...ofCredential(facts),
    ...(suspended > 0
      ? [
          degraded(
            "suspended",
            `Partner Center failed repeatedly; it is asked again in ${Math.ceil(suspended)} s`
          )
        ]
      : []),
    ...(paused > 0
      ? [degraded("paused", `Partner Center asked to wait; it goes on in ${Math.ceil(paused)} s`)]
      : [])
  ]
  const health = Option.flatMap(assessment, (known) => known.health)
  return {
    status: reasons.some(({ level }) => level === "unready")
      ? "unready"
      : reasons.length > 0
        ? "degraded"
        : "ready",
    reasons,
    ...(Option.isSome(assessment) && { assessedAt: assessment.value.at }),
    ...(Option.isSome(health) && { credential: health.value })
  }
}
