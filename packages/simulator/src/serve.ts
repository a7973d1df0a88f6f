// Puts a simulator on a loopback socket, where a reset is a real one.
import type { AddressInfo } from "node:net"
import { createAdaptorServer } from "@hono/node-server"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import type { Simulator } from "./Simulator.ts"

export interface ServeOptions {
  /** 0 or absent: any free one. */
  readonly port?: number
  /** 127.0.0.1 unless given. */
  readonly hostname?: string
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
  const server = createAdaptorServer({
    overrideGlobalObjects: false,
    fetch: async (request, env) => {
      const response = await simulator.app.fetch(request, {
        hangUp: () => env.outgoing.destroy()
      })
      if (response.type !== "error") return response
      env.incoming.socket.resetAndDestroy()
      return RESPONSE_ALREADY_SENT
    }
  })
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(options.port ?? 0, hostname, () => {
      server.off("error", reject)
      resolve({
        url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${portOf(server.address())}`,
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
