// One line at the foot of a terminal's stderr that is written over and over.
import { Effect, Schedule } from "effect"
import { Streams } from "./output.ts"
import { fit } from "./render/text.ts"

export interface StatusLine {
  /** Prints something above the line. */
  readonly above: <A, E, R>(print: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

const clear = "\r\u001b[2K"

/**
 * Keeps the line up to date, every second, until the scope closes. Where nobody would see it (no terminal,
 * or one that cannot go back) there is no line.
 */
export const make = Effect.fnUntraced(function* (options: {
  readonly isShown: boolean
  readonly text: Effect.Effect<string>
}) {
  const { err } = yield* Streams
  const none: StatusLine = { above: (print) => print }
  if (!options.isShown || !err.isTerminal || process.env["TERM"] === "dumb") return none

  const write = (text: string) => Effect.sync(() => void process.stderr.write(text))
  // The last column stays free: some terminals go on to the next line when it is filled. So do two more,
  // for the ^C that they echo. They can be made wider and narrower at any time.
  const draw = Effect.flatMap(options.text, (text) =>
    write(clear + fit(text, (process.stderr.columns || err.columns) - 3))
  )
  yield* Effect.addFinalizer(() => write(clear))
  yield* Effect.forkScoped(Effect.repeat(draw, Schedule.spaced("1 second")))
  const made: StatusLine = {
    above: (print) => Effect.ensuring(Effect.andThen(write(clear), print), draw)
  }
  return made
})
