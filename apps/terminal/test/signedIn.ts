// Somebody's machine with a vault of its own, and a simulator that signs people in. Every token, code and
// proof that goes over the wire is watched for in all that is printed, and in the files.
import { randomBytes } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert } from "@effect/vitest"
import { serve } from "@orderwatch/simulator/serve"
import { make } from "@orderwatch/simulator/Simulator"
import type { Simulator, SimulatorOptions } from "@orderwatch/simulator/Simulator"
import { keepSecret, keptSecret, machine } from "./harness.ts"
import type { Environment } from "./harness.ts"
import { wrong } from "./safety.ts"

const secretFields = [
  "access_token",
  "refresh_token",
  "id_token",
  "device_code",
  "code",
  "code_verifier",
  "client_assertion",
  "client_secret"
]

// Listens to the login's questions and answers.
const overheard = (simulator: Simulator): Simulator => {
  const answer = simulator.app.fetch
  simulator.app.fetch = async (request, ...rest) => {
    const isLogin = new URL(request.url).pathname.includes("/oauth2/")
    if (!isLogin || request.method !== "POST") return answer(request, ...rest)
    const form = new URLSearchParams(await request.clone().text())
    keepSecret(...secretFields.map((name) => form.get(name) ?? ""))
    const response = await answer(request, ...rest)
    if (response.headers.get("content-type")?.includes("json")) {
      const body: Record<string, unknown> = JSON.parse(await response.clone().text())
      keepSecret(
        ...secretFields.flatMap((name) => {
          const value = body[name]
          return typeof value === "string" ? [value] : []
        })
      )
    }
    return response
  }
  return simulator
}

export interface Setup extends SimulatorOptions {
  /** A machine of its own unless given. */
  readonly on?: ReturnType<typeof machine>
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** A simulator by the real clock, and people who come to it with nothing but ids. */
export const signingIn = async ({ on = machine(), tls, ...options }: Setup = {}) => {
  const { home, run, show, start, temporary } = on
  const simulator = overheard(make(options))
  const served = await serve(simulator, tls === undefined ? {} : { tls })
  afterAll(() => served.close())
  const { clients, credentials } = simulator

  /** Somebody new: nothing is kept for them yet. */
  const person = (clientId = clients.public): Person => {
    const directory = mkdtempSync(join(home, "person-"))
    return {
      directory,
      env: {
        ORDERWATCH_CONFIG_DIR: directory,
        ORDERWATCH_VAULT_KEY: randomBytes(32).toString("base64"),
        PARTNER_CENTER_API_URL: served.url,
        PARTNER_CENTER_LOGIN_URL: served.url,
        PARTNER_CENTER_TENANT_ID: credentials.tenantId,
        PARTNER_CENTER_CLIENT_ID: clientId
      }
    }
  }

  const ask = async (path: string, body?: object) => {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }
    const response = await fetch(`${served.url}/_simulator/${path}`, init)
    const text = await response.text()
    assert.isTrue(response.ok, text)
    return text
  }

  return {
    url: served.url,
    clients,
    credentials,
    home,
    run,
    show,
    start,
    temporary,
    person,
    /** Posts to a control of the simulator's. */
    control: ask,
    /** How often tokens were asked for so far. */
    tokenRequests: async (): Promise<number> => {
      const all: ReadonlyArray<{ operation?: string }> = JSON.parse(await ask("requests"))
      return all.filter(({ operation }) => operation === "token").length
    },
    /** A refresh or access token as another program would get it. */
    granted: async (fields: Record<string, string>): Promise<Record<string, string>> => {
      const response = await fetch(`${served.url}/${credentials.tenantId}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
          scope: "https://api.partnercenter.microsoft.com/.default offline_access",
          ...fields
        })
      })
      const body: Record<string, string> = JSON.parse(await response.text())
      assert.strictEqual(response.status, 200, body["error_description"])
      return body
    },
    /** Signs that person in with a refresh token of their own. */
    signIn: async ({ env }: Person, token = credentials.refreshToken) => {
      const args = ["login", "--refresh-token-stdin", "--json"]
      const { exitCode, stderr } = await run(args, { env, stdin: `${token}\n` })
      assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    }
  }
}

export interface Person {
  /** Where their profiles and their vault are. */
  readonly directory: string
  readonly env: Environment
}

/** What their vault holds, sealed. */
export const vaultOf = ({ directory }: Person): string =>
  readFileSync(join(directory, "credentials"), "utf8")

/** That no file of theirs holds a secret in the clear. */
export const assertSealed = ({ directory, env }: Person): void => {
  const secrets = [env["ORDERWATCH_VAULT_KEY"] ?? "", ...keptSecret()].filter(Boolean)
  for (const name of readdirSync(directory)) {
    const text = readFileSync(join(directory, name), "latin1").replaceAll(/[^\n\u0020-\u007e]/g, "")
    // Sealed bytes may look like a token by chance, about once in a hundred vaults.
    const found =
      name === "credentials"
        ? secrets.find((secret) => text.includes(secret))
        : wrong(text, secrets)
    assert.isUndefined(found, name)
  }
}
