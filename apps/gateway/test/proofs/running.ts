// The gateway as its users run it: the bundle, as a process of its own, over Partner Center on a socket.
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { serve } from "@orderwatch/simulator/serve"
import { make } from "@orderwatch/simulator/Simulator"
import { afterAll, assert } from "@effect/vitest"

const bundle = fileURLToPath(new URL("../../dist/gateway.js", import.meta.url))

export const pause = (millis: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, millis)
  })

/** What is ended and removed when the file's tests are over, last things first. */
const cleanUps: Array<() => unknown> = []
export const cleaningUp = () =>
  afterAll(async () => {
    for (const clean of cleanUps.splice(0).toReversed()) await clean()
  })
export const atTheEnd = (clean: () => unknown) => cleanUps.push(clean)

export const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0))
    })
  })

/** A figure for whoever reads along. */
export const say = (text: string) => process.stdout.write(`${text}\n`)

/** The body, which the caller knows the shape of. */
export const jsonOf = async <A>(response: Response): Promise<A> => (await response.json()) as A

export const temporary = () => {
  const directory = mkdtempSync(join(tmpdir(), "gateway-proof-"))
  atTheEnd(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

interface Overview {
  readonly customers: ReadonlyArray<{
    readonly id: string
    readonly orders: ReadonlyArray<{ readonly id: string }>
  }>
  readonly faultOrders: ReadonlyArray<string>
}

/** Partner Center on a socket, by a clock that the test moves, with faults as the test likes. */
export const partnerCenter = async () => {
  const time = { ahead: 0 }
  const simulator = make({ now: () => Date.now() + time.ahead })
  const served = await serve(simulator)
  atTheEnd(served.close)
  const control = (path: string, init?: RequestInit) =>
    fetch(`${served.url}/_simulator${path}`, init)
  return {
    ...simulator,
    url: served.url,
    time,
    control,
    /** All customers, their orders, and the orders that are named after faults. */
    overview: async () => jsonOf<Overview>(await control("")),
    /** How often it was asked for anything of Partner Center's. */
    asked: async () => {
      const requests = await jsonOf<ReadonlyArray<{ readonly path: string }>>(
        await control("/requests")
      )
      return requests.filter(({ path }) => path.startsWith("/v1/")).map(({ path }) => path)
    },
    fault: (match: object, fault: object, times = 1) =>
      control("/faults", { method: "POST", body: JSON.stringify({ match, fault, times }) }),
    noFaults: () => control("/faults", { method: "DELETE" })
  }
}
export type Upstream = Awaited<ReturnType<typeof partnerCenter>>

export type Environment = Readonly<Record<string, string>>

const start = (args: ReadonlyArray<string>, env: Environment) => {
  assert.isTrue(existsSync(bundle), `${bundle} is not there: pnpm build`)
  const child = spawn(process.execPath, [bundle, ...args], {
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const said = { out: "", err: "" }
  child.stdout.on("data", (data) => (said.out += String(data)))
  child.stderr.on("data", (data) => (said.err += String(data)))
  const exited = new Promise<number | string | null>((resolve) =>
    child.on("close", (code, signal) => resolve(code ?? signal))
  )
  return { child, said, exited }
}

/** A gateway over that Partner Center, once it serves. */
export const gateway = async (upstream: Upstream, port: number, env: Environment = {}) => {
  const { clientId, clientSecret, refreshToken, tenantId } = upstream.credentials
  const started = start(["--port", String(port)], {
    PARTNER_CENTER_API_URL: upstream.url,
    PARTNER_CENTER_LOGIN_URL: upstream.url,
    PARTNER_CENTER_TENANT_ID: tenantId,
    PARTNER_CENTER_CLIENT_ID: clientId,
    PARTNER_CENTER_CLIENT_SECRET: clientSecret,
    PARTNER_CENTER_REFRESH_TOKEN: refreshToken,
    PARTNER_CENTER_REQUESTS_PER_MINUTE: "10000",
    ORDERWATCH_VAULT: "env",
    ORDERWATCH_GATEWAY_REQUESTS_PER_MINUTE: "1000000",
    ...env
  })
  const { child, exited, said } = started
  atTheEnd(async () => {
    child.kill("SIGKILL")
    await exited
  })
  const url = `http://127.0.0.1:${port}`
  const begun = performance.now()
  while ((await fetch(`${url}/livez`).catch(() => undefined))?.status !== 200) {
    assert.isNull(child.exitCode, said.err)
    assert.isBelow(performance.now() - begun, 20_000, said.err)
    await pause(5)
  }
  return { ...started, port, url, millis: performance.now() - begun }
}

/** A file of keys, and a new key in it. */
export const keyring = () => {
  const file = join(temporary(), "keys.json")
  return {
    env: { ORDERWATCH_GATEWAY_KEYS_FILE: file },
    add: async (name: string, customers: string) => {
      const { exited, said } = start(["keys", "add", name, "--customers", customers], {
        ORDERWATCH_GATEWAY_KEYS_FILE: file
      })
      assert.strictEqual(await exited, 0, said.err)
      return said.out.trim()
    }
  }
}

/** The series of that name, as the gateway tells it. */
export const gauge = async (url: string, name: string, headers: Environment = {}) => {
  const text = await (await fetch(`${url}/metrics`, { headers })).text()
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN)
}

export interface Raw {
  /** All that came, until the other side closed or the time was over. */
  readonly text: string
  readonly isClosed: boolean
  readonly millis: number
}

/** Sends the pieces, with a pause between them, and takes what comes back. */
export const raw = (
  port: number,
  pieces: string | Buffer | ReadonlyArray<string | Buffer>,
  {
    every = 10,
    until = () => false,
    within = 2000
  }: {
    readonly every?: number
    readonly within?: number
    /** What came is enough. */
    readonly until?: (text: string) => boolean
  } = {}
) =>
  new Promise<Raw>((resolve) => {
    const begun = performance.now()
    const chunks: Array<Buffer> = []
    const socket = connect(port, "127.0.0.1")
    const done = (isClosed: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      const text = Buffer.concat(chunks).toString("utf8")
      resolve({ text, isClosed, millis: performance.now() - begun })
    }
    const timer = setTimeout(() => done(false), within)
    socket.on("connect", async () => {
      socket.setNoDelay()
      for (const piece of typeof pieces === "string" || Buffer.isBuffer(pieces)
        ? [pieces]
        : pieces) {
        if (!socket.writable) return
        socket.write(piece)
        await pause(every)
      }
    })
    socket.on("data", (data) => {
      chunks.push(data)
      if (until(Buffer.concat(chunks).toString("utf8"))) done(false)
    })
    socket.on("error", () => done(true))
    socket.on("close", () => done(true))
  })

export interface Message {
  readonly status: number
  /** Names are lower-case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const unchunked = (body: string): string => {
  let rest = Buffer.from(body)
  let whole = ""
  for (;;) {
    const end = rest.indexOf("\r\n")
    const size = Number.parseInt(rest.subarray(0, end).toString(), 16)
    if (end < 0 || !(size > 0)) return whole
    whole += rest.subarray(end + 2, end + 2 + size).toString()
    rest = rest.subarray(end + 4 + size)
  }
}

/** The first answer in what came. */
export const messageOf = (text: string): Message => {
  const [head = "", ...rest] = text.split("\r\n\r\n")
  const [line = "", ...fields] = head.split("\r\n")
  const headers = Object.fromEntries(
    fields.map((field) => {
      const at = field.indexOf(":")
      return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()]
    })
  )
  const body = rest.join("\r\n\r\n")
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1] ?? 0),
    headers,
    body: headers["transfer-encoding"] === "chunked" ? unchunked(body) : body
  }
}

/** How many answers there are in it. */
export const answersIn = (text: string): number => text.split(/HTTP\/1\.1 \d{3} /).length - 1
