// The workspace as these checks see it: where it stands, what it holds, how its tools are run.
import { execFile } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { stripVTControlCharacters } from "node:util"

export interface Manifest {
  readonly name: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export const root = fileURLToPath(new URL("../..", import.meta.url))

export const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))

/** The folders of what ships: packages and apps, not tools. */
export const shipped = globSync("{packages,apps}/*/package.json", { cwd: root })
  .map((file) => dirname(file))
  .toSorted()

/** Files below the root, as `/`-separated paths relative to it; never in node_modules or dist. */
export const files = (...patterns: ReadonlyArray<string>) =>
  globSync([...patterns], {
    cwd: root,
    exclude: (path) => /(^|[\\/])(node_modules|dist|reports|\.nx)$/.test(path)
  })
    .map((file) => file.replaceAll("\\", "/"))
    .toSorted()

export interface Ran {
  readonly code: number
  readonly output: string
}

/** Runs a program to its end, without colours; a failure is an answer, not an exception. */
export const run = (
  program: string,
  args: ReadonlyArray<string>,
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv }
): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(
      program,
      [...args],
      { ...options, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1
        // One that could not even be started said nothing itself.
        const output = `${stdout}${stderr}` || (error?.message ?? "")
        resolve({ code, output: stripVTControlCharacters(output) })
      }
    )
  })
