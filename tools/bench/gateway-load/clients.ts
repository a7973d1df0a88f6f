// Clients of the gateway: they ask and read, leave in the middle, or never read, and look at what comes.
import { Agent, request as httpRequest } from "node:http"
import { connect } from "node:net"
import { Option, Schema } from "effect"
import type { Launched } from "./launch.ts"
import type { Tally } from "./tally.ts"

const Problem = Schema.fromJsonString(Schema.Struct({ reason: Schema.String, status: Schema.Int }))
const problemIn = Schema.decodeUnknownOption(Problem)

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: string
}

export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Milliseconds, after which nobody waits any more. */
  readonly leaveAfter?: number
}

export type Clients = ReturnType<typeof makeClients>

export const makeClients = ({ keys, port, url }: Launched, tally: Tally) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 })

  const someKey = () => {
    const dice = Math.random()
    if (dice < 0.7) return keys.all
    if (dice < 0.85) return keys.first
    return dice < 0.97 ? keys.second : keys.wrong
  }

  const check = (method: string, to: string, { body, headers, status }: Answered): void => {
    tally.note(String(status))
    if (status < 400 || method === "HEAD" || to === "/readyz") return
    const type = String(headers["content-type"])
    const problem = Option.getOrUndefined(problemIn(body))
    if (!type.startsWith("application/problem+json") || problem === undefined) {
      return tally.complain(`${method} ${to}: ${status} ${type}`)
    }
    tally.note(`${status} ${problem.reason}`)
    if (status === 500 || problem.reason === "Internal" || problem.status !== status) {
      tally.complain(`${method} ${to}: ${body}`)
    }
    if (status === 429 && headers["retry-after"] === undefined) {
      tally.complain(`${to}: 429 without Retry-After`)
    }
  }

  /** Asks and reads all of it; nothing where it left or the connection ended. */
  const ask = (to: string, { body, headers = {}, leaveAfter, method = "GET" }: Asking = {}) =>
    new Promise<Answered | undefined>((resolve) => {
      tally.requests += 1
      let hasLeft = false
      const request = httpRequest(
        url + to,
        { agent, method, headers: { authorization: `Bearer ${someKey()}`, ...headers } },
        (response) => {
          let text = ""
          response.setEncoding("utf8")
          response.on("data", (data) => (text += data))
          response.on("error", () => resolve(undefined))
          response.on("end", () => {
            const status = response.statusCode ?? 0
            const answered = { status, headers: response.headers, body: text }
            check(method, to, answered)
            resolve(answered)
          })
        }
      )
      request.on("error", (error: Error & { readonly code?: string }) => {
        // A connection that was kept alive may end just as it is used; anything else is a fault.
        if (!hasLeft && !(error.code === "ECONNRESET" && request.reusedSocket)) {
          tally.complain(`${method} ${to}: ${error.code ?? error.message}`)
        }
        resolve(undefined)
      })
      if (leaveAfter !== undefined) {
        setTimeout(() => {
          hasLeft = true
          tally.left += 1
          request.destroy()
        }, leaveAfter)
      }
      request.end(body)
    })

  /** A stream: read for so many milliseconds and left, or opened and never read. */
  const stream = (to: string, isRead: boolean, millis: number) =>
    new Promise<void>((resolve) => {
      tally.streams += 1
      const socket = connect(port, "127.0.0.1", () => {
        socket.write(
          `GET ${to} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${someKey()}\r\nAccept: text/event-stream\r\n\r\n`
        )
        if (!isRead) socket.pause()
      })
      let text = ""
      const done = () => {
        tally.events += text.split("\nevent: ").length - 1
        if (text.includes("Internal")) tally.complain(`${to}: ${text}`)
        tally.note(`stream ${text.slice(9, 12) || "unread"}`)
        socket.destroy()
        resolve()
      }
      const timer = setTimeout(done, millis)
      socket.on("data", (data) => {
        text += String(data)
        if (!/^HTTP\/1.1 200/.test(text) || text.includes("event: end")) {
          clearTimeout(timer)
          done()
        }
      })
      socket.on("error", () => {})
    })

  return { ask, stream, close: () => agent.destroy() }
}
