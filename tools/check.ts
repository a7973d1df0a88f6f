// Types and boundaries: the compiler over every tsconfig, the import rules over every file.
import { spawnSync } from "node:child_process"
import { globSync } from "node:fs"
import { fileURLToPath } from "node:url"

process.chdir(fileURLToPath(new URL("..", import.meta.url)))
const tsc = "node_modules/typescript/bin/tsc"
const oxlint = "node_modules/oxlint/bin/oxlint"

// An unpatched compiler knows nothing of effects left unrun, and would pass.
const { stdout: version } = spawnSync(process.execPath, [tsc, "--version"], { encoding: "utf8" })
if (!version.includes("+effect-tsgo.")) {
  console.error(`tsc is not the patched one (${version.trim()}). Run: npx -y pnpm@12 install`)
  process.exit(1)
}

const projects = globSync([
  "tools/tsconfig.json",
  "{packages,apps,tools}/*/tsconfig.json",
  "{packages,apps,tools}/*/test/tsconfig.json"
])
// --force: the packages import one another's sources, which -b would not see change.
const types = run(tsc, "-b", "--force", ...projects)
const boundaries = run(oxlint)
process.exitCode = types && boundaries ? 0 : 1

function run(script: string, ...args: ReadonlyArray<string>): boolean {
  return spawnSync(process.execPath, [script, ...args], { stdio: "inherit" }).status === 0
}
