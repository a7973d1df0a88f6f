// How a log looks on stderr: lines for people, JSON lines for machines.
import { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import type { Support } from "@orderwatch/core/Support"
import { Cause, Logger, Option } from "effect"
import { safeLine } from "./safe.ts"

const write = (line: string) => {
  process.stderr.write(`${safeLine(line)}\n`)
}

/** `key=value` pairs. */
export const lines = Logger.map(Logger.formatLogFmt, write)

const supportNames: ReadonlyArray<string> = ["requestId", "correlationId", "msCv", "serverId"]

const supportIn = (cause: Cause.Cause<unknown>): Support => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  return error instanceof PartnerCenterError ? error.support : {}
}

/**
 * One JSON object a line: `timestamp`, `level`, `message`, and where there are any `traceId` and `spanId`
 * of the current span, `support` with the ids that Microsoft's support asks for, `annotations`, `cause`.
 */
export const json = Logger.make<unknown, void>((options) => {
  const { annotations, cause, level, message, timestamp } = Logger.formatStructured.log(options)
  const { span } = options.fiber.cache
  const named = Object.entries(annotations)
  const isSupport = ([name]: readonly [string, unknown]) => supportNames.includes(name)
  const support = {
    ...supportIn(options.cause),
    ...Object.fromEntries(named.filter(isSupport))
  }
  const rest = Object.fromEntries(named.filter((entry) => !isSupport(entry)))
  write(
    JSON.stringify({
      timestamp,
      level,
      message,
      ...(span !== undefined && { traceId: span.traceId, spanId: span.spanId }),
      ...(Object.keys(support).length > 0 && { support }),
      ...(Object.keys(rest).length > 0 && { annotations: rest }),
      ...(cause !== undefined && { cause })
    })
  )
})
