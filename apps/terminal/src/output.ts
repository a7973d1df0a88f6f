// Where a command's words go: results on stdout, everything else on stderr.
import { Console, Context, DateTime, Effect } from "effect"
import { Color, Json, Verbose } from "./flags.ts"
import { json } from "./render/json.ts"
import type { View } from "./render/report.ts"
import { wrap } from "./render/text.ts"
import { theme } from "./theme.ts"
import type { Theme } from "./theme.ts"

/** The streams of the process, as far as looks depend on them. */
export interface Streams {
  readonly out: { readonly isTerminal: boolean; readonly columns: number }
  readonly err: { readonly isTerminal: boolean; readonly columns: number }
}

// A terminal is made wider and narrower while something runs. Without one nobody measures, and some say 0:
// then the whole is shown.
const connection = (stream: NodeJS.WriteStream): Streams["out"] => ({
  isTerminal: stream.isTTY === true,
  get columns() {
    return stream.columns || Number.POSITIVE_INFINITY
  }
})

/** What this process is connected to. */
export const Streams = Context.Reference<Streams>("@orderwatch/terminal/Streams", {
  defaultValue: () => ({ out: connection(process.stdout), err: connection(process.stderr) })
})

/** How results look on stdout. */
export const view = Effect.gen(function* () {
  const { out } = yield* Streams
  return {
    width: out.columns,
    theme: yield* themeOf(out.isTerminal),
    isVerbose: yield* Verbose,
    now: yield* DateTime.now
  } satisfies View
})

/** How notes and problems look on stderr. */
export const errorTheme: Effect.Effect<Theme, never, ColorContext> = Effect.flatMap(
  Streams,
  ({ err }) => themeOf(err.isTerminal)
)
type ColorContext = Effect.Services<typeof Color>

const themeOf = (isTerminal: boolean) =>
  Effect.map(Color, (flag) =>
    theme({
      flag: flag._tag === "Some" ? flag.value : undefined,
      isTerminal,
      environment: process.env
    })
  )

export const print = (lines: ReadonlyArray<string>) =>
  lines.length === 0 ? Effect.void : Console.log(lines.join("\n"))

export const printError = Effect.fnUntraced(function* (lines: ReadonlyArray<string>) {
  const { err } = yield* Streams
  const wrapped = lines.flatMap((line) => wrap(line, err.columns))
  if (wrapped.length > 0) yield* Console.error(wrapped.join("\n"))
})

export const printJson = (value: unknown) => Console.log(json(value))

/** JSON where it was asked for, else the lines for a person. */
export const result = Effect.fnUntraced(function* <E, R>(
  value: () => unknown,
  lines: Effect.Effect<ReadonlyArray<string>, E, R>
) {
  if (yield* Json) return yield* printJson(value())
  return yield* print(yield* lines)
})

/** Completes when a write finds that nobody reads stdout any more, as after `| head`. */
export const readerGone: Effect.Effect<void> = Effect.callback<void>((resume) => {
  const onClose = () => resume(Effect.void)
  process.stdout.once("error", onClose)
  return Effect.sync(() => process.stdout.off("error", onClose))
})
