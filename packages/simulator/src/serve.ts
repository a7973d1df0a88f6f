// Puts a simulator on a loopback socket, where a reset is a real one.
import { createServer as createTlsServer } from "node:https"
import type { AddressInfo, Socket } from "node:net"
import { createAdaptorServer } from "@hono/node-server"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import type { Simulator } from "./Simulator.ts"

export interface ServeOptions {
  /** 0 or absent: any free one. */
  readonly port?: number
  /** 127.0.0.1 unless given. */
  readonly hostname?: string
  /** Certificate and key as PEM, to be spoken to by https alone. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

export interface Served {
  /** Without a slash at the end. */
  readonly url: string
  /** Ends what is open, answered or not. */
  readonly close: () => Promise<void>
}

/** Rejects with the listener's error, such as EADDRINUSE. */
export const serve = (simulator: Simulator, options: ServeOptions = {}): Promise<Served> => {
  const hostname = options.hostname ?? "127.0.0.1"
  const plain = new Map<number | undefined, Socket>()
  const server = createAdaptorServer({
    overrideGlobalObjects: false,
    ...(options.tls === undefined
      ? {}
      : { createServer: createTlsServer, serverOptions: options.tls }),
    fetch: async (request, env) => {
      const response = await simulator.app.fetch(request, {
        hangUp: () => env.outgoing.destroy()
      })
      if (response.type !== "error") return response
      const { socket } = env.incoming
      const reset = plain.get(socket.remotePort) ?? socket
      reset.resetAndDestroy()
      return RESPONSE_ALREADY_SENT
    }
  })
  // Only the socket under TLS can be reset.
  server.on("connection", (socket: Socket) => {
    const { remotePort } = socket
    plain.set(remotePort, socket)
    socket.once("close", () => plain.delete(remotePort))
  })
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(options.port ?? 0, hostname, () => {
      server.off("error", reject)
      resolve({
        url: `${options.tls === undefined ? "http" : "https"}://${hostname.includes(":") ? `[${hostname}]` : hostname}:${portOf(server.address())}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            if ("closeAllConnections" in server) server.closeAllConnections()
          })
      })
    })
  })
}

const portOf = (address: AddressInfo | string | null) =>
  typeof address === "object" && address !== null ? address.port : 0
