import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Operation from "../src/Operation.ts"

const current = Effect.flatMap(Operation.Current, (operation) =>
  operation === undefined ? Effect.die("outside of an operation") : Effect.succeed(operation)
)

describe("an operation", () => {
  it.effect("has an id, a deadline and a lane that everything in it shares", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 second")
      const [first, second] = yield* Effect.all([current, current]).pipe(
        Operation.within("60 seconds", "follow")
      )
      assert.deepStrictEqual(first, second)
      assert.match(first.correlationId, /^[0-9a-f-]{36}$/)
      assert.strictEqual(first.deadline, 61_000)
      assert.strictEqual(first.lane, "follow")
    })
  )

  it.effect("one inside of another is part of it", () =>
    Effect.gen(function* () {
      const [outer, inner] = yield* Effect.all([
        current,
        current.pipe(Operation.within("5 minutes", "follow"))
      ]).pipe(Operation.within("60 seconds"))
      assert.deepStrictEqual(inner, outer)
      assert.strictEqual(outer.lane, "direct")
    })
  )

  it.effect("a separate one is its own, wherever it is called from", () =>
    Effect.gen(function* () {
      const [outer, own] = yield* Effect.all([
        current,
        current.pipe(Operation.separate("5 minutes"))
      ]).pipe(Operation.within("60 seconds"))
      assert.notStrictEqual(own.correlationId, outer.correlationId)
      assert.strictEqual(own.deadline, 300_000)
    })
  )

  it.effect("half is half of what is left, of the same operation", () =>
    Effect.gen(function* () {
      const [outer, inner] = yield* Effect.gen(function* () {
        const outer = yield* current
        yield* TestClock.adjust("20 seconds")
        return [outer, yield* Operation.half(current)] as const
      }).pipe(Operation.within("60 seconds"))
      assert.strictEqual(inner.correlationId, outer.correlationId)
      assert.strictEqual(inner.deadline, 40_000)
    })
  )

  it.effect("half of what has passed is nothing", () =>
    Effect.gen(function* () {
      const deadline = yield* Effect.gen(function* () {
        yield* TestClock.adjust("2 minutes")
        return (yield* Operation.half(current)).deadline
      }).pipe(Operation.within("60 seconds"))
      assert.strictEqual(deadline, 120_000)
    })
  )

  it.effect("what is left grows less; outside of an operation it is forever", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* Operation.remaining, Number.POSITIVE_INFINITY)
      const left = yield* Effect.andThen(TestClock.adjust("20 seconds"), Operation.remaining).pipe(
        Operation.within("60 seconds")
      )
      assert.strictEqual(left, 40_000)
    })
  )

  it.effect("one that is followed is its own, whatever it is called from, with its turn", () =>
    Effect.gen(function* () {
      const turn = { isUsed: false, at: 0 }
      const [outer, inner] = yield* Effect.all([
        current,
        Operation.following("10 seconds", turn)(current)
      ]).pipe(Operation.within("60 seconds"))
      assert.notStrictEqual(inner.correlationId, outer.correlationId)
      assert.deepStrictEqual([inner.deadline, inner.lane], [10_000, "follow"])
      assert.strictEqual(inner.turn, turn)
      assert.deepStrictEqual([outer.lane, outer.turn], ["direct", undefined])
    })
  )

  it.effect("half of one that is followed has the same turn", () =>
    Effect.gen(function* () {
      const turn = { isUsed: false, at: 0 }
      const inner = yield* Operation.half(current).pipe(Operation.following("10 seconds", turn))
      assert.strictEqual(inner.turn, turn)
    })
  )
})
