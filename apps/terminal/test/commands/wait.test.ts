// `wait` as scripts use it: processes against simulators whose orders move when a test says so.
import { assert, describe, it } from "@effect/vitest"
import { lines, machine, samples } from "../harness.ts"
import { messagesOf, only, order, outcomesOf, simulated, verdictsOf } from "../simulated.ts"

const { run, start } = machine()
const { contoso } = samples
const quickly = ["--interval", "1s"]
const wait = (...args: ReadonlyArray<string>) => ["wait", contoso, ...args, ...quickly]

describe.concurrent("wait", () => {
  it("ends with 0 as soon as the order is fulfilled, and says only what it came to", async () => {
    await using simulator = await simulated(order("Moves-1", "pending", "fulfilled"))
    const waiting = start(wait("Moves-1"), simulator)
    await simulator.isAsked("provisioningstatus", 2)
    await simulator.move()
    const { exitCode, stderr, stdout } = await waiting.ended
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    assert.match(stdout, /^Moves-1 {2}✔ fulfilled {2}4\/4 units · after \d+ s\n$/)
  })

  it("reads an order once when it begins and once when it has settled", async () => {
    await using simulator = await simulated(order("Moves-1", "pending", "fulfilled"))
    const waiting = start(wait("Moves-1"), simulator)
    await simulator.isAsked("provisioningstatus", 2)
    await simulator.move()
    await waiting.ended
    const asked = simulator.asked("/orders/").map(({ path }) => path.split("/").at(-1))
    const looks = asked.filter((last) => last === "provisioningstatus").length
    assert.strictEqual(asked[0], "Moves-1")
    assert.strictEqual(asked.at(-1), "Moves-1")
    assert.strictEqual(asked.length, looks + 2)
  })

  it.each([
    ["fulfilled", 0, "✔ fulfilled  4/4 units"],
    ["unfulfilled", 3, "✖ unfulfilled  0/4 units"]
  ])("of an order that is %s already ends with %i after one look", async (word, code, says) => {
    await using simulator = await simulated(order("Is-1", word))
    const { exitCode, stderr, stdout } = await run(wait("Is-1"), simulator)
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: code, stderr: "" })
    assert.strictEqual(stdout, `Is-1  ${says}\n`)
    assert.lengthOf(simulator.asked("provisioningstatus"), 1)
  })

  it("ends with 3 where only a part is fulfilled", async () => {
    await using simulator = await simulated()
    const { exitCode, stdout } = await run(["wait", ...samples.partiallyFulfilled], simulator)
    assert.strictEqual(exitCode, 3)
    assert.include(stdout, "◐ partially fulfilled  12/17 units")
  })

  it.each([
    ["an order that is not there", ["no-such-order", "--not-found-grace", "0"], 5],
    ["a pending order and one look", ["Pending-1", "--timeout", "0"], 8],
    ["an order that is not there and one look", ["no-such-order", "--timeout", "0"], 5],
    ["a role that is missing", ["fault-403"], 4],
    ["multi-factor authentication that is missing", ["fault-401-mfa"], 4],
    ["a request that is refused", ["fault-400"], 2],
    ["an answer of another kind", ["fault-wrong-resource"], 1],
    ["a conflict", ["fault-409"], 1]
  ] as const)("of %s ends at once: %j with %i", async (_, args, code) => {
    await using simulator = await simulated(order("Pending-1", "pending"))
    const [text, json] = await Promise.all([
      run(wait(...args), simulator),
      run([...wait(...args), "--json"], simulator)
    ])
    assert.strictEqual(text.exitCode, code, text.stderr)
    assert.strictEqual(json.exitCode, code)
    const [result] = only(messagesOf(json.stdout), "result")
    assert.strictEqual(result?.exitCode, code)
    if (code === 8) {
      assert.deepStrictEqual(text, {
        exitCode: 8,
        stdout: "Pending-1  … pending  0/4 units\n",
        stderr: ""
      })
      return
    }
    assert.strictEqual(text.stdout, "")
    assert.match(text.stderr, /^✖ .+\n( {2}[^→].*\n)? {2}→ .+\n/)
    assert.property(result?.orders[0], "problem")
  })

  it("of an order that is unknown to us and one look ends with 8", async () => {
    await using simulator = await simulated(order("Odd-1", "parked"))
    const { exitCode, stdout } = await run(wait("Odd-1", "--timeout", "0"), simulator)
    assert.strictEqual(exitCode, 8)
    assert.strictEqual(stdout, "Odd-1  ? unknown  0/4 units · “parked”\n")
  })

  it("ends with 4 where nobody is signed in, before anything is asked", async () => {
    await using simulator = await simulated(order("Pending-1", "pending"))
    const env = { ...simulator.env, PARTNER_CENTER_REFRESH_TOKEN: "" }
    const { exitCode, stderr, stdout } = await run(wait("Pending-1"), { env })
    assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 4, stdout: "" })
    assert.match(stderr, /^✖ Nobody is signed in/)
    assert.lengthOf(simulator.asked(), 0)
  })

  it.each([
    [["Pending-1", "--interval", "500ms"], /--interval is 1s or longer/],
    [["Pending-1", "--interval", "soon"], /--interval is a duration/],
    [["Pending-1", "--timeout", "10 minutes"], /--timeout is a duration/],
    [["Pending-1", "--timeout", "5"], /--timeout is a duration/],
    [["Pending-1", "--timeout=-5s"], /--timeout is a duration/],
    [["Pending-1", "--not-found-grace", ""], /--not-found-grace is a duration/],
    [["Pending-1", "--for", "some"], /for/],
    [["Pending-1", "--no-fail-fast"], /fail-fast/],
    [["not/an/order"], /is no order id/],
    [[], /which order\?/]
  ])("with %j is no command, and asks nothing", async (args, says) => {
    await using simulator = await simulated(order("Pending-1", "pending"))
    const { exitCode, stderr, stdout } = await run(["wait", contoso, ...args], simulator)
    assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" })
    assert.match(stderr, says)
    assert.lengthOf(simulator.asked(), 0)
  })

  it("ends with 124 when its time is over, with where the order stands", async () => {
    await using simulator = await simulated(order("Pending-1", "pending"))
    const began = performance.now()
    const { exitCode, stderr, stdout } = await run(wait("Pending-1", "--timeout", "3s"), simulator)
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 124, stderr: "" })
    assert.strictEqual(stdout, "Pending-1  … pending  0/4 units\n")
    assert.isAbove(performance.now() - began, 3000)
    assert.isAtMost(simulator.asked("provisioningstatus").length, 4)
  })

  it("ends in time in the middle of a look", async () => {
    await using simulator = await simulated(order("Slow-1", "pending"))
    await simulator.fault("order", "Slow-1", { kind: "latency", ms: 20_000 })
    const began = performance.now()
    const [text, json] = await Promise.all([
      run(wait("Slow-1", "--timeout", "1s"), simulator),
      run([...wait("Slow-1", "--timeout", "1s"), "--json"], simulator)
    ])
    assert.isBelow(performance.now() - began, 8000)
    assert.deepStrictEqual(text, {
      exitCode: 124,
      stdout: "Slow-1  ? not seen yet\n",
      stderr: ""
    })
    const [result] = only(messagesOf(json.stdout), "result")
    assert.strictEqual(result?.exitCode, 124)
    assert.deepStrictEqual(outcomesOf(messagesOf(json.stdout)), ["Slow-1 unknown"])
  })

  it("ends with 130 on Ctrl-C, with what is known", async () => {
    await using simulator = await simulated(order("Pending-1", "pending"))
    const [text, json] = [[], ["--json"]].map((more) =>
      start([...wait("Pending-1"), ...more], simulator)
    )
    await simulator.isAsked("provisioningstatus", 4)
    text?.child.kill("SIGINT")
    json?.child.kill("SIGTERM")
    assert.deepStrictEqual(await text?.ended, {
      exitCode: 130,
      stdout: "Pending-1  … pending  0/4 units\n",
      stderr: ""
    })
    const said = await json?.ended
    assert.strictEqual(said?.exitCode, 130)
    const messages = messagesOf(said?.stdout ?? "")
    assert.deepStrictEqual(verdictsOf(messages, "Pending-1"), ["pending"])
    const [result] = only(messages, "result")
    assert.strictEqual(result?.exitCode, 130)
    assert.deepStrictEqual(outcomesOf(messages), ["Pending-1 pending"])
  })

  describe("when something is wrong for the moment", () => {
    it("says so once, and goes on", async () => {
      await using simulator = await simulated(order("Moves-1", "pending", "fulfilled"))
      const waiting = start(wait("Moves-1"), simulator)
      await simulator.isAsked("provisioningstatus")
      await simulator.fault("provisioningStatus", "Moves-1", { kind: "wrongJson" }, 2)
      await simulator.isAsked("provisioningstatus", 3)
      await simulator.move()
      const { exitCode, stderr, stdout } = await waiting.ended
      assert.strictEqual(exitCode, 0)
      assert.match(stdout, /^Moves-1 {2}✔ fulfilled[^\n]*\n$/)
      assert.match(stderr, /^! Moves-1: .+; trying again\n$/)
    })

    it("ends after the third odd answer in a row", async () => {
      await using simulator = await simulated(order("Moves-1", "pending"))
      const waiting = start(wait("Moves-1"), simulator)
      await simulator.isAsked("provisioningstatus")
      await simulator.fault("provisioningStatus", "Moves-1", { kind: "wrongJson" })
      const { exitCode, stderr } = await waiting.ended
      assert.strictEqual(exitCode, 1)
      assert.match(stderr, /^! Moves-1: .+; trying again\n✖ /)
      assert.lengthOf(simulator.asked("provisioningstatus"), 4)
    })

    it("says until when it is held back", async () => {
      await using simulator = await simulated(order("Moves-1", "pending"))
      const waiting = start(wait("Moves-1", "--timeout", "6s"), simulator)
      await simulator.isAsked("provisioningstatus")
      await simulator.fault("provisioningStatus", undefined, { kind: "throttled", retryAfter: 100 })
      const { exitCode, stderr, stdout } = await waiting.ended
      assert.strictEqual(exitCode, 124)
      assert.match(
        stderr,
        /^! Moves-1: too many requests; held back until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$/
      )
      assert.strictEqual(stdout, "Moves-1  … pending  0/4 units\n")
    })

    it("waits as long as it is asked to, and asks nothing before", async () => {
      await using simulator = await simulated(
        order("Moves-1", "pending"),
        order("Moves-2", "pending")
      )
      const waiting = start([...wait("Moves-1", "Moves-2", "--timeout", "6s"), "--json"], simulator)
      await simulator.isAsked("Moves-1/provisioningstatus")
      await simulator.isAsked("Moves-2/provisioningstatus")
      await simulator.fault("provisioningStatus", undefined, { kind: "throttled", retryAfter: 100 })
      const { exitCode, stdout } = await waiting.ended
      assert.strictEqual(exitCode, 124)
      const asked = simulator.asked("provisioningstatus").map(({ status }) => status)
      assert.include(asked, 429)
      // The looks that were under way at that moment, and none of the many that would have followed.
      assert.isAtMost(asked.filter((status) => status === 429).length, 2)
      const throttled = only(messagesOf(stdout), "notice").flatMap((notice) =>
        notice.notice === "throttled" ? [notice.until.epochMilliseconds - Date.now()] : []
      )
      assert.isAbove(throttled.length, 0)
      for (const left of throttled) assert.isAbove(left, 80_000)
    })

    it("lives through a network that is gone for a while", async () => {
      await using simulator = await simulated(order("Moves-1", "pending", "fulfilled"))
      const env = { ...simulator.env, PARTNER_CENTER_DEADLINE: "2s" }
      const waiting = start(wait("Moves-1"), { env })
      await simulator.isAsked("provisioningstatus")
      await simulator.leave()
      await waiting.says(/trying again\n/)
      await simulator.move()
      await simulator.comeBack()
      const { exitCode, stderr, stdout } = await waiting.ended
      assert.strictEqual(exitCode, 0, stderr)
      assert.match(stdout, /^Moves-1 {2}✔ fulfilled/)
      // Another kind of trouble, as on a machine that is busy, is another line.
      assert.isAtMost(lines(stderr).length, 2)
      assert.match(stderr, /^! Moves-1: .+; trying again$/m)
    })

    it("waits for an order that is not visible yet", async () => {
      await using simulator = await simulated({
        ...order("Late-1", "fulfilled"),
        missing: [{ until: "1m" }]
      })
      const waiting = start(wait("Late-1"), simulator)
      await waiting.says(
        /^! Late-1: not visible yet; waiting for it until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n/
      )
      await simulator.move()
      const { exitCode, stderr, stdout } = await waiting.ended
      assert.strictEqual(exitCode, 0)
      assert.lengthOf(lines(stderr), 1)
      assert.strictEqual(stdout, "Late-1  ✔ fulfilled  4/4 units\n")
    })

    it("gives up on an order that does not appear in its time", async () => {
      await using simulator = await simulated()
      const args = wait("Never-1", "--not-found-grace", "2s")
      const { exitCode, stderr, stdout } = await run(args, simulator)
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 5, stdout: "" })
      assert.match(stderr, /^! Never-1: not visible yet/)
      assert.match(stderr, /^✖ The order was not found$/m)
    })
  })

  it("ends with 4 when multi-factor authentication is demanded in the middle of it", async () => {
    await using simulator = await simulated(order("Pending-1", "pending"))
    const waiting = start(wait("Pending-1"), simulator)
    await simulator.isAsked("provisioningstatus")
    await simulator.fault("provisioningStatus", undefined, { kind: "unauthorized", code: 900421 })
    const { exitCode, stderr, stdout } = await waiting.ended
    assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 4, stdout: "" })
    assert.match(stderr, /^✖ Multi-factor authentication is required\n/)
    assert.match(stderr, /^ {2}→ Sign in again with multi-factor authentication/m)
  })

  it("ends with 4 for all orders at once when the sign-in ends in the middle of it", async () => {
    await using simulator = await simulated(
      order("Pending-1", "pending"),
      order("Pending-2", "pending")
    )
    const waiting = start([...wait("Pending-1", "Pending-2"), "--json"], simulator)
    await simulator.isAsked("Pending-1/provisioningstatus")
    await simulator.isAsked("Pending-2/provisioningstatus")
    await simulator.fault("token", undefined, { kind: "login", code: 50173 })
    await simulator.fault("provisioningStatus", undefined, { kind: "unauthorized", code: 400 })
    const { exitCode, stdout } = await waiting.ended
    assert.strictEqual(exitCode, 4)
    assert.deepStrictEqual(outcomesOf(messagesOf(stdout)), [
      "Pending-1 SignInRequired",
      "Pending-2 SignInRequired"
    ])
  })

  describe("for several orders", () => {
    it("waits for all of them, and says each as it settles", async () => {
      await using simulator = await simulated(
        order("Late-1", "pending", "pending", "fulfilled"),
        order("Soon-1", "pending", "fulfilled")
      )
      const waiting = start(wait("Late-1", "Soon-1"), simulator)
      await simulator.isAsked("provisioningstatus", 2)
      await simulator.move()
      await waiting.prints(/Soon-1 {2}✔ fulfilled.*\n/)
      await simulator.move()
      const { exitCode, stdout } = await waiting.ended
      assert.strictEqual(exitCode, 0)
      const said = lines(stdout).map((line) => line.slice(0, 6))
      assert.deepStrictEqual(said, ["Soon-1", "Late-1"])
    })

    it.each([
      [["Fulfilled-1", "Unfulfilled-1"], 3],
      [["Fulfilled-1", "fault-404-order"], 5],
      [["Unfulfilled-1", "fault-404-order", "fault-409"], 1],
      [["fault-409", "fault-403", "fault-404-order"], 4],
      [["fault-400", "fault-403", "Unfulfilled-1"], 2],
      [["Pending-1", "Unfulfilled-1", "--timeout", "1s"], 124],
      [["Pending-1", "fault-404-order", "--timeout", "3s"], 5],
      [["Pending-1", "Unfulfilled-1", "--timeout", "0"], 8]
    ])("ends with the code that counts most: %j with %i", async (args, code) => {
      await using simulator = await simulated(
        order("Fulfilled-1", "fulfilled"),
        order("Unfulfilled-1", "unfulfilled"),
        order("Pending-1", "pending")
      )
      const all = [...wait(...args, "--not-found-grace", "0"), "--json"]
      const { exitCode, stdout } = await run(all, simulator)
      assert.strictEqual(exitCode, code)
      const [result] = only(messagesOf(stdout), "result")
      assert.strictEqual(result?.exitCode, code)
      assert.deepStrictEqual(
        result?.orders.map(({ orderId }) => orderId as string),
        args.slice(0, args.includes("--timeout") ? -2 : undefined)
      )
    })

    it("--for any ends with the first that settles", async () => {
      await using simulator = await simulated(
        order("Never-1", "pending"),
        order("Soon-1", "pending", "fulfilled")
      )
      const waiting = start(wait("Never-1", "Soon-1", "--for", "any"), simulator)
      await simulator.isAsked("provisioningstatus", 2)
      await simulator.move()
      const { exitCode, stderr, stdout } = await waiting.ended
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      const [soon, never, ...none] = lines(stdout)
      assert.match(soon ?? "", /^Soon-1 {3}✔ fulfilled/)
      assert.strictEqual(never, "Never-1  … pending  0/4 units")
      assert.deepStrictEqual(none, [])
    })

    it("--for any ends with 3 where the first that settles does not come", async () => {
      await using simulator = await simulated(
        order("Never-1", "pending"),
        order("Fails-1", "unfulfilled")
      )
      const { exitCode } = await run(wait("Never-1", "Fails-1", "--for", "any"), simulator)
      assert.strictEqual(exitCode, 3)
    })

    it("--fail-fast ends with 3 at the first unit that will not come", async () => {
      await using simulator = await simulated(order("Pending-1", "pending"), {
        id: "Mixed-1",
        customer: contoso,
        lines: [
          { name: "Comes", status: "prefulfillmentPending" },
          { name: "Does not", status: "unfulfilled" }
        ]
      })
      const { exitCode, stderr, stdout } = await run(
        wait("Pending-1", "Mixed-1", "--fail-fast"),
        simulator
      )
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 3, stderr: "" })
      assert.include(stdout, "Mixed-1    … pending  0/2 units · 1 unfulfilled\n")
    })

    it("written twice is asked once and said once", async () => {
      const id = "5b0c6b1e-2f0d-4a53-9a31-6f1d1f0c9a01"
      await using simulator = await simulated(order(id, "fulfilled"))
      const [customer, same] = [contoso.toUpperCase(), id.toUpperCase()]
      const args = ["wait", customer, id, same, id, "--json"]
      const { exitCode, stdout } = await run(args, simulator)
      assert.strictEqual(exitCode, 0)
      const messages = messagesOf(stdout)
      assert.lengthOf(only(messages, "report"), 1)
      assert.lengthOf(only(messages, "result")[0]?.orders ?? [], 1)
      assert.lengthOf(simulator.asked("provisioningstatus"), 1)
    })
  })

  describe("--json", () => {
    it("says a report for each change, and then when the next look is", async () => {
      await using simulator = await simulated(
        order("Moves-1", "pending", "inTransit", "pending", "fulfilled")
      )
      const waiting = start([...wait("Moves-1"), "--json"], simulator)
      await waiting.prints(/"verdict":"pending"/)
      // A look that finds nothing new in between.
      await simulator.isAsked("provisioningstatus", 2)
      for (const changes of [2, 3]) {
        await simulator.move()
        await waiting.prints(new RegExp(`^(?:[^]*"type":"report"){${changes}}`))
      }
      await simulator.move()
      const { exitCode, stderr, stdout } = await waiting.ended
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      const messages = messagesOf(stdout)
      assert.deepStrictEqual(verdictsOf(messages, "Moves-1"), [
        "pending",
        "unknown",
        "pending",
        "fulfilled"
      ])
      const events = messages
        .map((message) => (message.type === "notice" ? message.notice : message.type))
        .join(" ")
      assert.match(events, /^version (report nextLook (nextLook )*)+report result$/)
      const reports = only(messages, "report")
      assert.deepStrictEqual(
        reports.map(({ history }) => history.changes.length),
        [1, 2, 3, 4]
      )
      const last = reports.at(-1)
      assert.isDefined(last?.history.pendingSince)
      assert.isDefined(last?.history.settledAt)
    })

    it("of an order that goes back says so", async () => {
      await using simulator = await simulated({
        id: "Back-1",
        customer: contoso,
        lines: [
          {
            name: "Goes back",
            steps: [
              { status: "fulfilled" },
              { at: "1m", status: "prefulfillmentPending" },
              { at: "2m", status: "fulfilled" }
            ]
          },
          {
            name: "Comes",
            steps: [{ status: "prefulfillmentPending" }, { at: "2m", status: "fulfilled" }]
          }
        ]
      })
      const waiting = start([...wait("Back-1"), "--json"], simulator)
      await waiting.prints(/"verdict":"pending"/)
      await simulator.move()
      await waiting.prints(/wentBack/)
      await simulator.move()
      const { exitCode, stdout } = await waiting.ended
      assert.strictEqual(exitCode, 0)
      const warnings = only(messagesOf(stdout), "report").map(({ lines }) =>
        lines.flatMap((line) => line.warnings)
      )
      assert.deepStrictEqual(warnings, [[], ["wentBack"], []])
    })

    it("of hostile names is one line a message, and nothing that a terminal acts on", async () => {
      await using simulator = await simulated()
      const args = ["wait", ...samples.hostile, "--timeout", "0", "--json"]
      const { exitCode, stdout } = await run(args, simulator)
      assert.strictEqual(exitCode, 8)
      const [report] = only(messagesOf(stdout), "report")
      assert.include(report?.lines[0]?.name, "\u001b[2J\u001b[31mRed")
    })

    it("is complete on a pipe that is read slowly", async () => {
      await using simulator = await simulated({
        ...order("Many", "unfulfilled"),
        repeat: 12,
        lines: Array.from({ length: 120 }, (_, number) => ({
          name: `A name of some length, ${"x".repeat(80)}`,
          number,
          status: "unfulfilled"
        }))
      })
      const ids = Array.from({ length: 12 }, (_, at) => `Many-${at + 1}`)
      const { exitCode, stdout } = await run([...wait(...ids), "--json"], {
        ...simulator,
        meanwhile: ({ stdout }) => {
          stdout?.pause()
          void simulator.isAsked("provisioningstatus", 3).then(() => stdout?.resume())
        }
      })
      assert.strictEqual(exitCode, 3)
      assert.isAbove(stdout.length, 256 * 1024)
      assert.lengthOf(only(messagesOf(stdout), "report"), 12)
    })
  })
})
