import { assert, describe, it } from "@effect/vitest"
import { Tracker } from "@orderwatch/core/Tracker"
import { Context, Deferred, Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Caller } from "../src/access.ts"
import { Closing } from "../src/closing.ts"
import { Limits } from "../src/limits.ts"
import {
  base,
  customer,
  failing,
  gateway,
  olderOrderOf,
  order,
  orderOf,
  reading,
  settle,
  statusOf,
  upstream
} from "./gateway.ts"

const events = `${base}/events`

const open = Effect.fnUntraced(function* (
  begin: (path: string, init?: RequestInit) => Response | Promise<Response>,
  init?: RequestInit
) {
  const answer = begin(events, init)
  yield* settle
  const response = yield* Effect.promise(async () => answer)
  return { response, ...reading(response) }
})

const idOf = (text: string) => /^id: (.*)$/m.exec(text)?.[1] ?? ""

describe("GET …/events", () => {
  it.effect("tells each change as a whole report until the order has settled", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask, begin } = yield* gateway(up)
      const stream = yield* open(begin)
      assert.strictEqual(stream.response.headers.get("content-type"), "text/event-stream")
      const first = yield* stream.read
      assert.match(first, /^retry: \d{4}\n\nid: W\/"[\w-]+"\nevent: report\ndata: \{.*\}\n\n$/)
      assert.strictEqual(idOf(first), (yield* ask(`${base}/report`)).headers.get("etag"))
      up.status = statusOf("fulfilled")
      yield* TestClock.adjust("36 seconds")
      const second = yield* stream.read
      assert.include(second, '"verdict":"fulfilled"')
      assert.isTrue(second.endsWith('event: end\ndata: {"why":"settled"}\n\n'), second)
      assert.isTrue(stream.isDone())
    })
  )

  it.effect("tells how an order of many subscriptions has ended, each asked once more", () =>
    Effect.gen(function* () {
      const up = upstream()
      const ids = [1, 2, 3].map((n) => `c3d2e1f0-a9b8-4768-95a4-b3c2d1e0f9a${n}`)
      up.order = olderOrderOf(ids)
      const [first = "", second = "", third = ""] = ids
      up.subscriptions = { [first]: "success" }
      const { ask, begin } = yield* gateway(up)
      const stream = yield* open(begin)
      assert.include(yield* stream.read, '"verdict":"pending"')
      up.subscriptions = { [first]: "success", [second]: "success" }
      yield* TestClock.adjust("36 seconds")
      assert.include(yield* stream.read, '"fulfilled":2,"pending":1')
      up.subscriptions = { [first]: "success", [second]: "success", [third]: "success" }
      const before = up.asked.length
      yield* TestClock.adjust("40 seconds")
      const last = yield* stream.read
      assert.include(last, '"verdict":"fulfilled"')
      assert.isTrue(last.endsWith('event: end\ndata: {"why":"settled"}\n\n'), last)
      const asked = up.asked.slice(before).filter((name) => name.startsWith("subscription"))
      assert.deepStrictEqual(asked.toSorted(), ids.map((id) => `subscription ${id}`).toSorted())
      const report = yield* ask(`${base}/report`)
      assert.strictEqual(report.headers.get("etag"), idOf(last))
    })
  )

  it.effect("says every 15 seconds that it lives", () =>
    Effect.gen(function* () {
      const { begin } = yield* gateway(upstream())
      const stream = yield* open(begin)
      yield* stream.read
      yield* TestClock.adjust("15 seconds")
      assert.strictEqual(yield* stream.read, ": \n\n")
    })
  )

  it.effect(
    "looks once an interval for however many follow, and for nobody when all have gone",
    () =>
      Effect.gen(function* () {
        const up = upstream()
        const { begin, context } = yield* gateway(up)
        const streams = []
        for (let n = 0; n < 20; n++) streams.push(yield* open(begin))
        const looked = up.asked.length
        yield* TestClock.adjust("36 seconds")
        assert.strictEqual(up.asked.length, looked + 1)
        const tracker = Context.get(context, Tracker)
        assert.deepStrictEqual(yield* tracker.following, { orders: 1, followers: 1 })
        assert.strictEqual(yield* Context.get(context, Limits).streams, 20)
        for (const { cancel } of streams) yield* cancel
        yield* settle
        assert.deepStrictEqual(yield* tracker.following, { orders: 0, followers: 0 })
        assert.strictEqual(yield* Context.get(context, Limits).streams, 0)
      })
  )

  it.effect("feeds what others are told", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask, begin } = yield* gateway(up)
      yield* open(begin)
      yield* TestClock.adjust("36 seconds")
      const looked = up.asked.length
      yield* ask(`${base}/report`)
      yield* ask(`${base}/provisioningstatus`)
      assert.strictEqual(up.asked.length, looked)
    })
  )

  it.effect("sends nothing that the client has, and 204 once that has settled", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { ask, begin } = yield* gateway(up)
      const etag = (yield* ask(`${base}/report`)).headers.get("etag") ?? ""
      const stream = yield* open(begin, { headers: { "last-event-id": etag } })
      assert.match(yield* stream.read, /^retry: \d+\n\n$/)
      const behind = yield* open(begin, { headers: { "last-event-id": 'W/"before"' } })
      assert.include(yield* behind.read, "event: report")
      up.status = statusOf("fulfilled")
      yield* TestClock.adjust("36 seconds")
      const id = idOf(yield* stream.read)
      const again = yield* ask(events, { headers: { "last-event-id": id } })
      assert.strictEqual(again.status, 204)
      const late = yield* open(begin, { headers: { "last-event-id": etag } })
      assert.include(yield* late.read, '"why":"settled"')
    })
  )

  it.effect("answers with a problem where it fails at once", () =>
    Effect.gen(function* () {
      const { begin } = yield* gateway({ ...upstream(), order: failing("order", "NoRelationship") })
      const { response } = yield* open(begin)
      assert.strictEqual(response.status, 403)
      assert.strictEqual(response.headers.get("content-type"), "application/problem+json")
    })
  )

  it.effect("ends with the problem where it fails later", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { begin } = yield* gateway(up)
      const stream = yield* open(begin)
      yield* stream.read
      up.status = failing("provisioningStatus", "MfaRequired")
      yield* TestClock.adjust("36 seconds")
      const text = yield* stream.read
      assert.match(
        text,
        /event: problem\ndata: \{"reason":"MfaRequired".*\n\nevent: end\ndata: \{"why":"failed"\}\n\n$/
      )
      assert.isTrue(stream.isDone())
    })
  )

  it.effect("waits for an order that is not there yet", () =>
    Effect.gen(function* () {
      const up = upstream()
      up.order = failing("order", "OrderNotFound")
      up.status = failing("provisioningStatus", "OrderNotFound")
      const { begin } = yield* gateway(up)
      const stream = yield* open(begin)
      assert.strictEqual(stream.response.status, 200)
      up.order = orderOf()
      up.status = statusOf("fulfilled")
      yield* TestClock.adjust("40 seconds")
      assert.include(yield* stream.read, '"why":"settled"')
    })
  )

  it.effect("waits as long for one who comes while the order is gone, from when they came", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { begin } = yield* gateway(up)
      const first = yield* open(begin)
      yield* first.read
      up.order = failing("order", "OrderNotFound")
      up.status = failing("provisioningStatus", "OrderNotFound")
      yield* TestClock.adjust("100 seconds")
      const second = yield* open(begin)
      yield* TestClock.adjust("100 seconds")
      assert.isTrue(first.isDone())
      assert.isFalse(second.isDone())
      up.order = orderOf()
      up.status = statusOf("fulfilled")
      yield* TestClock.adjust("100 seconds")
      assert.include(yield* second.read, '"why":"settled"')
    })
  )

  it.effect("ends with the caller's key", () =>
    Effect.gen(function* () {
      const revoked = yield* Deferred.make<void>()
      const caller: Caller = { id: "a", customers: "all", ended: Deferred.await(revoked) }
      const { begin } = yield* gateway(upstream(), { callers: { a: caller } })
      const stream = yield* open(begin, { headers: { authorization: "Bearer a" } })
      yield* stream.read
      yield* Deferred.succeed(revoked, undefined)
      const text = yield* stream.read
      assert.include(text, '"reason":"Unauthenticated"')
      assert.isTrue(text.endsWith('event: end\ndata: {"why":"refused"}\n\n'))
    })
  )

  it.effect("tells a caller whose key has gone no report that was not read by then", () =>
    Effect.gen(function* () {
      const up = upstream()
      const revoked = yield* Deferred.make<void>()
      const caller: Caller = { id: "a", customers: "all", ended: Deferred.await(revoked) }
      const { begin } = yield* gateway(up, { callers: { a: caller } })
      const paused = []
      for (let n = 0; n < 2; n++) {
        const answer = begin(events, { headers: { authorization: "Bearer a" } })
        yield* settle
        paused.push(yield* Effect.promise(async () => answer))
      }
      const [first, second] = paused.map((response) => response.body?.getReader())
      // The one waits for news when the key goes, the other has read nothing yet.
      yield* Effect.promise(async () => first?.read())
      yield* Deferred.succeed(revoked, undefined)
      yield* settle
      up.status = statusOf("fulfilled")
      yield* TestClock.adjust("36 seconds")
      for (const reader of [first, second]) {
        const piece = yield* Effect.promise(async () => reader?.read())
        const text = new TextDecoder().decode(piece?.value)
        assert.notInclude(text, "event: report")
        assert.match(
          text,
          /"reason":"Unauthenticated".*\n\nevent: end\ndata: \{"why":"refused"\}\n\n$/
        )
        assert.isTrue((yield* Effect.promise(async () => reader?.read()))?.done)
      }
    })
  )

  it.effect("says when to come back where the gateway ends, and begins no other", () =>
    Effect.gen(function* () {
      const { ask, begin, context } = yield* gateway(upstream())
      const stream = yield* open(begin)
      yield* stream.read
      yield* Context.get(context, Closing).begin
      const text = yield* stream.read
      assert.match(text, /retry: \d{4}\n\n$/)
      assert.notInclude(text, "event: end")
      assert.isTrue(stream.isDone())
      const refused = yield* ask(events)
      assert.strictEqual(refused.status, 503)
      assert.strictEqual(refused.headers.get("retry-after"), "1")
    })
  )

  it.effect("is refused where there are too many, and where no events are taken", () =>
    Effect.gen(function* () {
      const { ask, begin } = yield* gateway(upstream(), { settings: { maxStreams: 1 } })
      const first = yield* open(begin)
      const second = yield* ask(events)
      assert.include([429, 503], second.status)
      assert.isNotNull(second.headers.get("retry-after"))
      yield* first.cancel
      const third = yield* open(begin)
      assert.strictEqual(third.response.status, 200)
      const html = yield* ask(events, { headers: { accept: "text/html" } })
      assert.strictEqual(html.status, 406)
    })
  )

  it.effect("keeps one report for who reads slowly, the latest", () =>
    Effect.gen(function* () {
      const up = upstream()
      const { begin } = yield* gateway(up)
      const answer = begin(events)
      yield* settle
      const response = yield* Effect.promise(async () => answer)
      for (let n = 2; n < 12; n++) {
        up.status = statusOf("prefulfillmentPending", n)
        yield* TestClock.adjust("36 seconds")
        yield* settle
      }
      const { read } = reading(response)
      const text = yield* read
      assert.strictEqual(text.match(/event: report/g)?.length, 1)
      assert.include(text, '"total":11')
    })
  )

  it.effect("is of the order however its ids are spelled", () =>
    Effect.gen(function* () {
      const { begin } = yield* gateway(upstream())
      const path = `/v1/customers/${customer.toUpperCase()}/orders/${order.toLowerCase()}/events`
      const answer = begin(path)
      yield* settle
      const { read } = reading(yield* Effect.promise(async () => answer))
      assert.include(yield* read, customer.toUpperCase())
    })
  )
})
