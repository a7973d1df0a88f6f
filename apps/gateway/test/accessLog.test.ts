import { createServer, request as httpRequest } from "node:http"
import { assert, describe, it, vi } from "@effect/vitest"
import { Effect, Fiber, References } from "effect"
import { TestClock } from "effect/testing"
import * as AccessLog from "../src/accessLog.ts"
import type { Served } from "../src/handler.ts"
import { CallerNotAllowed } from "../src/problem.ts"
import { customer, failing, order } from "./gateway.ts"
import { asking, services, simulated } from "./live.ts"
import { wallClock } from "./wall.ts"

const served: Served = {
  method: "GET",
  route: "/v1/customers/:customer/orders/:order/report",
  path: `/v1/customers/${customer}/orders/${order}/report`,
  status: 200,
  millis: 12,
  requestId: "r1",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  callerId: "desk",
  failure: undefined
}

const parsed = (text: string): ReadonlyArray<Record<string, unknown>> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))

/** A log, and what it has written by now. */
const logging = Effect.gen(function* () {
  const written: Array<string> = []
  const log = yield* AccessLog.make((text) => {
    written.push(text)
  })
  return { log, written, lines: Effect.sync(() => parsed(written.join(""))) }
})

describe("the access log", () => {
  it.effect("says when, what, how it went, how long it took, and who asked", () =>
    Effect.gen(function* () {
      const { lines, log } = yield* logging
      yield* TestClock.adjust("1 second")
      log(served)
      assert.deepEqual(yield* lines, [])
      yield* TestClock.adjust("50 millis")
      const { failure: _, millis, ...rest } = served
      assert.deepEqual(yield* lines, [
        {
          timestamp: "1970-01-01T00:00:01.000Z",
          level: "INFO",
          message: "request",
          ...rest,
          durationMs: millis
        }
      ])
    })
  )

  it.effect("tells how long it took though the clock on the wall was put back meanwhile", () =>
    wallClock((wall) =>
      Effect.gen(function* () {
        const { lines, log } = yield* logging
        yield* TestClock.adjust("2 minutes")
        let close = () => {}
        log({
          ...served,
          outgoing: {
            closed: false,
            writableFinished: true,
            socket: null,
            once: (_, listener) => (close = listener),
            off: () => undefined
          }
        })
        wall.shift(-60_000)
        yield* TestClock.adjust("1 second")
        close()
        yield* TestClock.adjust("50 millis")
        const [line] = yield* lines
        assert.strictEqual(line?.["durationMs"], 1012)
        assert.strictEqual(line?.["timestamp"], "1970-01-01T00:01:01.000Z")
      })
    )
  )

  it.effect("names the reason of a failure, and what support at Microsoft asks for", () =>
    Effect.gen(function* () {
      const { lines, log } = yield* logging
      log({ ...served, status: 404, failure: failing("order", "OrderNotFound") })
      log({ ...served, status: 403, failure: new CallerNotAllowed() })
      log({ ...served, support: { requestId: "u1", msCv: "cv" } })
      yield* TestClock.adjust("50 millis")
      const [one, two, three] = yield* lines
      assert.strictEqual(one?.["reason"], "OrderNotFound")
      assert.deepEqual(one?.["support"], {
        requestId: "upstream-request",
        correlationId: "upstream-correlation"
      })
      assert.strictEqual(two?.["reason"], "CallerNotAllowed")
      assert.isUndefined(two?.["support"])
      assert.deepEqual(three?.["support"], { requestId: "u1", msCv: "cv" })
    })
  )

  it.effect("writes many at once, and what is left when it ends", () =>
    Effect.gen(function* () {
      const written = yield* Effect.scoped(
        Effect.gen(function* () {
          const { log, written } = yield* logging
          for (let count = 0; count < 100; count++) log(served)
          yield* TestClock.adjust("50 millis")
          assert.lengthOf(written, 1)
          for (let count = 0; count < 1000; count++) log(served)
          assert.isAbove(written.length, 1)
          log(served)
          return written
        })
      )
      assert.lengthOf(parsed(written.join("")), 1101)
    })
  )

  it.effect("is silent where less is asked for", () =>
    Effect.gen(function* () {
      const { log, written } = yield* logging
      log(served)
      yield* TestClock.adjust("1 minute")
      assert.deepEqual(written, [])
    }).pipe(Effect.provideService(References.MinimumLogLevel, "Warn"))
  )

  it.effect("stays one line of JSON without secrets, whatever the path is", () =>
    Effect.gen(function* () {
      const { lines, log, written } = yield* logging
      const token = `eyJ${"abcDEF123_-".repeat(4)}.eyJ${"payload".repeat(4)}.c2lnbmF0dXJl`
      log({ ...served, path: `/x\r\n{"level":"INFO"}\u001b[2J\u2028/${token}/${"a".repeat(5000)}` })
      yield* TestClock.adjust("50 millis")
      assert.lengthOf(yield* lines, 1)
      assert.notInclude(written.join(""), "abcDEF123")
      assert.notMatch(written.join("").trimEnd(), /[\u0000-\u001f\u007f-\u009f\u2028]/)
      assert.isBelow(written.join("").length, 3000)
    })
  )

  it.live("waits for the end of an answer, and tells one that was cut off", () =>
    Effect.gen(function* () {
      const { lines, log } = yield* logging
      const server = yield* Effect.acquireRelease(
        Effect.promise(async () => {
          const made = createServer((request, response) => {
            response.writeHead(200)
            log({ ...served, path: request.url ?? "", outgoing: response })
            response.write("x".repeat(1000))
            if (request.url === "/whole") setTimeout(() => response.end("end"), 60)
          })
          await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve))
          return made
        }),
        (made) =>
          Effect.sync(() => {
            made.closeAllConnections()
            made.close()
          })
      )
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const whole = yield* Effect.forkChild(
        Effect.promise(async () => (await fetch(`http://127.0.0.1:${port}/whole`)).text())
      )
      yield* Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            const asked = httpRequest({ port, path: "/cut" }, (answer) => {
              answer.once("data", () => {
                asked.destroy()
                resolve()
              })
            })
            asked.on("error", () => undefined)
            asked.end()
          })
      )
      yield* Fiber.join(whole)
      yield* Effect.sleep("120 millis")
      const all = yield* lines
      const one = all.find(({ path }) => path === "/whole")
      const other = all.find(({ path }) => path === "/cut")
      assert.isAtLeast(Number(one?.["durationMs"]), 60)
      assert.isAtLeast(Number(one?.["bytes"]), 1003)
      assert.isUndefined(one?.["aborted"])
      assert.strictEqual(other?.["aborted"], true)
    })
  )

  it.live("has a line for every request of the gateway, and no key, query or token in any", () =>
    Effect.gen(function* () {
      const simulator = simulated()
      let written = ""
      vi.spyOn(process.stderr, "write").mockImplementation((text) => {
        written += String(text)
        return true
      })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const ask = asking(yield* services(simulator))
          const { customerId, orderId } = simulator.sample
          const headers = { authorization: "Bearer orderwatch_key_of_somebody" }
          yield* ask(`/v1/customers/${customerId}/orders/${orderId}/report?key=hidden`, { headers })
          yield* ask(`/v1/customers/${customerId}/orders/none/report`, { headers })
          yield* ask("/livez")
        })
      )
      vi.restoreAllMocks()
      const all = parsed(written)
      assert.deepEqual(
        all.map(({ reason, route, status }) => [route, status, reason]),
        [
          ["/v1/customers/:customer/orders/:order/report", 200, undefined],
          ["/v1/customers/:customer/orders/:order/report", 404, "OrderNotFound"],
          ["/livez", 200, undefined]
        ]
      )
      assert.match(JSON.stringify(all[1]?.["support"]), /correlationId/)
      assert.match(String(all[0]?.["traceId"]), /^[0-9a-f]{32}$/)
      assert.notMatch(written, /hidden|key_of_somebody|eyJ/)
      assert.notInclude(written, simulator.credentials.refreshToken)
    })
  )
})
