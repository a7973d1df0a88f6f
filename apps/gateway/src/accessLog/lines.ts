// Lines that are written together: one call of the system for many requests. They wait as text, for whoever makes it
// holds on to all of a request.
import { Effect } from "effect"

const wait = "50 millis"
// Lines, beyond which nothing is waited for.
const most = 250

/** Takes lines, and writes them a little later, several at once; what is left when the scope ends, then. */
export const makeLines = Effect.fnUntraced(function* (write: (text: string) => void) {
  const context = yield* Effect.context<never>()
  const fork = Effect.runForkWith(context)
  let lines: Array<string> = []
  let isArmed = false

  const flush = () => {
    isArmed = false
    if (lines.length === 0) return
    const taken = lines
    lines = []
    write(`${taken.join("\n")}\n`)
  }

  yield* Effect.addFinalizer(() => Effect.sync(flush))

  return (line: string): void => {
    lines.push(line)
    if (lines.length >= most) return flush()
    if (isArmed) return
    isArmed = true
    fork(Effect.andThen(Effect.sleep(wait), Effect.sync(flush)))
  }
})
