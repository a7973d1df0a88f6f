// `node tools/bench/gateway-load.ts [--minutes 1]`: the gateway's bundle under mixed load, with faults in
// Partner Center all the time. It ends with 1 where something was answered that must not be, something was
// left behind, or a secret was logged.
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { openSync } from "node:fs"
import { Agent, request as httpRequest } from "node:http"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { serve } from "@orderwatch/simulator/serve"
import { make } from "@orderwatch/simulator/Simulator"

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    workers: { type: "string", default: "96" },
    port: { type: "string", default: "18799" },
    bundle: {
      type: "string",
      default: fileURLToPath(new URL("../../apps/gateway/dist/gateway.js", import.meta.url))
    }
  }
})
const minutes = Number(values.minutes)
const port = Number(values.port)
const { bundle } = values
if (!existsSync(bundle)) {
  console.error(`${bundle} is not there: pnpm build`)
  process.exit(70)
}

const startedAt = Date.now()
const elapsed = () => Date.now() - startedAt
const lasts = minutes * 60_000

// Every two minutes everything begins anew, so that orders go on moving, also back.
const simulator = make({
  now: () => startedAt + (elapsed() % 120_000),
  accessTokenLifetime: 400
})
const secrets = new Set([simulator.credentials.clientSecret, simulator.credentials.refreshToken])
let upstreamRequests = 0

// What the gateway shows and is given, so that none of it is found in its log.
const listening = async (request: Request, env: object): Promise<Response> => {
  upstreamRequests += 1
  const bearer = request.headers.get("authorization")?.replace(/^bearer +/i, "")
  if (bearer !== undefined) secrets.add(bearer)
  const response = await simulator.app.fetch(request, env)
  if (!request.url.includes("/oauth2/")) return response
  const copy: unknown = await response
    .clone()
    .json()
    .catch(() => ({}))
  for (const [name, value] of Object.entries(copy ?? {})) {
    if (name.endsWith("_token") && typeof value === "string") secrets.add(value)
  }
  return response
}
const served = await serve(
  Object.assign({}, simulator, {
    app: Object.assign(Object.create(simulator.app), { fetch: listening })
  })
)

const directory = mkdtempSync(join(tmpdir(), "gateway-load-"))
const keysFile = join(directory, "keys.json")
const logFile = join(directory, "stderr.jsonl")
const memoryFile = join(directory, "memory.json")

const run = (args: ReadonlyArray<string>) =>
  new Promise<string>((resolve, reject) => {
    const child = spawn(process.execPath, [bundle, ...args], {
      env: { PATH: process.env["PATH"], HOME: directory, ORDERWATCH_GATEWAY_KEYS_FILE: keysFile },
      stdio: ["ignore", "pipe", "ignore"]
    })
    let out = ""
    child.stdout.on("data", (data) => (out += String(data)))
    child.on("exit", (code) =>
      code === 0 ? resolve(out.trim()) : reject(new Error(`exit ${code}`))
    )
  })

const ids = simulator.customers.map(({ id }) => id)
const [contoso = "", fabrikam = ""] = ids
const keys = {
  all: await run(["keys", "add", "all", "--customers", "*"]),
  contoso: await run(["keys", "add", "contoso", "--customers", contoso]),
  fabrikam: await run(["keys", "add", "fabrikam", "--customers", fabrikam])
}
for (const key of Object.values(keys)) secrets.add(key)
const wrong = `${keys.all.slice(0, 20)}${"0".repeat(keys.all.length - 20)}`
secrets.add(wrong)

// Collects all that can be collected when it is asked to, gives back what that frees, and says what is left. A
// usual collection keeps empty pages for what may come: how many is a matter of how busy it was last.
const onDemand = `process.on("SIGUSR2", () => { gc({ type: "major", execution: "sync", flavor: "last-resort" }); require("fs").writeFileSync(${JSON.stringify(memoryFile)}, JSON.stringify(process.memoryUsage())) })`
const preload = `data:text/javascript,import { createRequire } from "node:module"; const require = createRequire("file:///x.js"); ${encodeURIComponent(onDemand)}`
const gateway = spawn(
  process.execPath,
  ["--expose-gc", "--import", preload, bundle, "--port", String(port)],
  {
    env: {
      PATH: process.env["PATH"],
      HOME: directory,
      PARTNER_CENTER_API_URL: served.url,
      PARTNER_CENTER_LOGIN_URL: served.url,
      PARTNER_CENTER_TENANT_ID: simulator.credentials.tenantId,
      PARTNER_CENTER_CLIENT_ID: simulator.credentials.clientId,
      PARTNER_CENTER_CLIENT_SECRET: simulator.credentials.clientSecret,
      PARTNER_CENTER_REFRESH_TOKEN: simulator.credentials.refreshToken,
      PARTNER_CENTER_REQUESTS_PER_MINUTE: "10000",
      PARTNER_CENTER_ATTEMPT_TIMEOUT: "2s",
      PARTNER_CENTER_DEADLINE: "8s",
      ORDERWATCH_VAULT: "env",
      ORDERWATCH_GATEWAY_KEYS_FILE: keysFile,
      ORDERWATCH_GATEWAY_FRESH_FOR: "500ms",
      ORDERWATCH_GATEWAY_DEADLINE: "10s",
      ORDERWATCH_GATEWAY_REQUESTS_PER_MINUTE: "1000000",
      ORDERWATCH_GATEWAY_MAX_STREAMS: "400"
    },
    stdio: ["ignore", "ignore", openSync(logFile, "w")]
  }
)
process.on("exit", () => gateway.kill("SIGKILL"))
const end: { code?: number | null } = {}
gateway.on("exit", (code, signal) => {
  end.code = code
  console.log(`  gateway ended: ${code ?? signal}`)
})
const url = `http://127.0.0.1:${port}`
for (let tries = 0; ; tries++) {
  if ((await fetch(`${url}/livez`).catch(() => undefined))?.status === 200) break
  if (tries > 100) throw new Error(readFileSync(logFile, "utf8"))
  await sleep(50)
}

// Faults, a few of each kind, for as long as it lasts.
const control = (path: string, init: RequestInit) =>
  simulator.app.request(`/_simulator${path}`, init)
const chance = (share: number) => Math.random() < share
const oneOf = <A>(list: ReadonlyArray<A>): A => {
  const found = list[Math.floor(Math.random() * list.length)]
  if (found === undefined) throw new Error("an empty list")
  return found
}
const faults: ReadonlyArray<readonly [object, number]> = [
  [{ kind: "status", status: 500 }, 3],
  [{ kind: "status", status: 503, retryAfter: 1 }, 1],
  [{ kind: "status", status: 409, code: 800060 }, 1],
  [{ kind: "reset" }, 3],
  [{ kind: "cut" }, 3],
  [{ kind: "latency", ms: 700 }, 5],
  [{ kind: "latency", ms: 3000 }, 1],
  [{ kind: "slowBody", ms: 1500 }, 3],
  [{ kind: "truncated" }, 1],
  [{ kind: "html", status: 502 }, 2],
  [{ kind: "wrongJson", as: "error" }, 1],
  [{ kind: "unauthorized", code: 400 }, 1],
  [{ kind: "redirect", status: 302 }, 1]
]
const operations = [
  "order",
  "orders",
  "customers",
  "provisioningStatus",
  "subscriptionProvisioningStatus"
]
const makeTrouble = async (isOver: () => boolean) => {
  while (!isOver()) {
    const [fault, times] = oneOf(faults)
    await control("/faults", {
      method: "POST",
      body: JSON.stringify({ match: { path: oneOf(operations) }, fault, times })
    })
    // All that is asked of the tenant waits for one of these.
    if (chance(0.03)) {
      const throttled = {
        kind: "throttled",
        retryAfter: 1,
        form: oneOf(["seconds", "body", "date"])
      }
      await control("/faults", {
        method: "POST",
        body: JSON.stringify({ match: {}, fault: throttled, times: 1 })
      })
    }
    if (chance(0.02)) {
      const atLogin = { match: { path: "token" }, fault: { kind: "status", status: 503 }, times: 2 }
      await control("/faults", { method: "POST", body: JSON.stringify(atLogin) })
    }
    // What nobody met must not gather, and the log of what was asked not either.
    if (chance(0.02)) await control("/faults", { method: "DELETE" })
    if (chance(0.01)) await control("/requests", { method: "DELETE" })
    await sleep(150 + Math.random() * 200)
  }
  await control("/faults", { method: "DELETE" })
}

// What is asked.
interface Overview {
  readonly customers: ReadonlyArray<{
    readonly id: string
    readonly orders: ReadonlyArray<{ readonly id: string }>
  }>
  readonly faultOrders: ReadonlyArray<string>
}
const overview = (await (await control("", {})).json()) as Overview
const real = overview.customers.flatMap(({ id, orders }) =>
  orders.map((order) => [id, order.id] as const)
)
const troubled = overview.faultOrders.map((order) => [contoso, order] as const)
const someOrder = () => (chance(0.97) ? oneOf(real) : oneOf(troubled))
const path = ([customer, order]: readonly [string, string], last = "") =>
  `/v1/customers/${customer}/orders/${order}${last}`

const told = {
  requests: 0,
  statuses: new Map<string, number>(),
  faults: [] as Array<string>,
  streams: 0,
  events: 0,
  aborted: 0,
  polls: 0
}
const note = (what: string) => told.statuses.set(what, (told.statuses.get(what) ?? 0) + 1)
const complain = (what: string) => {
  if (told.faults.length < 50) told.faults.push(what)
}

const agent = new Agent({ keepAlive: true, maxSockets: 512 })

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: string
}

const someKey = () => {
  const dice = Math.random()
  return dice < 0.7 ? keys.all : dice < 0.85 ? keys.contoso : dice < 0.97 ? keys.fabrikam : wrong
}

/** Asks and reads all of it, or goes away in the middle. */
const ask = (
  to: string,
  {
    body,
    headers = {},
    leaveAfter,
    method = "GET"
  }: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    readonly leaveAfter?: number
  } = {}
) =>
  new Promise<Answered | undefined>((resolve) => {
    told.requests += 1
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
          const answered = {
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text
          }
          check(method, to, answered)
          resolve(answered)
        })
      }
    )
    request.on("error", (error: Error & { readonly code?: string }) => {
      // A connection that was kept alive may end just as it is used; anything else is a fault.
      if (!hasLeft && !(error.code === "ECONNRESET" && request.reusedSocket)) {
        complain(`${method} ${to}: ${error.code ?? error.message}`)
      }
      resolve(undefined)
    })
    if (leaveAfter !== undefined) {
      setTimeout(() => {
        hasLeft = true
        told.aborted += 1
        request.destroy()
      }, leaveAfter)
    }
    request.end(body)
  })

const check = (method: string, to: string, { body, headers, status }: Answered) => {
  note(String(status))
  if (status < 400) return
  if (method === "HEAD" || to === "/readyz") return
  if (!String(headers["content-type"]).startsWith("application/problem+json")) {
    return complain(`${method} ${to}: ${status} ${String(headers["content-type"])}`)
  }
  const { reason, status: said } = JSON.parse(body)
  note(`${status} ${reason}`)
  if (status === 500 || reason === "Internal" || said !== status)
    complain(`${method} ${to}: ${body}`)
  if (status === 429 && headers["retry-after"] === undefined)
    complain(`${to}: 429 without Retry-After`)
}

/** A stream: read for a while, left, or opened and never read. */
const stream = (isRead: boolean, millis: number) =>
  new Promise<void>((resolve) => {
    told.streams += 1
    const to = path(someOrder(), "/events")
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(
        `GET ${to} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${someKey()}\r\nAccept: text/event-stream\r\n\r\n`
      )
      if (!isRead) socket.pause()
    })
    let text = ""
    const done = () => {
      told.events += text.split("\nevent: ").length - 1
      if (text.includes("Internal")) complain(`${to}: ${text}`)
      note(`stream ${text.slice(9, 12)}`)
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

const etags = new Map<string, string>()
const report = async () => {
  const to = path(someOrder(), "/report")
  const known = etags.get(to)
  const isPolled = chance(0.15)
  if (isPolled) told.polls += 1
  const answered = await ask(to, {
    headers: {
      ...(known !== undefined && chance(0.5) && { "if-none-match": known }),
      ...(chance(0.1) && { "cache-control": "no-cache" }),
      ...(isPolled && { prefer: `wait=${oneOf([1, 2, 5])}` })
    },
    ...(chance(0.05) && { leaveAfter: Math.random() * 300 })
  })
  const etag = answered?.headers["etag"]
  if (typeof etag === "string") etags.set(to, etag)
}
const bads: ReadonlyArray<() => Promise<unknown>> = [
  () => ask("/v1/customers/nobody/orders"),
  () => ask(`/v1/customers/${contoso}/orders/%2e%2e%2fsecret/report`),
  () => ask(`/v1/customers/${contoso}/orders/${"x".repeat(65)}`),
  () =>
    ask("/v1/reports", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{"
    }),
  () =>
    ask("/v1/reports", { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" }),
  () => ask("/v1/customers", { method: "DELETE" }),
  () => ask("/v1/customers?size=many"),
  () => ask("/nowhere"),
  () => ask("/v1/customers", { headers: { "sec-fetch-site": "cross-site" } }),
  () => ask("/v1/customers", { headers: { host: "evil.example" } })
]
const actions: ReadonlyArray<readonly [number, () => Promise<unknown>]> = [
  [40, report],
  [12, () => ask(path(someOrder(), "/provisioningstatus"))],
  [8, () => ask(path(someOrder()), chance(0.2) ? { method: "HEAD" } : {})],
  [6, () => ask(`/v1/customers/${oneOf(ids)}/orders`)],
  [5, () => ask(`/v1/customers?size=${oneOf([0, 2, 5, 500])}`)],
  [
    6,
    () =>
      ask("/v1/reports", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          orders: Array.from({ length: oneOf([1, 5, 20, 100]) }, someOrder).map(
            ([customerId, orderId]) => ({ customerId, orderId })
          )
        }),
        ...(chance(0.1) && { leaveAfter: Math.random() * 1000 })
      })
  ],
  [8, () => stream(true, 500 + Math.random() * 8000)],
  [2, () => stream(false, 1000 + Math.random() * 15_000)],
  [6, () => oneOf(bads)()],
  [2, () => ask("/metrics")],
  [2, () => ask("/readyz")],
  [2, () => ask("/openapi.json")],
  [0.3, () => ask("/docs")]
]
const all = actions.reduce((sum, [weight]) => sum + weight, 0)
const someAction = () => {
  let dice = Math.random() * all
  return actions.find(([weight]) => (dice -= weight) < 0)?.[1] ?? report
}

let pausedUntil = 0
const at = { work: 0 }
const work = async (isOver: () => boolean) => {
  while (!isOver()) {
    if (Date.now() < pausedUntil) {
      await sleep(50)
      continue
    }
    at.work += 1
    await someAction()().catch((error: unknown) => complain(String(error)))
    at.work -= 1
    await sleep(Math.random() * 40)
  }
}

const gauges = async () => {
  const text = await (
    await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${keys.all}` } })
  ).text()
  const of = (name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN)
  return {
    streams: of("orderwatch_gateway_streams"),
    follows: of("orderwatch_follows"),
    followers: of("orderwatch_followers")
  }
}

const rss = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.pid}/status`, "utf8"))?.[1] ?? 0) /
  1024

/** What is left of memory when nothing is asked and everything that can be is collected, in MB. */
const settled = async () => {
  pausedUntil = Date.now() + 60_000
  for (let tries = 0; at.work > 0 && tries < 600; tries++) await sleep(50)
  let open = await gauges()
  for (let tries = 0; open.streams + open.followers > 0 && tries < 100; tries++) {
    await sleep(100)
    open = await gauges()
  }
  await sleep(500)
  const before = rss()
  rmSync(memoryFile, { force: true })
  gateway.kill("SIGUSR2")
  for (let tries = 0; !existsSync(memoryFile) && tries < 100; tries++) await sleep(50)
  await sleep(100)
  const memory = JSON.parse(readFileSync(memoryFile, "utf8"))
  pausedUntil = 0
  return {
    underLoad: before,
    rss: memory.rss / 1048576,
    heap: memory.heapUsed / 1048576,
    external: memory.external / 1048576,
    ...open
  }
}

const isOver = () => elapsed() > lasts || end.code !== undefined
const trouble = makeTrouble(isOver)
const workers = Array.from({ length: Number(values.workers) }, () => work(isOver))
const firstAt = Math.min(120_000, lasts / 3)
const say = (name: string, at: Awaited<ReturnType<typeof settled>>) =>
  console.log(
    `  ${name.padEnd(10)} RSS ${at.underLoad.toFixed(1)} MB, after gc ${at.rss.toFixed(1)} MB; heap ${at.heap.toFixed(1)} MB, outside of it ${at.external.toFixed(1)} MB; streams ${at.streams}, follows ${at.follows}, followers ${at.followers}`
  )

while (elapsed() < firstAt && !isOver()) await sleep(100)
const first = await settled()
say(`${Math.round(firstAt / 1000)} s`, first)
// Between collections of everything it goes up and down: by halves, so that a trend would show.
const sizes: Array<number> = []
while (!isOver()) {
  await sleep(1000)
  if (end.code === undefined) sizes.push(rss())
}
const range = (of: ReadonlyArray<number>) =>
  `${Math.min(...of).toFixed(0)} to ${Math.max(...of).toFixed(0)}`
const half = Math.ceil(sizes.length / 2)
pausedUntil = 0
await Promise.all([...workers, trouble])
const last = await settled()
say(`${Math.round(elapsed() / 1000)} s`, last)

agent.destroy()
gateway.kill("SIGTERM")
for (let tries = 0; end.code === undefined && tries < 300; tries++) await sleep(50)
await served.close()

const log = readFileSync(logFile, "utf8")
const leaked = [...secrets].filter((secret) => secret.length > 7 && log.includes(secret))
const lines = log.trimEnd().split("\n")
const notJson = lines.slice(1).filter((line) => !line.startsWith("{"))
const errors = lines.filter((line) => /"level":"(?:ERROR|FATAL)"/.test(line))

console.log(
  `  ${told.requests} requests (${told.polls} long polls, ${told.aborted} left), ${told.streams} streams with ${told.events} events, ${upstreamRequests} upstream requests`
)
console.log(
  `  RSS under load ${range(sizes.slice(0, half))} MB, in the second half ${range(sizes.slice(half))} MB`
)
console.log(
  `  ${[...told.statuses]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([status, count]) => `${status}: ${count}`)
    .join(", ")}`
)
console.log(
  `  log: ${lines.length} lines, ${(statSync(logFile).size / 1048576).toFixed(1)} MB, ${errors.length} errors, ${secrets.size} secrets looked for`
)

const verdicts: ReadonlyArray<readonly [string, boolean]> = [
  ["no answer was a fault of the gateway's own", told.faults.length === 0],
  ["no error in its log", errors.length === 0 && notJson.length === 0],
  ["no secret in its log", leaked.length === 0],
  [
    "streams, follows and followers are back at zero",
    last.streams + last.follows + last.followers === 0
  ],
  ["memory after gc within 10 % of what it was", last.rss <= first.rss * 1.1],
  ["ended with 0", end.code === 0]
]
for (const [what, isSo] of verdicts) console.log(`  ${isSo ? "yes" : "NO "} ${what}`)
for (const line of [...told.faults, ...errors.slice(0, 5), ...notJson.slice(0, 5), ...leaked])
  console.log(`    ${line.slice(0, 600)}`)
const isGood = verdicts.every(([, isSo]) => isSo)
if (isGood) rmSync(directory, { recursive: true })
else console.log(`  ${directory}`)
process.exit(isGood ? 0 : 1)
