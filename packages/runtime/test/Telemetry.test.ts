import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Schema } from "effect"
import * as Telemetry from "../src/Telemetry.ts"

let stderr = ""
let stdout = ""

beforeEach(() => {
  stderr = ""
  stdout = ""
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += String(text)
    return true
  })
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += String(text)
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

const everyLevel = Effect.all([
  Effect.logFatal("a fatal one"),
  Effect.logError("an error"),
  Effect.logWarning("a warning"),
  Effect.logInfo("an info"),
  Effect.logDebug("a debug"),
  Effect.logTrace("a trace")
])

const logged = (
  effect: Effect.Effect<unknown>,
  options: { readonly flag?: Telemetry.LogLevelName; readonly environment?: string } = {}
) =>
  effect.pipe(
    Effect.provide(
      Layer.provide(
        Telemetry.layerLogs(options.flag),
        ConfigProvider.layer(
          ConfigProvider.fromEnvRecord(
            options.environment === undefined ? {} : { ORDERWATCH_LOG_LEVEL: options.environment }
          )
        )
      )
    ),
    Effect.map(() => stderr.split("\n").slice(0, -1))
  )

const token = `eyJ${"abcDEF123_-".repeat(4)}.eyJ${"payload".repeat(4)}.c2lnbmF0dXJl`

describe("the logs", () => {
  it.effect.each([
    ["none", 0],
    ["fatal", 1],
    ["error", 2],
    ["warn", 3],
    ["info", 4],
    ["debug", 5],
    ["trace", 6],
    ["all", 6]
  ] as const)("at %s are %i of six lines, by flag and by environment", ([level, lines]) =>
    Effect.gen(function* () {
      assert.lengthOf(yield* logged(everyLevel, { flag: level }), lines)
      stderr = ""
      assert.lengthOf(yield* logged(everyLevel, { environment: ` ${level.toUpperCase()} ` }), lines)
      assert.strictEqual(stdout, "")
    })
  )

  it.effect.each([undefined, "", "  "])(
    "are at warn where the environment says %j",
    (environment) =>
      Effect.gen(function* () {
        const lines = yield* logged(everyLevel, environment === undefined ? {} : { environment })
        assert.lengthOf(lines, 3)
      })
  )

  it.effect("a flag goes before the environment, even before a malformed one", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* logged(everyLevel, { flag: "error", environment: "all" }), 2)
      stderr = ""
      assert.lengthOf(yield* logged(everyLevel, { flag: "error", environment: "loud" }), 2)
    })
  )

  it.effect("an unknown level is refused in one line that names them all", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(logged(everyLevel, { environment: "loud\u001b[2J" }))
      assert.strictEqual(error.setting, "ORDERWATCH_LOG_LEVEL")
      assert.strictEqual(
        error.message,
        "ORDERWATCH_LOG_LEVEL in the environment is malformed: set it to one of all, trace, debug, info, warn, error, fatal, none."
      )
    })
  )

  it.effect("are one line each, whatever is in message, annotation and cause", () =>
    Effect.gen(function* () {
      const hostile = "first\r\nsecond\u001b[2J\u009b31m\u202Ereversed\u2028third"
      const lines = yield* logged(
        Effect.logError(hostile, new Error(hostile)).pipe(
          Effect.annotateLogs({ name: hostile }),
          Effect.withLogSpan(hostile)
        )
      )
      assert.lengthOf(lines, 1)
      assert.notMatch(lines.join(""), /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/)
      assert.include(lines.join(""), "second")
    })
  )

  it.effect("show no token, wherever it stands", () =>
    Effect.gen(function* () {
      const lines = yield* logged(
        Effect.logError(`Authorization: Bearer ${token}`, { token }, new Error(token)).pipe(
          Effect.annotateLogs({ token, header: `bearer ${"opaque".repeat(4)}` })
        )
      )
      assert.lengthOf(lines, 1)
      assert.notInclude(lines.join(""), token.slice(0, 12))
      assert.notInclude(lines.join(""), "opaqueopaque")
      assert.include(lines.join(""), "<redacted>")
    })
  )
})

describe("safeLine", () => {
  it("leaves an ordinary line as it is", () => {
    const line = "asked for the order 34828C05-C16C-4D6F-9CFC-4D2650EF19A1 – 数量 🚲"
    assert.strictEqual(Telemetry.safeLine(line), line)
  })

  it.each([token, `Bearer ${token}`, `bearer abcdefgh12345678`, `{"access_token":"${token}"}`])(
    "takes the token out of %s",
    (text) => {
      const safe = Telemetry.safeLine(`before ${text} after`)
      assert.match(safe, /^before .*<redacted>.* after$/)
      assert.notMatch(safe, /abcDEF123|abcdefgh12345678|c2lnbmF0dXJl/)
    }
  )

  it.prop(
    "is one line without control characters, whatever comes",
    { text: Schema.String },
    ({ text }) => {
      const line = Telemetry.safeLine(`${text}\u001b[31m\n${text}`)
      assert.notMatch(line, /[\u0000-\u001f\u007f-\u009f]/)
    },
    { arbitrary: { seed: "lines", runs: 200 } }
  )
})
