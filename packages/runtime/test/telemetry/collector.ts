// A collector of OTLP over HTTP with JSON, for tests: keeps what it was sent, as it was sent.
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { gunzipSync } from "node:zlib"
import { Effect } from "effect"

export interface Delivery {
  readonly path: string
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly text: string
}

const isAddress = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === "object" && address !== null

/** A collector that answers with that status, or never (`silent`), until the scope ends. */
export const collector = (how: { readonly status?: number; readonly silent?: boolean } = {}) =>
  Effect.acquireRelease(
    Effect.callback<{
      readonly url: string
      readonly all: ReadonlyArray<Delivery>
      readonly close: () => void
    }>((resume) => {
      const all: Array<Delivery> = []
      const server = createServer((request, response) => {
        const parts: Array<Buffer> = []
        request.on("data", (part: Buffer) => parts.push(part))
        request.on("end", () => {
          const body = Buffer.concat(parts)
          const isPacked = request.headers["content-encoding"] === "gzip"
          all.push({
            path: request.url ?? "",
            headers: request.headers,
            text: (isPacked ? gunzipSync(body) : body).toString()
          })
          if (how.silent) return
          response.writeHead(how.status ?? 200, { "content-type": "application/json" }).end("{}")
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = isAddress(address) ? address.port : 0
        resume(
          Effect.succeed({
            url: `http://127.0.0.1:${port}`,
            all,
            close: () => {
              server.closeAllConnections()
              server.close()
            }
          })
        )
      })
    }),
    ({ close }) => Effect.sync(close)
  )
