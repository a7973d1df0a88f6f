// The socket: who is waited for and how long, what is said to those who speak no HTTP, and how it ends.
import { createServer } from "node:http"
import type { Server } from "node:http"
import type { Socket } from "node:net"
import { getRequestListener, RequestError } from "@hono/node-server"
import { SettingsError } from "@orderwatch/runtime/SettingsError"
import { Duration, Effect } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type { Hono } from "hono"
import { toResponse as fromAnswer } from "./answer.ts"
import type { Bindings } from "./handler.ts"
import { InvalidInput, toInternalAnswer, toResponse } from "./problem.ts"

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** How long a connection may be silent: longer than any request may take. */
  readonly silence: Duration.Duration
  /** How long what is under way may take once it is to end. */
  readonly shutdownWithin: Duration.Duration
  /** Said first when it is to end. */
  readonly closing: Effect.Effect<void>
}

const millis = {
  /** To send the headers, and the whole request. */
  headers: 10_000,
  request: 30_000,
  /** Longer than proxies keep theirs, so that they close them and not we. */
  keepAlive: 65_000,
  check: 1000
} as const

const maxHeaderSize = 16 * 1024

// What Node found, as a status and in words. Nobody knows the request's path.
const refusals: Readonly<Record<string, readonly [status: number, title: string, reason: string]>> =
  {
    HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large", "HeadersTooLarge"],
    ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout", "RequestTimedOut"]
  }

const refused = (code: string): string => {
  const [status, title, reason] = refusals[code] ?? [400, "Bad Request", "InvalidRequest"]
  const requestId = SecureRandom.uuidV4Unsafe()
  const body = JSON.stringify({
    type: "about:blank",
    title,
    status,
    detail: title,
    instance: "/",
    reason,
    remedy: "Send a request as HTTP/1.1 has it, and send it whole.",
    requestId
  })
  return [
    `HTTP/1.1 ${status} ${title}`,
    "connection: close",
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    "",
    body
  ].join("\r\n")
}

const onClientError = (error: Error & { readonly code?: string }, socket: Socket) => {
  // Nothing can be said to who is gone, nor in the midst of an answer.
  if (error.code === "ECONNRESET" || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  socket.end(refused(error.code ?? ""))
}

const unknown = () => ({ requestId: SecureRandom.uuidV4Unsafe(), path: "/", isUpstreams: false })

const create = (app: Hono<{ Bindings: Bindings }>, isEnding: () => boolean): Server =>
  createServer(
    {
      maxHeaderSize,
      headersTimeout: millis.headers,
      requestTimeout: millis.request,
      keepAliveTimeout: millis.keepAlive,
      connectionsCheckingInterval: millis.check,
      // The adapter refuses a request without one, as a problem.
      requireHostHeader: false
    },
    getRequestListener(
      (request, env) => {
        // Whoever asks on a connection that is kept alive is told to take another one.
        if (isEnding()) env.outgoing.setHeader("connection", "close")
        return app.fetch(request, env)
      },
      {
        errorHandler: (error) =>
          error instanceof RequestError
            ? toResponse(
                new InvalidInput({ detail: "The request's address or Host is malformed." }),
                unknown()
              )
            : fromAnswer(toInternalAnswer(unknown()))
      }
    )
  )

const listening = (server: Server, { host, port }: ListenOptions) =>
  Effect.callback<number, SettingsError>((resume) => {
    const fail = (error: Error & { readonly code?: string }) =>
      resume(
        Effect.fail(
          new SettingsError({
            setting: "ORDERWATCH_GATEWAY_PORT",
            message: `${host}:${port} cannot be listened on (${error.code ?? error.message}): set ORDERWATCH_GATEWAY_HOST and ORDERWATCH_GATEWAY_PORT, or --host and --port, to an address that is free.`
          })
        )
      )
    server.once("error", fail)
    server.listen(port, host, () => {
      server.off("error", fail)
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : port))
    })
  })

const closed = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
  })

/** Listens until the scope ends; then what is under way ends, or is ended. The port that it is. */
export const listen = Effect.fnUntraced(function* (
  app: Hono<{ Bindings: Bindings }>,
  options: ListenOptions
) {
  let isEnding = false
  const server = create(app, () => isEnding)
  // A stream's reader that takes nothing any more is found out by this, too.
  server.setTimeout(Duration.toMillis(options.silence))
  server.on("clientError", onClientError)
  return yield* Effect.acquireRelease(listening(server, options), () =>
    Effect.gen(function* () {
      isEnding = true
      yield* options.closing
      const idle = Effect.forever(
        Effect.andThen(
          Effect.sync(() => server.closeIdleConnections()),
          Effect.sleep("50 millis")
        )
      )
      yield* Effect.timeoutOption(Effect.raceFirst(closed(server), idle), options.shutdownWithin)
      server.closeAllConnections()
    })
  )
})
