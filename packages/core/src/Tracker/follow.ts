// Following orders: one poll for each however many ask, and the longest unseen first.
import {
  Array as Arr,
  Cause,
  Channel,
  Clock,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Option,
  Random,
  Result,
  Scope,
  Stream
} from "effect"
import type { Context, Pull } from "effect"
import type { Budget } from "../Budget.ts"
import type { CustomerId } from "../Customer.ts"
import * as Heap from "../internal/heap.ts"
import { steadyMillis } from "../internal/steady.ts"
import * as Metrics from "../Metrics.ts"
import * as Operation from "../Operation.ts"
import type { OrderId } from "../Order.ts"
import type { PartnerCenterError } from "../PartnerCenterError.ts"
import * as PollPlan from "../PollPlan.ts"
import type { FollowEvent, FollowOptions } from "../Tracker.ts"
import { remember } from "./look.ts"
import type { Looked, Memory } from "./look.ts"
import * as Poll from "./poll.ts"
import { meaningOf, patience } from "./trouble.ts"

export interface Dependencies {
  readonly budget: Budget["Service"]
  readonly look: (customer: CustomerId, order: OrderId, memory: Memory) => Effect.Effect<Looked>
  readonly deadline: Duration.Input
  readonly concurrency: number
}

// Milliseconds: a turn that comes that soon is not worth a word, and whoever was told another is told in time.
const soon = 5000
// What is endless, for whoever has to name its end.
const endless = Duration.toMillis("3650 days")

const millis = (duration: Duration.Input | undefined, otherwise: number): number =>
  duration === undefined ? otherwise : Math.min(Duration.toMillis(duration), endless)

const comesDue = (self: Poll.Poll, that: Poll.Poll): boolean => self.dueAt < that.dueAt
const isLongerUnseen = (self: Poll.Poll, that: Poll.Poll): boolean =>
  self.seenAt < that.seenAt || (self.seenAt === that.seenAt && self.dueAt < that.dueAt)

const times = Effect.zipWith(steadyMillis, Clock.currentTimeMillis, (steadyNow, now) => ({
  steadyNow,
  now
}))

const endOf = (cause: Cause.Cause<never>): Exit.Exit<never> =>
  Cause.hasInterruptsOnly(cause) ? Exit.interrupt() : Exit.die(Cause.squash(cause))

/** What follows orders in this process. Its looks end with the scope. */
export const makeFollow = Effect.fnUntraced(function* (needs: Dependencies) {
  const { budget, concurrency, deadline, look } = needs
  const scope = yield* Effect.scope
  // What runs for all who follow must not run in the span or the operation of who came first.
  const context = yield* Effect.context<never>()
  const inOurContext = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.updateContext(effect, (_: Context.Context<never>) => context)
  const polls = new Map<string, Poll.Poll>()
  const waiting = Heap.make(comesDue)
  const due = Heap.make(isLongerUnseen)
  let isRunning = false
  let isClosed = false
  let places = concurrency
  // Completed when the scheduler has to look up.
  let bell: Deferred.Deferred<void> | undefined

  const ring = () => {
    const rung = bell
    bell = undefined
    if (rung !== undefined) Deferred.doneUnsafe(rung, Exit.void)
  }

  const finish = (poll: Poll.Poll, exit: Exit.Exit<void, PartnerCenterError>) => {
    waiting.remove(poll)
    due.remove(poll)
    if (polls.get(poll.key) === poll) polls.delete(poll.key)
    Poll.end(poll, exit)
    ring()
  }

  const finishAll = (exit: Exit.Exit<void, PartnerCenterError>) => {
    for (const poll of polls.values()) {
      finish(poll, exit)
      poll.looking?.interruptUnsafe()
    }
  }

  const lookAt = Effect.fnUntraced(function* (poll: Poll.Poll, turn: Operation.Turn) {
    const looked = yield* look(poll.customer, poll.order, poll.memory).pipe(
      Operation.following(deadline, turn)
    )
    if (polls.get(poll.key) !== poll) return
    Poll.record(poll, looked, yield* times, yield* Random.next)
    poll.looking = undefined
    const { end, latest } = poll
    if (latest !== undefined && end !== undefined && Exit.isSuccess(end)) {
      yield* Metrics.settled(latest.event.history)
    }
    if (end === undefined) {
      waiting.add(poll)
      return Poll.wake(poll)
    }
    finish(poll, end)
    // Nobody else gets in either; asking for each order would only ask the login as often.
    const error = Option.getOrUndefined(Exit.findErrorOption(end))
    if (error?.operation === "signIn" && meaningOf(error.reason) === "ends") finishAll(end)
  })

  const start = Effect.fnUntraced(function* (poll: Poll.Poll, turn: Operation.Turn) {
    due.remove(poll)
    places--
    const fiber = yield* Effect.forkIn(lookAt(poll, turn), scope)
    poll.looking = fiber
    fiber.addObserver((exit) => {
      places++
      if (Exit.isFailure(exit)) finish(poll, endOf(exit.cause))
      ring()
    })
  })

  // Those who wait for their turn are told when it is, unless that is soon or as they were told.
  const tell = (poll: Poll.Poll, held: number, queued: number, { now }: Poll.Times) => {
    const wait = Math.max(held, queued)
    const told = poll.next?.event.at.epochMilliseconds ?? Number.NEGATIVE_INFINITY
    if (wait < soon || told > now) return
    Poll.sayNext(poll, now + wait, held > queued ? "throttled" : "budget")
    Poll.wake(poll)
  }

  const heldFor = Effect.zipWith(budget.pausedUntil, Clock.currentTimeMillis, (until, now) =>
    Math.max(0, until - now)
  )

  const promote = Effect.gen(function* () {
    const at = yield* times
    const held = yield* heldFor
    const { perMinute } = yield* budget.usage
    for (let poll = waiting.first(); poll !== undefined; poll = waiting.first()) {
      if (poll.dueAt > at.steadyNow) break
      waiting.remove(poll)
      due.add(poll)
      tell(poll, held, (due.size() * 60_000) / perMinute, at)
    }
    return { held, steadyNow: at.steadyNow }
  })

  const tellAll = Effect.gen(function* () {
    yield* promote
    const at = yield* times
    const held = yield* heldFor
    const { perMinute } = yield* budget.usage
    for (const [ahead, poll] of due.members().entries()) {
      tell(poll, held, Math.max(soon, ((ahead + 1) * 60_000) / perMinute), at)
    }
  })

  const whileTelling = <A>(wait: Effect.Effect<A>) =>
    Effect.raceFirst(wait, Effect.forever(Effect.andThen(Effect.sleep(soon), tellAll)))

  // Whole milliseconds: less than that is slept for again and again.
  const idle = (rung: Effect.Effect<void>, atMost: number) =>
    Number.isFinite(atMost)
      ? Effect.asVoid(Effect.timeoutOption(rung, Duration.millis(Math.ceil(atMost))))
      : rung

  const schedule = Effect.gen(function* () {
    while (polls.size > 0) {
      // Before anything is looked at: what rings from here on is heard.
      bell ??= Deferred.makeUnsafe()
      const rung = Deferred.await(bell)
      const { held, steadyNow } = yield* promote
      const next = (waiting.first()?.dueAt ?? Number.POSITIVE_INFINITY) - steadyNow
      if (held > 0) {
        yield* whileTelling(idle(rung, Math.min(held, next)))
      } else if (due.size() === 0) {
        yield* idle(rung, next)
      } else if (places === 0) {
        yield* whileTelling(idle(rung, Number.POSITIVE_INFINITY))
      } else {
        const turn = yield* whileTelling(budget.takeForFollow)
        // Others may have come due while the turn was waited for.
        yield* promote
        const poll = due.first()
        if (poll !== undefined) yield* start(poll, turn)
      }
    }
    // In one step with the look at the polls, or who comes in between would have no scheduler.
    isRunning = false
  }).pipe(
    Effect.onError((cause) =>
      Effect.sync(() => {
        isRunning = false
        finishAll(endOf(cause))
      })
    )
  )

  // Whoever joins may be in more of a hurry than all before, or have less patience.
  const hurry = (poll: Poll.Poll, isHastier: boolean, { now, steadyNow }: Poll.Times) => {
    if (isHastier) poll.plan = { ...poll.plan, quiet: 0 }
    const sooner = isHastier
      ? Math.max(steadyNow, poll.seenAt + Poll.floorOf(poll), poll.notBefore)
      : Number.POSITIVE_INFINITY
    const dueAt = Math.min(sooner, Poll.lastLook(poll, steadyNow))
    if (!waiting.has(poll) || dueAt >= poll.dueAt) return
    waiting.remove(poll)
    poll.dueAt = dueAt
    waiting.add(poll)
    const why = dueAt === poll.notBefore ? "throttled" : poll.plan.last
    Poll.sayNext(poll, now + dueAt - steadyNow, why)
    Poll.wake(poll)
  }

  const join = Effect.fnUntraced(function* (
    customer: CustomerId,
    order: OrderId,
    options: FollowOptions
  ) {
    const now = yield* times
    const joinedAt = now.steadyNow
    const key = Poll.keyOf(customer, order)
    const known = polls.get(key)
    const poll = known ?? Poll.make(customer, order, remember(options.order), joinedAt)
    const follower: Poll.Follower = {
      poll,
      floor: millis(options.interval, PollPlan.interval.floor),
      patience: millis(options.notFoundGrace, patience),
      joinedAt,
      told: 0
    }
    const isHastier = follower.floor < Poll.floorOf(poll)
    poll.followers.add(follower)
    if (known === undefined) {
      polls.set(key, poll)
      waiting.add(poll)
    } else hurry(poll, isHastier, now)
    ring()
    if (isClosed) finish(poll, Exit.interrupt())
    else if (!isRunning) {
      isRunning = true
      yield* Effect.forkIn(Effect.interruptible(inOurContext(schedule)), scope)
    }
    return follower
  })

  const leave = (follower: Poll.Follower) =>
    Effect.suspend(() => {
      const { poll } = follower
      poll.followers.delete(follower)
      if (poll.followers.size > 0 || poll.end !== undefined) return Effect.void
      finish(poll, Exit.void)
      return poll.looking === undefined ? Effect.void : Fiber.interrupt(poll.looking)
    })

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      isClosed = true
      finishAll(Exit.interrupt())
    })
  )

  const follow = (customer: CustomerId, order: OrderId, options: FollowOptions = {}) =>
    // One layer of stream: tens of thousands may follow, and each pays for every layer.
    Stream.fromChannel(
      Channel.fromTransform((_: unknown, scope) =>
        join(customer, order, options).pipe(
          Effect.tap((follower) => Scope.addFinalizer(scope, leave(follower))),
          Effect.uninterruptible,
          Effect.map(newsFor)
        )
      )
    )

  const following = Effect.sync(() => {
    let followers = 0
    for (const poll of polls.values()) followers += poll.followers.size
    return { orders: polls.size, followers }
  })

  return { follow, following }
})

const newsFor = (
  follower: Poll.Follower
): Pull.Pull<Arr.NonEmptyReadonlyArray<FollowEvent>, PartnerCenterError> => {
  const { poll } = follower
  const news: ReturnType<typeof newsFor> = Effect.flatMap(steadyMillis, (now) => {
    const told = Poll.tell(follower, now)
    if (Result.isFailure(told)) return Effect.fail(told.failure)
    if (Arr.isReadonlyArrayNonEmpty(told.success)) return Effect.succeed(told.success)
    if (poll.end !== undefined) return Effect.andThen(poll.end, Cause.done())
    poll.news ??= Deferred.makeUnsafe()
    const more = Deferred.await(poll.news)
    const left = Poll.patienceLeft(follower, now)
    return Effect.andThen(
      left === undefined ? more : Effect.timeoutOption(more, Duration.millis(Math.ceil(left))),
      news
    )
  })
  return news
}
