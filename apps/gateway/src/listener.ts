// The socket: who is waited for and how long, what is said to those who speak no HTTP, and how it ends.
import { createServer } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { getRequestListener, RequestError } from "@hono/node-server"
import { SettingsError } from "@orderwatch/runtime/SettingsError"
import { Duration, Effect } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type { Hono } from "hono"
import { toResponse as fromAnswer } from "./answer.ts"
import type { Answer } from "./answer.ts"
import { securityHeaders } from "./browser.ts"
import * as Crowd from "./crowd.ts"
import type { Bindings } from "./handler.ts"
import { InvalidInput, Misdirected, toAnswer, toInternalAnswer } from "./problem.ts"
import type { Asked } from "./problem.ts"

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

interface RequestLine {
  readonly url?: string | undefined
  readonly headers: { readonly host?: string | undefined }
}

/**
 * Whether the request line, where it has a whole address, and `Host` say the same: of two names the one
 * that is looked at must be the one that counts.
 *
 * https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
 */
const isOneHost = ({ headers, url = "/" }: RequestLine): boolean => {
  if (url.startsWith("/")) return true
  const asked = URL.parse(url)
  // By the same scheme, so that its usual port counts as none in both.
  return asked !== null && asked.host === URL.parse(`${asked.protocol}//${headers.host}`)?.host
}

const unknown = () => ({ requestId: SecureRandom.uuidV4Unsafe(), path: "/", isUpstreams: false })

const answered = (render: (asked: Asked) => Answer): Response => {
  const asked = unknown()
  const answer = render(asked)
  return fromAnswer({
    ...answer,
    headers: { ...securityHeaders, ...answer.headers, "x-request-id": asked.requestId }
  })
}

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
        if (!isOneHost(env.incoming)) {
          return answered((asked) => toAnswer(new Misdirected(), asked))
        }
        return app.fetch(request, env)
      },
      {
        errorHandler: (error) =>
          error instanceof RequestError
            ? answered((asked) =>
                toAnswer(
                  new InvalidInput({ detail: "The request's address or Host is malformed." }),
                  asked
                )
              )
            : answered(toInternalAnswer)
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

// Node takes a connection on which nothing was said yet for one that is sending a request.
const silenced = (server: Server): Effect.Effect<void> => {
  const open = Crowd.make<Socket>()
  server.on("connection", (socket: Socket) => {
    socket.once("close", open.join(socket))
  })
  return Effect.sync(() => {
    for (const socket of open.members()) if (socket.bytesRead === 0) socket.destroy()
  })
}

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
  // What is expected beyond `100-continue` need not be met; Node would refuse it in words of its own.
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) =>
    server.emit("request", request, response)
  )
  const endSilent = silenced(server)
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
      // Whoever has just connected may be about to ask.
      const silent = Effect.andThen(Effect.delay(endSilent, "1 second"), Effect.never)
      yield* Effect.timeoutOption(
        Effect.raceAllFirst([closed(server), idle, silent]),
        options.shutdownWithin
      )
      server.closeAllConnections()
    })
  )
})
