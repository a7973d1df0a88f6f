// A simulator with a clock of the test's own, and the requests that tests make.
import { make, type SimulatorOptions } from "../src/Simulator.ts"

export const host = "https://partner-center.test"

type Json = Record<string, unknown>

/** What an answer was, its body as text with the BOM, and parsed where it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly hasBom: boolean
  readonly json: Json
}

const parse = (text: string): Json => {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

export const read = async (response: Response): Promise<Answer> => {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const text = new TextDecoder("utf-8").decode(bytes)
  const hasBom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return { status: response.status, headers: response.headers, text, hasBom, json: parse(text) }
}

export const harness = (options: SimulatorOptions = {}) => {
  const time = { now: Date.UTC(2026, 10, 22, 10), slept: Array<number>() }
  const simulator = make({
    now: () => time.now,
    sleep: async (ms) => {
      time.slept.push(ms)
      time.now += ms
    },
    ...options
  })
  const { credentials } = simulator

  const send = async (path: string, init?: RequestInit) =>
    read(await simulator.fetch(`${host}${path}`, init))

  const login = (fields: Record<string, string> = {}, tenant = credentials.tenantId) =>
    send(`/${tenant}/oauth2/v2.0/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "refresh_token",
        client_id: credentials.clientId,
        refresh_token: credentials.refreshToken,
        scope: "https://api.partnercenter.microsoft.com/.default offline_access",
        ...fields
      })
    })

  /** A form, with redirects not followed. */
  const post = (path: string, fields: Record<string, string>) =>
    send(path, { method: "POST", redirect: "manual", body: new URLSearchParams(fields) })

  const token = async (refreshToken = credentials.refreshToken) =>
    String((await login({ refresh_token: refreshToken })).json["access_token"])

  const appToken = async () =>
    String(
      (
        await login({
          grant_type: "client_credentials",
          client_secret: credentials.clientSecret,
          scope: "https://api.partnercenter.microsoft.com/.default"
        })
      ).json["access_token"]
    )

  let own: string | undefined
  /** An API request with a good token, or with the one given. */
  const get = async (path: string, headers: Record<string, string> = {}) => {
    own ??= await token()
    return send(path, {
      redirect: "manual",
      headers: { authorization: `Bearer ${own}`, ...headers }
    })
  }

  const control = (path: string, body: unknown) =>
    send(`/_simulator/${path}`, { method: "POST", body: JSON.stringify(body) })

  return { simulator, time, send, post, login, token, appToken, get, control }
}

/** The claims of a JWT, unchecked. */
export const claimsOf = (token: unknown) =>
  JSON.parse(Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString())

export const scope = "https://api.partnercenter.microsoft.com/.default offline_access openid"

export type Harness = ReturnType<typeof harness>

export const orderPath = (customerId: string, orderId: string) =>
  `/v1/customers/${customerId}/orders/${encodeURIComponent(orderId)}`

export const statusPath = (customerId: string, orderId: string) =>
  `${orderPath(customerId, orderId)}/provisioningstatus`
