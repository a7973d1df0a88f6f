// `orderwatch status --json` as a whole process, over a plain script that asks the same three questions.
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { serve } from "@orderwatch/simulator/serve"
import { make } from "@orderwatch/simulator/Simulator"
import { median } from "./median.ts"

const bundle = fileURLToPath(new URL("../../apps/terminal/dist/orderwatch.js", import.meta.url))
const script = fileURLToPath(new URL("plain.mjs", import.meta.url))
const runs = 25

/** Milliseconds from spawn to exit; refuses a run that failed. */
const timed = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv) =>
  new Promise<number>((resolve, reject) => {
    const from = process.hrtime.bigint()
    const child = spawn(process.execPath, [...args], {
      env,
      stdio: ["ignore", "ignore", "inherit"]
    })
    child.once("error", reject)
    child.once("exit", (code) => {
      const took = Number(process.hrtime.bigint() - from) / 1e6
      if (code === 0) resolve(took)
      else reject(new Error(`${args[0]} ended with ${code}`))
    })
  })

export interface Startup {
  readonly orderwatch: number
  readonly plain: number
}

/** Milliseconds, the medians of runs taken in turn after two that do not count. */
export const startupBench = async (): Promise<Startup> => {
  const simulator = make()
  const { close, url } = await serve(simulator, { port: 0 })
  const { clientId, clientSecret, refreshToken, tenantId } = simulator.credentials
  const env = {
    ...process.env,
    PARTNER_CENTER_API_URL: url,
    PARTNER_CENTER_LOGIN_URL: url,
    PARTNER_CENTER_TENANT_ID: tenantId,
    PARTNER_CENTER_CLIENT_ID: clientId,
    PARTNER_CENTER_CLIENT_SECRET: clientSecret,
    PARTNER_CENTER_REFRESH_TOKEN: refreshToken
  }
  const { customerId, orderId } = simulator.sample
  const contestants = {
    orderwatch: [bundle, "status", customerId, orderId, "--json"],
    plain: [script, customerId, orderId]
  }
  const samples = { orderwatch: Array<number>(), plain: Array<number>() }
  try {
    for (let run = -2; run < runs; run++) {
      for (const name of ["orderwatch", "plain"] as const) {
        const took = await timed(contestants[name], env)
        if (run >= 0) samples[name].push(took)
      }
    }
  } finally {
    await close()
  }
  return { orderwatch: median(samples.orderwatch), plain: median(samples.plain) }
}
