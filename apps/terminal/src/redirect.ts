// Where the browser comes back to: a page on both loopbacks, on one free port, for one answer.
import { createServer } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Deferred, Effect } from "effect"
import { SignInFailed } from "./failure.ts"

export interface Redirect {
  /** `http://localhost:PORT`, as the login asks for it. */
  readonly redirectUri: string
  /** The query that the browser came back with. */
  readonly answer: Effect.Effect<Readonly<Record<string, string>>>
}

const page = (title: string, text: string) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>orderwatch</title>
<body style="font: 16px system-ui; margin: 15vh auto; max-width: 32em; padding: 0 1em">
<h1 style="font-size: 1.4em">${title}</h1><p>${text}</p></body></html>`

const received = page("Back to the terminal", "orderwatch has the answer. You can close this page.")
const declined = page(
  "Not signed in",
  "The sign-in was not completed. The terminal says why; you can close this page."
)

const answerWith =
  (port: () => number, take: (answer: Record<string, string>) => void) =>
  (request: IncomingMessage, response: ServerResponse) => {
    // A request line such as `//` is no address at all.
    const asked = URL.parse(request.url ?? "/", "http://localhost")
    const searchParams = asked?.searchParams ?? new URLSearchParams()
    const hosts = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${port()}`)
    const isAnswer =
      request.method === "GET" &&
      asked?.pathname === "/" &&
      hosts.includes(request.headers.host ?? "") &&
      (searchParams.has("code") || searchParams.has("error"))
    response.writeHead(isAnswer ? 200 : 404, {
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
      "content-type": "text/html; charset=utf-8",
      "referrer-policy": "no-referrer",
      connection: "close"
    })
    // Whoever takes it may end this process: the page is on its way by then.
    if (isAnswer) response.once("close", () => take(Object.fromEntries(searchParams)))
    response.end(isAnswer ? (searchParams.has("code") ? received : declined) : page("Not here", ""))
  }

const listening = (server: Server, port: number, host: string) =>
  Effect.callback<number, NodeJS.ErrnoException>((resume) => {
    server.once("error", (error) => resume(Effect.fail(error)))
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address()
      resume(Effect.succeed(isAddressInfo(address) ? address.port : port))
    })
  })

const isAddressInfo = (address: string | AddressInfo | null): address is AddressInfo =>
  typeof address === "object" && address !== null

const closed = (server: Server) =>
  Effect.sync(() => {
    server.closeAllConnections()
    server.close()
  })

// A machine without IPv6 has one loopback only; a port that is free on one may be taken on the other.
const absent: ReadonlyArray<string | undefined> = ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"]

/** Listens until the scope closes. */
export const listen = Effect.gen(function* () {
  const answer = yield* Deferred.make<Readonly<Record<string, string>>>()
  let port = 0
  const handle = answerWith(
    () => port,
    (query) => Deferred.doneUnsafe(answer, Effect.succeed(query))
  )
  const open = (host: string, at: number) =>
    Effect.acquireRelease(
      Effect.suspend(() => {
        const server = createServer(handle)
        return Effect.as(listening(server, at, host), server)
      }),
      closed
    )
  const both = Effect.gen(function* () {
    const first = yield* open("127.0.0.1", 0)
    const address = first.address()
    port = isAddressInfo(address) ? address.port : 0
    yield* open("::1", port).pipe(
      Effect.catchIf(
        ({ code }) => absent.includes(code),
        () => Effect.void
      )
    )
  })
  yield* both.pipe(
    Effect.retry({ times: 5 }),
    Effect.mapError(
      ({ code }) =>
        new SignInFailed({
          message: `no port could be opened on loopback for the browser to come back to (${code ?? "unknown"}): use --device-code.`
        })
    )
  )
  return {
    redirectUri: `http://localhost:${port}`,
    answer: Deferred.await(answer)
  } satisfies Redirect
})
