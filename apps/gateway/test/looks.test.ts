import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as Flights from "../src/looks/flights.ts"
import * as Kept from "../src/looks/kept.ts"
import { base, customer, gateway, order, reading, settle, upstream } from "./gateway.ts"

describe("one look", () => {
  const wanted = { customerId: customer, orderId: order }
  const asked: ReadonlyArray<readonly [path: string, init?: RequestInit]> = [
    [`${base}/report`],
    [`${base}/provisioningstatus`],
    [
      "/v1/reports",
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ orders: [wanted, wanted] })
      }
    ],
    [`${base}/events`],
    [`${base}/report`, { headers: { prefer: "wait=1" } }],
    [base]
  ]

  it.effect.each(asked.map(([path], at) => ({ path, at })))(
    "serves all who ask at the same time on whatever path, also where $path is the first",
    ({ at }) =>
      Effect.gen(function* () {
        const up = { ...upstream(), takes: "300 millis" as const }
        const { begin } = yield* gateway(up)
        const paths = [...asked.slice(at), ...asked.slice(0, at)]
        const answers: Array<Response | Promise<Response>> = []
        for (const [path, init] of paths) {
          answers.push(begin(path, init))
          // Some come while the look is under way.
          yield* TestClock.adjust("50 millis")
        }
        yield* TestClock.adjust("1 seconds")
        yield* TestClock.adjust("1 seconds")
        const all = yield* Effect.promise(() => Promise.all(answers))
        assert.deepStrictEqual(
          all.map(({ status }) => status),
          paths.map(() => 200)
        )
        const stream = all.find(
          ({ headers }) => headers.get("content-type") === "text/event-stream"
        )
        assert.include(stream && (yield* reading(stream).read), "event: report")
        assert.deepStrictEqual(up.asked.toSorted(), ["order", "status"])
      })
  )
})

describe("what is kept", () => {
  it("forgets what was used least lately, by number and by weight", () => {
    const kept = Kept.make<number>({ entries: 3, weight: 10 })
    kept.set("a", 1, 1)
    kept.set("b", 2, 1)
    kept.set("c", 3, 1)
    assert.strictEqual(kept.get("a"), 1)
    kept.set("d", 4, 1)
    assert.isUndefined(kept.get("b"))
    kept.set("e", 5, 9)
    assert.deepStrictEqual(
      ["a", "c", "d", "e"].map((key) => kept.get(key)),
      [undefined, undefined, 4, 5]
    )
    kept.set("f", 6, 100)
    assert.strictEqual(kept.get("f"), 6)
    assert.strictEqual(kept.size(), 1)
    kept.set("f", 7, 1)
    kept.set("g", 8, 9)
    assert.strictEqual(kept.size(), 2)
  })
})

describe("flights", () => {
  it.effect("run once for all who ask meanwhile, and again for who asks later", () =>
    Effect.gen(function* () {
      const share = yield* Flights.make<number, string>()
      const gate = yield* Deferred.make<void>()
      let runs = 0
      const run = Effect.andThen(
        Deferred.await(gate),
        Effect.sync(() => ++runs)
      )
      const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.forkChild(share("a", run)))
      yield* Effect.yieldNow
      yield* Deferred.succeed(gate, undefined)
      const answers = yield* Effect.forEach(fibers, (fiber) => Fiber.join(fiber))
      assert.deepStrictEqual(answers, [1, 1, 1])
      assert.strictEqual(yield* share("a", run), 2)
      assert.strictEqual(yield* share("b", Effect.succeed(9)), 9)
    })
  )

  it.effect("end when the last one leaves, and not when the first does", () =>
    Effect.gen(function* () {
      const share = yield* Flights.make<never, never>()
      const begun = yield* Deferred.make<void>()
      let ended = 0
      const run = Deferred.succeed(begun, undefined).pipe(
        Effect.andThen(Effect.never),
        Effect.onInterrupt(() =>
          Effect.sync(() => {
            ended += 1
          })
        )
      )
      const first = yield* Effect.forkChild(share("a", run))
      const second = yield* Effect.forkChild(share("a", run))
      yield* Deferred.await(begun)
      yield* settle
      yield* Fiber.interrupt(first)
      assert.strictEqual(ended, 0)
      yield* Fiber.interrupt(second)
      yield* settle
      assert.strictEqual(ended, 1)
    })
  )

  it.effect("end with the scope, and none begins after it", () =>
    Effect.gen(function* () {
      let begun = 0
      let ended = 0
      const run = Effect.sync(() => {
        begun += 1
      }).pipe(
        Effect.andThen(Effect.never),
        Effect.onInterrupt(() =>
          Effect.sync(() => {
            ended += 1
          })
        )
      )
      const scope = yield* Scope.make()
      const share = yield* Scope.provide(Flights.make<never, never>(), scope)
      const first = yield* Effect.forkChild(share("a", run), { startImmediately: true })
      yield* Scope.close(scope, Exit.void)
      yield* settle
      assert.isTrue(Exit.isFailure(yield* Fiber.await(first)))
      const late = yield* Effect.forkChild(share("b", run), { startImmediately: true })
      assert.isTrue(Exit.isFailure(yield* Fiber.await(late)))
      assert.deepStrictEqual({ begun, ended }, { begun: 1, ended: 1 })
    })
  )

  it.effect("share failures and forget them", () =>
    Effect.gen(function* () {
      const share = yield* Flights.make<number, string>()
      const later = (word: string) => Effect.andThen(Effect.yieldNow, Effect.fail(word))
      const exits = yield* Effect.all(
        [Effect.exit(share("a", later("no"))), Effect.exit(share("a", later("never")))],
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(exits, [Exit.fail("no"), Exit.fail("no")])
      assert.strictEqual(yield* share("a", Effect.succeed(1)), 1)
    })
  )
})
