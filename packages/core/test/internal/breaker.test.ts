import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer, Schema } from "effect"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import { TestClock } from "effect/testing"
import { breakerStoreMemory, makeBreaker } from "../../src/internal/breaker.ts"
import { make, PartnerCenterError } from "../../src/PartnerCenterError.ts"

const failed = (httpStatus: number) =>
  new PartnerCenterError({
    operation: "order",
    reason: make({ _tag: "Unavailable", httpStatus }),
    support: {}
  })

const ends = {
  success: Exit.succeed("done"),
  answer: Exit.fail(failed(404)),
  ignored: Exit.fail(failed(408)),
  failure: Exit.fail(failed(503)),
  interrupt: Exit.interrupt()
} as const

/** What the calls over a breaker come to; `now` is how one ends that has been refused. */
const makeCalls = Effect.gen(function* () {
  const { guard, suspendedFor } = yield* makeBreaker("key")
  return {
    suspendedFor: Effect.map(suspendedFor, Duration.toMillis),
    begin: Effect.gen(function* () {
      const end = yield* Deferred.make<string, PartnerCenterError>()
      const fiber = yield* Effect.forkChild(guard("order")(Deferred.await(end)), {
        startImmediately: true
      })
      const now = fiber.pollUnsafe()
      return {
        now: now === undefined ? "asks" : String(Exit.findErrorOption(now)),
        end: (exit: Exit.Exit<string, PartnerCenterError>) =>
          Effect.andThen(
            Exit.isFailure(exit) && Exit.hasInterrupts(exit)
              ? Fiber.interrupt(fiber)
              : Deferred.done(end, exit),
            Fiber.await(fiber)
          )
      }
    })
  }
})

const Step = Schema.Union([
  Schema.Struct({ begin: Schema.Literals([1, 5]) }),
  Schema.Struct({
    end: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
    as: Schema.Literals(["success", "answer", "ignored", "failure", "failure", "interrupt"])
  }),
  // Failures come in rows, or nothing would ever open.
  Schema.Struct({ fail: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 })) }),
  Schema.Struct({ succeed: Schema.Literal(1) }),
  Schema.Struct({ wait: Schema.Literals([0, 100, 5000, 10_000, 60_000, 3_600_000]) })
])
type Step = typeof Step.Type

/** Does the same over our breaker and over one that is asked and told everything. */
const compared = Effect.fnUntraced(function* (steps: ReadonlyArray<Step>) {
  const ours = yield* makeCalls.pipe(Effect.provide(yield* Layer.build(breakerStoreMemory)))
  const every = yield* makeCalls.pipe(
    Effect.provide(yield* Layer.build(CircuitBreaker.layerStoreMemory()))
  )
  const begin = Effect.gen(function* () {
    const [own, other] = [yield* ours.begin, yield* every.begin]
    assert.strictEqual(own.now, other.now)
    return (exit: Exit.Exit<string, PartnerCenterError>) =>
      Effect.andThen(own.end(exit), other.end(exit))
  })
  const open: Array<Effect.Success<typeof begin>> = []
  for (const step of steps) {
    if ("begin" in step) {
      for (let count = 0; count < step.begin; count++) open.push(yield* begin)
    } else if ("wait" in step) yield* TestClock.adjust(step.wait)
    else if ("succeed" in step) yield* (yield* begin)(ends.success)
    else if ("fail" in step) {
      for (let count = 0; count < step.fail; count++) yield* (yield* begin)(ends.failure)
    } else {
      const [end] = open.splice(step.end, 1)
      if (end !== undefined) yield* end(ends[step.as])
    }
    assert.strictEqual(yield* ours.suspendedFor, yield* every.suspendedFor)
  }
  return yield* ours.suspendedFor
})

const endAll = Array.from({ length: 5 }, (): Step => ({ end: 0, as: "failure" }))

describe("the breaker of this process", () => {
  it.effect.prop(
    "does what one does that is asked and told everything",
    { steps: Schema.Array(Step).check(Schema.isMaxLength(60)) },
    ({ steps }) => compared(steps),
    { arbitrary: { seed: "breaker", runs: 400 } }
  )

  it.effect.each<readonly [string, ReadonlyArray<Step>, number]>([
    [
      "failures of calls from before it opened do not count once it has closed",
      [{ begin: 5 }, { fail: 5 }, { wait: 5000 }, { succeed: 1 }, { wait: 5000 }, ...endAll],
      0
    ],
    [
      "it opens for longer by calls from the time when it remembered to have opened",
      [
        { fail: 5 },
        { wait: 5000 },
        { succeed: 1 },
        { succeed: 1 },
        { begin: 5 },
        { wait: 5000 },
        ...endAll
      ],
      10_000
    ],
    [
      "a success of a call from before it opened does not hide the failures since",
      [
        { fail: 1 },
        { begin: 1 },
        { fail: 5 },
        { wait: 5000 },
        { succeed: 1 },
        { wait: 5000 },
        { succeed: 1 },
        { fail: 3 },
        { end: 0, as: "success" },
        { succeed: 1 },
        { fail: 4 }
      ],
      0
    ],
    ["a success in between begins the count anew", [{ fail: 4 }, { succeed: 1 }, { fail: 4 }], 0],
    [
      "a success of a call that began while all was well begins it anew too",
      [{ begin: 1 }, { fail: 4 }, { end: 0, as: "success" }, { fail: 4 }],
      0
    ],
    ["five that began while all was well open it", [{ begin: 5 }, ...endAll], 5000]
  ])("%s", ([_, steps, expected]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* compared(steps), expected)
    })
  )

  it.effect("is not bothered while all goes well, and learns of what does not", () => {
    let asked = 0
    const counted = Layer.effect(
      CircuitBreaker.CircuitBreakerStore,
      Effect.map(CircuitBreaker.CircuitBreakerStore, (store) =>
        CircuitBreaker.CircuitBreakerStore.of({
          ...store,
          admit: (key) => Effect.tap(store.admit(key), () => Effect.sync(() => asked++))
        })
      )
    ).pipe(Layer.provideMerge(breakerStoreMemory))
    return Effect.gen(function* () {
      const calls = yield* makeCalls
      const call = (exit: Exit.Exit<string, PartnerCenterError>) =>
        Effect.flatMap(calls.begin, ({ end }) => end(exit))
      yield* call(ends.success)
      yield* call(ends.answer)
      yield* call(ends.interrupt)
      assert.strictEqual(asked, 0)
      yield* call(ends.failure)
      assert.strictEqual(asked, 1)
      yield* call(ends.success)
      assert.strictEqual(asked, 2)
      yield* call(ends.success)
      assert.strictEqual(asked, 2)
    }).pipe(Effect.provide(counted))
  })

  it.effect("lets the next probe through when one is interrupted", () =>
    Effect.gen(function* () {
      const calls = yield* makeCalls
      const call = (exit: Exit.Exit<string, PartnerCenterError>) =>
        Effect.flatMap(calls.begin, ({ end, now }) => Effect.as(end(exit), now))
      for (let count = 0; count < 5; count++) yield* call(ends.failure)
      assert.notStrictEqual(yield* call(ends.success), "asks")
      yield* TestClock.adjust(5000)
      assert.strictEqual(yield* call(ends.interrupt), "asks")
      assert.strictEqual(yield* call(ends.success), "asks")
      assert.strictEqual(yield* calls.suspendedFor, 0)
    }).pipe(Effect.provide(breakerStoreMemory))
  )
})
