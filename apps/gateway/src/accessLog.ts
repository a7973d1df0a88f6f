// One JSON line for each request, once its answer has been sent or the caller has left. What it says of a
// request is its path and its ids: no query, no header, no body.
import type { Support } from "@orderwatch/core/Support"
import { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { safeLine } from "@orderwatch/runtime/Telemetry"
import { Clock, DateTime, Effect, LogLevel } from "effect"
import type { Served } from "./handler.ts"
import { makeLines } from "./accessLog/lines.ts"
import { reasonOf as reasonIn } from "./problem.ts"
import { steadyMillisOf } from "./steady.ts"

/** What Node's answer tells of how it went; nothing in it is changed. */
export interface Outgoing {
  readonly closed: boolean
  readonly writableFinished: boolean
  readonly socket: { readonly bytesWritten: number } | null
  readonly once: (event: "close", listener: () => void) => unknown
  readonly off: (event: "close", listener: () => void) => unknown
}

/** How a request ended. */
interface Ended {
  /** By the clock on the wall. */
  readonly at: number
  readonly millis: number
  /** Bytes on the wire, headers and all. */
  readonly bytes?: number | undefined
  readonly isAborted: boolean
}

const supportOf = ({ failure, support }: Served): Support | undefined =>
  support ?? (failure instanceof PartnerCenterError ? failure.support : undefined)

const reasonOf = ({ failure }: Served): string | undefined =>
  failure === undefined ? undefined : reasonIn(failure)

const most = 2048

// Many lines are of the same second.
let latest = { second: Number.NaN, text: "" }
const timestampOf = (at: number): string => {
  const second = Math.floor(at / 1000)
  if (second !== latest.second) {
    const text = DateTime.formatIso(DateTime.makeUnsafe(second * 1000))
    latest = { second, text: text.slice(0, text.indexOf(".")) }
  }
  return `${latest.text}.${String(at - second * 1000).padStart(3, "0")}Z`
}

// Field by field: a whole object takes JSON three times as long. What is undefined is left out.
const field = (name: string, value: string | number | boolean | undefined): string =>
  value === undefined ? "" : `,"${name}":${JSON.stringify(value)}`

const supportField = (support: Support | undefined): string => {
  if (support === undefined) return ""
  const { correlationId, msCv, requestId, serverId } = support
  const fields =
    field("requestId", requestId) +
    field("correlationId", correlationId) +
    field("msCv", msCv) +
    field("serverId", serverId)
  return `,"support":{${fields.slice(1)}}`
}

const lineOf = (request: Served, { at, bytes, isAborted, millis }: Ended): string => {
  const { callerId, method, path, requestId, route, status, traceId } = request
  return safeLine(
    `{"timestamp":"${timestampOf(at)}","level":"INFO","message":"request"` +
      field("method", method) +
      field("route", route) +
      field("path", path.slice(0, most)) +
      field("status", status) +
      field("durationMs", Math.round(millis)) +
      field("bytes", bytes) +
      field("aborted", isAborted || undefined) +
      field("callerId", callerId) +
      field("requestId", requestId) +
      field("traceId", traceId) +
      field("reason", reasonOf(request)) +
      supportField(supportOf(request)) +
      "}"
  )
}

const toStderr = (text: string) => {
  process.stderr.write(text)
}

/**
 * Logs requests, until the scope ends, where the log's level is `info` or more talkative. Lines are written
 * together, 50 ms after the first of them; `write` is given whole lines.
 */
export const make = Effect.fnUntraced(function* (write: (text: string) => void = toStderr) {
  const isOn = yield* LogLevel.isEnabled("Info")
  const clock = yield* Clock.Clock
  const lines = yield* makeLines(write)

  return (request: Served): void => {
    if (!isOn) return
    const startedAt = steadyMillisOf(clock) - request.millis
    const { outgoing } = request
    // Of an answer that is closed the socket is gone.
    const socket = outgoing?.socket ?? undefined
    const before = socket?.bytesWritten ?? 0
    const end = () => {
      const ended = {
        at: clock.currentTimeMillisUnsafe(),
        millis: steadyMillisOf(clock) - startedAt,
        bytes: socket === undefined ? undefined : socket.bytesWritten - before,
        isAborted: outgoing === undefined ? request.status === 499 : !outgoing.writableFinished
      }
      lines(lineOf(request, ended))
    }
    if (outgoing === undefined || outgoing.closed) end()
    else outgoing.once("close", end)
  }
})
