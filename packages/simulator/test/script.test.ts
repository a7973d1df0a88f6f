import { assert, describe, it } from "vitest"
import { contoso, northwind } from "../src/customers.ts"
import type { OrderScript, ScriptedLine, ScriptedOrder } from "../src/script.ts"
import { type Answer, harness, type Harness, orderPath, statusPath } from "./harness.ts"

const line: ScriptedLine = { name: "A reservation", quantity: 4, status: "fulfilled" }

/** One order of Contoso's, `mine`, and a clock counted from when it was added. */
const scripted = (order: Partial<ScriptedOrder>, script: Partial<OrderScript> = {}) => {
  const own = harness({
    orders: [{ orders: [{ id: "mine", customer: contoso.id, lines: [line], ...order }], ...script }]
  })
  const started = own.time.now
  const read = (path: typeof orderPath) => own.get(path(contoso.id, "mine"))
  return {
    ...own,
    at: (seconds: number) => {
      own.time.now = started + seconds * 1000
    },
    order: () => read(orderPath),
    status: () => read(statusPath)
  }
}

const words = ({ text }: Answer): ReadonlyArray<string> => {
  const body: {
    readonly items: ReadonlyArray<{
      readonly status: string
      readonly quantityProvisioningInformation: ReadonlyArray<{
        readonly quantity: number
        readonly status: string
      }>
    }>
  } = JSON.parse(text)
  return body.items.map(
    ({ status, quantityProvisioningInformation: quantities }) =>
      `${status}: ${quantities.map((each) => `${each.quantity} ${each.status}`).join(", ")}`
  )
}

const listed = async (own: Harness, customerId: string): Promise<ReadonlyArray<string>> => {
  const body: { readonly items: ReadonlyArray<{ readonly id: string }> } = JSON.parse(
    (await own.get(`/v1/customers/${customerId}/orders`)).text
  )
  return body.items.map(({ id }) => id)
}

describe("a scripted order", () => {
  it("reads as any other, with what was said of it and plain values for the rest", async () => {
    const { order } = scripted({
      age: "2h",
      billingCycle: "annual",
      lines: [
        { name: "A licence", offer: "A:B:C", quantity: 3, transactionType: "New", term: "P1M" }
      ]
    })
    const { json } = await order()
    assert.deepInclude(json, {
      id: "mine",
      referenceCustomerId: contoso.id,
      status: "completed",
      billingCycle: "annual",
      creationDate: "2026-11-22T08:00:00.0006949Z"
    })
    const [first]: ReadonlyArray<unknown> = Array.isArray(json["lineItems"])
      ? json["lineItems"]
      : []
    assert.deepInclude(first, {
      lineItemNumber: 0,
      friendlyName: "A licence",
      offerId: "A:B:C",
      quantity: 3,
      transactionType: "New",
      termDuration: "P1M"
    })
  })

  it("moves by its steps, and back again where they say so", async () => {
    const own = scripted({
      steps: [{ status: "pending" }, { at: "90s", status: "completed" }],
      lines: [
        {
          name: "A reservation",
          quantity: 4,
          steps: [
            { status: "Pre_Fulfillment-Pending" },
            {
              at: "30s",
              status: "pending",
              quantities: [
                { quantity: 1, status: "Fulfilled" },
                { quantity: 3, status: "odd" }
              ]
            },
            { at: 60, status: "fulfilled" },
            { at: "1.5m", status: "pending", quantities: [] }
          ]
        }
      ]
    })
    for (const [seconds, word, expected] of [
      [0, "pending", "Pre_Fulfillment-Pending: 4 Pre_Fulfillment-Pending"],
      [29.9, "pending", "Pre_Fulfillment-Pending: 4 Pre_Fulfillment-Pending"],
      [30, "pending", "pending: 1 Fulfilled, 3 odd"],
      [60, "pending", "fulfilled: 4 fulfilled"],
      [90, "completed", "pending: "]
    ] as const) {
      own.at(seconds)
      assert.deepEqual(words(await own.status()), [expected], `after ${seconds} s`)
      assert.strictEqual((await own.order()).json["status"], word)
    }
  })

  it("leaves a line unanswered that has no word, or none yet", async () => {
    const own = scripted({
      lines: [
        line,
        { name: "Never" },
        { name: "Later", steps: [{ at: "10s", status: "fulfilled" }] }
      ]
    })
    assert.deepEqual(words(await own.status()), ["fulfilled: 4 fulfilled"])
    own.at(10)
    assert.deepEqual(words(await own.status()), [
      "fulfilled: 4 fulfilled",
      "fulfilled: 1 fulfilled"
    ])
  })

  it("is 404 and in no list while it is missing", async () => {
    const own = scripted({ missing: [{ until: "5s" }, { from: "20s", until: "30s" }] })
    for (const [seconds, isThere] of [
      [0, false],
      [5, true],
      [20, false],
      [30, true]
    ] as const) {
      own.at(seconds)
      const expected = isThere ? undefined : 20000
      assert.strictEqual((await own.order()).json["code"], expected, `after ${seconds} s`)
      assert.strictEqual((await own.status()).json["code"], expected, `after ${seconds} s`)
      assert.strictEqual((await listed(own, contoso.id)).includes("mine"), isThere)
    }
  })

  it("is readable without a status while its status is missing", async () => {
    const own = scripted({ statusMissing: [{ from: "10s" }] })
    assert.strictEqual((await own.status()).status, 200)
    own.at(10)
    assert.strictEqual((await own.status()).json["code"], 800007)
    assert.strictEqual((await own.order()).status, 200)
  })

  it("answers with a fault for a while, in the operation it is for", async () => {
    const fault = { kind: "throttled", retryAfter: 7 } as const
    const own = scripted({
      answers: [{ on: "provisioningStatus", from: "30s", until: "60s", fault }]
    })
    for (const [seconds, expected] of [
      [29, 200],
      [30, 429],
      [59, 429],
      [60, 200]
    ] as const) {
      own.at(seconds)
      const answer = await own.status()
      assert.strictEqual(answer.status, expected, `after ${seconds} s`)
      assert.strictEqual(answer.headers.get("Retry-After"), expected === 429 ? "7" : null)
      assert.strictEqual((await own.order()).status, 200)
    }
  })

  it("answers with its own fault rather than with everybody's, and others with that", async () => {
    const own = scripted(
      { answers: [{ fault: { kind: "status", status: 500 } }] },
      { answers: [{ until: "10s", fault: { kind: "status", status: 503 } }] }
    )
    const sample = statusPath(contoso.id, own.simulator.sample.orderId)
    assert.strictEqual((await own.status()).status, 500)
    assert.strictEqual((await own.get(sample)).status, 503)
    assert.strictEqual((await own.login()).status, 200)
    own.at(10)
    assert.strictEqual((await own.get(sample)).status, 200)
  })

  it("gives way to a fault that control planted", async () => {
    const own = scripted({ answers: [{ fault: { kind: "status", status: 500 } }] })
    await own.control("faults", {
      match: { path: "order" },
      fault: { kind: "status", status: 504 }
    })
    assert.strictEqual((await own.order()).status, 504)
    assert.strictEqual((await own.order()).status, 500)
  })

  it("of older licences is answered line by line, by its subscriptions", async () => {
    const subscription = "C3D2E1F0-A9B8-4768-95A4-B3C2D1E0F9A8"
    const own = scripted({
      lines: [
        {
          name: "Seats",
          quantity: 9,
          subscription,
          steps: [{ status: "pending" }, { at: "1m", status: "Success" }]
        }
      ]
    })
    const path = `/v1/customers/${contoso.id}/subscriptions/${subscription.toLowerCase()}/provisioningstatus`
    assert.strictEqual((await own.status()).json["code"], 800007)
    assert.deepInclude((await own.get(path)).json, { status: "pending", quantity: 9 })
    own.at(60)
    assert.deepInclude((await own.get(path)).json, { status: "Success" })
    assert.include((await own.order()).text, `/subscriptions/${subscription}/provisioningstatus`)
  })

  it("with a GUID is found whatever its case", async () => {
    const id = "7b0e5d1c-2f94-4a6b-8c3d-e5f60718293a"
    const own = scripted({ id })
    assert.strictEqual((await own.get(orderPath(contoso.id, id.toUpperCase()))).status, 200)
  })
})

describe("a scripted customer", () => {
  const relecloud = { id: "5F1C2A9E-7D34-4B68-9E0A-C1D2E3F40516", name: "Relecloud (new)" }

  it("is listed, and has the orders that name its id or its domain", async () => {
    const own = harness({
      orders: [
        {
          customers: [relecloud],
          orders: [
            { id: "by-id", customer: relecloud.id.toLowerCase() },
            { id: "by-domain", customer: "Relecloudnew.onmicrosoft.com" }
          ]
        }
      ]
    })
    const id = relecloud.id.toLowerCase()
    assert.deepEqual(await listed(own, id), ["by-id", "by-domain"])
    assert.deepInclude(own.simulator.customers.at(-1), {
      id,
      name: relecloud.name,
      domain: "relecloudnew.onmicrosoft.com"
    })
    const filter = JSON.stringify({ Field: "CompanyName", Value: "rele", Operator: "starts_with" })
    const { json } = await own.get(`/v1/customers?filter=${encodeURIComponent(filter)}`)
    assert.strictEqual(json["totalCount"], 1)
  })
})

describe("many orders of one pattern", () => {
  it("have the pattern's id with a number at its end", async () => {
    const own = scripted({ repeat: 3 })
    assert.deepEqual((await listed(own, contoso.id)).slice(-3), ["mine-1", "mine-2", "mine-3"])
    assert.strictEqual((await own.order()).status, 404)
    assert.deepEqual(words(await own.get(statusPath(contoso.id, "mine-2"))), [
      "fulfilled: 4 fulfilled"
    ])
  })

  it("count a GUID up, of orders as of subscriptions", async () => {
    const own = scripted({
      id: "7B0E5D1C-2F94-4A6B-8C3D-0000000000FE",
      repeat: 2,
      lines: [{ ...line, subscription: "c3d2e1f0-a9b8-4768-95a4-ffffffffffff" }]
    })
    assert.deepEqual((await listed(own, contoso.id)).slice(-2), [
      "7B0E5D1C-2F94-4A6B-8C3D-0000000000FF",
      "7B0E5D1C-2F94-4A6B-8C3D-000000000100"
    ])
    const path = `/v1/customers/${contoso.id}/subscriptions/c3d2e1f0-a9b8-4768-95a4-000000000001/provisioningstatus`
    assert.strictEqual((await own.get(path)).json["status"], "fulfilled")
  })

  it("begin one after the other where every says so, placed then", async () => {
    const own = scripted({
      repeat: 3,
      every: "10s",
      lines: [{ name: "A", steps: [{ status: "pending" }, { at: "5s", status: "fulfilled" }] }]
    })
    const third = (path: typeof orderPath) => own.get(path(contoso.id, "mine-3"))
    own.at(19.9)
    assert.strictEqual((await third(orderPath)).status, 404)
    own.at(20)
    assert.strictEqual(
      (await third(orderPath)).json["creationDate"],
      "2026-11-22T10:00:20.0006949Z"
    )
    assert.deepEqual(words(await third(statusPath)), ["pending: 1 pending"])
    own.at(25)
    assert.deepEqual(words(await third(statusPath)), ["fulfilled: 1 fulfilled"])
  })

  it("may be ten thousand, made and found at once", async () => {
    const own = harness()
    const started = performance.now()
    own.simulator.addOrders({
      orders: [{ id: "load", customer: contoso.id, repeat: 10_000, lines: [line] }]
    })
    // Some 25 ms; sixty times that would be something that grows with its square.
    assert.isBelow(performance.now() - started, 1500)
    assert.strictEqual((await own.get(statusPath(contoso.id, "load-10000"))).status, 200)
  })
})

describe("the orders control", () => {
  const script = {
    customers: [{ id: "5f1c2a9e-7d34-4b68-9e0a-c1d2e3f40516", name: "Relecloud" }],
    orders: [{ id: "mine", customer: contoso.id, shows: "mine", lines: [line], repeat: 2 }],
    answers: [{ on: "customers", fault: { kind: "status", status: 503 } }]
  }
  interface Overview {
    readonly customers: ReadonlyArray<{
      readonly name: string
      readonly orders: ReadonlyArray<{ readonly id: string; readonly shows: string }>
    }>
  }
  const overview = async (own: Harness): Promise<Overview> =>
    JSON.parse((await own.send("/_simulator")).text)

  it("adds what a script has, and lists it", async () => {
    const own = harness()
    const { status, json } = await own.control("orders", script)
    assert.deepEqual({ status, json }, { status: 201, json: { added: 2 } })
    const { customers } = await overview(own)
    assert.deepEqual(customers.find(({ name }) => name === "Contoso")?.orders.at(-1), {
      id: "mine-2",
      shows: "mine"
    })
    assert.include(await listed(own, contoso.id), "mine-1")
    assert.strictEqual((await own.get("/v1/customers")).status, 503)
  })

  it("counts an order's time from when it was added", async () => {
    const own = harness()
    own.time.now += 3_600_000
    await own.control("orders", {
      orders: [
        {
          id: "mine",
          customer: contoso.id,
          age: "1m",
          lines: [{ name: "A", steps: [{ status: "pending" }, { at: "5s", status: "fulfilled" }] }]
        }
      ]
    })
    assert.strictEqual(
      (await own.get(orderPath(contoso.id, "mine"))).json["creationDate"],
      "2026-11-22T10:59:00.0006949Z"
    )
    own.time.now += 4999
    assert.deepEqual(words(await own.get(statusPath(contoso.id, "mine"))), ["pending: 1 pending"])
    own.time.now += 1
    assert.deepEqual(words(await own.get(statusPath(contoso.id, "mine"))), [
      "fulfilled: 1 fulfilled"
    ])
  })

  it("forgets with DELETE all that was added, and nothing else", async () => {
    const own = harness()
    const before = await overview(own)
    await own.control("orders", script)
    assert.strictEqual((await own.send("/_simulator/orders", { method: "DELETE" })).status, 204)
    assert.deepEqual(await overview(own), before)
    assert.strictEqual((await own.get(orderPath(contoso.id, "mine-1"))).status, 404)
    assert.strictEqual((await own.get("/v1/customers")).status, 200)
    assert.strictEqual((await own.control("orders", script)).status, 201)
  })

  it("adds nothing of a script that has a mistake, and names its place", async () => {
    const own = harness()
    const { status, json } = await own.control("orders", {
      ...script,
      orders: [...script.orders, { id: "mine-1", customer: contoso.id }]
    })
    assert.strictEqual(status, 400)
    assert.strictEqual(json["error"], "body.orders[1].id: mine-1 is there already")
    assert.notInclude(await listed(own, contoso.id), "mine-1")
    assert.strictEqual((await own.get("/v1/customers")).status, 200)
  })
})

describe("a mistake in a script is one line with its path:", () => {
  const order = { id: "mine", customer: contoso.id }
  const orders = (change: object) => ({ orders: [{ ...order, ...change }] })
  const lines = (change: object) => orders({ lines: [{ name: "A", ...change }] })
  const customers = (change: object) => ({
    customers: [{ id: "5f1c2a9e-7d34-4b68-9e0a-c1d2e3f40516", name: "Relecloud", ...change }]
  })
  const answers = (change: object) => ({ answers: [{ fault: { kind: "reset" }, ...change }] })
  const duration = "must be a duration such as 30s, 4m or 2h, or a number of seconds"

  it.each<[unknown, string]>([
    [[], "must be an object"],
    [{ order: [] }, "does not know order"],
    [{ orders: {} }, "orders: must be a list"],
    [{ orders: ["x"] }, "orders[0]: must be an object"],
    [orders({ id: undefined }), "orders[0].id: is missing"],
    [orders({ id: "a b" }), "orders[0].id: must be of letters, digits, - and _"],
    [orders({ id: "a".repeat(65) }), "orders[0].id: must be at most 64 characters"],
    [orders({ id: "a".repeat(63), repeat: 9 }), "orders[0].id: must be at most 64 characters"],
    [orders({ id: "fault-500" }), "orders[0].id: is the name of a fault, which every customer has"],
    [orders({ id: "5cf72f146967" }), "orders[0].id: 5cf72f146967 is there already"],
    [{ orders: [order, order] }, "orders[1].id: mine is there already"],
    [orders({ customer: undefined }), "orders[0].customer: is missing"],
    [
      orders({ customer: "nobody" }),
      'orders[0].customer: "nobody" is no id or domain of a customer; new ones go into customers'
    ],
    [orders({ age: "3d" }), `orders[0].age: ${duration}`],
    [orders({ status: 1 }), "orders[0].status: must be a string"],
    [orders({ status: "" }), "orders[0].status: must not be empty"],
    [
      orders({ status: "completed", steps: [] }),
      "orders[0].steps: cannot be there beside status: one word for good, or steps"
    ],
    [orders({ billingCycle: "onetime" }), "orders[0].billingCycle: must be one of monthly, annual"],
    [orders({ linked: "yes" }), "orders[0].linked: must be true or false"],
    [orders({ repeat: 0 }), "orders[0].repeat: must be a whole number from 1 to 100000"],
    [orders({ every: "1s" }), "orders[0].every: goes with repeat only"],
    [orders({ repeat: 100_000, every: "3h" }), "orders[0].every: is too long for so many"],
    [orders({ line: [] }), "orders[0]: does not know line"],
    [orders({ missing: [{ from: 5, until: "5s" }] }), "orders[0].missing[0].until: must be after"],
    [orders({ missing: [{ til: 5 }] }), "orders[0].missing[0]: does not know til"],
    [orders({ statusMissing: "5s" }), "orders[0].statusMissing: must be a list"],
    [
      orders({ answers: [{ on: "status", fault: { kind: "reset" } }] }),
      "orders[0].answers[0].on: must be one of token, deviceCode"
    ],
    [lines({ name: "" }), "orders[0].lines[0].name: must not be empty"],
    [lines({ quantity: 1.5 }), "orders[0].lines[0].quantity: must be a whole number from 0"],
    [lines({ subscription: "x" }), "orders[0].lines[0].subscription: must be a GUID"],
    [
      {
        orders: [
          {
            id: "mine",
            customer: northwind.id,
            lines: [{ name: "A", subscription: "DB8C695B-1C3C-4C55-B697-771503DD46BF" }]
          }
        ]
      },
      "orders[0].lines[0].subscription: DB8C695B-1C3C-4C55-B697-771503DD46BF is there already"
    ],
    [
      orders({
        lines: [
          { name: "A", subscription: "c3d2e1f0-a9b8-4768-95a4-b3c2d1e0f9a8" },
          { name: "B", subscription: "C3D2E1F0-A9B8-4768-95A4-B3C2D1E0F9A8" }
        ]
      }),
      "orders[0].lines[1].subscription: C3D2E1F0-A9B8-4768-95A4-B3C2D1E0F9A8 is there already"
    ],
    [lines({ steps: [{ at: "1s" }] }), "orders[0].lines[0].steps[0].status: is missing"],
    [
      { orders: [{ ...order, lines: [{ name: "A", steps: [{ at: "soon", status: "x" }] }] }] },
      `orders[0].lines[0].steps[0].at: ${duration}`
    ],
    [
      lines({
        steps: [
          { at: "30s", status: "a" },
          { at: "30s", status: "b" }
        ]
      }),
      "orders[0].lines[0].steps[1].at: must be after the step before it, at 30s"
    ],
    [lines({ steps: [{ at: -1, status: "x" }] }), `orders[0].lines[0].steps[0].at: ${duration}`],
    [
      lines({ steps: [{ status: "x", quantities: [{ status: "x" }] }] }),
      "orders[0].lines[0].steps[0].quantities[0].quantity: is missing"
    ],
    [
      lines({
        subscription: "c3d2e1f0-a9b8-4768-95a4-b3c2d1e0f9a8",
        steps: [{ status: "x", quantities: [] }]
      }),
      "orders[0].lines[0].steps[0].quantities: cannot be there: a subscription answers with a word"
    ],
    [answers({ fault: undefined }), "answers[0].fault: is missing"],
    [answers({ fault: { kind: "boom" } }), "answers[0].fault.kind: must be one of latency"],
    [answers({ fault: { kind: "reset", ms: 1 } }), "answers[0].fault: does not know ms"],
    [answers({ times: 1 }), "answers[0]: does not know times"],
    [customers({ id: "x" }), "customers[0].id: must be a GUID"],
    [customers({ id: contoso.id }), "customers[0].id: is Contoso already"],
    [
      customers({ id: "d1e2f3a4-b5c6-4d7e-8f90-a1b2c3d4e5f6" }),
      "customers[0].id: is the tenant that has no relationship to the partner"
    ],
    [customers({ name: undefined }), "customers[0].name: is missing"],
    [customers({ domain: "x" }), "customers[0].domain: must be a domain such as"],
    [
      customers({ name: "Contoso" }),
      "customers[0].domain: contoso.onmicrosoft.com is Contoso's already; give another"
    ]
  ])("%j", (script, message) => {
    const { simulator } = harness()
    let told = ""
    try {
      simulator.addOrders(script)
    } catch (error) {
      told = error instanceof Error ? error.message : ""
    }
    assert.isTrue(told.startsWith(message), told)
    assert.notInclude(told, "\n")
  })
})
