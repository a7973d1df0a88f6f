// Brings a bundle up to date (Nx decides, silently unless it fails), then becomes the program: same process,
// terminal, stdin, signals and exit code. The command, or with `gateway` before its arguments the gateway.
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const nx = fileURLToPath(new URL("../node_modules/nx/dist/bin/nx.js", import.meta.url))

const isGateway = process.argv[2] === "gateway"
const app = isGateway ? "gateway" : "terminal"
const file = isGateway ? "gateway/dist/gateway.js" : "terminal/dist/orderwatch.js"
const bundle = fileURLToPath(new URL(`../apps/${file}`, import.meta.url))

const built = spawnSync(
  process.execPath,
  [nx, "run", `@orderwatch/${app}:build`, "--outputStyle=static"],
  { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }
)
if (built.status !== 0) {
  process.stderr.write(built.stdout + built.stderr)
  process.exit(70)
}

const [first, ...rest] = process.argv.slice(isGateway ? 3 : 2)
// `pnpm orderwatch -- order …`: pnpm hands its own separator on.
const args = first === undefined || first === "--" ? rest : [first, ...rest]
if (process.env["INIT_CWD"]) process.chdir(process.env["INIT_CWD"])

if (process.execve && process.platform !== "win32") {
  process.execve(process.execPath, [process.execPath, bundle, ...args], process.env)
} else {
  const { signal, status } = spawnSync(process.execPath, [bundle, ...args], { stdio: "inherit" })
  process.exit(status ?? (signal === null ? 70 : 130))
}
