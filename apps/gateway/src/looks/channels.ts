// Who hears of an order: one following for all who came once it was seen, and plain calls to each of them. There
// are thousands, mostly silent; a fiber for each would cost more than their connections.
import type { CustomerId } from "@orderwatch/core/Customer"
import type { OrderId } from "@orderwatch/core/Order"
import { Effect, Exit, Option, Stream } from "effect"
import type { Context, Fiber, Scope } from "effect"
import type { Seen } from "./entries.ts"

/** What one learns while following: a report that is news, or only that something was heard. */
export type News = Option.Option<Seen>

/** What a following says. */
export interface Heard {
  readonly news: News
  /** Whether the order is there. */
  readonly isVisible: boolean
}

export interface Listener<E> {
  readonly tell: (news: News) => void
  /** Called once, when nothing more is to be told. */
  readonly end: (exit: Exit.Exit<void, E>) => void
}

interface Channel<E> {
  readonly listeners: Set<Listener<E>>
  latest: Seen | undefined
  fiber: Fiber.Fiber<void, E> | undefined
}

/** Tells a listener until the scope ends, at first where the order stands if that is known. */
export type Listen<E> = (
  customer: CustomerId,
  order: OrderId,
  listener: Listener<E>
) => Effect.Effect<void, never, Scope.Scope>

/**
 * Shares what `follow` tells. Who comes while the order is not to be seen has a following of its own, for how long
 * it waits for what is not there is counted from its own beginning. `newest` is the latest that is known of
 * an order, where that may come from elsewhere as well.
 */
export const make = Effect.fnUntraced(function* <E>(
  follow: (customer: CustomerId, order: OrderId) => Stream.Stream<Heard, E>,
  newest: (customer: CustomerId, order: OrderId, latest: Seen) => Seen
): Effect.fn.Return<Listen<E>, never, Scope.Scope> {
  const scope = yield* Effect.scope
  // What runs for all must not run in the span of who came first.
  const context = yield* Effect.context<never>()
  // By the ids as they are spelled, as reports have them.
  const seen = new Map<string, Channel<E>>()

  const begin = Effect.fnUntraced(function* (
    key: string,
    channel: Channel<E>,
    heard: Stream.Stream<Heard, E>
  ) {
    const told = Stream.runForEach(heard, ({ isVisible, news }) =>
      Effect.sync(() => {
        if (!isVisible && seen.get(key) === channel) seen.delete(key)
        if (Option.isSome(news)) {
          channel.latest = news.value
          if (!seen.has(key)) seen.set(key, channel)
        }
        for (const { tell } of channel.listeners) tell(news)
      })
    )
    channel.fiber = yield* told.pipe(
      Effect.onExit((exit) =>
        Effect.sync(() => {
          if (seen.get(key) === channel) seen.delete(key)
          for (const { end } of channel.listeners) end(exit)
        })
      ),
      Effect.updateContext((_: Context.Context<never>) => context),
      Effect.forkIn(scope)
    )
  })

  const leave = (key: string, channel: Channel<E>, listener: Listener<E>) => {
    channel.listeners.delete(listener)
    if (channel.listeners.size > 0) return
    if (seen.get(key) === channel) seen.delete(key)
    channel.fiber?.interruptUnsafe()
  }

  return (customer, order, listener) => {
    const key = `${customer}/${order}`
    const join = Effect.suspend(() => {
      const known = seen.get(key)
      if (known?.latest !== undefined) {
        known.listeners.add(listener)
        listener.tell(Option.some(newest(customer, order, known.latest)))
        return Effect.succeed(known)
      }
      const channel: Channel<E> = {
        listeners: new Set([listener]),
        latest: undefined,
        fiber: undefined
      }
      return Effect.as(begin(key, channel, follow(customer, order)), channel)
    })
    return Effect.acquireRelease(join, (channel) =>
      Effect.sync(() => leave(key, channel, listener))
    )
  }
})
