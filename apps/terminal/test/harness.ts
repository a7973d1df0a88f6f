// The command as its users start it: a process of its own over the built bundle, asking a simulator on a
// real socket, configured by the environment alone. Whatever a process prints is watched by safety.ts.
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { EventEmitter } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, vi } from "@effect/vitest"
import { serve } from "@orderwatch/simulator/serve"
import { make } from "@orderwatch/simulator/Simulator"
import { wrong } from "./safety.ts"
import { open, pressAfter, rewriting } from "./terminal.ts"
import type { Keys, Shown, Terminal } from "./terminal.ts"

/** The program. */
export const bundle = fileURLToPath(new URL("../dist/orderwatch.js", import.meta.url))

export type Environment = Readonly<Record<string, string>>

const known = new Set(["simulator-client-secret"])
/** From now on these are never to be printed either. */
export const keepSecret = (...secrets: ReadonlyArray<string>): void => {
  for (const secret of secrets) if (secret !== "") known.add(secret)
}
/** All of these so far. */
export const keptSecret = (): ReadonlyArray<string> => [...known]

/** What must never be printed by a process with that environment. */
const secretsOf = (env: Environment): ReadonlyArray<string> => [
  ...known,
  ...Object.entries(env).flatMap(([name, value]) =>
    /(?:SECRET|TOKEN|VAULT_KEY|PASSWORD)$/.test(name) && value !== "" ? [value] : []
  )
]

export interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

export interface RunOptions {
  readonly env?: Environment
  /** For Node itself. */
  readonly flags?: ReadonlyArray<string>
  /** What it reads on stdin; nothing unless given. */
  readonly stdin?: string
  /** Gets the process as soon as it runs. */
  readonly meanwhile?: (child: ChildProcess) => void
}

/** A process under way. */
export interface Started {
  readonly child: ChildProcess
  /** Waits until stderr has that, or the process ended without it. */
  readonly says: (text: RegExp) => Promise<RegExpExecArray>
  /** The same for stdout. */
  readonly prints: (text: RegExp) => Promise<RegExpExecArray>
  readonly ended: Promise<Ran>
}

export interface OpenOptions {
  readonly env?: Environment
  /** 80 unless given. */
  readonly cols?: number
}

export interface ShowOptions extends OpenOptions {
  readonly keys?: Keys
}

/** A machine of a test file's own, gone when its tests are: a home, and nothing else set. */
export const machine = () => {
  vi.setConfig({ testTimeout: 60_000, maxConcurrency: 8 })
  const home = mkdtempSync(join(tmpdir(), "orderwatch-test-"))
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  const surroundings = (env: Environment): Record<string, string> => ({
    HOME: home,
    XDG_CACHE_HOME: home,
    LOCALAPPDATA: home,
    ...(process.env["SystemRoot"] !== undefined && { SystemRoot: process.env["SystemRoot"] }),
    ...env
  })

  const watch = (args: ReadonlyArray<string>, output: string, env: Environment) => {
    assert.isUndefined(wrong(output, secretsOf(env)), `${args.join(" ")} printed:\n${output}`)
  }

  /** Starts `orderwatch`, which ends within 30 seconds. */
  const start = (
    args: ReadonlyArray<string>,
    { env = {}, flags = [], meanwhile, stdin }: RunOptions = {}
  ): Started => {
    const child = spawn(process.execPath, [...flags, bundle, ...args], {
      env: surroundings(env),
      stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      timeout: 30_000,
      killSignal: "SIGKILL"
    })
    const said = { stdout: "", stderr: "" }
    const heard = new EventEmitter()
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (text) => {
        said[name] += text
        heard.emit("more")
      })
    }
    // Whoever refuses its command line does not wait for stdin.
    child.stdin?.on("error", () => {}).end(stdin)
    meanwhile?.(child)
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject)
      child.once("close", resolve)
    }).then((exitCode) => {
      watch(args, said.stdout + said.stderr, env)
      return { ...said, exitCode }
    })
    const hears = (name: "stdout" | "stderr") => (text: RegExp) =>
      new Promise<RegExpExecArray>((resolve, reject) => {
        const look = () => {
          const found = text.exec(said[name])
          if (found !== null) resolve(found)
        }
        heard.on("more", look)
        look()
        ended.then(
          () => reject(new Error(`${args.join(" ")} ended without ${text}: ${said[name]}`)),
          reject
        )
      })
    return { child, says: hears("stderr"), prints: hears("stdout"), ended }
  }

  /** Starts it on a terminal, for 30 seconds at most. */
  const openOn = (
    args: ReadonlyArray<string>,
    { cols = 80, env = {} }: OpenOptions = {}
  ): Terminal => {
    const terminal = open([bundle, ...args], { env: surroundings(env), cols })
    const ended = terminal.ended.then((shown) => {
      watch(args, shown.sent.replaceAll("\r\n", "\n").replaceAll(rewriting, ""), env)
      return shown
    })
    return { ...terminal, ended }
  }

  return {
    home,
    /** A path of that name that nobody else uses. */
    temporary: (name: string): string => join(home, name),
    surroundings,
    start,
    open: openOn,

    /** Runs `orderwatch` to its end. */
    run: (args: ReadonlyArray<string>, options: RunOptions = {}): Promise<Ran> =>
      start(args, options).ended,

    /** Runs it on a terminal. */
    show: (args: ReadonlyArray<string>, { keys, ...options }: ShowOptions = {}): Promise<Shown> => {
      const terminal = openOn(args, options)
      if (keys !== undefined) pressAfter(terminal, keys)
      return terminal.ended
    }
  }
}

/** A simulator on a socket, its clock standing still, and `orderwatch` configured for it. */
export const simulation = async () => {
  const { run, show, temporary } = machine()
  const startedAt = Date.now()
  const simulator = make({ now: () => startedAt })
  const served = await serve(simulator)
  afterAll(() => served.close())
  const { clientId, clientSecret, refreshToken, tenantId } = simulator.credentials
  const env: Environment = {
    PARTNER_CENTER_API_URL: served.url,
    PARTNER_CENTER_LOGIN_URL: served.url,
    PARTNER_CENTER_TENANT_ID: tenantId,
    PARTNER_CENTER_CLIENT_ID: clientId,
    PARTNER_CENTER_CLIENT_SECRET: clientSecret,
    PARTNER_CENTER_REFRESH_TOKEN: refreshToken
  }
  return {
    ...simulator.sample,
    env,
    temporary,
    runAlone: run,
    /** Runs `orderwatch`; variables given here go before those that point at the simulator. */
    run: (args: ReadonlyArray<string>, more: Environment = {}, options: RunOptions = {}) =>
      run(args, { ...options, env: { ...env, ...more } }),
    show: (args: ReadonlyArray<string>, more: Environment = {}) =>
      show(args, { env: { ...env, ...more } }),
    /** Asks for a fault, as `POST /_simulator/faults` takes it. */
    fault: async (fault: object) => {
      const init = { method: "POST", body: JSON.stringify(fault) }
      const { status } = await fetch(`${served.url}/_simulator/faults`, init)
      assert.strictEqual(status, 201)
    },
    /** What was asked so far. */
    requests: async (): Promise<ReadonlyArray<RequestRecord>> =>
      JSON.parse(await (await fetch(`${served.url}/_simulator/requests`)).text())
  }
}

interface RequestRecord {
  readonly operation?: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

export const lines = (text: string): ReadonlyArray<string> => text.trimEnd().split("\n")

/** Customers and orders of the simulator, by what they show. */
export const samples = {
  contoso: "0c39d6d5-c70d-4c55-bc02-f620844f3fd1",
  fulfilled: ["0c39d6d5-c70d-4c55-bc02-f620844f3fd1", "34828C05-C16C-4D6F-9CFC-4D2650EF19A1"],
  pending: ["b0d70a69-4c42-4b27-b17b-91a835d8686a", "f76c6b7f449d"],
  partiallyFulfilled: ["4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04", "s-BZlr_TeGksPNT61SsWRL-sqMaKbyVa1"],
  unfulfilled: ["4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04", "Cs_jyTxubLpvdJXdo8xcQZN6I2RsLrgZ1"],
  unknown: ["a45f1416-3300-4f65-9e8d-f123b397a4ea", "ImxjLNL4_fOc-2KoyOxGTZcrlIquzls11"],
  legacy: ["a45f1416-3300-4f65-9e8d-f123b397a4ea", "eeba9d00-7b46-443a-917e-22887a8fc993"],
  dash: ["6f2c8e5d-1b7a-4c3f-a9d2-0e4b7f8c1d35", "-k3Jt9wQz_XhN2rB7vLsM5yTgC8dPfUa1"],
  empty: ["c8e4d2f0-7b6a-4951-9e3c-2a1b0f9e8d7c", "7d0c4ba19e52"],
  hostile: ["f4a6c2e8-0b1d-4357-8f9a-6c5d4e3b2a19", "Hx0stile-Name_ControlCharacters01"],
  slow: ["f4a6c2e8-0b1d-4357-8f9a-6c5d4e3b2a19", "Slow-TestOrder_PendingForEver0001"],
  contradictory: ["f4a6c2e8-0b1d-4357-8f9a-6c5d4e3b2a19", "0c0ffee15bad"]
} as const
