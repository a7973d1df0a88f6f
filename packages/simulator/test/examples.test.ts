// The scripts that the guide shows.
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import { alpineSkiHouse, contoso } from "../src/customers.ts"
import { parseScript } from "../src/scriptText.ts"
import { harness, orderPath, statusPath } from "./harness.ts"

const textOf = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8")

const load = async (file: string) => {
  const own = harness()
  const added = own.simulator.addOrders(await parseScript(file, textOf(`../examples/${file}`)))
  const started = own.time.now
  return {
    ...own,
    added,
    at: (seconds: number) => {
      own.time.now = started + seconds * 1000
    }
  }
}

describe("the example", () => {
  it.each(["turns.toml", "load.json"])("%s is in the guide to the letter", (file) => {
    const guide = textOf("../../../docs/guides/simulator.md")
    assert.include(guide, `\n${textOf(`../examples/${file}`)}\`\`\`\n`)
  })

  it("turns.toml takes the turns that it says", async () => {
    const { added, at, get } = await load("turns.toml")
    assert.strictEqual(added, 3)
    const relecloud = "5f1c2a9e-7d34-4b68-9e0a-c1d2e3f40516"
    const units = [
      [9, ""],
      [10, "4 prefulfillmentPending"],
      [30, "1 fulfilled 3 prefulfillmentPending"],
      [60, "4 fulfilled"],
      [90, "4 prefulfillmentPending"],
      [120, "4 fulfilled"]
    ] as const
    for (const [seconds, expected] of units) {
      at(seconds)
      const { text } = await get(statusPath(relecloud, "Turns-1"))
      const told = text.matchAll(/"quantity":(\d+),"status":"(\w+)"/g)
      const found = Array.from(told, ([, quantity, status]) => `${quantity} ${status}`)
      assert.strictEqual(found.join(" "), expected, `after ${seconds} s`)
    }
    const statuses = []
    for (const seconds of [19, 20, 30, 40]) {
      at(seconds)
      statuses.push((await get(statusPath(contoso.id, "Turns-2"))).status)
    }
    assert.deepEqual(statuses, [200, 404, 200, 429])
  })

  it("load.json has ten thousand orders, a hundred a second, and a storm", async () => {
    const { added, at, get } = await load("load.json")
    assert.strictEqual(added, 10_000)
    assert.strictEqual((await get(orderPath(alpineSkiHouse.id, "load-1"))).status, 200)
    assert.strictEqual((await get(orderPath(alpineSkiHouse.id, "load-101"))).status, 404)
    at(1)
    assert.strictEqual((await get(orderPath(alpineSkiHouse.id, "load-101"))).status, 200)
    at(120)
    const { headers, status } = await get(statusPath(alpineSkiHouse.id, "load-10000"))
    assert.deepEqual([status, headers.get("Retry-After")], [503, "7"])
  })
})
