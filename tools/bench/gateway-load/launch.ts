// The gateway's process with callers' keys, and with a way to ask it for what is left of its memory.
import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { Schema } from "effect"
import { startGateway } from "../gateway/serving.ts"
import type { Upstream } from "./upstream.ts"

const Memory = Schema.fromJsonString(
  Schema.Struct({ rss: Schema.Finite, heapUsed: Schema.Finite, external: Schema.Finite })
)

const megabyte = 1024 * 1024

/**
 * Collects all that can be collected when it is asked to, gives back what that frees, and says what is left.
 * A usual collection keeps empty pages for what may come: how many is a matter of how busy it was last.
 */
const onDemand = (file: string): string => {
  const listen = `process.on("SIGUSR2", () => { gc({ type: "major", execution: "sync", flavor: "last-resort" }); const fs = require("fs"); fs.writeFileSync(${JSON.stringify(`${file}.new`)}, JSON.stringify(process.memoryUsage())); fs.renameSync(${JSON.stringify(`${file}.new`)}, ${JSON.stringify(file)}) })`
  return `data:text/javascript,import { createRequire } from "node:module"; const require = createRequire("file:///x.js"); ${encodeURIComponent(listen)}`
}

export type Launched = Awaited<ReturnType<typeof launch>>

/** Starts the bundle on that port over that upstream. */
export const launch = async (upstream: Upstream, bundle: string, port: number) => {
  const directory = mkdtempSync(join(tmpdir(), "gateway-load-"))
  const keysFile = join(directory, "keys.json")
  const memoryFile = join(directory, "memory.json")
  const addKey = async (name: string, customers: string) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [bundle, "keys", "add", name, "--customers", customers],
      {
        env: { PATH: process.env["PATH"], HOME: directory, ORDERWATCH_GATEWAY_KEYS_FILE: keysFile }
      }
    )
    return stdout.trim()
  }
  const [first = "", second = ""] = upstream.customers
  const all = await addKey("all", "*")
  const keys = {
    all,
    first: await addKey("first", first),
    second: await addKey("second", second),
    /** With an id that there is, and a text that there is not. */
    wrong: all.slice(0, 20).padEnd(all.length, "0")
  }
  const gateway = await startGateway(upstream, {
    bundle,
    port,
    execArgv: ["--expose-gc", "--import", onDemand(memoryFile)],
    env: {
      PARTNER_CENTER_REQUESTS_PER_MINUTE: "10000",
      PARTNER_CENTER_ATTEMPT_TIMEOUT: "2s",
      PARTNER_CENTER_DEADLINE: "8s",
      ORDERWATCH_GATEWAY_KEYS_FILE: keysFile,
      ORDERWATCH_GATEWAY_FRESH_FOR: "500ms",
      ORDERWATCH_GATEWAY_DEADLINE: "10s",
      ORDERWATCH_GATEWAY_MAX_STREAMS: "400"
    }
  })
  const { child } = gateway
  const end: { code?: number | null } = {}
  child.once("exit", (code, signal) => {
    end.code = code
    console.log(`  gateway ended: ${code ?? signal}`)
  })
  return {
    ...gateway,
    port,
    keys,
    end,
    /** What it has of the machine's memory now, in MB. */
    rss: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) /
      1024,
    /** What is left of its memory when all is collected that can be, in MB. */
    collected: async () => {
      rmSync(memoryFile, { force: true })
      child.kill("SIGUSR2")
      for (let tries = 0; !existsSync(memoryFile) && tries < 100; tries++) await sleep(50)
      const { external, heapUsed, rss } = Schema.decodeUnknownSync(Memory)(
        readFileSync(memoryFile, "utf8")
      )
      return { rss: rss / megabyte, heap: heapUsed / megabyte, external: external / megabyte }
    },
    /** Has it end as it does for operators. */
    finish: async () => {
      child.kill("SIGTERM")
      for (let tries = 0; end.code === undefined && tries < 300; tries++) await sleep(50)
      rmSync(directory, { recursive: true })
    }
  }
}
