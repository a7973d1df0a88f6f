// The full-screen interface: its first frame beside the least that Ink can show, keys in a list of 20,000
// orders until they are painted, and the heap over hours of updates.
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import pty from "@lydell/node-pty"
import { serve } from "@orderwatch/simulator/serve"
import { make } from "@orderwatch/simulator/Simulator"
import { rolldown } from "rolldown"
import { median } from "./median.ts"

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const bundle = path("../../apps/terminal/dist/orderwatch.js")
const out = path("dist")

const bundled = async (name: string): Promise<string> => {
  const build = await rolldown({
    input: { [name]: path(`interface/${name}.tsx`) },
    platform: "node",
    external: ["@napi-rs/keyring"],
    transform: { define: { "process.env.NODE_ENV": '"production"' } },
    plugins: [
      {
        name: "no-devtools",
        load: { filter: { id: /\/ink\/build\/devtools\.js$/ }, handler: () => "export {}" }
      }
    ]
  })
  await build.write({
    dir: join(out, name),
    format: "esm",
    chunkFileNames: "[name].js",
    minify: true
  })
  return join(out, name, `${name}.js`)
}

const home = () => mkdtempSync(join(tmpdir(), "orderwatch-bench-"))

const started = (args: ReadonlyArray<string>, env: Record<string, string>) =>
  pty.spawn(process.execPath, [...args], {
    name: "xterm-256color",
    cols: 80,
    rows: 24,
    env: { PATH: process.env["PATH"] ?? "", ...env }
  })

/** Milliseconds from the start until the terminal is sent that. */
const firstFrame = (args: ReadonlyArray<string>, text: string, env: Record<string, string>) =>
  new Promise<number>((resolve, reject) => {
    const from = process.hrtime.bigint()
    const child = started(args, env)
    let sent = ""
    const late = setTimeout(() => {
      child.kill("SIGKILL")
      reject(new Error(`never showed ${text}: ${JSON.stringify(sent.slice(-500))}`))
    }, 20_000)
    child.onData((data) => {
      sent += data
      if (!sent.includes(text)) return
      clearTimeout(late)
      resolve(Number(process.hrtime.bigint() - from) / 1e6)
      child.kill("SIGKILL")
    })
  })

export interface FirstFrames {
  readonly demo: number
  readonly list: number
  readonly hello: number
}

const runs = 15

export const firstFrames = async (): Promise<FirstFrames> => {
  const hello = await bundled("hello")
  const at = home()
  const samples = { demo: Array<number>(), list: Array<number>(), hello: Array<number>() }
  for (let run = -2; run < runs; run++) {
    const took = {
      hello: await firstFrame([hello], "hello", { HOME: at }),
      demo: await firstFrame([bundle, "--demo"], "Customers", { HOME: at }),
      list: await firstFrame([bundle, "--demo"], "Alpine Ski House", { HOME: at })
    }
    if (run < 0) continue
    samples.hello.push(took.hello)
    samples.demo.push(took.demo)
    samples.list.push(took.list)
  }
  rmSync(at, { recursive: true, force: true })
  return {
    demo: median(samples.demo),
    list: median(samples.list),
    hello: median(samples.hello)
  }
}

export interface Scrolling {
  readonly orders: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** The same of the least that Ink can do, pressed in turn: what of it is the machine's. */
  readonly least: { readonly p50: number; readonly p99: number }
  /** How many statuses were asked for, of how many rows that were passed. */
  readonly asked: number
  readonly passed: number
}

const orders = 20_000
const keys = 300

const p99 = (samples: ReadonlyArray<number>): number =>
  samples.toSorted((a, b) => a - b)[Math.floor(samples.length * 0.99)] ?? Number.NaN

const typist = (child: ReturnType<typeof started>) => {
  let sent = ""
  let painted = () => {}
  child.onData((data) => {
    sent = (sent + data).slice(-20_000)
    painted()
  })
  return {
    sees: async (text: string) => {
      for (const end = Date.now() + 30_000; Date.now() < end;) {
        if (sent.includes(text)) return
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      throw new Error(`never showed ${text}`)
    },
    /** Milliseconds until a frame that comes after the key is whole. */
    press: async (key: string): Promise<number> => {
      const from = process.hrtime.bigint()
      const done = new Promise<void>((resolve) => {
        painted = () => {
          if (sent.includes("\u001b[?2026l")) resolve()
        }
      })
      sent = ""
      child.write(key)
      await done
      return Number(process.hrtime.bigint() - from) / 1e6
    }
  }
}

export const scrolling = async (): Promise<Scrolling> => {
  const simulator = make({
    orders: [
      {
        orders: [
          {
            id: "load",
            customer: "alpineskihouse.onmicrosoft.com",
            repeat: orders,
            lines: [
              {
                name: "Reserved VM Instance, Standard_D4s_v5, East US, 1 Year",
                quantity: 2,
                steps: [{ status: "fulfilled" }]
              }
            ]
          }
        ]
      }
    ],
    keepRequests: 0
  })
  const { close, url } = await serve(simulator, { port: 0 })
  const { clientId, clientSecret, refreshToken, tenantId } = simulator.credentials
  const at = home()
  // What is sent before anybody listens would be lost.
  const echo = await bundled("echo")
  const child = started([bundle], {
    HOME: at,
    PARTNER_CENTER_API_URL: url,
    PARTNER_CENTER_LOGIN_URL: url,
    PARTNER_CENTER_TENANT_ID: tenantId,
    PARTNER_CENTER_CLIENT_ID: clientId,
    PARTNER_CENTER_CLIENT_SECRET: clientSecret,
    PARTNER_CENTER_REFRESH_TOKEN: refreshToken
  })
  const bare = started([echo], { HOME: at })
  const [here, least] = [typist(child), typist(bare)]
  const asked = async (): Promise<number> => {
    const counts: { operations?: Record<string, number> } = JSON.parse(
      await (await fetch(`${url}/_simulator/requests/counts`)).text()
    )
    return counts.operations?.["provisioningStatus"] ?? 0
  }
  try {
    await least.sees("keys: 0")
    await here.sees("Alpine Ski House")
    child.write("/alpine\r")
    await here.sees("20000 orders")
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const before = await asked()
    const samples = { here: Array<number>(), least: Array<number>() }
    for (let key = 0; key < keys; key++) {
      // Down, half a page, to the end and back; every one of them moves something.
      const pressed = key % 20 === 18 ? "G" : key % 20 === 19 ? "g" : key % 5 === 4 ? "\u0004" : "j"
      samples.here.push(await here.press(pressed))
      samples.least.push(await least.press("j"))
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    const after = await asked()
    return {
      orders,
      p50: median(samples.here),
      p99: p99(samples.here),
      least: { p50: median(samples.least), p99: p99(samples.least) },
      asked: after - before,
      passed: keys
    }
  } finally {
    child.kill("SIGKILL")
    bare.kill("SIGKILL")
    await close()
    rmSync(at, { recursive: true, force: true })
  }
}

export interface Hours {
  readonly updates: number
  /** Bytes, after each hour. */
  readonly heap: ReadonlyArray<number>
}

export const hours = async (): Promise<Hours> => {
  const program = await bundled("hour")
  const text = execFileSync(process.execPath, ["--expose-gc", program], {
    encoding: "utf8",
    timeout: 300_000
  })
  const found: Hours = JSON.parse(text.trim().split("\n").at(-1) ?? "")
  return found
}
