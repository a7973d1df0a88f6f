// Who hears of an order: one following for all who came once it was seen, and plain calls to each of them. There
// are thousands, mostly silent; a fiber for each would cost more than their connections.
import type { CustomerId } from "@orderwatch/core/Customer"
import type { OrderId } from "@orderwatch/core/Order"
import { Effect, Exit, Option, Stream } from "effect"
import type { Context, Fiber, Scope } from "effect"
import * as Crowd from "../crowd.ts"
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
  readonly listeners: Crowd.Crowd<Listener<E>>
  latest: Seen | undefined
  fiber: Fiber.Fiber<void, E> | undefined
}

// What has left a map may be kept by a table that the map has outgrown: only this much of it.
interface Slot<E> {
  channel: Channel<E> | undefined
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
  const seen = new Map<string, Slot<E>>()

  const drop = (key: string, channel: Channel<E>) => {
    const slot = seen.get(key)
    if (slot?.channel !== channel) return
    seen.delete(key)
    slot.channel = undefined
  }

  const begin = Effect.fnUntraced(function* (
    key: string,
    channel: Channel<E>,
    heard: Stream.Stream<Heard, E>
  ) {
    const told = Stream.runForEach(heard, ({ isVisible, news }) =>
      Effect.sync(() => {
        if (!isVisible) drop(key, channel)
        if (Option.isSome(news)) {
          channel.latest = news.value
          if (!seen.has(key)) seen.set(key, { channel })
        }
        for (const { tell } of channel.listeners.members()) tell(news)
      })
    )
    channel.fiber = yield* told.pipe(
      Effect.onExit((exit) =>
        Effect.sync(() => {
          drop(key, channel)
          for (const { end } of channel.listeners.members()) end(exit)
        })
      ),
      Effect.updateContext((_: Context.Context<never>) => context),
      Effect.forkIn(scope)
    )
  })

  const abandon = (key: string, channel: Channel<E>) => {
    if (channel.listeners.size() > 0) return
    drop(key, channel)
    channel.fiber?.interruptUnsafe()
  }

  return (customer, order, listener) => {
    const key = `${customer}/${order}`
    const join = Effect.suspend(() => {
      const known = seen.get(key)?.channel
      if (known?.latest !== undefined) {
        const leave = known.listeners.join(listener)
        listener.tell(Option.some(newest(customer, order, known.latest)))
        return Effect.succeed({ channel: known, leave })
      }
      const channel: Channel<E> = { listeners: Crowd.make(), latest: undefined, fiber: undefined }
      const leave = channel.listeners.join(listener)
      return Effect.as(begin(key, channel, follow(customer, order)), { channel, leave })
    })
    return Effect.acquireRelease(join, ({ channel, leave }) =>
      Effect.sync(() => {
        leave()
        abandon(key, channel)
      })
    )
  }
})
