// Starts the gateway, on a Node that can run it. Compiled code is kept where the command keeps its own; the
// demo leaves nothing on the disk.
import * as module from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"

const least = 24

if (Number.parseInt(process.versions.node, 10) < least) {
  process.stderr.write(
    `orderwatch-gateway: needs Node.js ${least} or newer, and this is ${process.version}.\n`
  )
  process.exit(2)
}

const cacheDirectory = (): string => {
  const { env, platform } = process
  if (platform === "win32") return env["LOCALAPPDATA"] || join(homedir(), "AppData", "Local")
  if (platform === "darwin") return join(homedir(), "Library", "Caches")
  return env["XDG_CACHE_HOME"] || join(homedir(), ".cache")
}

if (!process.argv.includes("--demo")) {
  module.enableCompileCache(join(cacheDirectory(), "orderwatch-gateway"))
}

const { run } = await import("./program.ts")
run()
