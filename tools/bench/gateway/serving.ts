// The gateway as operators run it: the bundle, in a process of its own, with its log in a file.
import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import type { Upstream } from "../following/client.ts"

/** The bundle that is measured where none is named. */
export const built =
  process.env["BENCH_BUNDLE"] ??
  fileURLToPath(new URL("../../../apps/gateway/dist/gateway.js", import.meta.url))
// It knows nothing of whoever started it, and must not outlive them.
const endWithStarter = 'data:text/javascript,process.once("disconnect",()=>process.exit())'

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer()
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const isOurs = (name: string) => /^(?:ORDERWATCH|PARTNER_CENTER|OTEL)_/.test(name)

export interface Gateway {
  readonly url: string
  readonly child: ChildProcess
  /** Where it writes its log. */
  readonly file: string
  /** What it wrote so far. */
  readonly log: () => string
  /** Ends it, and removes its log. */
  readonly stop: () => void
}

export interface GatewayOptions {
  readonly bundle?: string
  /** Any that is free unless given. */
  readonly port?: number
  readonly execArgv?: ReadonlyArray<string>
  /** Further settings, and others than these. */
  readonly env?: Readonly<Record<string, string>>
}

/** Starts it over that upstream, with as many requests as anybody wants, and waits until it serves. */
export const startGateway = async (
  { credentials, url: upstream }: typeof Upstream.Type,
  { bundle = built, env, execArgv = [], port: wanted }: GatewayOptions = {}
): Promise<Gateway> => {
  const folder = mkdtempSync(join(tmpdir(), "orderwatch-bench-"))
  const file = join(folder, "stderr")
  const log = openSync(file, "w")
  const port = wanted ?? (await freePort())
  const child = fork(bundle, [], {
    execArgv: ["--import", endWithStarter, ...execArgv],
    stdio: ["ignore", log, log, "ipc"],
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name))),
      ORDERWATCH_CONFIG_DIR: folder,
      ORDERWATCH_VAULT: "env",
      ORDERWATCH_GATEWAY_PORT: String(port),
      ORDERWATCH_GATEWAY_REQUESTS_PER_MINUTE: "1000000",
      PARTNER_CENTER_API_URL: upstream,
      PARTNER_CENTER_LOGIN_URL: upstream,
      PARTNER_CENTER_TENANT_ID: credentials.tenantId,
      PARTNER_CENTER_CLIENT_ID: credentials.clientId,
      PARTNER_CENTER_CLIENT_SECRET: credentials.clientSecret,
      PARTNER_CENTER_REFRESH_TOKEN: credentials.refreshToken,
      PARTNER_CENTER_REQUESTS_PER_MINUTE: "1000000",
      ...env
    }
  })
  closeSync(log)
  const gateway: Gateway = {
    url: `http://127.0.0.1:${port}`,
    child,
    file,
    log: () => readFileSync(file, "utf8"),
    stop: () => {
      if (child.connected) child.disconnect()
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const giveUpAt = performance.now() + 20_000
  for (;;) {
    const isUp = await fetch(`${gateway.url}/livez`).then(
      ({ ok }) => ok,
      () => false
    )
    if (isUp) return gateway
    if (child.exitCode !== null || performance.now() > giveUpAt) {
      const said = gateway.log()
      gateway.stop()
      throw new Error(`the gateway does not serve: ${said}`)
    }
    await setTimeout(50)
  }
}
