// Starts the command, on a Node that can run it. Compiled code is kept in the user's own cache, which halves the start; the demo
// leaves nothing on the disk.
import * as module from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"
import { aloneAsks, here, opensEarly, isFullScreen } from "./fullScreen.ts"

const cacheDirectory = (): string => {
  const { env, platform } = process
  if (platform === "win32") return env["LOCALAPPDATA"] || join(homedir(), "AppData", "Local")
  if (platform === "darwin") return join(homedir(), "Library", "Caches")
  return env["XDG_CACHE_HOME"] || join(homedir(), ".cache")
}

const least = 24

if (Number.parseInt(process.versions.node, 10) < least) {
  process.stderr.write(
    `orderwatch: needs Node.js ${least} or newer, and this is ${process.version}.\n`
  )
  process.exit(2)
}

const flags = process.argv.slice(2)
const end = flags.indexOf("--")
const isDemo = flags
  .slice(0, end < 0 ? flags.length : end)
  .some((flag) => /^--demo(?:=|$)/.test(flag))

if (!isDemo) {
  module.enableCompileCache(join(cacheDirectory(), "orderwatch"))
}

const alone = isFullScreen(here()) ? aloneAsks(flags) : undefined
if (alone === undefined) {
  const { run } = await import("./program.ts")
  run()
} else {
  if (opensEarly(alone, here())) {
    const { openEarly } = await import("./ui/opened.tsx")
    await openEarly(alone.color)
  }
  const { run } = await import("./alone.ts")
  run(alone)
}
