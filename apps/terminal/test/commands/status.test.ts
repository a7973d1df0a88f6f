import { readFile } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import type { Verdict } from "@orderwatch/core/OrderReport"
import { byVerdict } from "../../src/exitCode.ts"
import { lines, samples, simulation } from "../harness.ts"

const { customerId, fault, orderId, requests, run } = await simulation()

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

describe.concurrent("orderwatch status", () => {
  it("--json prints the document's order as the OrderReport of the contract, key by key", async () => {
    const { exitCode, stderr, stdout } = await run(["status", customerId, orderId, "--json"])
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    const report = JSON.parse(stdout)
    const { observedAt, orderObservedAt, support } = report
    for (const time of [observedAt, orderObservedAt]) {
      assert.strictEqual(new Date(time).toISOString(), time)
    }
    assert.match(support.requestId, guid)
    assert.match(support.correlationId, guid)
    const expected = {
      customerId: "0c39d6d5-c70d-4c55-bc02-f620844f3fd1",
      orderId: "34828C05-C16C-4D6F-9CFC-4D2650EF19A1",
      verdict: "fulfilled",
      settled: true,
      orderStatus: "completed",
      units: { total: 1, fulfilled: 1, pending: 0, unfulfilled: 0, unknown: 0 },
      lines: [
        {
          lineItemNumber: 0,
          name: "Reserved VM Instance, Standard_D2s_v3, West Europe, 1 Year",
          offerId: "DZH318Z0BQ4Z:0000:DZH318Z0CMNP",
          ordered: 1,
          status: "fulfilled",
          rawStatus: "fulfilled",
          source: "order",
          quantities: [{ quantity: 1, status: "fulfilled", rawStatus: "fulfilled" }],
          warnings: []
        }
      ],
      warnings: [],
      observedAt,
      orderObservedAt,
      support: {
        requestId: support.requestId,
        correlationId: support.correlationId,
        msCv: support.msCv,
        serverId: "030020344"
      }
    }
    // As text, so that the order of the keys counts too.
    assert.strictEqual(stdout, `${JSON.stringify(expected, null, 2)}\n`)
  })

  it("--raw prints the document's body, without its byte order mark", async () => {
    const { exitCode, stderr, stdout } = await run(["status", customerId, orderId, "--raw"])
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    const document = new URL("../fixtures/provisioningstatus.json", import.meta.url)
    assert.strictEqual(stdout, await readFile(document, "utf8"))
  })

  it("shows a person the order, its lines and what does not add up", async () => {
    const [settled, contradictory] = await Promise.all([
      run(["status", customerId, orderId]),
      run(["status", ...samples.contradictory])
    ])
    assert.strictEqual(
      settled.stdout,
      `Order 34828C05-C16C-4D6F-9CFC-4D2650EF19A1
Customer 0c39d6d5-c70d-4c55-bc02-f620844f3fd1

✔ fulfilled  1/1 unit fulfilled · placed 2 d ago · order completed

Line  Name                                                        Units  State
   0  Reserved VM Instance, Standard_D2s_v3, West Europe, 1 Year    1/1  ✔ fulfilled
`
    )
    assert.strictEqual(
      contradictory.stdout,
      `Order 0c0ffee15bad
Customer f4a6c2e8-0b1d-4357-8f9a-6c5d4e3b2a19

… pending  8/11 units fulfilled · placed 5 h ago · order completed
! the answer counts another number of lines than it has

Line  Name                              Units  State
   0  Quantities say less than ordered    4/4  ✔ fulfilled
   1  Quantities against the word         0/2  ✔ fulfilled (2 pending)
   2  No quantities                       3/3  ✔ fulfilled
   3  Not answered                        0/1  ? unknown
   9  —                                   1/1  ✔ fulfilled
! line 0: its units do not add up to what was ordered (5)
! line 1: its units contradict its state
! line 3: the status does not answer it
! line 9: the order does not have it
`
    )
    assert.strictEqual(settled.stderr + contradictory.stderr, "")
  })

  it("--verbose adds when it was seen, the raw words and the support ids", async () => {
    const { stdout } = await run(["status", customerId, orderId, "--verbose"])
    assert.include(stdout, "✔ fulfilled “fulfilled”")
    assert.match(stdout, /^Observed 20\d\d-/m)
    assert.match(stdout, /^request id: [0-9a-f-]{36}$/m)
    assert.match(stdout, /^correlation id: [0-9a-f-]{36}$/m)
  })

  it("one look is the order and then its status, as one operation", async () => {
    const id = "5cf72f146967"
    await run(["status", customerId, id])
    const asked = (await requests()).filter(({ path }) => path.includes(id))
    assert.deepStrictEqual(
      asked.map(({ operation }) => operation),
      ["order", "provisioningStatus"]
    )
    const ids = new Set(asked.map(({ headers }) => headers["ms-correlationid"]))
    assert.strictEqual(ids.size, 1)
  })

  it("an order that cannot be read is reported without names, and says so", async () => {
    const [text, json] = await Promise.all([
      run(["status", customerId, "fault-order-404-order"]),
      run(["status", customerId, "fault-order-403", "--json", "--exit-status"])
    ])
    assert.strictEqual(text.exitCode, 0)
    assert.include(text.stdout, "could not be read")
    assert.strictEqual(json.exitCode, 0)
    const { lines, verdict, warnings } = JSON.parse(json.stdout)
    assert.deepStrictEqual(
      { verdict, warnings },
      { verdict: "fulfilled", warnings: ["orderUnreadable"] }
    )
    assert.notProperty(lines[0], "name")
  })

  it("an older licence order is answered by its subscriptions", async () => {
    const { stdout } = await run(["status", ...samples.legacy, "--json"])
    const { lines, verdict } = JSON.parse(stdout)
    assert.strictEqual(verdict, "pending")
    assert.deepStrictEqual(
      lines.map(({ rawStatus, source, status }: Record<string, unknown>) => [
        source,
        rawStatus,
        status
      ]),
      [
        ["subscription", "success", "fulfilled"],
        ["subscription", "pending", "pending"],
        ["subscription", "failed", "unfulfilled"]
      ]
    )
  })

  it("an order without lines is neither success nor failure", async () => {
    const [text, json] = await Promise.all([
      run(["status", ...samples.empty, "--exit-status"]),
      run(["status", ...samples.empty, "--json"])
    ])
    assert.strictEqual(text.exitCode, 8)
    assert.include(text.stdout, "? unknown  the order has no lines")
    assert.notInclude(text.stdout, "Line")
    const { lines, settled, units, verdict } = JSON.parse(json.stdout)
    assert.deepStrictEqual(
      { lines, settled, units, verdict },
      {
        lines: [],
        settled: false,
        units: { total: 0, fulfilled: 0, pending: 0, unfulfilled: 0, unknown: 0 },
        verdict: "unknown"
      }
    )
  })

  it("an id that begins with a dash goes after --, with no flag behind it", async () => {
    const [customer, order] = samples.dash
    const { exitCode, stdout } = await run(["status", "--json", customer, "--", order])
    assert.strictEqual(exitCode, 0)
    assert.strictEqual(JSON.parse(stdout).orderId, order)
  })

  it("GUIDs are taken in either case, and shown as they were given", async () => {
    const args = ["status", customerId.toUpperCase(), orderId.toLowerCase(), "--json"]
    const { exitCode, stdout } = await run(args)
    assert.strictEqual(exitCode, 0)
    const report = JSON.parse(stdout)
    assert.strictEqual(report.customerId, customerId.toUpperCase())
    assert.strictEqual(report.orderId, orderId.toLowerCase())
    assert.strictEqual(report.lines.length, 1)
  })

  it("a customer may be a domain in either case, and is then shown by its name", async () => {
    const { exitCode, stdout } = await run(["status", "Contoso.OnMicrosoft.com", orderId])
    assert.strictEqual(exitCode, 0)
    assert.include(stdout, `Customer Contoso (${customerId})`)
  })

  describe("several orders", () => {
    it("are printed one after another, in the order that was asked", async () => {
      const { exitCode, stderr, stdout } = await run([
        "status",
        customerId,
        "5cf72f146967",
        orderId
      ])
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      assert.deepStrictEqual(stdout.match(/^Order .*$/gm), [
        "Order 5cf72f146967",
        `Order ${orderId}`
      ])
    })

    it("--json is an array, in which a failed one is its problem", async () => {
      const { exitCode, stderr, stdout } = await run([
        "status",
        customerId,
        "fault-404-order",
        orderId,
        "--json"
      ])
      assert.strictEqual(exitCode, 5)
      const [failed, seen, ...none] = JSON.parse(stdout)
      assert.deepStrictEqual(none, [])
      assert.strictEqual(seen.verdict, "fulfilled")
      assert.deepStrictEqual(Object.keys(failed), ["customerId", "orderId", "problem"])
      assert.deepStrictEqual([failed.customerId, failed.orderId], [customerId, "fault-404-order"])
      const { correlationId, requestId, ...problem } = failed.problem
      assert.match(requestId, guid)
      assert.match(correlationId, guid)
      assert.deepStrictEqual(problem, {
        reason: "OrderNotFound",
        title: "The order was not found",
        detail: "Order id was not found.",
        remedy:
          "Check the order id, upper and lower case included; a new order can take minutes to appear.",
        upstreamStatus: 404,
        upstreamCode: "20000"
      })
      assert.match(stderr, /^✖ fault-404-order: The order was not found$/m)
    })

    it.each([
      [["fault-404-order", "fault-409"], 1],
      [["fault-403", "fault-409", "fault-404-order"], 4],
      [["fault-400", "fault-403-role"], 2],
      [["--exit-status", "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1", "5cf72f146967"], 8],
      [["--exit-status", "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1", "fault-404-order"], 5]
    ] as const)("%j end with the code that counts most: %i", async (args, expected) => {
      assert.strictEqual((await run(["status", customerId, ...args])).exitCode, expected)
    })
  })

  describe("--exit-status", () => {
    const verdicts: ReadonlyArray<Verdict> = [
      "fulfilled",
      "partiallyFulfilled",
      "unfulfilled",
      "pending",
      "unknown"
    ]
    it.each(verdicts)("ends by the verdict: %s", async (verdict) => {
      const { exitCode, stdout } = await run([
        "status",
        ...samples[verdict],
        "--exit-status",
        "--json"
      ])
      assert.strictEqual(JSON.parse(stdout).verdict, verdict)
      assert.strictEqual(exitCode, byVerdict[verdict])
    })

    it("is asked for: without it a look that was had ends with 0", async () => {
      const { exitCode } = await run(["status", ...samples.unfulfilled])
      assert.strictEqual(exitCode, 0)
    })
  })

  it.each([
    ["wrong-resource", "attributes.objectType"],
    ["text", "not JSON"],
    ["html-200", "not JSON"],
    ["truncated", "not JSON"],
    ["empty", "empty"],
    ["array", "not what this operation answers"],
    ["error-in-200", "code 400072"],
    ["redirect", "HTTP 302"]
  ])("an answer of another kind is told as such: %s", async (name, says) => {
    const { exitCode, stderr, stdout } = await run(["status", customerId, `fault-status-${name}`])
    assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" })
    assert.include(stderr, says)
    assert.match(stderr, /^ {2}request id: /m)
  })

  it("a body of another shape names the path that failed", async () => {
    await fault({
      match: { path: "provisioningStatus", orderId: samples.slow[1] },
      fault: { kind: "body", body: '{"items":[{"lineItemNumber":0},{"status":{"is":"new"}}]}' }
    })
    const { exitCode, stderr } = await run(["status", ...samples.slow])
    assert.strictEqual(exitCode, 1)
    assert.include(stderr, "items[1].status")
  })

  it("--raw of an order without a status fails as a look does", async () => {
    const { exitCode, stderr, stdout } = await run([
      "status",
      customerId,
      "fault-status-404-status",
      "--raw"
    ])
    assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 5, stdout: "" })
    assert.strictEqual(lines(stderr)[0], "✖ There is no provisioning status for this order")
  })

  it("control characters of upstream's reach neither a person nor a program", async () => {
    const [text, forced, json, raw] = await Promise.all([
      run(["status", ...samples.hostile, "--verbose"]),
      run(["status", ...samples.hostile], { FORCE_COLOR: "1" }),
      run(["status", ...samples.hostile, "--json"]),
      run(["status", ...samples.hostile, "--raw"])
    ])
    // That the output is clean was seen to by the harness.
    assert.include(text.stdout, "detrevni")
    assert.notInclude(text.stdout, "\u001b")
    assert.include(forced.stdout, "\u001b[35m? unknown")
    assert.include(JSON.parse(json.stdout).lines[0].name, "\u001b[2J\u001b[31mRed")
    assert.include(JSON.parse(json.stdout).lines[0].name, "\u009b31m \u202Edetrevni")
    assert.strictEqual(JSON.parse(raw.stdout).items[0].status, "fulfilled\u001b[8m")
  })

  it("leaves no JSON behind in a pipe that is read slowly, whatever its exit code", async () => {
    const many = Array.from({ length: 3 }, () => "Wg4Rt7Yp2LmKxQz9-VbNc_JdHs6FaE3u1")
    const customer = "1fa9b3e6-5c2d-4e7f-8a1b-c3d4e5f60718"
    const args = ["status", customer, ...many, "fault-404-order", "--json"]
    const { exitCode, stdout } = await run(
      args,
      {},
      {
        meanwhile: ({ stderr, stdout }) => {
          // Nobody reads until the command has said its last word, on stderr.
          stdout?.pause()
          stderr?.once("data", () => stdout?.resume())
        }
      }
    )
    assert.strictEqual(exitCode, 5)
    assert.isAbove(stdout.length, 128 * 1024)
    assert.strictEqual(JSON.parse(stdout).length, 4)
  })
})
