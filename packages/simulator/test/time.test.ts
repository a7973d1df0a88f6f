import { assert, describe, it } from "vitest"
import { contoso } from "../src/customers.ts"
import { harness, orderPath, statusPath } from "./harness.ts"

const pending = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1"

const run = () => {
  const own = harness()
  return {
    ...own,
    clock: (body: object) => own.control("clock", body),
    isFulfilled: async () =>
      (await own.get(statusPath(contoso.id, pending))).text.includes("fulfilled"),
    date: async () =>
      Date.parse((await own.send("/v1/customers")).headers.get("Date") ?? "") - own.time.now
  }
}

describe("time that is advanced", () => {
  it("moves the orders on, again and again", async () => {
    const { clock, isFulfilled } = run()
    await clock({ advance: 12 })
    assert.isFalse(await isFulfilled())
    const { status, json } = await clock({ advance: "8s" })
    assert.strictEqual(status, 200)
    assert.deepInclude(json, { advancedSeconds: 20, elapsedSeconds: 20 })
    assert.isTrue(await isFulfilled())
  })

  it("moves the faults of scripts on", async () => {
    const own = run()
    await own.control("orders", {
      answers: [{ from: "30s", until: "60s", fault: { kind: "status", status: 503 } }]
    })
    const answers = []
    for (let count = 0; count < 3; count++) {
      answers.push((await own.get(orderPath(contoso.id, pending))).status)
      await own.clock({ advance: 30 })
    }
    assert.deepEqual(answers, [200, 503, 200])
  })

  it("ends tokens, and moves the servers' dates", async () => {
    const { clock, get, date } = run()
    await clock({ advance: 3598 })
    assert.strictEqual((await get("/v1/customers")).status, 200)
    await clock({ advance: 3599 })
    assert.strictEqual((await get("/v1/customers")).status, 401)
    assert.strictEqual(await date(), 7_197_000)
  })

  it("is when an order is placed that is added then", async () => {
    const own = run()
    await own.clock({ advance: "1h", skewSeconds: 60 })
    await own.control("orders", { orders: [{ id: "mine", customer: contoso.id }] })
    const { json } = await own.get(orderPath(contoso.id, "mine"))
    assert.strictEqual(json["creationDate"], "2026-11-22T11:00:00.0006949Z")
  })
})

describe("time that is sped up", () => {
  it("hurries the orders, and leaves tokens and dates alone", async () => {
    const own = run()
    await own.clock({ speed: 60 })
    own.time.now += 333
    assert.isFalse(await own.isFulfilled())
    own.time.now += 1
    assert.isTrue(await own.isFulfilled())
    own.time.now += 600_666
    assert.strictEqual((await own.get("/v1/customers")).status, 200)
    assert.strictEqual(await own.date(), 0)
  })

  it("keeps what was lived through when the speed changes, and stands still at 0", async () => {
    const own = run()
    own.time.now += 10_000
    await own.clock({ speed: 0 })
    own.time.now += 10_000
    assert.isFalse(await own.isFulfilled())
    assert.deepInclude((await own.send("/_simulator/clock")).json, { elapsedSeconds: 10, speed: 0 })
    await own.clock({ advance: 10 })
    assert.isTrue(await own.isFulfilled())
  })

  it("may be so from the start", async () => {
    const own = harness({ speed: 60 })
    own.time.now += 1000
    assert.deepInclude((await own.send("/_simulator/clock")).json, { elapsedSeconds: 60 })
  })
})

describe("the clock control", () => {
  it("tells all of it", async () => {
    const own = run()
    own.time.now += 1000
    await own.clock({ advance: "1m", speed: 2, skewSeconds: -5 })
    assert.deepEqual((await own.send("/_simulator/clock")).json, {
      now: "2026-11-22T10:00:56.000Z",
      elapsedSeconds: 61,
      advancedSeconds: 60,
      speed: 2,
      skewSeconds: -5
    })
  })

  it.each<[object, string]>([
    [{}, "body: must have advance, speed or skewSeconds"],
    [{ advance: -1 }, "body.advance: must be a duration such as 30s"],
    [{ advance: "soon" }, "body.advance: must be a duration such as 30s"],
    [{ advance: 1e12 }, "body.advance: must be at most 262800h"],
    [{ speed: -1 }, "body.speed: must be a number from 0 to 100000"],
    [{ speed: "60" }, "body.speed: must be a number from 0 to 100000"],
    [{ advance: 1, forward: 1 }, "body: does not know forward"]
  ])("refuses %j, and leaves the time alone", async (body, message) => {
    const own = run()
    const { status, json } = await own.clock(body)
    assert.strictEqual(status, 400)
    assert.isTrue(String(json["error"]).startsWith(message), String(json["error"]))
    assert.deepInclude((await own.send("/_simulator/clock")).json, { elapsedSeconds: 0, speed: 1 })
  })

  it("advances thirty years in all and no more", async () => {
    const own = run()
    assert.strictEqual((await own.clock({ advance: 946_080_000 })).status, 200)
    assert.strictEqual((await own.clock({ advance: 1 })).status, 400)
  })
})
