import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Duration, Effect, Exit, Layer, Option, Scope } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { TestClock } from "effect/testing"
import type { Caller } from "../src/access.ts"
import { Limits, strangersPerMinute } from "../src/limits.ts"
import * as Buckets from "../src/limits/buckets.ts"
import { GatewaySettings } from "../src/settings.ts"
import type { GatewaySettingsShape } from "../src/settings.ts"
import { settings } from "./access/fixtures.ts"
import { wallClock } from "./wall.ts"

const limits = (changed: Partial<GatewaySettingsShape> = {}) =>
  Effect.map(
    Layer.build(
      Limits.layer.pipe(Layer.provide(Layer.succeed(GatewaySettings, settings(changed))))
    ),
    (context) => {
      const { spend, spendRest, spendUnknown, stream, streams } = Context.get(context, Limits)
      return {
        stream,
        streams,
        // At the time that the test's clock has by then.
        spend: (caller: Caller) => Effect.sync(() => spend(caller)),
        /** As the adapter and the route do, one after the other. */
        batch: (caller: Caller, count: number) =>
          Effect.sync(() => {
            const first = spend(caller)
            return first.refused === undefined ? spendRest(caller, count) : first
          }),
        spendUnknown: (address: string) => Effect.sync(() => spendUnknown(address))
      }
    }
  )

const caller = (id: string): Caller => ({ id, customers: "all", ended: Effect.never })
const keysFile = Option.some("/etc/keys.json")

describe("a caller's requests", () => {
  it.effect("are counted for each caller, and told with every answer", () =>
    Effect.gen(function* () {
      const { spend } = yield* limits({ callerRequestsPerMinute: 60 })
      assert.deepStrictEqual(yield* spend(caller("a")), {
        headers: { ratelimit: '"default";r=59;t=1', "ratelimit-policy": '"default";q=60;w=60' }
      })
      yield* spend(caller("a"))
      assert.strictEqual((yield* spend(caller("a"))).headers["ratelimit"], '"default";r=57;t=3')
      assert.strictEqual((yield* spend(caller("b"))).headers["ratelimit"], '"default";r=59;t=1')
    })
  )

  it.effect("are refused once they are used up, until there is one again", () =>
    Effect.gen(function* () {
      const { spend } = yield* limits({ callerRequestsPerMinute: 6 })
      const again = Effect.replicateEffect(spend(caller("a")), 6)
      for (const { refused } of yield* again) assert.isUndefined(refused)
      const over = yield* spend(caller("a"))
      assert.strictEqual(over.refused?.retryAfter, 10)
      assert.deepStrictEqual(over.headers, {
        ratelimit: '"default";r=0;t=10',
        "ratelimit-policy": '"default";q=6;w=60'
      })
      yield* TestClock.adjust("9500 millis")
      assert.strictEqual((yield* spend(caller("a"))).refused?.retryAfter, 1)
      yield* TestClock.adjust("500 millis")
      assert.isUndefined((yield* spend(caller("a"))).refused)
      assert.strictEqual((yield* spend(caller("a"))).refused?.retryAfter, 10)
      yield* TestClock.adjust("1 minute")
      for (const { refused } of yield* again) assert.isUndefined(refused)
    })
  )

  it.effect(
    "cost nothing when they are refused, and no minute sees more than twice the limit",
    () =>
      Effect.gen(function* () {
        const { spend } = yield* limits({ callerRequestsPerMinute: 60 })
        let served = 0
        for (let tenth = 0; tenth < 600; tenth++) {
          const all = yield* Effect.replicateEffect(spend(caller("a")), 3)
          served += all.filter(({ refused }) => refused === undefined).length
          yield* TestClock.adjust("100 millis")
        }
        assert.isAtLeast(served, 118)
        assert.isAtMost(served, 120)
      })
  )

  it.effect("go on to be counted when the clock on the wall is put back", () =>
    wallClock((wall) =>
      Effect.gen(function* () {
        yield* TestClock.adjust("2 hours")
        const { spend } = yield* limits({ callerRequestsPerMinute: 1 })
        assert.isUndefined((yield* spend(caller("a"))).refused)
        wall.shift(-3_600_000)
        assert.strictEqual((yield* spend(caller("a"))).refused?.retryAfter, 60)
        yield* TestClock.adjust("60 seconds")
        assert.isUndefined((yield* spend(caller("a"))).refused)
      })
    )
  )

  it.effect("of at most one a minute and at most a million are counted, too", () =>
    Effect.gen(function* () {
      const few = yield* limits({ callerRequestsPerMinute: 1 })
      assert.strictEqual((yield* few.spend(caller("a"))).headers["ratelimit"], '"default";r=0;t=60')
      const many = yield* limits({ callerRequestsPerMinute: 1_000_000 })
      assert.strictEqual(
        (yield* many.spend(caller("a"))).headers["ratelimit"],
        '"default";r=999999;t=1'
      )
    })
  )
})

describe("a batch", () => {
  it.effect("costs a request for each order, and is answered with what is left after it", () =>
    Effect.gen(function* () {
      const { batch, spend } = yield* limits({ callerRequestsPerMinute: 600 })
      const spent = yield* batch(caller("a"), 100)
      assert.isUndefined(spent.refused)
      assert.strictEqual(spent.headers["ratelimit"], '"default";r=500;t=10')
      assert.strictEqual((yield* spend(caller("a"))).headers["ratelimit"], '"default";r=499;t=11')
    })
  )

  it.effect("of one order or none costs the one request that it is", () =>
    Effect.gen(function* () {
      const { batch } = yield* limits({ callerRequestsPerMinute: 60 })
      assert.strictEqual((yield* batch(caller("a"), 1)).headers["ratelimit"], '"default";r=59;t=1')
      assert.strictEqual((yield* batch(caller("a"), 0)).headers["ratelimit"], '"default";r=58;t=2')
    })
  )

  it.effect.each([50, 51, 100])(
    "of %d orders is served for a whole quota of 50, and again once there is one",
    (count) =>
      Effect.gen(function* () {
        const { batch } = yield* limits({ callerRequestsPerMinute: 50 })
        const first = yield* batch(caller("a"), count)
        assert.isUndefined(first.refused)
        assert.strictEqual(first.headers["ratelimit"], '"default";r=0;t=60')
        yield* TestClock.adjust("59 seconds")
        const early = yield* batch(caller("a"), count)
        // What was refused has cost the one request that it was, and says what is left of the others.
        assert.strictEqual(early.headers["ratelimit"], '"default";r=48;t=3')
        assert.strictEqual(early.refused?.retryAfter, 3)
        yield* TestClock.adjust("3 seconds")
        assert.isUndefined((yield* batch(caller("a"), count)).refused)
      })
  )

  it.effect("is served when its `Retry-After` is over, whatever was left before", () =>
    Effect.gen(function* () {
      for (const used of [1, 7, 20, 49, 50]) {
        const { batch, spend } = yield* limits({ callerRequestsPerMinute: 50 })
        yield* Effect.replicateEffect(spend(caller("a")), used)
        const { refused } = yield* batch(caller("a"), 50)
        assert.isDefined(refused, `${used}`)
        // Whoever had nothing left was refused as one request, before it was known how many it wants.
        if (used === 50) continue
        yield* TestClock.adjust(Duration.seconds(refused?.retryAfter ?? 0))
        assert.isUndefined((yield* batch(caller("a"), 50)).refused, `${used}`)
      }
    })
  )

  it.effect("of more than one costs a caller of one request a minute that one", () =>
    Effect.gen(function* () {
      const { batch } = yield* limits({ callerRequestsPerMinute: 1 })
      assert.isUndefined((yield* batch(caller("a"), 5)).refused)
      assert.strictEqual((yield* batch(caller("a"), 5)).refused?.retryAfter, 60)
    })
  )
})

describe("requests of nobody known", () => {
  it.effect("are counted by address, apart from callers", () =>
    Effect.gen(function* () {
      const { spend, spendUnknown } = yield* limits()
      for (let tried = 0; tried < strangersPerMinute; tried++) {
        assert.isUndefined((yield* spendUnknown("192.0.2.1")).refused)
      }
      assert.strictEqual((yield* spendUnknown("192.0.2.1")).refused?.retryAfter, 1)
      assert.strictEqual((yield* spendUnknown("::ffff:192.0.2.1")).refused?.retryAfter, 1)
      assert.isUndefined((yield* spendUnknown("192.0.2.2")).refused)
      assert.isUndefined((yield* spend(caller("192.0.2.1"))).refused)
    })
  )

  it.effect("of one IPv6 network are one", () =>
    Effect.gen(function* () {
      const { spendUnknown } = yield* limits()
      for (let host = 0; host < strangersPerMinute; host++) {
        assert.isUndefined((yield* spendUnknown(`2001:db8::${host.toString(16)}`)).refused)
      }
      assert.isDefined((yield* spendUnknown("2001:db8::ffff")).refused)
      assert.isUndefined((yield* spendUnknown("2001:db8:0:1::1")).refused)
    })
  )
})

describe("the buckets", () => {
  const size = { limit: 2, window: 60_000 }

  it("are never more than so many, and those that are full go first", () => {
    const take = Buckets.make(3)
    const left = (key: string, now: number) => take(key, size, 1, now)
    left("old", 0)
    left("a", 60_000)
    left("b", 60_000)
    // `old` is full again and goes; the others stay as they were.
    assert.strictEqual(left("c", 60_000).remaining, 1)
    assert.strictEqual(left("a", 60_000).remaining, 0)
    assert.strictEqual(left("b", 60_000).remaining, 0)
    // Nobody is full: the one begun first goes.
    assert.strictEqual(left("d", 60_000).remaining, 1)
    assert.isFalse(left("b", 60_000).isTaken)
    assert.strictEqual(left("a", 60_000).remaining, 1)
  })

  it.effect("count as Effect's own do", () =>
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const take = Buckets.make(10)
      const ours = (tokens: number) => {
        const now = Number(clock.monotonicTimeNanosUnsafe()) / 1e6
        const { isTaken, remaining, wait } = take("a", { limit: 6, window: 60_000 }, tokens, now)
        return isTaken ? `${remaining} ${wait.toFixed(3)}` : `wait ${wait.toFixed(3)}`
      }
      const limiter = yield* Effect.map(
        Layer.build(RateLimiter.layer.pipe(Layer.provide(RateLimiter.layerStoreMemory))),
        (context) => Context.get(context, RateLimiter.RateLimiter)
      )
      const theirs = (tokens: number) =>
        limiter
          .consume({ limit: 6, window: "1 minute", algorithm: "token-bucket", key: "a", tokens })
          .pipe(
            Effect.map(
              ({ remaining, resetAfter }) =>
                `${remaining} ${Duration.toMillis(resetAfter).toFixed(3)}`
            ),
            Effect.catchReason("RateLimiterError", "RateLimitExceeded", ({ retryAfter }) =>
              Effect.succeed(`wait ${Duration.toMillis(retryAfter).toFixed(3)}`)
            )
          )
      for (let step = 0; step < 200; step++) {
        const tokens = 1 + (step % 3)
        assert.strictEqual(ours(tokens), yield* theirs(tokens), `${step}`)
        yield* TestClock.adjust(Duration.millis((step * 7919) % 23_000))
      }
    })
  )
})

describe("streams", () => {
  const opened = Effect.fnUntraced(function* (changed: Partial<GatewaySettingsShape>) {
    const { stream, streams } = yield* limits(changed)
    const open = Effect.fnUntraced(function* (id: string) {
      const scope = yield* Scope.make()
      yield* Scope.provide(stream(caller(id)), scope)
      return { close: Scope.close(scope, Exit.void) }
    })
    return { open, streams }
  })

  it.effect("are as many as may be, of all callers and half of that of each", () =>
    Effect.gen(function* () {
      const { open, streams } = yield* opened({ maxStreams: 4, keysFile })
      const { close } = yield* open("a")
      yield* open("a")
      assert.strictEqual((yield* Effect.flip(open("a")))._tag, "CallerThrottled")
      yield* open("b")
      yield* open("c")
      const failure = yield* Effect.flip(open("d"))
      assert.deepStrictEqual([failure._tag, failure.retryAfter], ["StreamsExhausted", 10])
      assert.strictEqual(yield* streams, 4)
      yield* close
      assert.strictEqual(yield* streams, 3)
      yield* open("d")
    })
  )

  it.effect("are all for the one caller where callers are not told apart", () =>
    Effect.gen(function* () {
      const { open } = yield* opened({ maxStreams: 3 })
      yield* Effect.replicateEffect(open("local"), 3)
      assert.strictEqual((yield* Effect.flip(open("local")))._tag, "StreamsExhausted")
    })
  )

  it.effect("that were refused take no place", () =>
    Effect.gen(function* () {
      const { open, streams } = yield* opened({ maxStreams: 1, keysFile })
      const { close } = yield* open("a")
      for (let tried = 0; tried < 5; tried++) yield* Effect.flip(open("b"))
      yield* close
      assert.strictEqual(yield* streams, 0)
      yield* open("b")
    })
  )
})
