import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { read, run } from "./files.ts"

const name = "orderwatch-gateway.service"
const unit = read(name)
const values = (key: string) =>
  unit
    .split("\n")
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1))

const hasSystemd = run("systemd-analyze", ["--version"]).status === 0

/** The unit with a program that is there, in a directory of its own. */
const analyzed = (...args: ReadonlyArray<string>) => {
  const directory = mkdtempSync(join(tmpdir(), "unit-"))
  const path = join(directory, name)
  writeFileSync(path, unit.replace("/usr/bin/node", process.execPath))
  try {
    return run("systemd-analyze", [...args, path])
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe("the unit of systemd", () => {
  it.skipIf(!hasSystemd)("is without fault to systemd itself", () => {
    const { output, status } = analyzed("verify", "--man=no")
    assert.strictEqual(output, "")
    assert.strictEqual(status, 0)
  })

  it.skipIf(!hasSystemd)("is locked up well", () => {
    const { output, status } = analyzed("security", "--offline=true", "--threshold=15")
    assert.strictEqual(status, 0, output)
  })

  it("names a file for every secret that it loads, and loads every one that it names", () => {
    const loaded = values("LoadCredential").map((line) => line.split(":")[0])
    const named = values("Environment").flatMap((line) => /=%d\/(.+)$/.exec(line)?.[1] ?? [])
    assert.deepEqual(named.toSorted(), loaded.toSorted())
    for (const line of values("Environment")) {
      if (line.includes("%d/")) assert.match(line, /_FILE=/)
    }
  })

  it("leaves the gateway longer than it takes to end", () => {
    const within = values("Environment").find((line) => line.includes("SHUTDOWN_WITHIN"))
    const seconds = (text: string | undefined) => Number(/(\d+)s$/.exec(text ?? "")?.[1])
    assert.isAbove(seconds(values("TimeoutStopSec")[0]), seconds(within))
    // A wrong setting ends it with 2, and does not come right by itself.
    assert.deepEqual(values("RestartPreventExitStatus"), ["2"])
  })
})
