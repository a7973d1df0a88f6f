import { assert, describe, it } from "@effect/vitest"
import { Effect, Scope, Exit } from "effect"
import { TestClock } from "effect/testing"
import { Closing } from "../src/closing.ts"
import * as Crowd from "../src/crowd.ts"
import { Pulse } from "../src/pulse.ts"

describe("a crowd", () => {
  it.effect("is who has joined and not left", () =>
    Effect.gen(function* () {
      const crowd = Crowd.make<string>()
      const leave = crowd.join("a")
      crowd.join("b")
      const scope = yield* Scope.make()
      yield* Scope.provide(Crowd.joined(crowd, "c"), scope)
      assert.deepStrictEqual(crowd.members(), ["a", "b", "c"])
      leave()
      leave()
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual([crowd.members(), crowd.size()], [["b"], 1])
    })
  )
})

describe("the end", () => {
  it.effect("is told to who waits for it, and to who comes when it has begun", () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      const closing = yield* Closing
      const gone = yield* Scope.make()
      yield* closing.onBegun(() => told.push("early"))
      yield* Scope.provide(
        closing.onBegun(() => told.push("gone")),
        gone
      )
      yield* Scope.close(gone, Exit.void)
      yield* closing.begin
      assert.isTrue(yield* closing.isBegun)
      yield* closing.onBegun(() => told.push("late"))
      assert.deepStrictEqual(told, ["early", "late"])
    }).pipe(Effect.provide(Closing.layer), Effect.scoped)
  )
})

describe("a limit", () => {
  it.effect("is told once, whoever leaves it or not, and never to who has left", () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      const { limit } = yield* Pulse
      limit(3000, () => told.push("3 s"))
      limit(1, () => told.push("soon"))
      limit(0, () => told.push("at once"))
      const leave = limit(2000, () => told.push("never"))
      leave()
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(told, ["soon", "at once"])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(told, ["soon", "at once", "3 s"])
    }).pipe(Effect.provide(Pulse.layer), Effect.scoped)
  )
})
