// Load over plain sockets: cheap enough that who is asked is measured, and not who asks.
import { connect } from "node:net"
import type { Socket } from "node:net"

export interface Target {
  /** The origin, without a slash at the end. */
  readonly url: string
  /** The path of the next request. */
  readonly next: () => string
}

/** Requests a second, and milliseconds. */
export interface Load {
  readonly requests: number
  readonly perSecond: number
  readonly median: number
  readonly p99: number
}

const end = Buffer.from("\r\n\r\n")
const lengthIn = /\r\ncontent-length: (\d+)/i

/** The bytes of the first answer in there, if it is whole. Refuses all but a 200 of a known length. */
const answerIn = (buffer: Buffer): number | undefined => {
  const at = buffer.indexOf(end)
  if (at < 0) return undefined
  const head = buffer.toString("latin1", 0, at)
  const [, length] = lengthIn.exec(head) ?? []
  if (length === undefined || !head.startsWith("HTTP/1.1 200")) {
    throw new Error(`not an answer that is meant to be: ${head}\n${buffer.toString("utf8", at)}`)
  }
  const whole = at + end.length + Number(length)
  return buffer.length < whole ? undefined : whole
}

const opened = (url: URL) =>
  new Promise<Socket>((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    socket.once("error", reject)
    socket.once("connect", () => resolve(socket))
  })

/** Asks on one connection, one request after another, until the time; puts what each took into `took`. */
const asking = (socket: Socket, { next, url }: Target, until: number, took: Array<number>) =>
  new Promise<void>((resolve, reject) => {
    const { host } = new URL(url)
    let sentAt = 0
    let rest: Buffer | undefined
    const ask = () => {
      sentAt = performance.now()
      if (sentAt >= until) return resolve()
      socket.write(`GET ${next()} HTTP/1.1\r\nhost: ${host}\r\naccept: application/json\r\n\r\n`)
    }
    socket.on("data", (chunk) => {
      try {
        const buffer = rest === undefined ? chunk : Buffer.concat([rest, chunk])
        const whole = answerIn(buffer)
        rest = whole === undefined ? buffer : undefined
        if (whole === undefined) return
        took.push(performance.now() - sentAt)
        ask()
      } catch (error) {
        reject(error)
      }
    })
    socket.once("close", () => reject(new Error(`${host} closed a connection`)))
    ask()
  })

/** So many connections, kept alive, for so many milliseconds. */
export const load = async (
  target: Target,
  options: { readonly connections: number; readonly millis: number }
): Promise<Load> => {
  const url = new URL(target.url)
  const sockets = await Promise.all(Array.from({ length: options.connections }, () => opened(url)))
  const took: Array<number> = []
  const from = performance.now()
  try {
    const until = from + options.millis
    await Promise.all(sockets.map((socket) => asking(socket, target, until, took)))
  } finally {
    for (const socket of sockets) socket.destroy()
  }
  const seconds = (performance.now() - from) / 1000
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * sorted.length)] ?? Number.NaN
  return {
    requests: took.length,
    perSecond: took.length / seconds,
    median: at(0.5),
    p99: at(0.99)
  }
}
