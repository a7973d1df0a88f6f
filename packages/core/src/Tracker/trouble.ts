// What a look that failed means for those who follow the order.
import { DateTime, Duration, Option } from "effect"
import { createdAt } from "../Order.ts"
import type { PartnerCenterError, Reason, ReasonTag } from "../PartnerCenterError.ts"
import type { FollowEvent, NotVisibleYet, Retrying, Throttled } from "../Tracker.ts"
import type { KnownOrder } from "./look.ts"

/** The order or its status was not there. Times are milliseconds of the steady clock. */
export interface Missing {
  readonly _tag: "Missing"
  readonly error: PartnerCenterError
  /** The first look that did not find it. */
  readonly since: number
  /** Until when all wait for it; by everyone's own patience where that is not known. */
  readonly expectedUntil: number | undefined
  /** What makes an epoch time of a steady one. */
  readonly epoch: number
}

/** What keeps followers from being told where the order stands. */
export type Trouble = Missing | Retrying | Throttled

type Meaning =
  | "ends"
  | "passes"
  | "missing"
  /** Ends what never worked; what did may be disturbed for once. */
  | "odd"

const meanings = {
  InvalidRequest: "ends",
  SignInRequired: "ends",
  MfaRequired: "ends",
  WrongAudience: "ends",
  NoRelationship: "ends",
  ConditionalAccess: "ends",
  AppOnlyNotSupported: "ends",
  InsufficientPrivileges: "ends",
  CustomerNotFound: "missing",
  OrderNotFound: "missing",
  ProvisioningStatusNotFound: "missing",
  OrderInProgress: "passes",
  Conflict: "odd",
  Throttled: "passes",
  Unavailable: "passes",
  TimedOut: "passes",
  UnexpectedResponse: "odd"
} satisfies Record<ReasonTag, Meaning>

export const meaningOf = (reason: Reason): Meaning =>
  reason._tag === "Unavailable" && reason.noAnswer === "certificate" ? "odd" : meanings[reason._tag]

/** How many odd answers in a row end what has worked before. */
export const mostOdd = 3

// A faulty answer must not hold an order for years.
const longest = Duration.toMillis("1 hour")

/** Milliseconds that upstream asked to wait; an hour at most. */
export const askedWait = (reason: Reason): number =>
  "retryAfter" in reason && reason.retryAfter !== undefined
    ? Math.min(reason.retryAfter * 1000, longest)
    : 0

/** A failure that passes, as it is told. */
export const passing = (error: PartnerCenterError, now: DateTime.Utc): Retrying | Throttled =>
  error.reason._tag === "Throttled"
    ? {
        _tag: "Throttled",
        error,
        until: DateTime.addDuration(now, Duration.millis(askedWait(error.reason)))
      }
    : { _tag: "Retrying", error }

const young = Duration.toMillis("15 minutes")
/** How long somebody waits for what is not there, unless they say otherwise. */
export const patience = Duration.toMillis("2 minutes")

/**
 * Something that was not found. A status is expected while its order is younger than 15 minutes, and for
 * a while where it has been there before; anything else by the patience of each who waits.
 */
export const missing = (
  error: PartnerCenterError,
  known: {
    readonly order: KnownOrder | undefined
    readonly wasSeen: boolean
    readonly since: number
    readonly steadyNow: number
    readonly now: number
  }
): Missing => {
  const { now, order, since, steadyNow } = known
  const epoch = now - steadyNow
  const isOfStatus = error.operation !== "order" && order !== undefined
  const ageLimit = isOfStatus
    ? Option.map(createdAt(order.value), (at) => at.epochMilliseconds + young - epoch)
    : Option.none()
  const expectedUntil = Option.getOrUndefined(
    Option.map(ageLimit, (limit) => (known.wasSeen ? Math.max(limit, since + patience) : limit))
  )
  return { _tag: "Missing", error, since, expectedUntil, epoch }
}

interface Waiting {
  /** Milliseconds. */
  readonly patience: number
  readonly joinedAt: number
}

/** Until when somebody waits for what is not there. */
export const limitOf = (
  { expectedUntil, since }: Missing,
  { joinedAt, patience }: Waiting
): number => expectedUntil ?? Math.max(since, joinedAt) + patience

/** A look that is not older than that, in milliseconds, is as good as one more. */
export const recent = 10_000

/**
 * Whether somebody has waited long enough for what is not there: their time is over, and the last look was
 * near its end, and theirs.
 */
export const isGivenUp = (
  trouble: Trouble,
  waiting: Waiting,
  times: { readonly now: number; readonly seenAt: number }
): trouble is Missing => {
  if (trouble._tag !== "Missing") return false
  const limit = limitOf(trouble, waiting)
  return times.now >= limit && times.seenAt >= Math.max(limit - recent, waiting.joinedAt)
}

/** The trouble as it is told to somebody. */
export const told = (
  trouble: Trouble,
  waiting: Waiting
): Extract<FollowEvent, NotVisibleYet | Retrying | Throttled> =>
  trouble._tag === "Missing"
    ? {
        _tag: "NotVisibleYet",
        error: trouble.error,
        until: DateTime.makeUnsafe(limitOf(trouble, waiting) + trouble.epoch)
      }
    : trouble
