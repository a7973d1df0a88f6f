// `watch` in a pipe, where only changes count, and on a terminal, with a line at its foot.
import { spawn } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { bundle, lines, machine, samples } from "../harness.ts"
import type { Environment } from "../harness.ts"
import { messagesOf, order, outcomesOf, simulated, verdictsOf } from "../simulated.ts"
import { rewriting } from "../terminal.ts"

const { open, run, start, surroundings } = machine()
const { contoso } = samples
const watch = (...args: ReadonlyArray<string>) => ["watch", contoso, ...args, "--interval", "1s"]
const escape = "\u001b"
const stamp = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}`

describe.concurrent("watch in a pipe", () => {
  it("prints one line for each change, without escapes, and ends by itself", async () => {
    await using simulator = await simulated(order("Moves-1", "pending", "inTransit", "fulfilled"))
    const watching = start(watch("Moves-1"), simulator)
    await watching.prints(/pending.*\n/)
    // Looks that bring nothing new are not told.
    await simulator.isAsked("provisioningstatus", 2)
    await simulator.move()
    await watching.prints(/inTransit.*\n/)
    await simulator.move()
    const { exitCode, stderr, stdout } = await watching.ended
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    assert.notInclude(stdout, escape)
    const [pending, odd, fulfilled, ...none] = lines(stdout)
    assert.match(pending ?? "", new RegExp(`^${stamp}Moves-1 {2}… pending {2}0/4 units$`))
    assert.match(
      odd ?? "",
      new RegExp(`^${stamp}Moves-1 {2}\\? unknown {2}0/4 units · “inTransit”$`)
    )
    assert.match(
      fulfilled ?? "",
      new RegExp(`^${stamp}Moves-1 {2}✔ fulfilled {2}4/4 units · after \\d+ s$`)
    )
    assert.deepStrictEqual(none, [])
  })

  it.each([{ NO_COLOR: "1" }, { TERM: "dumb" }, { TERM: "xterm-256color", CI: "true" }, {}])(
    "has no escapes in trouble either: %j",
    async (more: Environment) => {
      await using simulator = await simulated()
      const env = { ...simulator.env, ...more }
      const args = watch("Never-1", "fault-409", "--not-found-grace", "1s")
      const { exitCode, stderr, stdout } = await run(args, { env })
      assert.strictEqual(exitCode, 1)
      assert.notInclude(stdout + stderr, escape)
      assert.include(stderr, "! Never-1: not visible yet")
      assert.include(stderr, "✖ fault-409: ")
      assert.include(stderr, "✖ Never-1: ")
      assert.strictEqual(stdout, "")
    }
  )

  it("says on stderr what has not settled when its time is over", async () => {
    await using simulator = await simulated(order("Pending-1", "pending"))
    const { exitCode, stderr, stdout } = await run(watch("Pending-1", "--timeout", "3s"), simulator)
    assert.strictEqual(exitCode, 124)
    assert.lengthOf(lines(stdout), 1)
    assert.strictEqual(stderr, "Not settled: Pending-1  … pending  0/4 units\n")
  })

  it("says the same on Ctrl-C, and ends with 130", async () => {
    await using simulator = await simulated(order("Pending-1", "pending"))
    const watching = start(watch("Pending-1"), simulator)
    await watching.prints(/pending/)
    watching.child.kill("SIGINT")
    const { exitCode, stderr } = await watching.ended
    assert.strictEqual(exitCode, 130)
    assert.strictEqual(stderr, "Not settled: Pending-1  … pending  0/4 units\n")
  })

  it("colours where it is told to, and still rewrites nothing", async () => {
    await using simulator = await simulated(order("Is-1", "fulfilled"))
    const env = { ...simulator.env, FORCE_COLOR: "1" }
    const { stderr, stdout } = await run(watch("Is-1"), { env })
    assert.match(stdout, /Is-1 {2}\u001b\[32m✔ fulfilled\u001b\[39m/)
    assert.strictEqual(stderr, "")
  })

  it("--json says every change too", async () => {
    await using simulator = await simulated(
      order("Moves-1", "pending", "fulfilled"),
      order("Moves-2", "pending", "unfulfilled")
    )
    const watching = start([...watch("Moves-1", "Moves-2"), "--json"], simulator)
    await simulator.isAsked("Moves-1/provisioningstatus")
    await simulator.isAsked("Moves-2/provisioningstatus")
    await simulator.move()
    const { exitCode, stderr, stdout } = await watching.ended
    assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 3, stderr: "" })
    const messages = messagesOf(stdout)
    assert.deepStrictEqual(verdictsOf(messages, "Moves-1"), ["pending", "fulfilled"])
    assert.deepStrictEqual(verdictsOf(messages, "Moves-2"), ["pending", "unfulfilled"])
    assert.deepStrictEqual(outcomesOf(messages), ["Moves-1 fulfilled", "Moves-2 unfulfilled"])
  })

  // A pipe of the shell's: those of Node are sockets.
  const piped = (args: ReadonlyArray<string>, into: string, env: Environment) => {
    const script = `"$0" "$@" | ${into}; echo "\${PIPESTATUS[0]}"`
    const child = spawn("bash", ["-c", script, process.execPath, bundle, ...args], {
      env: { PATH: process.env["PATH"], ...surroundings(env) },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 20_000
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text))
    return new Promise<{ stdout: string; stderr: string }>((resolve) => {
      child.once("close", () => resolve({ stdout, stderr }))
    })
  }

  it.runIf(process.platform === "linux")("of the shell's has no escapes", async () => {
    await using simulator = await simulated(order("Moves-1", "pending", "fulfilled"))
    const watching = piped(watch("Moves-1"), "cat", simulator.env)
    await simulator.isAsked("provisioningstatus")
    await simulator.move()
    const { stderr, stdout } = await watching
    assert.notInclude(stdout + stderr, escape)
    assert.lengthOf(lines(stdout), 3)
    assert.strictEqual(lines(stdout).at(-1), "0")
  })

  it.runIf(process.platform === "linux")(
    "whose reader went away ends with its next line, and with where things stand",
    async () => {
      await using simulator = await simulated(order("Moves-1", "pending", "inTransit", "fulfilled"))
      const watching = piped(watch("Moves-1"), "head -1", simulator.env)
      await simulator.isAsked("provisioningstatus")
      await simulator.move()
      const { stderr, stdout } = await watching
      assert.match(stdout, new RegExp(`^${stamp}Moves-1 {2}… pending {2}0/4 units\n8\n$`))
      assert.strictEqual(stderr, "")
    }
  )

  it.runIf(process.platform === "linux")(
    "--json, whose reader went away, ends within seconds",
    async () => {
      await using simulator = await simulated(order("Pending-1", "pending"))
      const args = [...watch("Pending-1"), "--json"]
      const { stderr, stdout } = await piped(args, "head -1", simulator.env)
      assert.match(stdout, /^\{"type":"version".*\n8\n$/)
      assert.strictEqual(stderr, "")
    }
  )
})

describe.concurrent("watch on a terminal", () => {
  const clock = String.raw`\d\d:\d\d:\d\d {2}`

  it("prints changes, and keeps one line at the foot that goes in the end", async () => {
    await using simulator = await simulated(order("Moves-1", "pending", "inTransit", "fulfilled"))
    const watching = open(watch("Moves-1"), simulator)
    await watching.sees(/^… pending .*· next look in \d+ s.* · \d+\/300 requests$/)
    // It is written anew every second.
    await simulator.isAsked("provisioningstatus", 2)
    const first = await watching.sees(/^… pending · for [1-9]\d* s · .*\(no change\)/)
    assert.lengthOf(first, 2)
    assert.match(first[0] ?? "", new RegExp(`^${clock}Moves-1 {2}… pending {2}0/4 units$`))
    await simulator.move()
    assert.lengthOf(await watching.sees(/^… unknown .* requests$/), 3)
    await simulator.move()
    const { exitCode, isWrapped, lines, sent } = await watching.ended
    assert.strictEqual(exitCode, 0)
    assert.isFalse(isWrapped)
    assert.isTrue(sent.endsWith(rewriting))
    assert.deepStrictEqual(
      lines.map((line) => line.replace(new RegExp(`^${clock}`), "")),
      [
        "Moves-1  … pending  0/4 units",
        "Moves-1  ? unknown  0/4 units · “inTransit”",
        lines.at(-1)?.replace(new RegExp(`^${clock}`), "") ?? ""
      ]
    )
    assert.match(lines.at(-1) ?? "", /Moves-1 {2}✔ fulfilled {2}4\/4 units · after \d+ s$/)
  })

  const three = [
    order("Pending-1", "pending"),
    order("Fulfilled-1", "fulfilled"),
    order("Unfulfilled-1", "unfulfilled")
  ]
  const ids = three.map(({ id }) => id)

  it("of 40 columns wraps nothing, and nothing of that line is left on Ctrl-C", async () => {
    await using simulator = await simulated(...three)
    const watching = open(watch(...ids), { ...simulator, cols: 40 })
    await watching.sees(/^… 1 pending, 1 fulfilled, 1 unfulfil…$/)
    // The terminal echoes it behind what is there.
    watching.press("\u0003")
    const { exitCode, isWrapped, lines } = await watching.ended
    assert.strictEqual(exitCode, 130)
    assert.isFalse(isWrapped, lines.join("\n"))
    for (const line of lines) assert.isAtMost(line.length, 40)
    assert.notInclude(lines.join("\n"), "1 pending")
  })

  it("that is made wider and narrower has that line in its new width", async () => {
    await using simulator = await simulated(...three)
    const watching = open(watch(...ids), { ...simulator, cols: 40 })
    await watching.sees(/^… 1 pending, 1 fulfilled, 1 unfulfil…$/)
    watching.resize(80, 24)
    await watching.sees(/^… 1 pending, 1 fulfilled, 1 unfulfilled · for .*…$/)
    watching.resize(30, 24)
    await watching.sees(/^… 1 pending, 1 fulfilled, …$/)
    watching.press("\u0003")
    const { exitCode, lines } = await watching.ended
    assert.strictEqual(exitCode, 130)
    assert.notInclude(lines.join("\n"), "1 pending")
  })

  it("says trouble above that line, and takes it back", async () => {
    await using simulator = await simulated(order("Moves-1", "pending", "fulfilled"))
    const watching = open(watch("Moves-1"), simulator)
    await watching.sees(/^… pending/)
    await simulator.fault("provisioningStatus", undefined, { kind: "wrongJson" }, 2)
    const failed = await watching.sees(/^… pending .*next look in .*\(the last failed\)/)
    assert.match(failed.join("\n"), /^! Moves-1: [^]+; trying again$/m)
    await simulator.move()
    const { exitCode, lines } = await watching.ended
    assert.strictEqual(exitCode, 0)
    // The same trouble twice is said once.
    const trouble = lines.filter((line) => line.startsWith("! "))
    assert.lengthOf(trouble, 1)
  })

  it("ends with 130 on Ctrl-C, with where the order stands", async () => {
    await using simulator = await simulated(order("Pending-1", "pending"))
    const watching = open(watch("Pending-1"), simulator)
    await watching.sees(/^… pending .* requests$/)
    watching.press("\u0003")
    const { exitCode, lines, sent } = await watching.ended
    assert.strictEqual(exitCode, 130)
    assert.isTrue(sent.endsWith(rewriting))
    assert.deepStrictEqual(
      lines.map((line) => line.replace(/^\^C/, "")),
      [lines[0] ?? "", "Not settled: Pending-1  … pending  0/4 units"]
    )
  })

  it.each([{ TERM: "dumb" }, { TERM: "dumb", NO_COLOR: "1" }])(
    "that cannot go back has no such line and no escapes: %j",
    async (more: Environment) => {
      await using simulator = await simulated(order("Moves-1", "pending", "fulfilled"))
      const watching = open(watch("Moves-1"), { env: { ...simulator.env, ...more } })
      await watching.sees(/pending/)
      await simulator.isAsked("provisioningstatus", 2)
      await simulator.move()
      const { exitCode, lines, sent } = await watching.ended
      assert.strictEqual(exitCode, 0)
      assert.notInclude(sent, escape)
      assert.lengthOf(lines, 2)
    }
  )

  it("without colours still has its line", async () => {
    await using simulator = await simulated(order("Pending-1", "pending"))
    const env = { ...simulator.env, NO_COLOR: "1" }
    const watching = open(watch("Pending-1", "--timeout", "2s"), { env })
    await watching.sees(/requests$/)
    const { exitCode, sent } = await watching.ended
    assert.strictEqual(exitCode, 124)
    assert.notInclude(sent.replaceAll(rewriting, ""), escape)
  })

  it("prints JSON and no such line where that was asked for", async () => {
    await using simulator = await simulated(order("Is-1", "fulfilled"))
    const { exitCode, sent } = await open([...watch("Is-1"), "--json"], simulator).ended
    assert.strictEqual(exitCode, 0)
    assert.notInclude(sent, escape)
    messagesOf(sent.replaceAll("\r\n", "\n"))
  })

  it("of hostile names shows nothing that acts on it", async () => {
    await using simulator = await simulated()
    const args = ["watch", ...samples.hostile, "--timeout", "1s"]
    const { exitCode, isWrapped } = await open(args, simulator).ended
    // What was sent was looked at by the harness.
    assert.strictEqual(exitCode, 124)
    assert.isFalse(isWrapped)
  })
})

describe.concurrent("wait on a terminal", () => {
  it("has the line while it waits, and leaves only what it came to", async () => {
    await using simulator = await simulated(order("Moves-1", "pending", "fulfilled"))
    const waiting = open(["wait", contoso, "Moves-1", "--interval", "1s"], simulator)
    assert.lengthOf(await waiting.sees(/^… pending .* requests$/), 1)
    await simulator.move()
    const { exitCode, lines } = await waiting.ended
    assert.strictEqual(exitCode, 0)
    assert.lengthOf(lines, 1)
    assert.match(lines[0] ?? "", /^Moves-1 {2}✔ fulfilled {2}4\/4 units · after \d+ s$/)
  })
})
