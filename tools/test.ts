// Runs every package's tests through Nx and ends on one total, also left in reports/total.txt.
// Arguments go to Nx: `pnpm test -p @orderwatch/core`, `pnpm test --skip-nx-cache`.
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: ReadonlyArray<{
    readonly status: string
    readonly assertionResults: ReadonlyArray<unknown>
  }>
}

process.chdir(fileURLToPath(new URL("..", import.meta.url)))
const args = process.argv.slice(2)

const reports = globSync("{packages,apps,tools}/*/package.json")
  .filter((file) => JSON.parse(readFileSync(file, "utf8")).scripts?.test !== undefined)
  .map((file) => join(dirname(file), "reports", "tests.json"))
for (const report of reports) rmSync(report, { force: true })

const nx = spawnSync(
  process.execPath,
  ["node_modules/nx/dist/bin/nx.js", "run-many", "-t", "test", "--outputStyle=static", ...args],
  { stdio: ["ignore", "inherit", "inherit"] }
)

const total = { passed: 0, failed: 0, skipped: 0 }
for (const file of reports) {
  const report = read(file)
  if (report === undefined) {
    if (args.length > 0) continue // Nx was told to run fewer
    console.error(`${file}: no report`)
    total.failed += 1
    continue
  }
  // Vitest counts no failed test where a file did not even import.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0
  )
  total.passed += report.numPassedTests
  total.failed += report.numFailedTests + broken.length
  total.skipped += report.numPendingTests + report.numTodoTests
}
// An error outside of any test, or a build that failed before the tests.
if (nx.status !== 0 && total.failed === 0) total.failed = 1

const line = `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`
mkdirSync("reports", { recursive: true })
writeFileSync("reports/total.txt", line)
// Worded unlike the line that .ci/run ends on, so that a log has that one once.
console.log(`Tests: ${total.passed} passed · ${total.failed} failed · ${total.skipped} skipped`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0

function read(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return undefined
  }
}
