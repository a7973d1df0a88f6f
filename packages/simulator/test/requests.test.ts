import { assert, describe, it } from "vitest"
import type { RequestCounts } from "../src/requestCounts.ts"
import type { SimulatorOptions } from "../src/Simulator.ts"
import { harness, orderPath, statusPath } from "./harness.ts"

const asked = (options: SimulatorOptions = {}) => {
  const own = harness(options)
  const { customerId, orderId } = own.simulator.sample
  return {
    ...own,
    order: () => own.get(orderPath(customerId, orderId)),
    status: () => own.get(statusPath(customerId, orderId)),
    kept: async (): Promise<ReadonlyArray<{ readonly operation: string }>> =>
      JSON.parse((await own.send("/_simulator/requests")).text),
    counts: async (): Promise<RequestCounts> =>
      JSON.parse((await own.send("/_simulator/requests/counts")).text)
  }
}

describe("the request log", () => {
  it("keeps the newest, as many as it was told", async () => {
    const own = asked({ keepRequests: 2 })
    for (let count = 0; count < 7; count++) await own.order()
    await own.status()
    assert.deepEqual(
      (await own.kept()).map(({ operation }) => operation),
      ["order", "provisioningStatus"]
    )
  })

  it("can be told to keep none, and counts all the same", async () => {
    const own = asked()
    await own.order()
    const { status, json } = await own.control("requests", { keep: 0 })
    assert.deepEqual({ status, json }, { status: 200, json: { keep: 0 } })
    await own.order()
    assert.deepEqual(await own.kept(), [])
    assert.deepInclude((await own.counts()).operations, { order: 2 })
    await own.control("requests", { keep: 1 })
    await own.status()
    assert.strictEqual((await own.kept()).length, 1)
  })

  it.each([[{}], [{ keep: -1 }], [{ keep: 1e9 }], [{ keep: 1, all: true }]])(
    "refuses %j",
    async (body) => {
      assert.strictEqual((await harness().control("requests", body)).status, 400)
    }
  )
})

describe("the request counts", () => {
  it("tell how much was asked, by operation and by second of the real clock", async () => {
    const own = asked()
    const second = own.time.now / 1000
    await own.control("clock", { advance: 60, skewSeconds: 500 })
    await own.order()
    await own.status()
    own.time.now += 2999
    await own.status()
    await own.get("/v1/invoices")
    assert.deepEqual(await own.counts(), {
      total: 5,
      operations: { token: 1, order: 1, provisioningStatus: 2, other: 1 },
      busiestMinute: 3,
      seconds: [
        { at: second, operations: { token: 1, order: 1, provisioningStatus: 1 } },
        { at: second + 2, operations: { provisioningStatus: 1, other: 1 } }
      ]
    })
  })

  it("count what met a fault", async () => {
    const own = asked()
    await own.control("faults", { match: { path: "order" }, fault: { kind: "status" } })
    await own.order()
    assert.strictEqual((await own.counts()).busiestMinute, 1)
  })

  it("know the busiest sixty seconds, wherever they began", async () => {
    const own = asked()
    const started = own.time.now
    for (const ms of [0, 500, 59_999, 60_000, 60_400, 60_600, 200_000]) {
      own.time.now = started + ms
      await own.order()
    }
    // From 500 to 60,400: at 60,500 the second one is a minute old.
    assert.strictEqual((await own.counts()).busiestMinute, 4)
  })

  it("remember the seconds of ten minutes, and the sum of all", async () => {
    const own = asked()
    await own.order()
    own.time.now += 599_000
    await own.order()
    assert.strictEqual((await own.counts()).seconds.length, 2)
    own.time.now += 1000
    const { seconds, total } = await own.counts()
    assert.deepEqual({ seconds: seconds.length, total }, { seconds: 1, total: 3 })
  })

  it("are empty after DELETE", async () => {
    const own = asked()
    await own.order()
    await own.send("/_simulator/requests", { method: "DELETE" })
    assert.deepEqual(await own.counts(), {
      total: 0,
      operations: {},
      busiestMinute: 0,
      seconds: []
    })
  })
})
