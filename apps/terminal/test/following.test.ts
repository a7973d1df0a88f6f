import { assert, describe, it } from "@effect/vitest"
import type { Verdict } from "@orderwatch/core/OrderReport"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { Tracker } from "@orderwatch/core/Tracker"
import type { FollowEvent } from "@orderwatch/core/Tracker"
import { Duration, Effect, Fiber, Layer, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import { byVerdict } from "../src/exitCode.ts"
import { exitCodeOf, follow, isOver } from "../src/following.ts"
import type { Ending, News, Options, Standing } from "../src/following.ts"
import { changed, failed, failure, nextLook, report, seen, unseen } from "./standings.ts"

type Step = FollowEvent | PartnerCenterError

// Each order comes to its next step a second after the one before, and never ends by itself.
const tracker = (courses: Readonly<Record<string, ReadonlyArray<Step>>>) =>
  Layer.mock(Tracker)({
    follow: (_, order) =>
      Stream.fromIterable(courses[order] ?? []).pipe(
        Stream.mapEffect((step) =>
          Effect.delay(
            "_tag" in step && step._tag === "PartnerCenterError"
              ? Effect.fail(step)
              : Effect.succeed(step),
            "1 second"
          )
        ),
        Stream.takeUntil((event) => event._tag === "Changed" && event.report.settled),
        Stream.concat(isEnding(courses[order] ?? []) ? Stream.empty : Stream.never)
      ),
    look: (_, order) => {
      const [first] = courses[order] ?? []
      if (first?._tag === "Changed") {
        return Effect.succeed({ report: first.report, order: Option.none() })
      }
      return first?._tag === "PartnerCenterError" ? Effect.fail(first) : Effect.never
    }
  })
const isEnding = (course: ReadonlyArray<Step>): boolean =>
  course.some((step) => step._tag === "Changed" && step.report.settled)

const options: Options = {
  interval: Option.none(),
  notFoundGrace: Option.none(),
  timeout: Option.none(),
  until: "all",
  isFailFast: false
}

const is = (verdict: Verdict) => changed(report(verdict))
const mixed = changed({
  ...report("pending"),
  lines: [...report("pending").lines, ...report("unfulfilled").lines]
})

interface Followed {
  readonly ending: Ending | undefined
  readonly standings: ReadonlyArray<Standing>
  readonly news: ReadonlyArray<string>
}

// What the following came to after so many seconds.
const followed = Effect.fnUntraced(function* (
  courses: Readonly<Record<string, ReadonlyArray<Step>>>,
  seconds: number,
  more: Partial<Options> = {}
) {
  const standings = Object.keys(courses).map((id) => unseen(id))
  const news: Array<string> = []
  const fiber = yield* follow(standings, { ...options, ...more }, (standing, what: News) =>
    Effect.sync(() => void news.push(`${standing.orderId} ${what._tag}`))
  ).pipe(Effect.provide(tracker(courses)), Effect.forkChild)
  yield* TestClock.adjust(Duration.seconds(seconds))
  const exit = fiber.pollUnsafe()
  const ending = exit?._tag === "Success" ? exit.value : undefined
  yield* Fiber.interrupt(fiber)
  return { ending, standings, news } satisfies Followed
})

describe("follow", () => {
  it.effect("ends when all orders have settled or failed", () =>
    Effect.gen(function* () {
      const courses = {
        "A-1": [is("pending"), is("fulfilled")],
        "A-2": [is("pending"), is("pending"), is("unfulfilled")],
        "A-3": [failure("Conflict")]
      }
      assert.isUndefined((yield* followed(courses, 2)).ending)
      const { ending, news, standings } = yield* followed(courses, 3)
      assert.strictEqual(ending, "enough")
      assert.deepStrictEqual(standings.map(isOver), [true, true, true])
      assert.strictEqual(exitCodeOf(standings, "enough", "all"), 1)
      assert.deepStrictEqual(
        news.filter((one) => one.startsWith("A-3")),
        ["A-3 Failed"]
      )
    })
  )

  it.effect("keeps what is known last, and when the next look is", () =>
    Effect.gen(function* () {
      const course = [
        is("pending"),
        nextLook(30, "changed"),
        { _tag: "Retrying", error: failure("Unavailable") }
      ] as const
      const { ending, standings } = yield* followed({ "A-1": course }, 60)
      assert.isUndefined(ending)
      const [one] = standings
      assert.strictEqual(one?.latest?.report.verdict, "pending")
      assert.strictEqual(one?.next?.why, "changed")
      assert.strictEqual(one?.trouble?._tag, "Retrying")
      assert.isUndefined(one?.error)
      const again = yield* followed({ "A-1": [...course, is("pending")] }, 60)
      assert.isUndefined(again.standings[0]?.trouble)
    })
  )

  it.effect("until any ends with the first that settles, not with one that fails", () =>
    Effect.gen(function* () {
      const courses = {
        "A-1": [failure("OrderNotFound")],
        "A-2": [is("pending"), is("unfulfilled")],
        "A-3": [is("pending"), is("pending"), is("fulfilled")]
      }
      assert.isUndefined((yield* followed(courses, 1, { until: "any" })).ending)
      const { ending, standings } = yield* followed(courses, 2, { until: "any" })
      assert.strictEqual(ending, "enough")
      assert.strictEqual(exitCodeOf(standings, "enough", "any"), 3)
    })
  )

  it.effect("until any ends where all have failed", () =>
    Effect.gen(function* () {
      const courses = { "A-1": [failure("OrderNotFound")], "A-2": [failure("MfaRequired")] }
      const { ending, standings } = yield* followed(courses, 1, { until: "any" })
      assert.strictEqual(ending, "enough")
      assert.strictEqual(exitCodeOf(standings, "enough", "any"), 4)
    })
  )

  it.effect("ends early at the first line that will not come, if that was asked for", () =>
    Effect.gen(function* () {
      const courses = { "A-1": [is("pending")], "A-2": [is("pending"), mixed] }
      assert.isUndefined((yield* followed(courses, 60)).ending)
      assert.isUndefined((yield* followed(courses, 1, { isFailFast: true })).ending)
      const { ending, standings } = yield* followed(courses, 2, { isFailFast: true })
      assert.strictEqual(ending, "unfulfilled")
      assert.strictEqual(exitCodeOf(standings, "unfulfilled", "all"), 3)
    })
  )

  it.effect("ends when the time is over", () =>
    Effect.gen(function* () {
      const timeout = Option.some(Duration.seconds(5))
      const courses = { "A-1": [is("pending")] }
      assert.isUndefined((yield* followed(courses, 4, { timeout })).ending)
      assert.strictEqual((yield* followed(courses, 5, { timeout })).ending, "timeout")
    })
  )

  it.effect("with no time at all looks once at each", () =>
    Effect.gen(function* () {
      const timeout = Option.some(Duration.zero)
      const courses = {
        "A-1": [is("pending")],
        "A-2": [is("fulfilled")],
        "A-3": [failure("OrderNotFound")]
      }
      const { ending, news, standings } = yield* followed(courses, 0, { timeout })
      assert.strictEqual(ending, "looked")
      assert.deepStrictEqual(news, ["A-1 Changed", "A-2 Changed", "A-3 Failed"])
      assert.strictEqual(exitCodeOf(standings, "looked", "all"), 5)
    })
  )
})

describe("the exit code of a following", () => {
  const verdicts: ReadonlyArray<Verdict> = ["fulfilled", "partiallyFulfilled", "unfulfilled"]
  const endings = {
    enough: 8,
    looked: 8,
    unread: 8,
    timeout: 124
  } as const

  it("is that of the verdict where all have settled, however it ended", () => {
    for (const verdict of verdicts) {
      for (const ending of ["enough", "looked", "unread", "timeout"] as const) {
        assert.strictEqual(exitCodeOf([seen(verdict)], ending, "all"), byVerdict[verdict])
      }
    }
  })

  it.each(["enough", "looked", "unread", "timeout"] as const)(
    "tells by how it ended what is open, seen or not: %s",
    (ending) => {
      for (const open of [unseen(), seen("pending"), seen("unknown")]) {
        assert.strictEqual(exitCodeOf([open, seen("fulfilled")], ending, "all"), endings[ending])
      }
    }
  )

  it("is 130 where it was interrupted and 3 where it ended early, whatever else there was", () => {
    const all = [failed("MfaRequired"), seen("pending"), seen("fulfilled")]
    assert.strictEqual(exitCodeOf(all, "interrupted", "all"), 130)
    assert.strictEqual(exitCodeOf(all, "unfulfilled", "all"), 3)
  })

  it("until any is that of those that settled, unless it ended before one did", () => {
    const all = [failed("MfaRequired"), seen("pending"), seen("fulfilled")]
    assert.strictEqual(exitCodeOf(all, "enough", "any"), 0)
    assert.strictEqual(exitCodeOf(all, "timeout", "any"), 4)
    assert.strictEqual(exitCodeOf([seen("pending"), unseen()], "timeout", "any"), 124)
  })

  it("of no order is 0", () => {
    assert.strictEqual(exitCodeOf([], "enough", "all"), 0)
  })
})
