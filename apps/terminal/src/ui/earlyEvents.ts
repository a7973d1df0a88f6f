// What happens to the process while the first frame stands there alone. Signals that end it need nobody: Ink leaves
// the screen on them.
import { ownError } from "../ownError.ts"

const signals = (["SIGTSTP", "SIGCONT"] as const).filter(
  // Windows has no such thing.
  (signal) => signal === "SIGCONT" || process.platform !== "win32"
)

/** Ends on an error that nobody has caught, off the screen. What it returns leaves all to who comes after. */
export const heedEarly = (leave: () => void): (() => void) => {
  const fail = (error: unknown) => {
    leave()
    process.stderr.write(`${ownError(error)}\n`)
    process.exit(1)
  }
  const heard: Array<(typeof signals)[number]> = []
  const hear = (signal: NodeJS.Signals) =>
    void heard.push(...signals.filter((own) => own === signal))
  process.on("uncaughtException", fail)
  process.on("unhandledRejection", fail)
  for (const signal of signals) process.on(signal, hear)
  return () => {
    process.off("uncaughtException", fail)
    process.off("unhandledRejection", fail)
    for (const signal of signals) process.off(signal, hear)
    // To be stopped, or drawn anew, takes what is there only now.
    for (const signal of heard) process.emit(signal, signal)
  }
}
