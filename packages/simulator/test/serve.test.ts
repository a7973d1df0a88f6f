import { spawn } from "node:child_process"
import { get as getOverTls, request } from "node:https"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type Served, serve } from "../src/serve.ts"
import { make } from "../src/Simulator.ts"
import { makeCertificate } from "./certificate.ts"
import { orderPath, statusPath } from "./harness.ts"

const simulator = make()
const { credentials, sample } = simulator
let served: Served
let authorization: string

beforeAll(async () => {
  served = await serve(simulator)
  const answer = await fetch(`${served.url}/${credentials.tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: credentials.clientId,
      refresh_token: credentials.refreshToken,
      scope: "https://api.partnercenter.microsoft.com/.default offline_access"
    })
  })
  const token: { readonly access_token: string } = JSON.parse(await answer.text())
  authorization = `Bearer ${token.access_token}`
})

afterAll(() => served.close())

const get = (path: string, init: RequestInit = {}) =>
  fetch(`${served.url}${path}`, { redirect: "manual", headers: { authorization }, ...init })

const fault = (name: string) => orderPath(sample.customerId, `fault-${name}`)

const causeOf = async (work: Promise<unknown>) => {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error
  )
  assert.instanceOf(outcome, TypeError)
  const { message, cause } = outcome
  return { message, code: cause instanceof Error && "code" in cause ? cause.code : undefined }
}

describe("over a real socket", () => {
  it("the document's order is answered with a BOM and its length", async () => {
    const answer = await get(statusPath(sample.customerId, sample.orderId))
    assert.strictEqual(answer.status, 200)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    assert.deepEqual(Array.from(bytes.slice(0, 4)), [0xef, 0xbb, 0xbf, 0x7b])
    assert.strictEqual(answer.headers.get("Content-Length"), String(bytes.length))
  })

  it("a reset is a reset connection, and the next request is answered", async () => {
    assert.deepEqual(await causeOf(get(fault("reset"))), {
      message: "fetch failed",
      code: "ECONNRESET"
    })
    assert.strictEqual((await get(statusPath(sample.customerId, sample.orderId))).status, 200)
  })

  it("a cut body has headers first and then ends early", async () => {
    const answer = await get(fault("cut"))
    assert.strictEqual(answer.status, 200)
    assert.isAbove(Number(answer.headers.get("Content-Length")), 100)
    assert.deepEqual(await causeOf(answer.text()), {
      message: "terminated",
      code: "UND_ERR_SOCKET"
    })
  })

  it("a hanging answer can be given up", async () => {
    const signal = AbortSignal.timeout(50)
    const outcome = await get(fault("hang"), { signal }).catch((error: unknown) => error)
    assert.strictEqual(outcome, signal.reason)
  })

  it("a slow body has its headers at once", async () => {
    await get("/_simulator/faults", {
      method: "POST",
      body: JSON.stringify({ match: { path: "order" }, fault: { kind: "slowBody", ms: 160 } })
    })
    const started = performance.now()
    const answer = await get(orderPath(sample.customerId, sample.orderId))
    const headers = performance.now() - started
    const text = await answer.text()
    const body = performance.now() - started - headers
    assert.strictEqual(text.length + 3, Number(answer.headers.get("Content-Length")))
    assert.isAbove(body, headers)
  })

  it.each([
    ["429-date", 429],
    ["html-502", 502],
    ["empty", 200],
    ["redirect", 302],
    ["truncated", 200]
  ])("fault-%s answers %i", async (name, status) => {
    const answer = await get(fault(name))
    assert.strictEqual(answer.status, status)
    await answer.arrayBuffer()
  })

  it("garbage is refused and breaks nothing", async () => {
    for (const path of ["/%E0%A4%A", "/v1/customers/%00/orders", "//", "/v1/customers?filter=%FF"])
      assert.isBelow((await get(path)).status, 500, path)
    assert.strictEqual((await get("/v1/customers")).status, 200)
  })

  it("closing ends what is still open", async () => {
    const other = await serve(make())
    const hanging = fetch(`${other.url}/_simulator/faults`, {
      method: "POST",
      body: JSON.stringify({ fault: { kind: "latency", ms: 600_000 } })
    }).then(() => fetch(`${other.url}/v1/customers`))
    const outcome = causeOf(hanging)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await other.close()
    assert.strictEqual((await outcome).message, "fetch failed")
  })
})

describe("over TLS", () => {
  const { cert, key } = makeCertificate(Date.now())
  let secure: Served

  beforeAll(async () => {
    secure = await serve(make(), { tls: { cert, key } })
  })
  afterAll(() => secure.close())

  const ask = (path: string) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const request = getOverTls(`${secure.url}${path}`, { ca: cert, agent: false }, (response) => {
        let text = ""
        response.on("data", (data) => (text += data))
        response.on("end", () => resolve({ status: response.statusCode, text }))
        response.on("error", reject)
      })
      request.on("error", reject)
    })

  it("the address is https, and so is every address that is told", async () => {
    assert.match(secure.url, /^https:\/\/127\.0\.0\.1:\d+$/)
    const path = `/${credentials.tenantId}/v2.0/.well-known/openid-configuration`
    const { status, text } = await ask(path)
    assert.strictEqual(status, 200)
    assert.include(text, `"issuer":"${secure.url}/`)
  })

  it("a reset is a reset connection", async () => {
    await new Promise((resolve) => {
      const fault = { match: { path: "keys" }, fault: { kind: "reset" } }
      const options = { method: "POST", ca: cert, agent: false }
      request(`${secure.url}/_simulator/faults`, options, (response) =>
        response.resume().on("end", resolve)
      ).end(JSON.stringify(fault))
    })
    const path = `/${credentials.tenantId}/discovery/v2.0/keys`
    const outcome = await ask(path).catch((error: unknown) => error)
    // A connection that was merely closed would be a "socket hang up".
    assert.strictEqual(outcome instanceof Error && outcome.message, "read ECONNRESET")
    assert.strictEqual((await ask(path)).status, 200)
  })
})

const main = (...args: ReadonlyArray<string>) => {
  const file = fileURLToPath(new URL("../src/main.ts", import.meta.url))
  const child = spawn(process.execPath, [file, ...args])
  const said = { stdout: "", stderr: "" }
  child.stdout.on("data", (data) => (said.stdout += data))
  child.stderr.on("data", (data) => (said.stderr += data))
  const exit = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, ...said }))
  )
  return { child, said, exit }
}

describe.concurrent("pnpm simulator", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "prints the variables to copy, serves, and stops cleanly on %s",
    async (signal) => {
      const { child, said, exit } = main("--port", "0")
      while (!said.stdout.includes("_simulator"))
        await new Promise((resolve) => setTimeout(resolve, 5))
      const [, url] = /^export PARTNER_CENTER_API_URL=(\S+)$/m.exec(said.stdout) ?? []
      assert.strictEqual((await fetch(`${url}/_simulator`)).status, 200)
      for (const name of ["LOGIN_URL", "TENANT_ID", "CLIENT_ID", "REFRESH_TOKEN"])
        assert.include(said.stdout, `export PARTNER_CENTER_${name}=`)
      child.kill(signal)
      const { code, stderr } = await exit
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" })
    }
  )

  it("has the orders of scripts, and takes the time in hand", async () => {
    const example = (name: string) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url))
    const files = ["--orders", example("turns.toml"), "--orders", example("load.json")]
    const { child, said, exit } = main("--port", "0", ...files, "--speed", "0")
    while (!said.stdout.includes("_simulator"))
      await new Promise((resolve) => setTimeout(resolve, 5))
    const [, url] = /^export PARTNER_CENTER_API_URL=(\S+)$/m.exec(said.stdout) ?? []
    const signIn = await fetch(`${url}/${credentials.tenantId}/oauth2/v2.0/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "refresh_token",
        client_id: credentials.clientId,
        refresh_token: credentials.refreshToken,
        scope: "https://api.partnercenter.microsoft.com/.default offline_access"
      })
    })
    const token: { readonly access_token: string } = JSON.parse(await signIn.text())
    const headers = { authorization: `Bearer ${token.access_token}` }
    const ask = (order: string) =>
      fetch(`${url}${statusPath(sample.customerId, order)}`, { headers })
    const advance = (seconds: number) =>
      fetch(`${url}/_simulator/clock`, {
        method: "POST",
        body: JSON.stringify({ advance: seconds })
      })
    const answers: Array<number | undefined> = []
    for (const seconds of [20, 10, 10, 10]) {
      answers.push((await ask("Turns-2")).status)
      await advance(seconds)
    }
    const cut = await ask("Turns-2")
    assert.deepEqual(answers, [200, 404, 200, 429])
    assert.deepEqual(await causeOf(cut.text()), { message: "terminated", code: "UND_ERR_SOCKET" })
    assert.include(await (await fetch(`${url}/_simulator`)).text(), '"id":"load-10000"')
    const counts = await fetch(`${url}/_simulator/requests/counts`)
    assert.include(await counts.text(), '"operations":{"token":1,"provisioningStatus":5}')
    child.kill("SIGTERM")
    const { code, stderr } = await exit
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" })
  })

  it.each([
    ["wrong.toml", "orders = [\n  {", "not TOML at line 2, column 3: "],
    ["wrong.json", '{\n  "orders": [}', "not JSON at line 2, column 14"],
    ["wrong.json", '{ "orders": [{ "id": "a" }] }', "orders[0].customer: is missing"]
  ])("refuses a script with a mistake, %s: %j, before it listens", async (name, text, message) => {
    const folder = mkdtempSync(join(tmpdir(), "orderwatch-simulator-"))
    const file = join(folder, name)
    writeFileSync(file, text)
    const { code, stdout, stderr } = await main("--port", "0", "--orders", file).exit
    rmSync(folder, { recursive: true })
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" })
    assert.isTrue(stderr.startsWith(`simulator: ${file}: ${message}`), stderr)
    assert.strictEqual(stderr.trimEnd().split("\n").length, 1)
  })

  it("explains itself with --help", async () => {
    const { code, stdout } = await main("--help").exit
    assert.strictEqual(code, 0)
    assert.include(stdout, "Usage: pnpm simulator")
  })

  it.each([
    [["--port", "http"], "--port must be"],
    [["--port", "65536"], "--port must be"],
    [["--speed", "fast"], "--speed must be"],
    [["--orders", "nowhere.toml"], "cannot read nowhere.toml: ENOENT"],
    [["--verbose"], "--verbose"],
    [["extra"], "extra"]
  ])("refuses %j in one line", async (args, word) => {
    const { code, stdout, stderr } = await main(...args).exit
    assert.strictEqual(code, 2)
    assert.strictEqual(stdout, "")
    assert.include(stderr, word)
    assert.strictEqual(stderr.trimEnd().split("\n").length, 1)
  })

  it("says in one line that a port is in use", async () => {
    const server = createServer().listen(0, "127.0.0.1")
    await new Promise((resolve) => server.once("listening", resolve))
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    const { code, stderr } = await main("--port", String(port)).exit
    server.close()
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr, `simulator: port ${port} is in use; choose another with --port\n`)
  })
})
