// Followers and the load they make: stopped and let go on, many of them, and with everything logged.
import { assert, describe, it } from "@effect/vitest"
import { machine, samples } from "../harness.ts"
import { messagesOf, order, simulated } from "../simulated.ts"

const { run, start } = machine()
const { contoso } = samples

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

describe.concurrent("a follower", () => {
  it.runIf(process.platform !== "win32")(
    "that was stopped for a while looks at each order once when it goes on",
    async () => {
      const ids = Array.from({ length: 5 }, (_, at) => `Pending-${at}`)
      await using simulator = await simulated(...ids.map((id) => order(id, "pending")))
      const waiting = start(["wait", contoso, ...ids, "--interval", "1s", "--json"], simulator)
      await simulator.isAsked("provisioningstatus", 2 * ids.length)
      waiting.child.kill("SIGSTOP")
      // Nothing can tell that a process does nothing but time.
      await pause(4000)
      const [before, goesOn] = [simulator.asked().length, performance.now()]
      waiting.child.kill("SIGCONT")
      await simulator.isAsked("", before + ids.length)
      await pause(300)
      const after = simulator.asked().slice(before)
      waiting.child.kill("SIGINT")
      const { exitCode, stdout } = await waiting.ended
      assert.strictEqual(exitCode, 130)
      messagesOf(stdout)
      assert.isBelow(after[0]?.at ?? Number.POSITIVE_INFINITY, goesOn + 1000)
      // Each of them once, and nothing to catch up with.
      assert.deepStrictEqual(after.map(({ path }) => path.split("/").at(-2) ?? "").toSorted(), ids)
    }
  )

  it("is one of ten that wait for the same order, and all see it settle", async () => {
    await using simulator = await simulated(order("Moves-1", "pending", "fulfilled"))
    const waiting = Array.from({ length: 10 }, () =>
      start(["wait", contoso, "Moves-1", "--interval", "1s"], simulator)
    )
    await simulator.isAsked("provisioningstatus", 10)
    await simulator.move()
    const ended = await Promise.all(waiting.map(({ ended }) => ended))
    assert.deepStrictEqual(
      ended.map(({ exitCode, stderr }) => `${exitCode}${stderr}`),
      ended.map(() => "0")
    )
    // Two looks, or a few more where it takes long to start ten, and the order before and after.
    const most = 10 * (2 + 5)
    assert.isAtMost(simulator.asked("/orders/").length, most)
  })

  it.each(["wait", "watch"])("has no secrets in what %s logs", async (command) => {
    await using simulator = await simulated(
      order("Moves-1", "pending", "inTransit", "fulfilled"),
      order("Gone-1", "pending")
    )
    const args = [command, contoso, "Moves-1", "Gone-1", "fault-403", "--interval", "1s"]
    const [text, json] = [[], ["--json"]].map((more) =>
      start([...args, ...more, "--verbose", "--log-level", "all"], simulator)
    )
    await text?.says(/fault-403/)
    await simulator.isAsked("Moves-1/provisioningstatus", 2)
    await simulator.isAsked("Gone-1/provisioningstatus", 2)
    await simulator.fault("provisioningStatus", "Gone-1", { kind: "unauthorized", code: 900421 })
    await simulator.fault("provisioningStatus", "Moves-1", { kind: "reset" }, 1)
    await simulator.move()
    await simulator.move()
    const said = await Promise.all([text?.ended, json?.ended])
    // The harness looked at what was printed; here only that there was something to look at.
    for (const one of said) {
      assert.strictEqual(one?.exitCode, 4)
      assert.isAbove((one?.stderr ?? "").match(/^timestamp=/gm)?.length ?? 0, 5)
    }
    messagesOf(said[1]?.stdout ?? "")
  })

  it("of hostile names has none of them in what it logs", async () => {
    await using simulator = await simulated()
    const args = ["watch", ...samples.hostile, "--timeout", "1s", "--interval", "1s"]
    const { exitCode, stderr } = await run([...args, "--log-level", "all"], simulator)
    assert.strictEqual(exitCode, 124)
    assert.match(stderr, /^timestamp=.* level=/m)
  })
})
