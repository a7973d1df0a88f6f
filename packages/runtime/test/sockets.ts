// Servers on real loopback sockets, for as long as a test runs.
import { createServer as createHttpServer } from "node:http"
import type { RequestListener } from "node:http"
import type { Server } from "node:net"
import { Effect } from "effect"

const listening = <S extends Server>(make: () => S) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<{ readonly server: S; readonly port: number }>((resolve, reject) => {
          const server = make()
          server.once("error", reject)
          server.listen(0, "127.0.0.1", () => {
            const address = server.address()
            resolve({
              server,
              port: typeof address === "object" && address !== null ? address.port : 0
            })
          })
        })
    ),
    ({ server }) => Effect.sync(() => server.close())
  )

/** An HTTP server; its address, and what it was asked: method and path. */
export const web = Effect.fnUntraced(function* (answer: RequestListener) {
  const asked: Array<string> = []
  const { port } = yield* listening(() =>
    createHttpServer({ keepAliveTimeout: 1 }, (request, response) => {
      asked.push(`${request.method} ${request.url}`)
      answer(request, response)
    })
  )
  return { asked, port, url: `http://127.0.0.1:${port}` }
})

/** A proxy that answers for every host itself, and opens no tunnel. */
export const proxy = Effect.gen(function* () {
  const asked: Array<string> = []
  const authorizations: Array<string | undefined> = []
  const { port } = yield* listening(() => {
    const server = createHttpServer({ keepAliveTimeout: 1 }, (request, response) => {
      asked.push(`${request.method} ${request.url}`)
      authorizations.push(request.headers["proxy-authorization"])
      response.end("from the proxy")
    })
    server.on("connect", (request, socket) => {
      asked.push(`${request.method} ${request.url}`)
      authorizations.push(request.headers["proxy-authorization"])
      socket.end("HTTP/1.1 503 No tunnel\r\n\r\n")
    })
    return server
  })
  return { asked, authorizations, port, url: `http://127.0.0.1:${port}` }
})
