// How an attempt that failed is tried again: full jitter, what upstream asks for as the floor, at most
// five attempts, never past the operation's deadline.
import { Clock, Data, Duration, Effect, identity, Random, Result, Schedule } from "effect"
import * as Headers from "effect/http/Headers"
import * as Operation from "../Operation.ts"
import { make, PartnerCenterError } from "../PartnerCenterError.ts"
import { steadyMillisOf } from "./steady.ts"

/** An attempt that failed with the `error`, and what decides whether there is another. */
export class AttemptFailed extends Data.TaggedError("AttemptFailed")<{
  readonly error: PartnerCenterError
  /** Whether the attempt may be repeated as it is. */
  readonly again: boolean
  /** How long upstream asked to wait at least. */
  readonly floor?: Duration.Duration | undefined
  /** OAuth's word for a refusal of the login's, such as `authorization_pending`. */
  readonly word?: string | undefined
}> {}

const most = 5

const backoff = Schedule.min([
  Schedule.exponential("500 millis"),
  Schedule.spaced("10 seconds")
]).pipe(
  Schedule.setInputType<AttemptFailed>(),
  Schedule.modifyDelay(({ duration, input }) =>
    Effect.map(Random.next, (random) =>
      Duration.max(Duration.times(duration, random), input.floor ?? Duration.zero)
    )
  )
)

/**
 * Repeats the attempt as its failures allow. A wait asked for beyond the deadline is `Throttled`. What comes
 * after the first attempt, waits and all, is done `within` something.
 */
export const attempts = <A, R>(
  attempt: Effect.Effect<A, AttemptFailed, R>,
  within: (
    rest: Effect.Effect<A, PartnerCenterError, R>
  ) => Effect.Effect<A, PartnerCenterError, R> = identity
): Effect.Effect<A, PartnerCenterError, R> =>
  attempt.pipe(Effect.catch((first) => within(after(first, attempt))))

// Most operations end with their first attempt: the schedule is made for those that do not.
const after = <A, R>(
  first: AttemptFailed,
  attempt: Effect.Effect<A, AttemptFailed, R>
): Effect.Effect<A, PartnerCenterError, R> =>
  Effect.withFiber((fiber) => {
    const deadline = fiber.getRef(Operation.Current)?.deadline ?? Number.POSITIVE_INFINITY
    const clock = fiber.getRef(Clock.Clock)
    const isInTime = (wait: Duration.Duration) =>
      steadyMillisOf(clock) + Duration.toMillis(wait) < deadline
    let next: Effect.Effect<A, AttemptFailed, R> = Effect.fail(first)
    const each = Effect.suspend(() => {
      const current = next
      next = attempt
      return current
    })
    return Effect.retry(each, {
      schedule: backoff.pipe(
        Schedule.while(({ duration, input }) => input.again && isInTime(duration))
      ),
      times: most - 1
    }).pipe(Effect.catch((failed) => Effect.fail(throttled(failed, isInTime))))
  })

const throttled = (
  { again, error, floor }: AttemptFailed,
  isInTime: (wait: Duration.Duration) => boolean
): PartnerCenterError => {
  if (!again || floor === undefined || isInTime(floor)) return error
  const { code, description, httpStatus } = error.reason
  return new PartnerCenterError({
    operation: error.operation,
    support: error.support,
    reason: make({
      _tag: "Throttled",
      retryAfter: seconds(floor),
      ...(httpStatus !== undefined && { httpStatus }),
      ...(code !== undefined && { code }),
      ...(description !== undefined && { description })
    })
  })
}

/** Whole seconds, rounded up, at least one. */
export const seconds = (duration: Duration.Duration): number =>
  Math.max(1, Math.ceil(Duration.toSeconds(duration)))

/** The answers that are worth another attempt. */
export const isTransientStatus = (status: number): boolean =>
  status === 408 ||
  status === 429 ||
  status === 500 ||
  status === 502 ||
  status === 503 ||
  status === 504

const inWords = /\bin (\d{1,6}) seconds?\b/i

/**
 * How long an answer asks to wait: its `Retry-After` (seconds or a date), else, for a 429, what its body
 * says in words.
 */
export const askedWait = (
  answer: { readonly status: number; readonly headers: Headers.Headers; readonly body: string },
  now: number
): Duration.Duration | undefined => {
  const header = answer.headers["retry-after"]
  if (header !== undefined) {
    const parsed = Headers.parseRetryAfter(header)
    if (Result.isSuccess(parsed)) return Headers.retryAfterDelay(parsed.success, now)
  }
  const words = answer.status === 429 ? inWords.exec(answer.body)?.[1] : undefined
  return words === undefined ? undefined : Duration.seconds(Number(words))
}
