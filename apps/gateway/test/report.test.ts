import { assert, describe, it } from "@effect/vitest"
import { Tracker } from "@orderwatch/core/Tracker"
import { Context, Deferred, Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Caller } from "../src/access.ts"
import { Closing } from "../src/closing.ts"
import {
  base,
  customer,
  failing,
  gateway,
  jsonOf,
  order,
  settle,
  statusOf,
  upstream
} from "./gateway.ts"
import type { Upstream } from "./gateway.ts"
import { wallClock } from "./wall.ts"

const report = `${base}/report`

describe("GET …/report", () => {
  it.effect("answers the report with its validator and what caches may do", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      const response = yield* ask(report)
      assert.strictEqual(response.status, 200)
      const body = yield* jsonOf(response)
      assert.strictEqual(body["verdict"], "pending")
      assert.match(response.headers.get("etag") ?? "", /^W\/"[\w-]{22}"$/)
      assert.strictEqual(response.headers.get("cache-control"), "private, no-cache")
      assert.strictEqual(response.headers.get("vary"), "Authorization")
      assert.strictEqual(response.headers.get("age"), "0")
      assert.match(response.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/)
    })
  )

  it.effect("is served again for 10 seconds while unsettled, and says its age", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      yield* ask(report)
      yield* TestClock.adjust("9 seconds")
      const again = yield* ask(report)
      assert.strictEqual(again.headers.get("age"), "9")
      assert.deepStrictEqual(up.asked, ["order", "status"])
      yield* TestClock.adjust("1 seconds")
      yield* ask(report)
      assert.deepStrictEqual(up.asked, ["order", "status", "order", "status"])
    })
  )

  it.effect("is served again for 5 minutes once settled", () =>
    Effect.gen(function* () {
      const up = { ...upstream(), status: statusOf("fulfilled") }
      const { ask } = yield* gateway(up)
      yield* ask(report)
      yield* TestClock.adjust("299 seconds")
      assert.strictEqual((yield* ask(report)).headers.get("age"), "299")
      assert.strictEqual(up.asked.length, 2)
      yield* TestClock.adjust("1 seconds")
      yield* ask(report)
      assert.strictEqual(up.asked.length, 4)
    })
  )

  it.effect("knows the same report by its validator, in a list, weak or strong, and by `*`", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      const etag = (yield* ask(report)).headers.get("etag") ?? ""
      for (const named of [etag, etag.slice(2), `"a", ${etag}`, "*", ` W/"b" ,${etag}`]) {
        const response = yield* ask(report, { headers: { "if-none-match": named } })
        assert.strictEqual(response.status, 304, named)
        assert.strictEqual(response.headers.get("etag"), etag)
        assert.strictEqual(response.headers.get("vary"), "Authorization")
        assert.strictEqual(yield* Effect.promise(() => response.text()), "")
      }
      for (const named of ['"a"', "", "nonsense"]) {
        const response = yield* ask(report, { headers: { "if-none-match": named } })
        assert.strictEqual(response.status, 200, named)
      }
    })
  )

  it.effect("has the same validator after a restart, and however the ids are spelled", () =>
    Effect.gen(function* () {
      const first = yield* gateway(upstream())
      const second = yield* gateway(upstream())
      const etag = (yield* first.ask(report)).headers.get("etag")
      yield* TestClock.adjust("1 minutes")
      assert.strictEqual((yield* second.ask(report)).headers.get("etag"), etag)
      const spelled = yield* second.ask(
        `/v1/customers/${customer.toUpperCase()}/orders/${order.toLowerCase()}/report`
      )
      assert.strictEqual(spelled.headers.get("etag"), etag)
      const body = yield* jsonOf(spelled)
      assert.strictEqual(body["customerId"], customer.toUpperCase())
      assert.strictEqual(body["orderId"], order.toLowerCase())
    })
  )

  it.effect("asks anew for `Cache-Control: no-cache`, at most once a second", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask } = yield* gateway(up)
      const anew = { headers: { "cache-control": "no-cache" } }
      yield* ask(report)
      yield* TestClock.adjust("900 millis")
      yield* ask(report, anew)
      assert.strictEqual(up.asked.length, 2)
      yield* TestClock.adjust("100 millis")
      for (let n = 0; n < 5; n++) yield* ask(report, anew)
      assert.strictEqual(up.asked.length, 4)
      yield* TestClock.adjust("3 seconds")
      yield* ask(report, { headers: { "cache-control": "max-age=4" } })
      assert.strictEqual(up.asked.length, 4)
      yield* ask(report, { headers: { "cache-control": "max-age=2" } })
      assert.strictEqual(up.asked.length, 6)
    })
  )

  it.effect("looks once for all who ask at the same time", () =>
    Effect.gen(function* () {
      const up = { ...upstream(), takes: "1 seconds" as const }
      const { begin } = yield* gateway(up)
      const asked = Array.from({ length: 20 }, () => begin(report))
      yield* TestClock.adjust("2 seconds")
      const answers = yield* Effect.promise(() => Promise.all(asked))
      assert.isTrue(answers.every(({ status }) => status === 200))
      assert.deepStrictEqual(up.asked, ["order", "status"])
    })
  )

  it.effect("lets a failure be shared by those who wait, and asks again a second later", () =>
    Effect.gen(function* () {
      const up: Upstream = {
        ...upstream(),
        takes: "1 seconds",
        status: failing("provisioningStatus", "SignInRequired")
      }
      const { begin } = yield* gateway(up)
      const asked = [begin(report), begin(report)]
      yield* TestClock.adjust("2 seconds")
      const answers = yield* Effect.promise(() => Promise.all(asked))
      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [503, 503]
      )
      assert.strictEqual(up.asked.length, 2)
      up.status = statusOf("fulfilled")
      const soon = begin(report)
      yield* TestClock.adjust("100 millis")
      assert.strictEqual((yield* Effect.promise(async () => soon)).status, 503)
      assert.strictEqual(up.asked.length, 2)
      yield* TestClock.adjust("1 seconds")
      const again = begin(report)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* Effect.promise(async () => again)).status, 200)
    })
  )

  it.effect("stops asking when everybody who waits has hung up, and not before", () =>
    Effect.gen(function* () {
      const up = { ...upstream(), takes: "10 seconds" as const }
      const { begin } = yield* gateway(up)
      const [first, second] = [new AbortController(), new AbortController()]
      const answers = [
        begin(report, { signal: first.signal }),
        begin(report, { signal: second.signal })
      ]
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(up.busy, 1)
      first.abort()
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(up.busy, 1)
      second.abort()
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(up.busy, 0)
      const statuses = (yield* Effect.promise(() => Promise.all(answers))).map((a) => a.status)
      assert.deepStrictEqual(statuses, [499, 499])
      assert.deepStrictEqual(up.asked, ["order"])
    })
  )

  it.effect("ends soon after the deadline of a request", () =>
    Effect.gen(function* () {
      const up = { ...upstream(), takes: "1 hours" as const }
      const { begin } = yield* gateway(up, { settings: { deadline: Duration.seconds(5) } })
      const answer = begin(report)
      yield* TestClock.adjust("7 seconds")
      const response = yield* Effect.promise(async () => answer)
      assert.strictEqual(response.status, 504)
      assert.strictEqual((yield* jsonOf(response))["reason"], "TimedOut")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(up.busy, 0)
    })
  )

  it.effect("shares what was read with upstream's own paths, and they with it", () =>
    Effect.gen(function* () {
      const up = { ...upstream(), status: statusOf("fulfilled") }
      const { ask } = yield* gateway(up)
      yield* ask(report)
      yield* TestClock.adjust("4 minutes")
      yield* ask(base)
      yield* ask(`${base}/provisioningstatus`)
      assert.deepStrictEqual(up.asked, ["order", "status"])
      const second = upstream()
      const { ask: askSecond } = yield* gateway(second)
      yield* askSecond(`${base}/provisioningstatus`)
      yield* askSecond(report)
      assert.deepStrictEqual(second.asked, ["status", "order"])
    })
  )

  it.effect("does not serve a report that a later status contradicts", () =>
    Effect.gen(function* () {
      const up = { ...upstream(), status: statusOf("fulfilled") }
      const { ask } = yield* gateway(up)
      yield* ask(report)
      yield* TestClock.adjust("1 minutes")
      up.status = statusOf("prefulfillmentPending")
      yield* ask(`${base}/provisioningstatus`, { headers: { "cache-control": "no-cache" } })
      const body = yield* jsonOf(yield* ask(report))
      assert.strictEqual(body["verdict"], "pending")
      assert.include(JSON.stringify(body["lines"]), "wentBack")
    })
  )

  it.effect.each([1, 60, 119, 3600])(
    "tells what is newer where the clock was put back by %s s meanwhile",
    (seconds) =>
      wallClock((wall) =>
        Effect.gen(function* () {
          yield* TestClock.adjust("2 hours")
          const up = upstream()
          const { ask } = yield* gateway(up)
          assert.strictEqual((yield* jsonOf(yield* ask(report)))["verdict"], "pending")
          up.status = statusOf("fulfilled")
          yield* TestClock.adjust("500 millis")
          wall.shift(-seconds * 1000)
          assert.strictEqual((yield* jsonOf(yield* ask(report)))["verdict"], "fulfilled")
          const looked = up.asked.length
          assert.strictEqual((yield* jsonOf(yield* ask(report)))["verdict"], "fulfilled")
          assert.strictEqual(up.asked.length, looked)
        })
      )
  )

  it.effect("refuses who takes no JSON", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      assert.strictEqual((yield* ask(report, { headers: { accept: "text/html" } })).status, 406)
      for (const accept of ["application/json", "*/*", "text/html, application/*;q=0.5", ""]) {
        assert.strictEqual((yield* ask(report, { headers: { accept } })).status, 200, accept)
      }
    })
  )
})

describe("Prefer: wait", () => {
  const waiting = (etag?: string, seconds = 60) => ({
    headers: { prefer: `wait=${seconds}`, ...(etag && { "if-none-match": etag }) }
  })

  it.effect("answers at once where the report is another than the client's", () =>
    Effect.gen(function* () {
      const { ask } = yield* gateway(upstream())
      const response = yield* ask(report, waiting('W/"another"'))
      assert.strictEqual(response.status, 200)
      assert.strictEqual(response.headers.get("preference-applied"), "wait=60")
    })
  )

  it.effect("answers as soon as a look sees something else, at the normal interval", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask, begin } = yield* gateway(up)
      const etag = (yield* ask(report)).headers.get("etag") ?? ""
      const answer = begin(report, waiting(etag))
      yield* TestClock.adjust("1 seconds")
      up.status = statusOf("fulfilled")
      yield* TestClock.adjust("28 seconds")
      assert.strictEqual(up.asked.length, 2)
      yield* TestClock.adjust("20 seconds")
      const response = yield* Effect.promise(async () => answer)
      assert.strictEqual(response.status, 200)
      assert.strictEqual((yield* jsonOf(response))["verdict"], "fulfilled")
      assert.notStrictEqual(response.headers.get("etag"), etag)
      assert.strictEqual(response.headers.get("preference-applied"), "wait=60")
    })
  )

  it.effect("goes on waiting while the report is any that the client has", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask, begin } = yield* gateway(up)
      const etagOf = Effect.map(ask(report), ({ headers }) => headers.get("etag") ?? "")
      const before = yield* etagOf
      up.status = statusOf("prefulfillmentPending", 2)
      yield* TestClock.adjust("10 seconds")
      const after = yield* etagOf
      up.status = statusOf("prefulfillmentPending")
      yield* TestClock.adjust("10 seconds")
      const [listed, any] = [
        begin(report, waiting(`${before}, ${after.slice(2)}`)),
        begin(report, waiting("*", 59))
      ]
      yield* settle
      const arrived = up.asked.length
      up.status = statusOf("prefulfillmentPending", 2)
      yield* TestClock.adjust("36 seconds")
      assert.isAbove(up.asked.length, arrived)
      up.status = statusOf("fulfilled")
      yield* TestClock.adjust("23 seconds")
      const unchanged = yield* Effect.promise(async () => any)
      assert.strictEqual(unchanged.status, 304)
      yield* TestClock.adjust("1 seconds")
      const response = yield* Effect.promise(async () => listed)
      assert.strictEqual(response.status, 200)
      assert.strictEqual((yield* jsonOf(response))["verdict"], "fulfilled")
    })
  )

  it.effect("answers 304 when the time is over, and the state on arrival without a validator", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask, begin } = yield* gateway(up)
      const etag = (yield* ask(report)).headers.get("etag") ?? ""
      const [known, unknown] = [
        begin(report, waiting(etag, 5)),
        begin(report, waiting(undefined, 5))
      ]
      yield* settle
      yield* TestClock.adjust("5 seconds")
      const first = yield* Effect.promise(async () => known)
      assert.strictEqual(first.status, 304)
      assert.strictEqual(first.headers.get("preference-applied"), "wait=5")
      const second = yield* Effect.promise(async () => unknown)
      assert.strictEqual(second.status, 200)
      assert.strictEqual(second.headers.get("etag"), etag)
    })
  )

  it.effect("waits 60 seconds at most, and not for an order that has settled", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask, begin } = yield* gateway(up)
      const answer = begin(report, waiting(undefined, 3600))
      yield* settle
      yield* TestClock.adjust("60 seconds")
      const response = yield* Effect.promise(async () => answer)
      assert.strictEqual(response.headers.get("preference-applied"), "wait=60")
      const settled = yield* gateway({ ...upstream(), status: statusOf("fulfilled") })
      const etag = (yield* settled.ask(report)).headers.get("etag") ?? ""
      assert.strictEqual((yield* settled.ask(report, waiting(etag))).status, 304)
      assert.strictEqual((yield* ask(report, { headers: { prefer: "wait=x" } })).status, 200)
    })
  )

  it.effect("ends with the caller's key, and when the gateway does", () =>
    Effect.gen(function* () {
      const revoked = yield* Deferred.make<void>()
      const caller: Caller = { id: "a", customers: "all", ended: Deferred.await(revoked) }
      const { begin, context } = yield* gateway(upstream(), { callers: { a: caller } })
      const headers = { prefer: "wait=60", authorization: "Bearer a" }
      const [first] = [begin(report, { headers })]
      yield* TestClock.adjust("1 seconds")
      yield* Deferred.succeed(revoked, undefined)
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual((yield* Effect.promise(async () => first)).status, 401)
      const local = yield* gateway(upstream())
      const second = local.begin(report, { headers })
      yield* TestClock.adjust("1 seconds")
      yield* Context.get(local.context, Closing).begin
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual((yield* Effect.promise(async () => second)).status, 200)
      assert.isDefined(context)
    })
  )

  it.effect(
    "tells a caller whose key has gone nothing, also not of the look when the time is over",
    () =>
      Effect.gen(function* () {
        const up = upstream()
        const revoked = yield* Deferred.make<void>()
        const caller: Caller = { id: "a", customers: "all", ended: Deferred.await(revoked) }
        const { begin } = yield* gateway(up, { callers: { a: caller } })
        const answer = begin(report, { headers: { prefer: "wait=20", authorization: "Bearer a" } })
        yield* settle
        up.takes = "5 seconds"
        yield* TestClock.adjust("21 seconds")
        assert.strictEqual(up.busy, 1)
        yield* Deferred.succeed(revoked, undefined)
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual((yield* Effect.promise(async () => answer)).status, 401)
      })
  )

  it.effect("leaves nobody following when it ends", () =>
    Effect.gen(function* () {
      const { begin, context } = yield* gateway(upstream())
      const gone = new AbortController()
      const answer = begin(report, { headers: { prefer: "wait=60" }, signal: gone.signal })
      yield* settle
      const tracker = Context.get(context, Tracker)
      assert.deepStrictEqual(yield* tracker.following, { orders: 1, followers: 1 })
      gone.abort()
      yield* settle
      yield* Effect.promise(async () => answer)
      assert.deepStrictEqual(yield* tracker.following, { orders: 0, followers: 0 })
    })
  )
})
