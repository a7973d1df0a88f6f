// The files of apps/gateway/deploy, and how to run what checks them.
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../../../..", import.meta.url))

export const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url))

export const read = (name: string): string => readFileSync(pathOf(name), "utf8")

export interface Ran {
  /** None where there is no such program. */
  readonly status: number | null
  readonly output: string
}

export const run = (
  program: string,
  args: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv = process.env
): Ran => {
  const { error, status, stderr, stdout } = spawnSync(program, [...args], { encoding: "utf8", env })
  return error === undefined
    ? { status, output: `${stdout}${stderr}` }
    : { status: null, output: error.message }
}
