// Parts of a bench that run in processes of their own, and end with the process that started them.
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Schema } from "effect"

export interface Part<A> {
  /** What it says, once; rejects if it ends before. */
  readonly said: Promise<A>
  readonly stop: () => void
}

/** Starts a script, by its path from here. */
export const start = <A, I>(
  script: string,
  says: Schema.Codec<A, I>,
  options: { readonly args?: ReadonlyArray<string>; readonly execArgv?: ReadonlyArray<string> } = {}
): Part<A> => {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [...(options.args ?? [])], {
    execArgv: [...(options.execArgv ?? [])]
  })
  const said = new Promise<unknown>((resolve, reject) => {
    child.once("message", resolve)
    child.once("error", reject)
    child.once("exit", (code, signal) => reject(new Error(`${script} ended: ${code ?? signal}`)))
  })
  return {
    said: said.then(Schema.decodeUnknownPromise(says)),
    stop: () => {
      if (child.connected) child.disconnect()
    }
  }
}

/** For the script that was started. */
export const say = (what: unknown): void => {
  process.send?.(what)
}

/** For the script that was started: to end with who did it. */
export const endWithStarter = (): void => {
  process.once("disconnect", () => process.exit())
}
