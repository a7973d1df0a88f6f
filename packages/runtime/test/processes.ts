// Programs in processes of their own, for as long as a test runs.
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const limit = "40 seconds"
// Most of a start is compiling, of the same modules each time.
const cache = fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url))

/**
 * Starts `processes/NAME` with those variables and no others, below the programs of `within`. It is killed
 * when the test ends, and they with it.
 */
export const start = (
  name: string,
  env: Readonly<Record<string, string>>,
  within: ReadonlyArray<string> = []
) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const script = fileURLToPath(new URL(`./processes/${name}`, import.meta.url))
      const [program = process.execPath, ...args] = [...within, process.execPath, script]
      const child = spawn(program, args, {
        env: { ...env, NODE_COMPILE_CACHE: cache },
        stdio: ["pipe", "pipe", "pipe"]
      })
      let stdout = ""
      let stderr = ""
      const heard = new Set<() => void>()
      child.stdout.on("data", (data) => {
        stdout += String(data)
        for (const listen of heard) listen()
      })
      child.stderr.on("data", (data) => (stderr += String(data)))
      const ended = new Promise<Ended>((resolve) =>
        child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }))
      )
      const bounded = (what: string) =>
        Effect.timeoutOrElse({
          duration: limit,
          orElse: () => Effect.die(`${name} ${what} within ${limit}: ${stdout}${stderr}`)
        })
      const line = (text: string) =>
        new Promise<void>((resolve) => {
          const listen = () => {
            if (!stdout.split("\n").includes(text)) return
            heard.delete(listen)
            resolve()
          }
          heard.add(listen)
          listen()
          void ended.then(() => resolve())
        })
      return {
        pid: child.pid,
        kill: () => void child.kill("SIGKILL"),
        /** Lets it go on that waits for a line. */
        tell: (text: string) => void child.stdin.write(`${text}\n`),
        /** Waits for that line, or for the end. */
        says: (text: string) => bounded(`did not say ${text}`)(Effect.promise(() => line(text))),
        ended: bounded("did not end")(Effect.promise(() => ended)),
        gone: ended
      }
    }),
    (child) =>
      Effect.andThen(
        Effect.sync(child.kill),
        Effect.promise(() => child.gone)
      )
  )
