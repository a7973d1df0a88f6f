// Logs: one line each on stderr, without secrets and control characters, at the level that was asked.
import { plain } from "@orderwatch/core/text"
import { Config, Effect, Layer, Logger, Option, References } from "effect"
import type { LogLevel } from "effect"
import { SettingsError } from "./Settings.ts"

const levels = {
  all: "All",
  trace: "Trace",
  debug: "Debug",
  info: "Info",
  warn: "Warn",
  error: "Error",
  fatal: "Fatal",
  none: "None"
} as const satisfies Record<string, LogLevel.LogLevel>

/** What a log level is called, from the most to the least talkative. */
export type LogLevelName = keyof typeof levels
const isName = (name: string): name is LogLevelName => Object.hasOwn(levels, name)
export const logLevelNames = Object.keys(levels).filter(isName)

// Anything that has the look of a token, whatever brought it here.
const token = /\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}|\b(?:Bearer|bearer)\s+[\w.~+/=-]{8,}/g

/** One line, fit for a terminal and free of tokens. */
export const safeLine = (line: string): string => plain(line.replace(token, "<redacted>"))

const stderr = Logger.map(Logger.formatLogFmt, (line) => {
  process.stderr.write(`${safeLine(line)}\n`)
})

/** Logs to stderr at the flag's level, else `ORDERWATCH_LOG_LEVEL`, else `warn`. */
export const layerLogs = (flag?: LogLevelName): Layer.Layer<never, SettingsError> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const set = yield* Config.option(Config.String("ORDERWATCH_LOG_LEVEL")).pipe(
        Effect.orElseSucceed(() => Option.none<string>())
      )
      const name =
        flag ??
        (Option.getOrElse(set, () => "")
          .trim()
          .toLowerCase() ||
          "warn")
      if (!isName(name)) {
        return yield* new SettingsError({
          setting: "ORDERWATCH_LOG_LEVEL",
          message: `ORDERWATCH_LOG_LEVEL in the environment is malformed: set it to one of ${logLevelNames.join(", ")}.`
        })
      }
      return Layer.mergeAll(
        Logger.layer([stderr]),
        Layer.succeed(References.MinimumLogLevel, levels[name])
      )
    })
  )
