// Starts the command. Compiled code is kept in the user's own cache, which halves the start; the demo
// leaves nothing on the disk.
import { enableCompileCache } from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"

const cacheDirectory = (): string => {
  const { env, platform } = process
  if (platform === "win32") return env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local")
  if (platform === "darwin") return join(homedir(), "Library", "Caches")
  return env["XDG_CACHE_HOME"] || join(homedir(), ".cache")
}

if (!process.argv.includes("--demo")) enableCompileCache(join(cacheDirectory(), "orderwatch"))

const { run } = await import("./program.ts")
run()
