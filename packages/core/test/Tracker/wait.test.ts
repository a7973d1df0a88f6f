import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Option } from "effect"
import type { ReasonTag } from "../../src/PartnerCenterError.ts"
import type { Scripted } from "../../src/testing.ts"
import { Tracker } from "../../src/Tracker.ts"
import type { WaitOptions } from "../../src/Tracker.ts"
import { customer, formA, order, paths } from "../fixtures.ts"
import { failed, flush, run, timed } from "../layers.ts"
import {
  doneStatus,
  follow,
  following,
  goodOrder,
  minute,
  nobody,
  notFound,
  pass,
  second,
  stage,
  statusOf,
  waitingStatus,
  waits
} from "./stage.ts"

const wait = (options?: WaitOptions) =>
  Effect.flatMap(Tracker, (tracker) => tracker.wait(customer, order, options))
const answers = (...statuses: ReadonlyArray<Scripted>) => ({
  [paths.order]: [goodOrder()],
  [paths.status]: statuses
})

describe("waiting", () => {
  it.effect.each([
    ["fulfilled", "fulfilled"],
    ["unfulfilled", "unfulfilled"]
  ] as const)("ends when the order has settled: %s", ([word, verdict]) =>
    stage(answers(waitingStatus, waitingStatus, statusOf(word)), () =>
      Effect.gen(function* () {
        const { exit, took } = yield* timed(wait(), 250)
        const { isSettled, latest } = yield* exit
        assert.isTrue(isSettled)
        const changed = Option.getOrThrow(latest)
        assert.strictEqual(changed.report.verdict, verdict)
        assert.strictEqual(changed.history.changes.length, 2)
        assert.strictEqual(changed._tag, "Changed")
        // The test's own jitter is another inside `timed`.
        assert.closeTo(took, waits[0] + waits[1], 1000)
        assert.deepStrictEqual(yield* following, nobody)
      })
    )
  )

  it.effect("has no limit unless one is given", () =>
    stage(answers(waitingStatus), () =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(wait())
        yield* pass(24 * 60 * minute, 20_000)
        assert.isUndefined(fiber.pollUnsafe())
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* following, nobody)
      })
    )
  )

  it.effect("ends at its limit with the latest, unsettled, and stops the poll", () =>
    stage(answers(waitingStatus, statusOf("Prefulfillment_Pending")), ({ sent }) =>
      Effect.gen(function* () {
        const { exit, took } = yield* timed(wait({ timeout: "2 minutes" }))
        const { isSettled, latest } = yield* exit
        assert.isFalse(isSettled)
        assert.strictEqual(took, 2 * minute)
        const { report } = Option.getOrThrow(latest)
        assert.strictEqual(report.lines[0]?.rawStatus, "Prefulfillment_Pending")
        assert.deepStrictEqual(yield* following, nobody)
        const before = sent.length
        yield* pass(10 * minute, 1000)
        assert.strictEqual(sent.length, before)
      })
    )
  )

  it.effect("with a limit shorter than a look has seen nothing, and gives the look up", () =>
    stage(answers("silence"), ({ sent }) =>
      Effect.gen(function* () {
        const { exit, took } = yield* timed(wait({ timeout: "3 seconds" }))
        assert.deepStrictEqual(yield* exit, { isSettled: false, latest: Option.none() })
        assert.strictEqual(took, 3 * second)
        yield* pass(2 * minute, 1000)
        assert.strictEqual(sent.length, 2)
      })
    )
  )

  it.effect("at its limit while upstream has trouble, has what it saw before", () =>
    stage(answers(waitingStatus, { status: 501 }), () =>
      Effect.gen(function* () {
        const { latest } = yield* run(wait({ timeout: "5 minutes" }))
        assert.strictEqual(Option.getOrThrow(latest).report.verdict, "pending")
      })
    )
  )

  it.effect.each<WaitOptions["timeout"]>([0, "0 seconds", Duration.zero])(
    "with a limit of 0 is one look: %s",
    (timeout) =>
      stage(answers(waitingStatus), ({ looks }) =>
        Effect.gen(function* () {
          const { exit, took } = yield* timed(wait({ timeout }))
          const { isSettled, latest } = yield* exit
          assert.deepStrictEqual([isSettled, took], [false, 0])
          const { history, report } = Option.getOrThrow(latest)
          assert.strictEqual(report.verdict, "pending")
          assert.deepStrictEqual(history.firstSeenAt, report.observedAt)
          assert.deepStrictEqual(looks(), [["order", "status"]])
          assert.deepStrictEqual(yield* following, nobody)
        })
      )
  )

  it.effect("with a limit of 0 can find it settled", () =>
    stage(answers(doneStatus), () =>
      Effect.gen(function* () {
        const { isSettled, latest } = yield* run(wait({ timeout: 0 }))
        assert.isTrue(isSettled)
        assert.deepStrictEqual(
          Option.getOrThrow(latest).history.settledAt,
          Option.getOrThrow(latest).report.observedAt
        )
      })
    )
  )

  it.effect("with a limit of 0 never waits out what is not there yet", () =>
    stage({ [paths.order]: [goodOrder(1)], [paths.status]: [notFound(800007)] }, ({ looks }) =>
      Effect.gen(function* () {
        const { exit, took } = yield* timed(Effect.flip(wait({ timeout: 0 })))
        assert.strictEqual((yield* exit).reason._tag, "ProvisioningStatusNotFound")
        assert.deepStrictEqual([took, looks().length], [0, 1])
      })
    )
  )

  it.effect("waits out what is not there yet otherwise", () =>
    stage({ [paths.order]: [goodOrder(1)], [paths.status]: [notFound(800007), doneStatus] }, () =>
      Effect.gen(function* () {
        assert.isTrue((yield* run(wait())).isSettled)
      })
    )
  )

  it.effect.each<readonly [ReasonTag, Scripted, WaitOptions]>([
    ["NoRelationship", { status: 403, body: formA(20002) }, {}],
    ["NoRelationship", { status: 403, body: formA(20002) }, { timeout: 0 }],
    ["NoRelationship", { status: 403, body: formA(20002) }, { timeout: "1 hour" }],
    ["OrderNotFound", notFound(20000), { notFoundGrace: 0 }],
    ["OrderNotFound", notFound(20000), { timeout: "1 hour" }]
  ])("fails as following does: %s", ([tag, answer, options]) =>
    stage({ [paths.order]: [answer], [paths.status]: [notFound()] }, () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* failed(wait(options))).reason._tag, tag)
        assert.deepStrictEqual(yield* following, nobody)
      })
    )
  )

  it.effect("shares the poll of those who follow, and leaves it to them", () =>
    stage(answers(waitingStatus), ({ sent }) =>
      Effect.gen(function* () {
        yield* follow()
        yield* pass(minute)
        const before = sent.length
        const waiting = yield* Effect.forkChild(wait({ timeout: "20 seconds" }))
        yield* flush
        assert.deepStrictEqual(yield* following, { orders: 1, followers: 2 })
        yield* pass(20 * second)
        assert.isFalse((yield* Fiber.join(waiting)).isSettled)
        assert.strictEqual(sent.length, before)
        assert.deepStrictEqual(yield* following, { orders: 1, followers: 1 })
      })
    )
  )
})
