// Lists of orders on stdin: what they may look like, what is wrong with them, and what becomes of the rest.
import { assert, describe, it } from "@effect/vitest"
import { lines, machine, samples } from "../harness.ts"
import { messagesOf, only, order, outcomesOf, simulated } from "../simulated.ts"

const { run, start } = machine()
const { contoso } = samples
const wait = (...more: ReadonlyArray<string>) => ["wait", "-", "--interval", "1s", ...more]

describe.concurrent("a list on stdin", () => {
  const forms = {
    "lines of words": `${contoso} One-1\n\n# a comment\n  ${contoso}\tTwo-1  \r\n`,
    "CSV with a header": `OrderId,Name,CustomerId\nOne-1,"Contoso, Ltd.",${contoso}\nTwo-1,,${contoso}\n`,
    "CSV of a spreadsheet": `\ufeffcustomer;order\r\n${contoso};One-1\r\n${contoso};Two-1\r\n`,
    "JSON lines": `{"customerId":"${contoso}","orderId":"One-1"}\n{"orderId":"Two-1","customerId":"${contoso}"}\n`,
    "a JSON array": JSON.stringify([
      { customerId: contoso, orderId: "One-1", verdict: "pending" },
      { customerId: contoso, orderId: "Two-1" }
    ]),
    domains: "contoso.onmicrosoft.com One-1\nContoso.OnMicrosoft.com Two-1"
  }

  it.each(Object.entries(forms))("may be %s", async (_, stdin) => {
    await using simulator = await simulated(
      order("One-1", "fulfilled"),
      order("Two-1", "unfulfilled")
    )
    const { exitCode, stderr, stdout } = await run(wait("--json"), { ...simulator, stdin })
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 3, stderr: "" })
    assert.deepStrictEqual(outcomesOf(messagesOf(stdout)), ["One-1 fulfilled", "Two-1 unfulfilled"])
    for (const id of ["One-1", "Two-1"]) {
      assert.lengthOf(simulator.asked(`${id}/provisioningstatus`), 1)
    }
  })

  it("may be what status --json printed of several orders", async () => {
    await using simulator = await simulated(
      order("One-1", "pending", "fulfilled"),
      order("Two-1", "fulfilled")
    )
    const { stdout: stdin } = await run(["status", contoso, "One-1", "Two-1", "--json"], simulator)
    await simulator.move()
    const { exitCode, stdout } = await run(wait(), { ...simulator, stdin })
    assert.strictEqual(exitCode, 0)
    assert.lengthOf(lines(stdout), 2)
  })

  const faulty = `${contoso} One-1\n${contoso}\nnobody! Two-1\n${contoso} \u001b[31mred\n${contoso} Two-1\n`

  it.each(["wait", "watch"])("with malformed lines is refused whole by %s", async (command) => {
    await using simulator = await simulated(order("One-1", "fulfilled"))
    const args = [command, "-", "--json"]
    const { exitCode, stderr, stdout } = await run(args, { ...simulator, stdin: faulty })
    assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" })
    const said = lines(stderr)
    for (const [at, number] of [2, 3, 4].entries()) {
      assert.match(said[at] ?? "", new RegExp(`^orderwatch: line ${number}: `))
    }
    assert.match(said[3] ?? "", /--keep-going/)
    assert.lengthOf(said, 4)
    assert.lengthOf(simulator.asked(), 0)
  })

  it("--keep-going follows the rest of it, and ends with 2", async () => {
    await using simulator = await simulated(
      order("One-1", "fulfilled"),
      order("Two-1", "pending", "unfulfilled")
    )
    const waiting = start(wait("--keep-going", "--json"), { ...simulator, stdin: faulty })
    await simulator.isAsked("Two-1/provisioningstatus")
    await simulator.move()
    const { exitCode, stderr, stdout } = await waiting.ended
    assert.strictEqual(exitCode, 2)
    assert.lengthOf(lines(stderr), 3)
    const messages = messagesOf(stdout)
    assert.strictEqual(only(messages, "result")[0]?.exitCode, 2)
    assert.deepStrictEqual(outcomesOf(messages), ["One-1 fulfilled", "Two-1 unfulfilled"])
  })

  it("--keep-going ends with 130 on Ctrl-C all the same", async () => {
    await using simulator = await simulated(order("One-1", "pending"), order("Two-1", "pending"))
    const waiting = start(wait("--keep-going", "--json"), { ...simulator, stdin: faulty })
    await waiting.prints(/"verdict":"pending"/)
    waiting.child.kill("SIGINT")
    const { exitCode, stdout } = await waiting.ended
    assert.strictEqual(exitCode, 130)
    assert.strictEqual(only(messagesOf(stdout), "result")[0]?.exitCode, 130)
  })

  it.each([
    ["", /stdin names no order/],
    ["\n \n# nothing\n", /stdin names no order/],
    ["customerId,orderId\n", /stdin names no order/],
    ["[]", /stdin names no order/],
    ["[{]", /^orderwatch: line 1: /],
    ["nonsense\n", /^orderwatch: line 1: /]
  ])("that names no order is refused: %j", async (stdin, says) => {
    await using simulator = await simulated()
    for (const more of [[], ["--keep-going"]]) {
      const { exitCode, stderr, stdout } = await run(wait(...more), { ...simulator, stdin })
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" }, stdin)
      assert.match(stderr, says)
    }
    assert.lengthOf(simulator.asked(), 0)
  })

  it("goes with no orders on the command line", async () => {
    await using simulator = await simulated(order("One-1", "fulfilled"))
    const args = ["wait", "-", "One-1"]
    const { exitCode, stderr } = await run(args, { ...simulator, stdin: `${contoso} One-1` })
    assert.strictEqual(exitCode, 2)
    assert.match(stderr, /give no others/)
    assert.lengthOf(simulator.asked(), 0)
  })

  describe("with a domain that nobody has", () => {
    const stdin = `nobody.example One-1\n${contoso} One-1\nnobody.example Two-1\n`

    it("ends with 5 before an order is asked for", async () => {
      await using simulator = await simulated(order("One-1", "fulfilled"))
      const { exitCode, stderr, stdout } = await run(wait("--json"), { ...simulator, stdin })
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 5, stdout: "" })
      assert.include(stderr, "no customer has the domain nobody.example")
      assert.lengthOf(simulator.asked("/orders/"), 0)
    })

    it("--keep-going names its lines, follows the rest, and ends with 5", async () => {
      await using simulator = await simulated(order("One-1", "fulfilled"))
      const args = wait("--json", "--keep-going")
      const { exitCode, stderr, stdout } = await run(args, { ...simulator, stdin })
      assert.strictEqual(exitCode, 5)
      assert.deepStrictEqual(lines(stderr), [
        "orderwatch: line 1: no customer has the domain nobody.example",
        "orderwatch: line 3: no customer has the domain nobody.example"
      ])
      const messages = messagesOf(stdout)
      assert.strictEqual(only(messages, "result")[0]?.exitCode, 5)
      assert.deepStrictEqual(outcomesOf(messages), ["One-1 fulfilled"])
    })

    it("alone ends with 5 even so, with a result of no order", async () => {
      await using simulator = await simulated()
      const args = wait("--json", "--keep-going")
      const { exitCode, stdout } = await run(args, { ...simulator, stdin: "nobody.example One-1" })
      assert.strictEqual(exitCode, 5)
      assert.deepStrictEqual(outcomesOf(messagesOf(stdout)), [])
    })
  })

  it("names an order as often as it likes: it is followed once", async () => {
    const id = "5b0c6b1e-2f0d-4a53-9a31-6f1d1f0c9a01"
    await using simulator = await simulated(order(id, "pending", "fulfilled"))
    const stdin = [
      `${contoso} ${id}`,
      `${contoso.toUpperCase()} ${id.toUpperCase()}`,
      `contoso.onmicrosoft.com ${id}`
    ].join("\n")
    const waiting = start(wait("--json"), { ...simulator, stdin })
    await simulator.isAsked("provisioningstatus")
    await simulator.move()
    const { exitCode, stdout } = await waiting.ended
    assert.strictEqual(exitCode, 0)
    const messages = messagesOf(stdout)
    assert.deepStrictEqual(outcomesOf(messages), [`${id} fulfilled`])
    assert.lengthOf(only(messages, "report"), 2)
    assert.lengthOf(simulator.asked("provisioningstatus"), 2)
  })
})
