// Lines that are written together: one call of the system for many requests.
import { Effect } from "effect"

const wait = "50 millis"
// Characters, beyond which nothing is waited for.
const most = 65_536

/** Takes lines and writes them a little later, several at once; what is left when the scope ends, then. */
export const makeLines = Effect.fnUntraced(function* (write: (text: string) => void) {
  const context = yield* Effect.context<never>()
  const fork = Effect.runForkWith(context)
  let text = ""
  let isArmed = false

  const flush = () => {
    isArmed = false
    if (text === "") return
    const written = text
    text = ""
    write(written)
  }

  yield* Effect.addFinalizer(() => Effect.sync(flush))

  return (line: string): void => {
    text += `${line}\n`
    if (text.length >= most) return flush()
    if (isArmed) return
    isArmed = true
    fork(Effect.andThen(Effect.sleep(wait), Effect.sync(flush)))
  }
})
