// What ships brings only permissive licences with it, and nothing without a stated reason.
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { files, manifest, root, shipped } from "../workspace.ts"

const permissive = new Set([
  "MIT",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "BlueOak-1.0.0"
])
const isPermissive = (licence = "") =>
  licence
    .replace(/^\((.*)\)$/, "$1")
    .split(" OR ")
    .some((choice) => permissive.has(choice))

/** Where Node would find a package from a folder. */
const find = (name: string, from: string): string | undefined => {
  const here = join(from, "node_modules", name)
  if (existsSync(join(here, "package.json"))) return realpathSync(here)
  return dirname(from) === from ? undefined : find(name, dirname(from))
}

/** Every package reached from a folder by what it needs to run, by where it stands. */
const reached = (folder: string, found = new Map<string, string>()): Map<string, string> => {
  const { dependencies, name, optionalDependencies, peerDependencies } = manifest(folder)
  if (found.has(folder)) return found
  found.set(folder, name)
  for (const needed of Object.keys({ ...dependencies, ...peerDependencies })) {
    // Optional ones of another platform, and peers nobody asked for, are not there.
    const at = find(needed, folder)
    if (at !== undefined) reached(at, found)
    else if (dependencies?.[needed] && !optionalDependencies?.[needed])
      throw new Error(`${name} needs ${needed}, which is not installed`)
  }
  for (const needed of Object.keys(optionalDependencies ?? {})) {
    const at = find(needed, folder)
    if (at !== undefined) reached(at, found)
  }
  return found
}

const all = shipped.reduce(
  (found, folder) => reached(join(root, folder), found),
  new Map<string, string>()
)
const direct = new Set(
  shipped.flatMap((folder) => {
    const { dependencies, peerDependencies } = manifest(join(root, folder))
    return Object.keys({ ...dependencies, ...peerDependencies })
  })
)

describe("runtime dependencies", () => {
  it("are found", () => expect([...all.values()]).toContain("effect"))

  it("are licensed permissively, all the way down", () => {
    const others = [...all]
      .filter(([folder]) => !isPermissive(manifest(folder).license))
      .map(([folder, name]) => `${name}: ${manifest(folder).license}`)
    expect(others).toEqual([])
  })

  it("are each named with a reason in docs/decisions", () => {
    const decisions = files("docs/decisions/*.md").map((file) =>
      readFileSync(join(root, file), "utf8")
    )
    const unnamed = [...direct]
      .filter((name) => !name.startsWith("@orderwatch/"))
      .filter((name) => !decisions.some((text) => text.includes(`\`${name}\``)))
    expect(unnamed).toEqual([])
  })
})
