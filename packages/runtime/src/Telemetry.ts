// What this process tells of itself: logs on stderr, without secrets and control characters, at the level
// that was asked; and, where a collector is named, traces, metrics and logs by OTLP.
import { Effect, Layer, Logger, Option, References } from "effect"
import type { LogLevel } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import { SettingsError } from "./SettingsError.ts"
import { variable } from "./sources.ts"
import { json, lines } from "./telemetry/loggers.ts"

export { safeLine, withoutTokens } from "./telemetry/safe.ts"

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

export interface LogOptions {
  /** Lines for people, or JSON lines. Default lines. */
  readonly format?: "lines" | "json" | undefined
  /** The level where none was asked for. Default `warn`. */
  readonly otherwise?: LogLevelName | undefined
}

export interface TelemetryOptions extends LogOptions {
  /** What a flag says; else `ORDERWATCH_LOG_LEVEL` counts. */
  readonly level?: LogLevelName | undefined
  /** `service.name` in what is exported. */
  readonly service: "orderwatch" | "orderwatch-gateway"
}

const refuse = (setting: string, expected: string) =>
  new SettingsError({
    setting,
    message: `${setting} in the environment is malformed: set it to ${expected}.`
  })

/** Logs to stderr at the flag's level, else `ORDERWATCH_LOG_LEVEL`, else `warn` or what is given. */
export const layerLogs = (
  flag?: LogLevelName,
  { format = "lines", otherwise = "warn" }: LogOptions = {}
): Layer.Layer<never, SettingsError> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const set = yield* variable("ORDERWATCH_LOG_LEVEL")
      const name = flag ?? Option.getOrElse(set, () => otherwise).toLowerCase()
      if (!isName(name)) {
        return yield* refuse("ORDERWATCH_LOG_LEVEL", `one of ${logLevelNames.join(", ")}`)
      }
      return Layer.mergeAll(
        Logger.layer([format === "json" ? json : lines]),
        Layer.succeed(References.MinimumLogLevel, levels[name])
      )
    })
  )

const endpoint = Effect.gen(function* () {
  const set = yield* variable("OTEL_EXPORTER_OTLP_ENDPOINT")
  const disabled = yield* variable("OTEL_SDK_DISABLED")
  if (Option.isNone(set) || Option.exists(disabled, (text) => text.toLowerCase() === "true")) {
    return undefined
  }
  const url = URL.parse(set.value)
  return url !== null && (url.protocol === "https:" || url.protocol === "http:")
    ? url
    : yield* refuse(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "the address of a collector that takes OTLP over HTTP, such as http://127.0.0.1:4318"
      )
})

// Spans of single requests on the wire are for collectors.
const untraced = Layer.succeed(HttpClient.TracerDisabledWhen, () => true)

/**
 * The logs, and what `OTEL_EXPORTER_OTLP_ENDPOINT` switches on: spans, metrics and logs to that collector.
 * That it cannot be reached is said once and changes nothing else; at the end it is waited for 2 seconds.
 */
export const layer = (options: TelemetryOptions): Layer.Layer<never, SettingsError> =>
  Layer.provideMerge(
    Layer.unwrap(
      Effect.gen(function* () {
        const url = yield* endpoint
        if (url === undefined) return untraced
        const isPatient = options.service === "orderwatch-gateway"
        const otlp = yield* Effect.promise(() => import("./telemetry/otlp.ts"))
        return otlp.layer({ endpoint: url, service: options.service, isPatient })
      })
    ),
    layerLogs(options.level, options)
  )
