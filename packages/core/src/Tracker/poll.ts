// An order that is followed: what was seen of it, and what each follower has yet to be told.
import { DateTime, Deferred, Exit, Result } from "effect"
import type { Fiber } from "effect"
import type { CustomerId } from "../Customer.ts"
import type { Member } from "../internal/heap.ts"
import { isGuid } from "../Order.ts"
import type { OrderId } from "../Order.ts"
import * as OrderHistory from "../OrderHistory.ts"
import * as OrderReport from "../OrderReport.ts"
import type { PartnerCenterError } from "../PartnerCenterError.ts"
import * as PollPlan from "../PollPlan.ts"
import type { Changed, FollowEvent, NextLook } from "../Tracker.ts"
import type { Look, Looked, Memory } from "./look.ts"
import {
  askedWait,
  isGivenUp,
  limitOf,
  recent,
  meaningOf,
  missing,
  mostOdd,
  passing,
  told
} from "./trouble.ts"
import type { Trouble } from "./trouble.ts"

/** What is said, and its place among all that was. */
interface Said<A> {
  readonly event: A
  readonly revision: number
}

/** Times are milliseconds of the steady clock. */
export interface Poll extends Member {
  readonly key: string
  readonly customer: CustomerId
  readonly order: OrderId
  readonly followers: Set<Follower>
  memory: Memory
  plan: PollPlan.PollPlan
  latest: Said<Changed> | undefined
  trouble: Said<Trouble> | undefined
  next: Said<NextLook> | undefined
  revision: number
  /** Odd answers in a row. */
  odd: number
  /** When it was first not found, since it was last seen. */
  missingSince: number | undefined
  end: Exit.Exit<void, PartnerCenterError> | undefined
  /** Completed when there is more to tell, or nothing ever again. */
  news: Deferred.Deferred<void> | undefined
  dueAt: number
  /** Until when upstream asked to wait. */
  notBefore: number
  /** When it was looked at last. */
  seenAt: number
  looking: Fiber.Fiber<void> | undefined
}

export interface Follower {
  readonly poll: Poll
  /** Milliseconds: the shortest time between two looks, and how long it waits for what is not there. */
  readonly floor: number
  readonly patience: number
  readonly joinedAt: number
  /** The revision up to which it was told everything. */
  told: number
}

/** The same for everybody who means that order: ids that are GUIDs compare without case. */
export const keyOf = (customer: CustomerId, order: OrderId): string =>
  `${customer.toLowerCase()}/${isGuid(order) ? order.toLowerCase() : order}`

export const make = (customer: CustomerId, order: OrderId, memory: Memory, now: number): Poll => ({
  key: keyOf(customer, order),
  customer,
  order,
  followers: new Set(),
  memory,
  plan: PollPlan.start,
  latest: undefined,
  trouble: undefined,
  next: undefined,
  revision: 0,
  odd: 0,
  missingSince: undefined,
  end: undefined,
  news: undefined,
  dueAt: now,
  notBefore: now,
  seenAt: Number.NEGATIVE_INFINITY,
  looking: undefined,
  position: -1
})

/** The shortest time between two looks that somebody asked for. */
export const floorOf = ({ followers }: Poll): number => {
  let floor = Number.POSITIVE_INFINITY
  for (const follower of followers) floor = Math.min(floor, follower.floor)
  return floor
}

/** Lets the followers see what is new. */
export const wake = (poll: Poll): void => {
  const { news } = poll
  poll.news = undefined
  if (news !== undefined) Deferred.doneUnsafe(news, Exit.void)
}

const said = <A>(poll: Poll, event: A): Said<A> => ({ event, revision: ++poll.revision })

/** Says when the next look is. */
export const sayNext = (poll: Poll, at: number, why: PollPlan.Why): void => {
  poll.next = said(poll, { _tag: "NextLook", at: DateTime.makeUnsafe(at), why })
}

/** Ends the following, for everybody. */
export const end = (poll: Poll, exit: Exit.Exit<void, PartnerCenterError>): void => {
  poll.end ??= exit
  wake(poll)
}

export interface Times {
  /** Of the steady clock, and of the one on the wall. */
  readonly steadyNow: number
  readonly now: number
}

const seen = (poll: Poll, { order, report }: Look): PollPlan.Outcome => {
  const before = poll.latest
  const compared = before === undefined ? report : OrderReport.after(before.event.report, report)
  poll.trouble = undefined
  poll.missingSince = undefined
  poll.odd = 0
  if (before !== undefined && OrderReport.isSame(before.event.report, compared)) {
    poll.latest = { ...before, event: { ...before.event, report: compared, order } }
    return "unchanged"
  }
  const history = OrderHistory.record(before?.event.history, compared)
  poll.latest = said(poll, { _tag: "Changed", report: compared, order, history })
  if (compared.settled) poll.end = Exit.void
  return "changed"
}

const failed = (poll: Poll, error: PartnerCenterError, times: Times): PollPlan.Outcome => {
  const meaning = meaningOf(error.reason)
  const wasSeen = poll.latest !== undefined
  poll.odd = meaning === "odd" ? poll.odd + 1 : 0
  if (meaning === "ends" || (meaning === "odd" && (!wasSeen || poll.odd >= mostOdd))) {
    poll.end = Exit.fail(error)
    return "failed"
  }
  if (meaning !== "missing") {
    poll.trouble = said(poll, passing(error, DateTime.makeUnsafe(times.now)))
    return "failed"
  }
  const { order } = poll.memory
  poll.missingSince ??= times.steadyNow
  poll.trouble = said(poll, missing(error, { ...times, order, wasSeen, since: poll.missingSince }))
  return "notVisible"
}

// Whoever read the order has more of the answer: its body, its headers. That is not wanted again.
const kept = ({ order, ...others }: Memory): Memory => ({
  ...others,
  order: order && { value: order.value, observedAt: order.observedAt }
})

/** Takes in how a look ended, and plans the next one unless it was the last. */
export const record = (poll: Poll, looked: Looked, times: Times, random: number): void => {
  poll.memory = kept(looked.memory)
  poll.seenAt = times.steadyNow
  const { result } = looked
  const outcome = Result.isSuccess(result)
    ? seen(poll, result.success)
    : failed(poll, result.failure, times)
  poll.plan = PollPlan.after(poll.plan, outcome)
  if (poll.end !== undefined) return
  const asked = Result.isFailure(result) ? askedWait(result.failure.reason) : 0
  const next = PollPlan.next(poll.plan, { floor: floorOf(poll), random, asked })
  poll.notBefore = times.steadyNow + asked
  poll.dueAt = Math.min(times.steadyNow + next.wait, lastLook(poll, times.steadyNow))
  sayNext(poll, times.now + poll.dueAt - times.steadyNow, next.why)
}

/** When somebody's patience ends with a look, so that nothing is given up that has come meanwhile. */
export const lastLook = (poll: Poll, now: number): number => {
  const { followers, notBefore, seenAt, trouble } = poll
  if (trouble?.event._tag !== "Missing") return Number.POSITIVE_INFINITY
  let limit = Number.POSITIVE_INFINITY
  for (const follower of followers) {
    const own = limitOf(trouble.event, follower)
    if (own > now || seenAt < follower.joinedAt) limit = Math.min(limit, Math.max(now, own))
  }
  // However many come one after another, one look serves those whose time ends at about the same.
  return Math.max(limit, seenAt + Math.min(floorOf(poll), recent), notBefore)
}

/** How long the follower still waits for what is not there; undefined where only a look can tell. */
export const patienceLeft = (follower: Follower, now: number): number | undefined => {
  const trouble = follower.poll.trouble?.event
  const left = trouble?._tag === "Missing" ? limitOf(trouble, follower) - now : 0
  return left > 0 ? left : undefined
}

/** What the follower was not told yet, the oldest first; the failure where it has waited long enough. */
export const tell = (
  follower: Follower,
  now: number
): Result.Result<ReadonlyArray<FollowEvent>, PartnerCenterError> => {
  const { latest, next, revision, trouble } = follower.poll
  if (
    trouble !== undefined &&
    isGivenUp(trouble.event, follower, { now, seenAt: follower.poll.seenAt })
  ) {
    return Result.fail(trouble.event.error)
  }
  const all: ReadonlyArray<Said<FollowEvent> | undefined> = [
    latest,
    trouble && { event: told(trouble.event, follower), revision: trouble.revision },
    next
  ]
  const news = all.filter((one) => one !== undefined && one.revision > follower.told)
  follower.told = revision
  return Result.succeed(
    news
      .flatMap((one) => (one === undefined ? [] : [one]))
      .toSorted((a, b) => a.revision - b.revision)
      .map(({ event }) => event)
  )
}
