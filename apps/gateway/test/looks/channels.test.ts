import { assert, describe, it } from "@effect/vitest"
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import * as OrderReport from "@orderwatch/core/OrderReport"
import { Cause, DateTime, Effect, Exit, Option, Queue, Scope, Stream } from "effect"
import * as Channels from "../../src/looks/channels.ts"
import type { Heard } from "../../src/looks/channels.ts"
import type { Seen } from "../../src/looks/entries.ts"
import { customer, order, settle } from "../gateway.ts"

const customerId = CustomerId.make(customer)
const orderId = OrderId.make(order)

const report = OrderReport.make({
  customerId,
  orderId,
  answered: [],
  source: "order",
  isMiscounted: false,
  observedAt: DateTime.makeUnsafe(0),
  support: {}
})
const seen = (etag: string): Seen => ({ report, etag, body: etag })

/** Channels over followings that the test feeds: each one's queue, in the order they began. */
const channels = Effect.fnUntraced(function* (newest: (latest: Seen) => Seen = (latest) => latest) {
  const followings: Array<Queue.Queue<Heard, string | Cause.Done>> = []
  const state = { ended: 0 }
  const follow = () =>
    Stream.unwrap(
      Effect.map(Queue.unbounded<Heard, string | Cause.Done>(), (queue) => {
        followings.push(queue)
        return Stream.ensuring(
          Stream.fromQueue(queue),
          Effect.sync(() => {
            state.ended += 1
          })
        )
      })
    )
  const listen = yield* Channels.make<string>(follow, (_, __, latest) => newest(latest))
  const join = Effect.fnUntraced(function* (id: OrderId = orderId) {
    const told: Array<string> = []
    const ends: Array<Exit.Exit<void, string>> = []
    const scope = yield* Scope.make()
    yield* Scope.provide(
      listen(customerId, id, {
        tell: (news) => told.push(Option.match(news, { onNone: () => "-", onSome: (s) => s.etag })),
        end: (exit) => ends.push(exit)
      }),
      scope
    )
    yield* settle
    return { told, ends, leave: Effect.andThen(Scope.close(scope, Exit.void), settle) }
  })
  const say = Effect.fnUntraced(function* (following: number, news: string) {
    const queue = followings[following]
    if (queue === undefined) return yield* Effect.die(`no following ${following}`)
    yield* Queue.offer(queue, {
      news: news === "-" || news === "?" ? Option.none() : Option.some(seen(news)),
      isVisible: news !== "?"
    })
    yield* settle
  })
  return { followings, state, join, say }
})

describe("channels", () => {
  it.effect("tell all who listen of one following, and who comes late at once", () =>
    Effect.gen(function* () {
      const { followings, join, say } = yield* channels()
      const first = yield* join()
      yield* say(0, "a")
      const second = yield* join()
      assert.deepStrictEqual(second.told, ["a"])
      yield* say(0, "-")
      yield* say(0, "b")
      assert.deepStrictEqual(first.told, ["a", "-", "b"])
      assert.deepStrictEqual(second.told, ["a", "-", "b"])
      assert.deepStrictEqual((yield* join()).told, ["b"])
      assert.lengthOf(followings, 1)
    })
  )

  it.effect("tell who comes late of what was seen elsewhere since", () =>
    Effect.gen(function* () {
      const { join, say } = yield* channels(() => seen("newer"))
      yield* join()
      yield* say(0, "a")
      assert.deepStrictEqual((yield* join()).told, ["newer"])
    })
  )

  it.effect("are apart until the order was seen, and for each order", () =>
    Effect.gen(function* () {
      const { followings, join, say } = yield* channels()
      const first = yield* join()
      yield* say(0, "-")
      const second = yield* join()
      const other = yield* join(OrderId.make("other"))
      assert.lengthOf(followings, 3)
      yield* say(1, "b")
      assert.deepStrictEqual([first.told, second.told, other.told], [["-"], ["b"], []])
      assert.deepStrictEqual((yield* join()).told, ["b"])
      yield* say(0, "a")
      yield* first.leave
      // It was not the one that others join.
      assert.deepStrictEqual((yield* join()).told, ["b"])
      assert.lengthOf(followings, 3)
    })
  )

  it.effect("are apart again while the order is not to be seen", () =>
    Effect.gen(function* () {
      const { followings, join, say } = yield* channels()
      const first = yield* join()
      yield* say(0, "a")
      yield* say(0, "?")
      const second = yield* join()
      assert.deepStrictEqual(second.told, [])
      assert.lengthOf(followings, 2)
      yield* say(0, "b")
      assert.deepStrictEqual(first.told, ["a", "-", "b"])
      assert.deepStrictEqual((yield* join()).told, ["b"])
      assert.lengthOf(followings, 2)
    })
  )

  it.effect("end for all at once, and begin anew for who comes then", () =>
    Effect.gen(function* () {
      const { followings, join, say, state } = yield* channels()
      const first = yield* join()
      yield* say(0, "a")
      const second = yield* join()
      const [queue] = followings
      if (queue !== undefined) yield* Queue.fail(queue, "gone")
      yield* settle
      assert.deepStrictEqual(first.ends, [Exit.fail("gone")])
      assert.deepStrictEqual(second.ends, [Exit.fail("gone")])
      yield* first.leave
      yield* second.leave
      assert.strictEqual(state.ended, 1)
      assert.deepStrictEqual((yield* join()).told, [])
      assert.lengthOf(followings, 2)
    })
  )

  it.effect("end with the last who leaves, and tell nobody who has left", () =>
    Effect.gen(function* () {
      const { join, say, state } = yield* channels()
      const first = yield* join()
      yield* say(0, "a")
      const second = yield* join()
      yield* first.leave
      assert.strictEqual(state.ended, 0)
      yield* say(0, "b")
      assert.deepStrictEqual(first.told, ["a"])
      yield* second.leave
      assert.strictEqual(state.ended, 1)
      assert.deepStrictEqual([...first.ends, ...second.ends], [])
    })
  )
})
