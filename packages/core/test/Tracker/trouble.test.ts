import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber } from "effect"
import { CustomerId } from "../../src/Customer.ts"
import { OrderId } from "../../src/Order.ts"
import type { ReasonTag } from "../../src/PartnerCenterError.ts"
import type { Scripted } from "../../src/testing.ts"
import { customer, formA, order, paths, refused, tokens } from "../fixtures.ts"
import { asked } from "../layers.ts"
import {
  answering,
  doneStatus,
  endOf,
  follow,
  following,
  good,
  goodOrder,
  lastOf,
  minute,
  nobody,
  notFound,
  pass,
  placed,
  second,
  stage,
  tagsOf,
  until,
  waitingStatus,
  waits
} from "./stage.ts"

const at = (millis: number) => DateTime.makeUnsafe(millis)
const scripted = (orders: ReadonlyArray<Scripted>, statuses: ReadonlyArray<Scripted>) => ({
  [paths.order]: orders,
  [paths.status]: statuses
})
const untilOf = (mine: Parameters<typeof endOf>[0]) => lastOf(mine, "NotVisibleYet")?.until

describe("a status that is not there yet", () => {
  it.effect("is waited for while the order is younger than 15 minutes, and then fails", () =>
    stage(scripted([goodOrder(5)], [notFound(800007)]), ({ times }) =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(second)
        assert.deepStrictEqual(tagsOf(mine), ["NotVisibleYet", "NextLook"])
        assert.deepStrictEqual(untilOf(mine), at(10 * minute))
        const { error } = lastOf(mine, "NotVisibleYet") ?? {}
        assert.strictEqual(error?.reason._tag, "ProvisioningStatusNotFound")
        yield* pass(10 * minute - 2 * second)
        assert.strictEqual(endOf(mine), "follows")
        yield* pass(minute)
        assert.strictEqual(endOf(mine), "ProvisioningStatusNotFound")
        // All the time at the shortest interval, but for the last look.
        const gaps = times()
          .slice(1)
          .map((time, index) => time - (times()[index] ?? 0))
        for (const gap of gaps.slice(0, -1)) assert.closeTo(gap, waits[0], 250)
        assert.deepStrictEqual(yield* following, nobody)
      })
    )
  )

  it.effect("is reported when it is there", () =>
    stage(scripted([goodOrder(1)], [notFound(800007), notFound(), doneStatus]), () =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(2 * minute)
        assert.strictEqual(endOf(mine), "done")
        assert.deepStrictEqual(tagsOf(mine), [
          "NotVisibleYet",
          "NextLook",
          "NotVisibleYet",
          "NextLook",
          "Changed"
        ])
      })
    )
  )

  it.effect.each([15, 16, 100_000])(
    "fails at once where the order is older already: %i minutes",
    (minutes) =>
      stage(scripted([goodOrder(minutes)], [notFound(800007)]), ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(second)
          assert.strictEqual(endOf(mine), "ProvisioningStatusNotFound")
          assert.deepStrictEqual(tagsOf(mine), [])
          assert.strictEqual(looks().length, 1)
        })
      )
  )

  it.effect("is waited for whatever the grace for orders is", () =>
    stage(scripted([goodOrder(1)], [notFound(800007), doneStatus]), () =>
      Effect.gen(function* () {
        const mine = yield* follow({ notFoundGrace: 0 })
        yield* pass(minute)
        assert.strictEqual(endOf(mine), "done")
      })
    )
  )

  it.effect.each<readonly [string, Scripted]>([
    ["does not say when it was placed", good({ ...placed(), creationDate: null })],
    ["says it in a way that cannot be read", good({ ...placed(), creationDate: "soon" })],
    ["cannot be read", { status: 403 }]
  ])("is waited for by everyone's own patience where the order %s", ([_, answer]) =>
    stage(scripted([answer], [notFound(800007)]), () =>
      Effect.gen(function* () {
        const mine = yield* follow()
        const other = yield* follow({ notFoundGrace: "10 minutes" })
        const hasty = yield* follow({ notFoundGrace: 0 })
        yield* pass(second)
        assert.deepStrictEqual(untilOf(mine), at(2 * minute))
        assert.deepStrictEqual(untilOf(other), at(10 * minute))
        assert.strictEqual(endOf(hasty), "ProvisioningStatusNotFound")
        yield* pass(3 * minute)
        assert.strictEqual(endOf(mine), "ProvisioningStatusNotFound")
        assert.strictEqual(endOf(other), "follows")
      })
    )
  )

  it.effect("is waited for 2 minutes where it was there before, however old the order is", () =>
    stage(scripted([goodOrder(1000)], [waitingStatus, notFound(800007)]), () =>
      Effect.gen(function* () {
        const mine = yield* follow({ notFoundGrace: 0 })
        yield* pass(34 * second)
        assert.deepStrictEqual(untilOf(mine), at(waits[0] + 2 * minute))
        yield* pass(2 * minute - 2 * second)
        assert.strictEqual(endOf(mine), "follows")
        yield* pass(40 * second)
        assert.strictEqual(endOf(mine), "ProvisioningStatusNotFound")
      })
    )
  )

  it.effect("and longer where the order is still young", () =>
    stage(scripted([goodOrder(5)], [waitingStatus, notFound(800007)]), () =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(34 * second)
        assert.deepStrictEqual(untilOf(mine), at(10 * minute))
      })
    )
  )

  it.effect("where it comes back the patience begins anew", () =>
    stage(
      answering(
        () => goodOrder(1000),
        (_, count) => (count % 4 === 0 ? waitingStatus : notFound(800007))
      ),
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(20 * minute)
          assert.strictEqual(endOf(mine), "follows")
          assert.strictEqual(mine.reports().length, 1)
        })
    )
  )
})

describe("an order that is not there", () => {
  const nowhere = scripted([notFound(20000)], [notFound(800007)])

  it.effect("is waited for 2 minutes, and is OrderNotFound then", () =>
    stage(nowhere, ({ times }) =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(second)
        assert.deepStrictEqual(tagsOf(mine), ["NotVisibleYet", "NextLook"])
        assert.deepStrictEqual(untilOf(mine), at(2 * minute))
        assert.strictEqual(lastOf(mine, "NextLook")?.why, "notVisible")
        yield* pass(2 * minute - 2 * second)
        assert.strictEqual(endOf(mine), "follows")
        yield* pass(minute)
        assert.strictEqual(endOf(mine), "OrderNotFound")
        assert.strictEqual(times().length, 5)
        assert.deepStrictEqual(yield* following, nobody)
      })
    )
  )

  it.effect("fails at the first look with a grace of 0", () =>
    stage(nowhere, ({ looks }) =>
      Effect.gen(function* () {
        const mine = yield* follow({ notFoundGrace: 0 })
        yield* pass(2 * minute)
        assert.strictEqual(endOf(mine), "OrderNotFound")
        assert.deepStrictEqual(tagsOf(mine), [])
        assert.strictEqual(looks().length, 1)
      })
    )
  )

  it.effect("is reported where it appears in time", () =>
    stage(
      answering(
        () => until(100_000, notFound(20000), goodOrder(1)),
        () => until(110_000, notFound(800007), doneStatus)
      ),
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(4 * minute)
          assert.strictEqual(endOf(mine), "done")
          // Once it is readable, its status has its own time.
          const waits = mine.events.filter((event) => event._tag === "NotVisibleYet")
          assert.deepStrictEqual(waits.at(0)?.until, at(2 * minute))
        })
    )
  )

  it.effect("is waited for by each as long as they said, from when they came", () =>
    stage(nowhere, () =>
      Effect.gen(function* () {
        const short = yield* follow({ notFoundGrace: "1 minute" })
        const long = yield* follow({ notFoundGrace: "5 minutes" })
        yield* pass(50 * second)
        const late = yield* follow({ notFoundGrace: "1 minute" })
        yield* pass(second)
        assert.deepStrictEqual(untilOf(late), at(110_000))
        yield* pass(20 * second)
        assert.deepStrictEqual(
          [endOf(short), endOf(late), endOf(long)],
          ["OrderNotFound", "follows", "follows"]
        )
        yield* pass(2 * minute)
        assert.deepStrictEqual([endOf(late), endOf(long)], ["OrderNotFound", "follows"])
        yield* pass(4 * minute)
        assert.strictEqual(endOf(long), "OrderNotFound")
      })
    )
  )

  it.effect("whose customer is not found either is CustomerNotFound then", () =>
    stage(scripted([notFound(60003)], [notFound(60003)]), () =>
      Effect.gen(function* () {
        const mine = yield* follow()
        const hasty = yield* follow({ notFoundGrace: 0 })
        yield* pass(second)
        assert.deepStrictEqual(untilOf(mine), at(2 * minute))
        assert.strictEqual(endOf(hasty), "CustomerNotFound")
        yield* pass(3 * minute)
        assert.strictEqual(endOf(mine), "CustomerNotFound")
      })
    )
  )

  it.effect("but has a status is reported without names, and has been found", () =>
    stage(scripted([notFound(20000)], [waitingStatus]), () =>
      Effect.gen(function* () {
        const mine = yield* follow({ notFoundGrace: 0 })
        yield* pass(5 * minute)
        assert.strictEqual(endOf(mine), "follows")
        assert.deepStrictEqual(mine.reports()[0]?.report.warnings, ["orderUnreadable"])
      })
    )
  )
})

describe("a failure that passes", () => {
  const inProgress: Scripted = { status: 409, body: formA(800060) }
  const passing: ReadonlyArray<readonly [string, Scripted, ReasonTag]> = [
    ["500", { status: 500 }, "Unavailable"],
    ["501", { status: 501 }, "Unavailable"],
    ["503", { status: 503 }, "Unavailable"],
    ["408", { status: 408 }, "Unavailable"],
    ["no connection", "reset", "Unavailable"],
    ["bodies cut short", "cut", "Unavailable"],
    ["silence", "silence", "Unavailable"],
    ["an order in progress", inProgress, "OrderInProgress"],
    ["429", { status: 429 }, "Throttled"],
    ["429 with a long wait", { status: 429, headers: { "Retry-After": "90" } }, "Throttled"],
    ["503 with a long wait", { status: 503, headers: { "Retry-After": "90" } }, "Throttled"]
  ]

  it.effect.each(passing)("does not end the following from the first look: %s", ([_, bad]) =>
    stage(
      answering(
        () => until(15 * minute, bad, goodOrder()),
        () => until(15 * minute, bad, doneStatus)
      ),
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(15 * minute, 1000)
          assert.strictEqual(endOf(mine), "follows")
          assert.strictEqual(mine.reports().length, 0)
          yield* pass(20 * minute, 1000)
          assert.strictEqual(endOf(mine), "done")
        })
    )
  )

  it.effect.each(passing)("does not end the following later on: %s", ([_, bad, tag]) =>
    stage(
      answering(
        () => goodOrder(),
        (_, count) => (count === 0 ? waitingStatus : until(15 * minute, bad, doneStatus))
      ),
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(2.5 * minute, 1000)
          const told = mine.events.find(({ _tag }) => _tag === "Retrying" || _tag === "Throttled")
          assert.strictEqual(told?._tag, tag === "Throttled" ? "Throttled" : "Retrying")
          assert.isTrue(told !== undefined && "error" in told && told.error.reason._tag === tag)
          yield* pass(13 * minute, 1000)
          assert.strictEqual(endOf(mine), "follows")
          yield* pass(20 * minute, 1000)
          assert.strictEqual(endOf(mine), "done")
        })
    )
  )

  it.effect("of the login does not either", () =>
    stage(
      (request) =>
        request.method === "POST"
          ? until(10 * minute, { status: 503 }, tokens("t1", "r1"))
          : request.path === paths.order
            ? goodOrder()
            : doneStatus,
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(10 * minute, 1000)
          assert.strictEqual(endOf(mine), "follows")
          assert.strictEqual(lastOf(mine, "Retrying")?.error.operation, "signIn")
          yield* pass(6 * minute, 1000)
          assert.strictEqual(endOf(mine), "done")
        })
    )
  )

  it.effect("makes the breaker open, which does not either: it says when it tries again", () =>
    stage(
      answering(
        () => until(10 * minute, { status: 500 }, goodOrder()),
        () => until(10 * minute, { status: 500 }, doneStatus)
      ),
      () =>
        Effect.gen(function* () {
          const ids = Array.from({ length: 6 }, (_, index) => OrderId.make(`order-${index}`))
          const all = yield* Effect.forEach(ids, (id) => follow({}, id))
          yield* pass(2 * minute, 1000)
          const suspended = all
            .flatMap(({ events }) => events)
            .find(
              (event) =>
                event._tag === "Retrying" &&
                event.error.reason._tag === "Unavailable" &&
                event.error.reason.noAnswer === "suspended"
            )
          assert.isDefined(suspended)
          yield* pass(20 * minute, 1000)
          assert.deepStrictEqual(
            all.map(endOf),
            ids.map(() => "done")
          )
        })
    )
  )

  it.effect("slows the looks down, and is over when a look is good", () =>
    stage(
      answering(
        () => goodOrder(),
        (_, count) => (count === 0 || count > 4 ? waitingStatus : { status: 501 })
      ),
      ({ times }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(12 * minute)
          const gaps = times()
            .slice(1)
            .map((time, index) => time - (times()[index] ?? 0))
          for (const [index, gap] of waits.slice(0, 5).entries()) {
            assert.closeTo(gaps[index] ?? 0, gap, 500)
          }
          assert.strictEqual(mine.reports().length, 1)
          assert.strictEqual(lastOf(mine, "NextLook")?.why, "unchanged")
        })
    )
  )
})

describe("a wait that upstream asks for", () => {
  it.effect("beyond the deadline is told until when, and kept", () =>
    stage(
      scripted(
        [goodOrder()],
        [waitingStatus, { status: 429, headers: { "Retry-After": "200" } }, waitingStatus]
      ),
      ({ times }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(40 * second)
          assert.deepStrictEqual(tagsOf(mine), ["Changed", "NextLook", "Throttled", "NextLook"])
          assert.deepStrictEqual(lastOf(mine, "Throttled")?.until, at(waits[0] + 200_000))
          assert.deepStrictEqual(lastOf(mine, "NextLook"), {
            _tag: "NextLook",
            at: at(waits[0] + 200_000),
            why: "throttled"
          })
          yield* pass(4 * minute)
          assert.deepStrictEqual(times(), [0, waits[0], waits[0] + 200_000])
        })
    )
  )

  it.effect("is kept where a 429 says it only in words", () =>
    stage(
      scripted(
        [goodOrder()],
        [
          waitingStatus,
          { status: 429, body: { statusCode: 429, message: "Try again in 157 seconds." } },
          waitingStatus
        ]
      ),
      ({ times }) =>
        Effect.gen(function* () {
          yield* follow()
          yield* pass(4 * minute)
          assert.deepStrictEqual(times().slice(0, 3), [0, waits[0], waits[0] + 157_000])
        })
    )
  )

  it.effect("is kept where it is longer than the plan, though not than the deadline", () =>
    stage(
      answering(
        () => goodOrder(),
        (_, count) =>
          count > 0 && count < 6 ? { status: 503, headers: { "Retry-After": "10" } } : waitingStatus
      ),
      ({ sent }) =>
        Effect.gen(function* () {
          const mine = yield* follow({ interval: "2 seconds" })
          yield* pass(43 * second)
          // Five attempts, each ten seconds after the one before, and then another look.
          assert.strictEqual(lastOf(mine, "Retrying")?.error.reason._tag, "Unavailable")
          assert.strictEqual(lastOf(mine, "NextLook")?.why, "throttled")
          yield* pass(11 * second)
          const ats = sent.map(({ at }) => at)
          for (const [index, time] of ats.entries()) {
            if (index > 2 && index < 8) assert.isAtLeast(time - (ats[index - 1] ?? 0), 10_000)
          }
        })
    )
  )

  it.effect("by a 429 holds every order, and all who follow are told", () => {
    const other = OrderId.make("another-order")
    return stage(
      answering(
        () => goodOrder(),
        ({ path }, count) =>
          path.includes(other) && count === 1
            ? { status: 429, headers: { "Retry-After": "240" } }
            : waitingStatus
      ),
      ({ sent }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(5 * second)
          const throttled = yield* follow({}, other)
          yield* pass(34 * second)
          const paused = sent.at(-1)?.at ?? 0
          assert.strictEqual(lastOf(throttled, "Throttled")?._tag, "Throttled")
          yield* pass(3 * minute)
          assert.strictEqual(sent.at(-1)?.at, paused)
          assert.deepStrictEqual(lastOf(mine, "NextLook"), {
            _tag: "NextLook",
            at: at(paused + 240_000),
            why: "throttled"
          })
          assert.strictEqual(lastOf(mine, "Throttled"), undefined)
          yield* pass(2 * minute)
          const after = sent.filter((one) => one.at > paused)
          assert.isAtLeast(after.length, 2)
          for (const one of after) assert.isAtLeast(one.at, paused + 240_000)
        })
    )
  })
})

describe("a failure that needs somebody", () => {
  const ending: ReadonlyArray<readonly [ReasonTag, Scripted]> = [
    ["InvalidRequest", { status: 400, body: formA(2000) }],
    ["SignInRequired", { status: 401 }],
    ["SignInRequired", { status: 403, body: formA(90000) }],
    ["MfaRequired", { status: 401, body: formA(900421) }],
    ["MfaRequired", { status: 401, body: formA(10001) }],
    ["WrongAudience", { status: 401, body: formA(900420) }],
    ["NoRelationship", { status: 403, body: formA(20002) }],
    ["ConditionalAccess", { status: 403, body: formA(900309) }],
    ["AppOnlyNotSupported", { status: 403, body: formA(900329) }],
    ["InsufficientPrivileges", { status: 403 }]
  ]

  it.effect.each(ending)("ends the following at the first look: %s", ([tag, answer]) =>
    stage(scripted([answer], [answer]), ({ looks }) =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(5 * minute, 1000)
        assert.strictEqual(endOf(mine), tag)
        assert.strictEqual(looks().length, 1)
        assert.deepStrictEqual(yield* following, nobody)
      })
    )
  )

  it.effect.each(ending)("ends the following at a later look, for all: %s", ([tag, answer]) =>
    stage(scripted([goodOrder()], [waitingStatus, answer]), ({ looks }) =>
      Effect.gen(function* () {
        const mine = yield* follow()
        const other = yield* follow({ interval: "1 minute" })
        yield* pass(5 * minute, 1000)
        assert.deepStrictEqual([endOf(mine), endOf(other)], [tag, tag])
        assert.strictEqual(mine.reports().length, 1)
        assert.strictEqual(looks().length, 2)
        assert.deepStrictEqual(yield* following, nobody)
      })
    )
  )

  it.effect("of one order does not end the others", () => {
    const other = OrderId.make("another-order")
    return stage(
      answering(
        () => goodOrder(),
        ({ path }) => (path.includes(other) ? { status: 403, body: formA(20002) } : waitingStatus)
      ),
      () =>
        Effect.gen(function* () {
          const mine = yield* follow()
          const refused = yield* follow({}, other)
          yield* pass(5 * minute)
          assert.deepStrictEqual([endOf(mine), endOf(refused)], ["follows", "NoRelationship"])
          assert.deepStrictEqual(yield* following, { orders: 1, followers: 1 })
        })
    )
  })

  it.effect("a sign-in that is refused ends all, with few questions to the login", () => {
    const ids = Array.from({ length: 8 }, (_, index) => OrderId.make(`order-${index}`))
    const elsewhere = CustomerId.make("11111111-1111-4111-8111-111111111111")
    return stage(
      (request, count) =>
        request.method === "POST"
          ? count === 0
            ? tokens("t1", "r1", 200)
            : refused(70008)
          : request.path.endsWith("/provisioningstatus")
            ? waitingStatus
            : goodOrder(),
      () =>
        Effect.gen(function* () {
          const all = yield* Effect.forEach(ids, (id) =>
            pass(2000).pipe(Effect.andThen(follow({}, id)))
          )
          const more = yield* follow({}, order, elsewhere)
          yield* pass(10 * minute, 1000)
          const ends = [...all, more].map(endOf)
          assert.deepStrictEqual(new Set(ends), new Set(["SignInRequired"]))
          assert.strictEqual((yield* asked(paths.token)).length, 2)
          assert.deepStrictEqual(yield* following, nobody)
        })
    )
  })

  it.effect("nobody signed in ends it without asking for the order", () =>
    stage(
      scripted([goodOrder()], [waitingStatus]),
      ({ sent }) =>
        Effect.gen(function* () {
          const mine = yield* follow()
          yield* pass(minute)
          assert.strictEqual(endOf(mine), "SignInRequired")
          assert.deepStrictEqual(sent, [])
        }),
      { entry: {} }
    )
  )

  it.effect("the failure that ended it has its support ids", () =>
    stage(scripted([goodOrder()], [{ status: 403, body: formA(20002) }]), ({ sent }) =>
      Effect.gen(function* () {
        const mine = yield* follow({}, order, customer)
        yield* pass(second)
        const error = yield* Effect.flip(Fiber.join(mine.fiber))
        assert.strictEqual(error.support.requestId, sent.at(-1)?.headers["ms-requestid"])
      })
    )
  )
})

describe("an odd answer", () => {
  const odd: ReadonlyArray<readonly [string, Scripted, ReasonTag]> = [
    ["another shape", { body: "[]" }, "UnexpectedResponse"],
    ["a redirect", { status: 302 }, "UnexpectedResponse"],
    ["a conflict", { status: 409 }, "Conflict"],
    ["a certificate that is not accepted", "untrusted", "Unavailable"]
  ]

  it.effect.each(odd)("ends at once what never worked: %s", ([_, answer, tag]) =>
    stage(scripted([goodOrder()], [answer]), ({ looks }) =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(minute)
        assert.strictEqual(endOf(mine), tag)
        assert.strictEqual(looks().length, 1)
      })
    )
  )

  it.effect.each(odd)("ends what has worked only at the third in a row: %s", ([_, answer, tag]) =>
    stage(scripted([goodOrder()], [waitingStatus, answer]), ({ looks }) =>
      Effect.gen(function* () {
        const mine = yield* follow({ interval: "10 seconds" })
        yield* pass(30 * second)
        assert.deepStrictEqual(tagsOf(mine).slice(0, 4), [
          "Changed",
          "NextLook",
          "Retrying",
          "NextLook"
        ])
        yield* pass(3 * minute)
        assert.strictEqual(endOf(mine), tag)
        assert.strictEqual(looks().length, 4)
      })
    )
  )

  it.effect.each(odd)("is forgiven when a good one comes in between: %s", ([_, answer, tag]) =>
    stage(
      scripted(
        [goodOrder()],
        [
          waitingStatus,
          answer,
          answer,
          waitingStatus,
          answer,
          answer,
          waitingStatus,
          answer,
          answer,
          answer,
          waitingStatus
        ]
      ),
      ({ looks }) =>
        Effect.gen(function* () {
          const mine = yield* follow({ interval: "8 seconds" })
          yield* pass(20 * minute, 1000)
          assert.strictEqual(endOf(mine), tag)
          assert.strictEqual(looks().length, 10)
        })
    )
  )

  it.effect("ends at once what was only ever not found, or failed otherwise", () =>
    stage(scripted([goodOrder(1)], [notFound(800007), { status: 501 }, { body: "[]" }]), () =>
      Effect.gen(function* () {
        const mine = yield* follow()
        yield* pass(5 * minute)
        assert.strictEqual(endOf(mine), "UnexpectedResponse")
      })
    )
  )
})
