// `pnpm bench`: what orderwatch costs beside the plainest way to do the same, and what following many
// orders costs, measured in one run of about four minutes.
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { decodeBench } from "./decode.ts"
import { startMany, startScarce } from "./following.ts"
import { contestBench, streamsBench } from "./gateway.ts"
import { firstFrames, hours, scrolling } from "./interface.ts"
import { startupBench } from "./startup.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const nx = fileURLToPath(new URL("../../node_modules/nx/dist/bin/nx.js", import.meta.url))
const built = spawnSync(
  process.execPath,
  [
    nx,
    "run-many",
    "-t",
    "build",
    "-p",
    "@orderwatch/terminal,@orderwatch/gateway",
    "--outputStyle=static"
  ],
  { cwd: root, encoding: "utf8" }
)
if (built.status !== 0) {
  process.stderr.write(built.stdout + built.stderr)
  process.exit(70)
}

const row = (name: string, value: number, unit: string, aim = "") =>
  console.log(`  ${name.padEnd(44)}${value.toFixed(1).padStart(8)} ${unit}${beside(aim)}`)
const ratio = (name: string, over: string, value: number, aim = "") =>
  console.log(`  ${`${name} / ${over}`.padEnd(44)}${value.toFixed(3).padStart(8)}${beside(aim)}`)
const count = (name: string, value: string, aim = "") =>
  console.log(`  ${name.padEnd(44)}${value.padStart(8)}${beside(aim)}`)
const beside = (aim: string) => (aim === "" ? "" : `  (aim: ${aim})`)

console.log("One look as a whole process, against the simulator on a socket (medians)")
const { orderwatch, plain } = await startupBench()
row("orderwatch status --json", orderwatch, "ms")
row("plain script: fetch and JSON.parse", plain, "ms")
ratio("orderwatch", "plain script", orderwatch / plain)

console.log("\nA status of 200 lines, from its text (medians)")
const { decode, parse, report, zod } = decodeBench()
row("core: parsed, decoded, made a report", report, "µs")
row("core: parsed, decoded", decode, "µs")
row("zod 4: parsed, validated", zod, "µs")
row("JSON.parse alone", parse, "µs")
ratio("report", "JSON.parse alone", report / parse)
ratio("report", "zod 4", report / zod)
ratio("decode", "zod 4", decode / zod)

console.log("\nThe full-screen interface in a pseudo-terminal (medians of a whole process)")
const { demo, hello, list } = await firstFrames()
row("orderwatch --demo, first frame", demo, "ms")
row("orderwatch --demo, customers listed", list, "ms")
row("bare Ink, one line, bundled alike", hello, "ms")
ratio("first frame", "bare Ink", demo / hello, "1.5 or less")

const scroll = await scrolling()
console.log(`\nA list of ${scroll.orders} orders, from key to paint (${scroll.passed} keys)`)
row("median", scroll.p50, "ms")
row("99th percentile", scroll.p99, "ms", "50 or less")
row("  bare Ink, one line: median", scroll.least.p50, "ms")
row("  bare Ink, one line: 99th percentile", scroll.least.p99, "ms")
row("statuses asked for meanwhile", scroll.asked, "requests")

const { heap, updates } = await hours()
const [first = 0] = heap
const last = heap.at(-1) ?? 0
console.log(`\nFour hours of a watchlist of 60 orders, ${updates} changes, as fast as they go`)
row("heap after the first hour", first / 1e6, "MB")
row("heap after the last", last / 1e6, "MB")
ratio("last", "first", last / first)

const { connections, fresh, uncached } = await contestBench()
console.log(
  `\nThe gateway, ${connections} connections, in turns with the plainest that does the same`
)
row("a status that nobody asked for before", uncached.gateway.perSecond, "/s")
row("  Hono, fetch and c.json", uncached.plain.perSecond, "/s")
ratio("uncached", "plain proxy", uncached.ratio, "1.0 or more")
ratio("p99 uncached", "plain proxy", uncached.gateway.p99 / uncached.plain.p99, "1.0 or less")
row("a report that is fresh", fresh.gateway.perSecond, "/s")
row("  Hono with a constant body", fresh.plain.perSecond, "/s")
ratio("fresh", "constant body", fresh.ratio, "0.6 or more")

const streams = await streamsBench()
console.log(`\n${streams.streams} event streams on ${streams.orders} orders`)
row("resident memory at its most", streams.most / 1e6, "MB", "under 400")
count(
  "looks at an order, fewest to most",
  `${streams.fewestLooks} to ${streams.mostLooks}`,
  "equal"
)
row("shortest time between two looks", streams.shortest / 1000, "s", "30 or more")

process.stderr.write("\n(following begins: figures in two minutes, and in three)\n")
// Nothing above shares the processors with them. They run at once: the second does next to nothing, for
// three minutes.
const parts = { many: startMany(), scarce: startScarce() }
try {
  const ended = Promise.all([parts.many.said, parts.scarce.said])
  const many = await Promise.race([parts.many.said, ended.then(([said]) => said)])
  const { followers, orders } = many
  console.log(`\n${orders} orders followed by ${followers} in one process, three looks at each`)
  ratio("looks upstream", "order and interval", many.looksPerInterval, "1.0")
  ratio("requests", "look after the first", many.requestsPerLook, "1.0")
  ratio("requests", "first look", many.requestsOfFirst)
  count("looks at an order, fewest to most", `${many.fewestLooks} to ${many.mostLooks}`, "3")
  row("shortest time between two looks", many.shortest / 1000, "s", "30 or more")
  row("first report of all, two followers each", many.firstReports / 1000, "s")
  row("first report of all who came late", many.lateReports / 1000, "s")
  row("heap per order with its three followers", many.heapPerOrder / 1000, "kB", "25 or less")
  row("heap per order after the last one left", many.heapLeft / 1000, "kB", "next to 0")
  row("CPU for a first look", many.cpuPerFirstLook, "ms")
  row("CPU for a later look", many.cpuPerLook, "ms")
  row("CPU while nothing is due, of one core", 100 * many.cpuIdle, "%", "next to 0")

  const [, scarce] = await ended
  console.log(
    `\n${scarce.orders} orders within ${scarce.perMinute} requests a minute, for three minutes`
  )
  ratio("busiest minute upstream", "budget", scarce.busiestMinute, "1.1 or less")
  ratio("all requests", "budget", scarce.used)
  count(
    "looks at an order, fewest to most",
    `${scarce.fewestLooks} to ${scarce.mostLooks}`,
    "1 apart"
  )
  count("looks before an order longer unseen", String(scarce.overtakings), "0")
} finally {
  parts.many.stop()
  parts.scarce.stop()
}
