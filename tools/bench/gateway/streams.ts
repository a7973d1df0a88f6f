// Thousands of event streams, ten on each order, and what they cost. Arguments: the addresses of gateway and
// upstream, how many orders there are, and how many streams on each.
import { connect } from "node:net"
import type { Socket } from "node:net"
import { setTimeout } from "node:timers/promises"
import { looksOf } from "../following/client.ts"
import { idsOf } from "../following/orders.ts"
import { endWithStarter, say } from "../part.ts"

endWithStarter()
const [gateway = "", upstream = "", orders = "", each = ""] = process.argv.slice(2)
const { host, hostname, port } = new URL(gateway)
// Seconds that all are open: the second look is due after 30 to 36, the third after 75.
const seconds = 45
// Streams that are opened at once.
const together = 100

const sockets: Array<Socket> = []
let reports = 0
let ended = 0

/** Opens a stream, and waits for its first report. */
const open = (path: string) =>
  new Promise<void>((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) })
    sockets.push(socket)
    let begun = ""
    const hear = (chunk: Buffer) => {
      begun += chunk.toString("latin1")
      if (!begun.startsWith("HTTP/1.1 200")) reject(new Error(begun))
      if (!begun.includes("event: report")) return
      begun = ""
      reports++
      socket.off("data", hear)
      // Only what comes to an end is of interest now.
      socket.resume()
      resolve()
    }
    socket.on("data", hear)
    socket.once("error", reject)
    socket.once("close", () => {
      ended++
      reject(new Error(`a stream was closed: ${begun}`))
    })
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\n\r\n`)
  })

const memory = async () => {
  const text = await (await fetch(`${gateway}/metrics`)).text()
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1])
}

const paths = idsOf(40 * Math.ceil(Number(orders) / 40))
  .slice(0, Number(orders))
  .map(({ customer, order }) => `/v1/customers/${customer}/orders/${order}/events`)
const streams = Array.from({ length: Number(each) }, () => paths).flat()

const before = await memory()
const startedAt = performance.now()
for (let at = 0; at < streams.length; at += together) {
  await Promise.all(streams.slice(at, at + together).map(open))
}
const opened = performance.now() - startedAt
let most = 0
const until = performance.now() + 1000 * seconds
while (performance.now() < until) {
  most = Math.max(most, await memory())
  await setTimeout(1000)
}
const times = Map.groupBy(await looksOf(upstream), ({ order }) => order)
const looks = [...times.values()].map((of) => of.map(({ at }) => at))
const gaps = looks.flatMap((of) => of.slice(1).map((at, index) => at - (of[index] ?? at)))
const figures = {
  streams: sockets.length,
  orders: Number(orders),
  seconds,
  opened,
  reports,
  ended,
  before,
  most,
  fewestLooks: times.size < Number(orders) ? 0 : Math.min(...looks.map((of) => of.length)),
  mostLooks: Math.max(...looks.map((of) => of.length)),
  shortest: gaps.reduce((least, gap) => Math.min(least, gap), Infinity)
}
for (const socket of sockets) socket.destroy()
if (process.send === undefined) console.log(figures)
say(figures)
process.disconnect?.()
