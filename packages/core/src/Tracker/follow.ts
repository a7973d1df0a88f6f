// Following orders: one poll for each however many ask, and the longest unseen first.
import {
  Array as Arr,
  Cause,
  Clock,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Random,
  Result,
  Semaphore,
  Stream
} from "effect"
import type { Context, Pull } from "effect"
import type { Budget } from "../Budget.ts"
import type { CustomerId } from "../Customer.ts"
import * as Heap from "../internal/heap.ts"
import { steadyMillis } from "../internal/steady.ts"
import * as Operation from "../Operation.ts"
import type { OrderId } from "../Order.ts"
import type { PartnerCenterError } from "../PartnerCenterError.ts"
import * as PollPlan from "../PollPlan.ts"
import type { FollowEvent, FollowOptions } from "../Tracker.ts"
import { remember } from "./look.ts"
import type { Looked, Memory } from "./look.ts"
import * as Poll from "./poll.ts"
import { patience } from "./trouble.ts"

export interface Dependencies {
  readonly budget: Budget["Service"]
  readonly look: (customer: CustomerId, order: OrderId, memory: Memory) => Effect.Effect<Looked>
  readonly deadline: Duration.Input
  readonly concurrency: number
}

// Milliseconds: a turn that comes that soon is not worth a word.
const soon = 5000

const comesDue = (self: Poll.Poll, that: Poll.Poll): boolean => self.dueAt < that.dueAt
const isLongerUnseen = (self: Poll.Poll, that: Poll.Poll): boolean =>
  self.seenAt < that.seenAt || (self.seenAt === that.seenAt && self.dueAt < that.dueAt)

const times = Effect.zipWith(steadyMillis, Clock.currentTimeMillis, (steadyNow, now) => ({
  steadyNow,
  now
}))

/** What follows orders in this process. Its looks end with the scope. */
export const makeFollow = Effect.fnUntraced(function* (needs: Dependencies) {
  const { budget, concurrency, deadline, look } = needs
  const scope = yield* Effect.scope
  // What runs for all who follow must not run in the span or the operation of who came first.
  const context = yield* Effect.context<never>()
  const inOurContext = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.updateContext(effect, (_: Context.Context<never>) => context)
  const slots = yield* Semaphore.make(concurrency)
  const polls = new Map<string, Poll.Poll>()
  const waiting = Heap.make(comesDue)
  const due = Heap.make(isLongerUnseen)
  let isRunning = false
  // Completed when the scheduler has to look up.
  let bell: Deferred.Deferred<void> | undefined

  const ring = () => {
    const rung = bell
    bell = undefined
    if (rung !== undefined) Deferred.doneUnsafe(rung, Exit.void)
  }

  const drop = (poll: Poll.Poll) => {
    waiting.remove(poll)
    due.remove(poll)
    if (polls.get(poll.key) === poll) polls.delete(poll.key)
    ring()
  }

  const finish = (poll: Poll.Poll, exit: Exit.Exit<void, PartnerCenterError>) => {
    drop(poll)
    Poll.end(poll, exit)
  }

  const finishAll = (exit: Exit.Exit<void, PartnerCenterError>) => {
    for (const poll of polls.values()) finish(poll, exit)
  }

  const lookAt = Effect.fnUntraced(function* (poll: Poll.Poll, turn: Operation.Turn) {
    const looked = yield* look(poll.customer, poll.order, poll.memory).pipe(
      Operation.following(deadline, turn)
    )
    Poll.record(poll, looked, yield* times, yield* Random.next)
    const { end } = poll
    if (end === undefined) {
      waiting.add(poll)
      Poll.wake(poll)
      return ring()
    }
    finish(poll, end)
    // Nobody else gets in either; asking for each order would only ask the login as often.
    const error = Exit.findErrorOption(end)
    if (error._tag === "Some" && error.value.operation === "signIn") finishAll(end)
  })

  // Those whose time has come; who has to wait for the turn is told so.
  const promote = Effect.gen(function* () {
    const { now, steadyNow } = yield* times
    const held = (yield* budget.pausedUntil) - now
    const { perMinute } = yield* budget.usage
    for (let poll = waiting.first(); poll !== undefined; poll = waiting.first()) {
      if (poll.dueAt > steadyNow) break
      waiting.remove(poll)
      const queued = (due.size() * 60_000) / perMinute
      due.add(poll)
      const wait = Math.max(held, queued)
      if (wait < soon) continue
      Poll.sayNext(poll, now + wait, held > queued ? "throttled" : "budget")
      Poll.wake(poll)
    }
    return { held, steadyNow }
  })

  const idle = (millis: number) =>
    Effect.suspend(() => {
      bell ??= Deferred.makeUnsafe()
      const rung = Deferred.await(bell)
      return Number.isFinite(millis)
        ? Effect.asVoid(Effect.timeoutOption(rung, Duration.millis(millis)))
        : rung
    })

  const start = (poll: Poll.Poll, turn: Operation.Turn) =>
    Effect.gen(function* () {
      due.remove(poll)
      const looking = lookAt(poll, turn).pipe(
        Effect.onError((cause) =>
          Effect.sync(() =>
            finish(
              poll,
              Cause.hasInterruptsOnly(cause) ? Exit.interrupt() : Exit.die(Cause.squash(cause))
            )
          )
        ),
        Effect.ensuring(slots.release(1))
      )
      poll.looking = yield* Effect.forkIn(looking, scope)
    })

  const schedule = Effect.gen(function* () {
    while (polls.size > 0) {
      const { held, steadyNow } = yield* promote
      if (held > 0 || due.size() === 0) {
        const next = (waiting.first()?.dueAt ?? Number.POSITIVE_INFINITY) - steadyNow
        yield* idle(Math.max(0, held > 0 ? Math.min(held, next) : next))
        continue
      }
      yield* slots.take(1)
      const turn = yield* budget.takeForFollow
      // Others may have come due while the turn was waited for.
      yield* promote
      const poll = due.first()
      yield* poll === undefined ? slots.release(1) : start(poll, turn)
    }
    // In one step with the look at the polls, or who comes in between would have no scheduler.
    isRunning = false
  }).pipe(
    Effect.onError((cause) =>
      Effect.sync(() => {
        isRunning = false
        finishAll(Cause.hasInterruptsOnly(cause) ? Exit.interrupt() : Exit.die(Cause.squash(cause)))
      })
    )
  )

  // Someone in more of a hurry than all before need not wait for what was planned for those.
  const hurry = (poll: Poll.Poll, floor: number, { now, steadyNow }: Poll.Times) => {
    if (floor >= Poll.floorOf(poll)) return
    poll.plan = PollPlan.start
    const dueAt = Math.max(steadyNow, poll.seenAt + floor)
    if (!waiting.has(poll) || dueAt >= poll.dueAt || poll.next?.event.why === "throttled") return
    waiting.remove(poll)
    poll.dueAt = dueAt
    waiting.add(poll)
    Poll.sayNext(poll, now + dueAt - steadyNow, poll.plan.last)
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
      floor: Duration.toMillis(options.interval ?? Duration.millis(PollPlan.interval.floor)),
      patience: Duration.toMillis(options.notFoundGrace ?? Duration.millis(patience)),
      joinedAt,
      told: 0
    }
    if (known === undefined) {
      polls.set(key, poll)
      waiting.add(poll)
    } else hurry(poll, follower.floor, now)
    poll.followers.add(follower)
    ring()
    if (!isRunning) {
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

  yield* Effect.addFinalizer(() => Effect.sync(() => finishAll(Exit.interrupt())))

  const follow = (customer: CustomerId, order: OrderId, options: FollowOptions = {}) =>
    Effect.acquireRelease(join(customer, order, options), leave).pipe(
      Effect.map((follower) => Stream.fromPull(Effect.succeed(newsFor(follower)))),
      Stream.unwrap
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
): Pull.Pull<Arr.NonEmptyReadonlyArray<FollowEvent>, PartnerCenterError> =>
  Effect.suspend(() => {
    const { poll } = follower
    const told = Poll.tell(follower)
    if (Result.isFailure(told)) return Effect.fail(told.failure)
    if (Arr.isReadonlyArrayNonEmpty(told.success)) return Effect.succeed(told.success)
    if (poll.end !== undefined) return Effect.andThen(poll.end, Cause.done())
    poll.news ??= Deferred.makeUnsafe()
    return Effect.andThen(Deferred.await(poll.news), newsFor(follower))
  })
