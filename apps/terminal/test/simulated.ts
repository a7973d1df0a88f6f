// A simulator of one test's own, on a socket: its orders move when the test says so, and the test is told
// of every request as it comes.
import { EventEmitter } from "node:events"
import { assert } from "@effect/vitest"
import { serve } from "@orderwatch/simulator/serve"
import type { OrderScript, ScriptedOrder } from "@orderwatch/simulator/script"
import { make } from "@orderwatch/simulator/Simulator"
import { Schema } from "effect"
import { Message } from "../src/messages.ts"
import { samples } from "./harness.ts"
import type { Environment } from "./harness.ts"

/** A request that was answered. */
export interface Asked {
  /** Milliseconds of this process. */
  readonly at: number
  readonly path: string
  /** Of the process that asked. */
  readonly correlationId: string | null
  readonly status: number
}

// As upstream writes it.
const wordOf = (word: string): string => (word === "pending" ? "prefulfillmentPending" : word)
const unit = "Reserved VM Instance, Standard_D2s_v3, West Europe, 1 Year"

/** An order of Contoso's with four units, in the first of these words, and in the next a minute later. */
export const order = (id: string, ...words: ReadonlyArray<string>): ScriptedOrder => ({
  id,
  customer: samples.contoso,
  age: "1h",
  lines: [
    {
      name: unit,
      quantity: 4,
      steps: words.map((status, at) => ({ at: `${at}m`, status: wordOf(status) }))
    }
  ]
})

/** A simulator with these orders; it is gone with the block that has it. */
export const simulated = async (...orders: ReadonlyArray<ScriptedOrder>) => {
  const simulator = make({ speed: 0, orders: [{ orders }] })
  const asked: Array<Asked> = []
  const heard = new EventEmitter()
  const answer = simulator.app.fetch
  simulator.app.fetch = async (request, ...rest) => {
    const response = await answer(request, ...rest)
    const { pathname: path } = new URL(request.url)
    if (path.startsWith("/_simulator")) return response
    const correlationId = request.headers.get("ms-correlationid")
    asked.push({ at: performance.now(), path, correlationId, status: response.status })
    heard.emit("asked")
    return response
  }
  let served = await serve(simulator)
  const { port } = new URL(served.url)
  const { clientId, clientSecret, refreshToken, tenantId } = simulator.credentials
  const env: Environment = {
    PARTNER_CENTER_API_URL: served.url,
    PARTNER_CENTER_LOGIN_URL: served.url,
    PARTNER_CENTER_TENANT_ID: tenantId,
    PARTNER_CENTER_CLIENT_ID: clientId,
    PARTNER_CENTER_CLIENT_SECRET: clientSecret,
    PARTNER_CENTER_REFRESH_TOKEN: refreshToken
  }

  const control = async (path: string, body: object) => {
    const response = await simulator.fetch(`http://simulator/_simulator/${path}`, {
      method: "POST",
      body: JSON.stringify(body)
    })
    assert.isTrue(response.ok, await response.text())
  }
  const askedFor = (path: string) => asked.filter((one) => one.path.includes(path))

  return {
    env,
    /** What was asked so far whose path has that in it; all unless given. */
    asked: (path = ""): ReadonlyArray<Asked> => askedFor(path),
    /** Waits until that many requests with this in their path were answered. */
    isAsked: (path: string, times = 1): Promise<void> =>
      new Promise((resolve) => {
        const look = () => {
          if (askedFor(path).length < times) return
          heard.off("asked", look)
          resolve()
        }
        heard.on("asked", look)
        look()
      }),
    /** Lets the orders come to their next word. */
    move: () => control("clock", { advance: "1m" }),
    add: (script: OrderScript) => simulator.addOrders(script),
    /** Answers the order's status with that, as `POST /_simulator/faults` takes it, until mended. */
    fault: (path: string, orderId: string | undefined, fault: object, times = 0) =>
      control("faults", {
        match: { path, ...(orderId !== undefined && { orderId }) },
        fault,
        times
      }),
    mend: () => simulator.fetch("http://simulator/_simulator/faults", { method: "DELETE" }),
    /** As if the network were gone. */
    leave: () => served.close(),
    comeBack: async () => {
      served = await serve(simulator, { port: Number(port) })
    },
    [Symbol.asyncDispose]: () => served.close()
  }
}

const decode = Schema.decodeUnknownSync(Message)
const raw = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/

/** What a command said to a program, once it is sure that it said it as it has to. */
export const messagesOf = (stdout: string): ReadonlyArray<Message> => {
  assert.isTrue(stdout.endsWith("\n"), "the last line has no end")
  const messages = stdout
    .slice(0, -1)
    .split("\n")
    .map((line) => {
      assert.notMatch(line, raw)
      return decode(JSON.parse(line))
    })
  const types = messages.map(({ type }) => type)
  assert.strictEqual(types.indexOf("version"), 0)
  assert.strictEqual(types.lastIndexOf("version"), 0)
  assert.strictEqual(types.indexOf("result"), types.length - 1)
  return messages
}

/** Only the ones of that type. */
export const only = <const Type extends Message["type"]>(
  messages: ReadonlyArray<Message>,
  type: Type
): ReadonlyArray<Extract<Message, { readonly type: Type }>> =>
  messages.flatMap((message) => (isOf(message, type) ? [message] : []))

const isOf = <const Type extends Message["type"]>(
  message: Message,
  type: Type
): message is Extract<Message, { readonly type: Type }> => message.type === type

/** The verdicts of all reports about an order, in the order that they came. */
export const verdictsOf = (messages: ReadonlyArray<Message>, orderId: string) =>
  only(messages, "report").flatMap((one) => (one.orderId === orderId ? [one.verdict] : []))

/** What the result says of each order: its verdict, or the reason of its failure. */
export const outcomesOf = (messages: ReadonlyArray<Message>): ReadonlyArray<string> =>
  only(messages, "result").flatMap(({ orders }) =>
    orders.map((one) => `${one.orderId} ${"problem" in one ? one.problem.reason : one.verdict}`)
  )
