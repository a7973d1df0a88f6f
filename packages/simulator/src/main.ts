// `pnpm simulator`: Partner Center on a loopback port, and the variables that point a program at it.
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { fastest } from "./controlRun.ts"
import { Invalid } from "./reader.ts"
import { parseScript } from "./scriptText.ts"
import { serve } from "./serve.ts"
import { make } from "./Simulator.ts"

const usage = `Usage: pnpm simulator [--port 8790] [--orders FILE]... [--speed N]

Partner Center and its login, simulated on 127.0.0.1, until interrupted.

  --port N       port to listen on, 0 for any free one (default 8790)
  --orders FILE  orders of a script, TOML or JSON, beside the sample ones; may be repeated
  --speed N      orders move on N times as fast, 0 not at all (default 1)
  --help         this text
`

const fail = (message: string, exitCode: number): never => {
  process.stderr.write(`simulator: ${message}\n`)
  process.exit(exitCode)
}

const readArguments = () => {
  try {
    return parseArgs({
      options: {
        port: { type: "string", default: "8790" },
        orders: { type: "string", multiple: true, default: [] },
        speed: { type: "string", default: "1" },
        help: { type: "boolean", short: "h", default: false }
      }
    }).values
  } catch (error) {
    return fail(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error), 2)
  }
}

const { port, orders, speed, help } = readArguments()
if (help) {
  process.stdout.write(usage)
  process.exit(0)
}
if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
  fail(`--port must be a whole number from 0 to 65535, not "${port}"`, 2)

if (!/^\d{1,9}(\.\d{1,9})?$/.test(speed) || Number(speed) > fastest)
  fail(`--speed must be a number from 0 to ${fastest}, not "${speed}"`, 2)

// A real client may check what it is given.
const simulator = make({ signIdTokens: true, speed: Number(speed) })

const readFile = (file: string) => {
  try {
    return readFileSync(file, "utf8")
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined
    return fail(`cannot read ${file}: ${String(code ?? error)}`, 2)
  }
}
for (const file of orders)
  try {
    simulator.addOrders(await parseScript(file, readFile(file)))
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    fail(`${file}: ${error.message}`, 2)
  }

const served = await serve(simulator, { port: Number(port) }).catch((error: unknown) => {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  if (code === "EADDRINUSE") return fail(`port ${port} is in use; choose another with --port`, 1)
  return fail(`cannot listen on port ${port}: ${String(code ?? error)}`, 1)
})

const { clients, credentials, sample } = simulator
process.stdout.write(`# Partner Center, simulated; Ctrl-C ends it. Copy these into another terminal:
export PARTNER_CENTER_API_URL=${served.url}
export PARTNER_CENTER_LOGIN_URL=${served.url}
export PARTNER_CENTER_TENANT_ID=${credentials.tenantId}
export PARTNER_CENTER_CLIENT_ID=${credentials.clientId}
export PARTNER_CENTER_CLIENT_SECRET=${credentials.clientSecret}
export PARTNER_CENTER_REFRESH_TOKEN=${credentials.refreshToken}
# To sign in instead, leave out the refresh token. The client ${clients.public}
# is public and takes no secret; ${clients.confidential} must show it.
# The document's order: ${sample.customerId} ${sample.orderId}
# All customers, orders, users and controls: ${served.url}/_simulator
`)

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    void served.close()
  })
