// `pnpm bench`: what orderwatch costs beside the plainest way to do the same, measured in one run.
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { decodeBench } from "./decode.ts"
import { startupBench } from "./startup.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const nx = fileURLToPath(new URL("../../node_modules/nx/dist/bin/nx.js", import.meta.url))
const built = spawnSync(
  process.execPath,
  [nx, "run", "@orderwatch/terminal:build", "--outputStyle=static"],
  { cwd: root, encoding: "utf8" }
)
if (built.status !== 0) {
  process.stderr.write(built.stdout + built.stderr)
  process.exit(70)
}

const row = (name: string, value: number, unit: string, note = "") =>
  console.log(`  ${name.padEnd(44)}${value.toFixed(1).padStart(8)} ${unit}${note}`)
const ratio = (name: string, over: string, value: number) =>
  console.log(`  ${`${name} / ${over}`.padEnd(44)}${value.toFixed(2).padStart(8)}`)

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
