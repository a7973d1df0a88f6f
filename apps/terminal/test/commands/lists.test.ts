import { assert, describe, it } from "@effect/vitest"
import { lines, samples, simulation } from "../harness.ts"

const { env, run } = await simulation()

describe.concurrent("orderwatch customers", () => {
  it("lists them with domain and id", async () => {
    const { exitCode, stderr, stdout } = await run(["customers"])
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    const [titles, ...rows] = lines(stdout)
    assert.match(titles ?? "", /^Customer +Domain +Id$/)
    assert.lengthOf(rows, 12)
    assert.match(rows[0] ?? "", /^Contoso +contoso\.onmicrosoft\.com +0c39d6d5-[0-9a-f-]{27}$/)
    assert.match(rows[11] ?? "", /^Tailspin Toys \(test\) +tailspintoys/)
  })

  it("--json is an array of the same", async () => {
    const found = JSON.parse((await run(["customers", "--json"])).stdout)
    assert.lengthOf(found, 12)
    assert.deepStrictEqual(found[0], {
      customerId: samples.contoso,
      name: "Contoso",
      domain: "contoso.onmicrosoft.com",
      relationship: "reseller"
    })
  })
})

describe.concurrent("orderwatch orders", () => {
  it("lists a customer's orders, newest first", async () => {
    const { exitCode, stderr, stdout } = await run(["orders", samples.contoso])
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    assert.strictEqual(
      stdout.replace(/[56] min/, "4 min"),
      `Order                                 Placed  Order status  Contents
YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1      4 min  pending       Reserved VM Instance, Standard_NC12, Australia East, 1 Year
5cf72f146967                             7 h  completed     Microsoft 365 Business Premium
34828C05-C16C-4D6F-9CFC-4D2650EF19A1     2 d  completed     Reserved VM Instance, Standard_D2s_v3, West Europe, 1 Year
`
    )
  })

  it("--json is an array of the same, with every line", async () => {
    const { stdout } = await run(["orders", "northwind.onmicrosoft.com", "--json"])
    const [newest, oldest, ...none] = JSON.parse(stdout)
    assert.deepStrictEqual(none, [])
    assert.strictEqual(newest.orderId, samples.unknown[1])
    assert.strictEqual(new Date(oldest.orderedAt).toISOString(), oldest.orderedAt)
    const { orderedAt: _, lines, ...order } = oldest
    assert.deepStrictEqual(order, {
      customerId: samples.legacy[0],
      orderId: samples.legacy[1],
      orderStatus: "completed"
    })
    assert.lengthOf(lines, 3)
    assert.containsAllKeys(lines[0], ["lineItemNumber", "name", "offerId", "ordered"])
  })

  it("a customer may be a domain, and an order may have many lines or none", async () => {
    const [many, none] = await Promise.all([
      run(["orders", "woodgrovebank.onmicrosoft.com"]),
      run(["orders", "FourthCoffee.onmicrosoft.com"])
    ])
    assert.include(many.stdout, "Branch 001 and 199 more")
    assert.include(none.stdout, "no lines")
  })

  it("a domain that no customer has is not found, nor is the beginning of one", async () => {
    for (const { exitCode, stderr, stdout } of await Promise.all([
      run(["orders", "nobody.example"]),
      run(["orders", "contoso.on"])
    ])) {
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 5, stdout: "" })
      assert.strictEqual(lines(stderr)[0], "✖ The customer was not found")
    }
  })

  it("--json of a failure prints nothing on stdout", async () => {
    const { exitCode, stdout } = await run(["orders", "nobody.example", "--json"])
    assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 5, stdout: "" })
  })
})

describe.concurrent("the names of orders and customers", () => {
  it("bring no control characters", async () => {
    const [text, json] = await Promise.all([
      run(["orders", samples.hostile[0]], { FORCE_COLOR: "1" }),
      run(["orders", samples.hostile[0], "--json"], { ...env })
    ])
    assert.include(text.stdout, "Azure  [2J [31mRed [0m  ]0;owned")
    assert.include(JSON.stringify(JSON.parse(json.stdout)), "\\u001b[2J")
  })
})
