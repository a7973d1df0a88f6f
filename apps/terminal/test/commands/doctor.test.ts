// `doctor` against set-ups that are broken, each in its own way: the first thing it finds wrong is what is.
import { generateKeyPairSync, randomBytes } from "node:crypto"
import { chmodSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { certificate } from "../certificate.ts"
import { lines, machine } from "../harness.ts"
import type { Environment } from "../harness.ts"
import { signingIn, vaultOf } from "../signedIn.ts"

const mine = machine()
const { run, show, temporary } = mine
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 })
const cert = certificate(pair, "2020-01-01", "2099-01-01")
const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString()

const world = await signingIn({ on: mine })
const { clients, credentials, granted, person, signIn } = world
const secure = await signingIn({ on: mine, tls: { cert, key } })

/** Somebody at a simulator of its own, where something was changed. */
const elsewhere = async (control: string, body: object): Promise<Environment> => {
  const other = await signingIn({ on: mine })
  await other.control(control, body)
  return { ...other.person().env, PARTNER_CENTER_REFRESH_TOKEN: credentials.refreshToken }
}

const signedIn = async (more: Environment = {}): Promise<Environment> => {
  const me = person()
  await signIn(me)
  return { ...me.env, ...more }
}

const nobody = (more: Environment = {}): Environment => ({ ...person().env, ...more })
const by = (PARTNER_CENTER_REFRESH_TOKEN: string): Environment =>
  nobody({ PARTNER_CENTER_REFRESH_TOKEN })

// Nothing listens there.
const closed = "http://127.0.0.1:9"
const fault = (orders: object, fault: object) =>
  elsewhere("faults", { match: orders, fault, times: 0 })

interface Broken {
  readonly name: string
  readonly env: () => Environment | Promise<Environment>
  /** The check that fails first. */
  readonly check: string
  readonly says: RegExp
  readonly exitCode: number
  /** Other checks that fail for it. */
  readonly too?: ReadonlyArray<string>
}

const broken: ReadonlyArray<Broken> = [
  // This one takes longest, because it is tried again.
  {
    name: "Microsoft's login being down",
    env: () => fault({ path: "token" }, { kind: "status", status: 503 }),
    check: "sign-in",
    says: /nobody could be signed in: AADSTS90033/,
    exitCode: 1
  },
  {
    name: "a tenant that is not set",
    env: () => nobody({ PARTNER_CENTER_TENANT_ID: "" }),
    check: "settings",
    says: /PARTNER_CENTER_TENANT_ID is not set/,
    exitCode: 2
  },
  {
    name: "a malformed setting",
    env: () => nobody({ PARTNER_CENTER_DEADLINE: "soon" }),
    check: "settings",
    says: /PARTNER_CENTER_DEADLINE .* malformed/,
    exitCode: 2
  },
  {
    name: "a file for a secret that cannot be read",
    env: () => nobody({ PARTNER_CENTER_CLIENT_SECRET_FILE: temporary("no-such-secret") }),
    check: "settings",
    says: /PARTNER_CENTER_CLIENT_SECRET_FILE .* cannot be read/,
    exitCode: 2
  },
  {
    name: "a certificate that has expired",
    env: () => {
      const file = temporary("expired.pem")
      writeFileSync(file, `${certificate(pair, "2020-01-01", "2021-01-01")}${key}`)
      return nobody({ PARTNER_CENTER_CLIENT_CERTIFICATE_FILE: file })
    },
    check: "settings",
    says: /expired/,
    exitCode: 2
  },
  {
    name: "a certificate of another key",
    env: () => {
      const file = temporary("mismatch.pem")
      const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
      writeFileSync(file, `${cert}${other.export({ type: "pkcs8", format: "pem" })}`)
      return nobody({ PARTNER_CENTER_CLIENT_CERTIFICATE_FILE: file })
    },
    check: "settings",
    says: /key/,
    exitCode: 2
  },
  {
    name: "a proxy that is no address",
    env: () => nobody({ HTTPS_PROXY: "proxy" }),
    check: "settings",
    says: /HTTPS_PROXY/,
    exitCode: 2
  },
  {
    name: "a login host without an address",
    env: () => nobody({ PARTNER_CENTER_LOGIN_URL: "https://login.invalid" }),
    check: "login-host",
    says: /login\.invalid has no address here/,
    exitCode: 1
  },
  {
    name: "a login host that takes no connections",
    env: () => nobody({ PARTNER_CENTER_LOGIN_URL: closed }),
    check: "login-host",
    says: /127\.0\.0\.1:9 does not take connections \(ECONNREFUSED\)/,
    exitCode: 1
  },
  {
    name: "an API host that takes no connections",
    env: () => ({ ...by(credentials.refreshToken), PARTNER_CENTER_API_URL: closed }),
    check: "api-host",
    says: /Partner Center: 127\.0\.0\.1:9 does not take connections/,
    exitCode: 1
  },
  {
    name: "a certificate that nobody here trusts",
    env: () => nobody({ PARTNER_CENTER_LOGIN_URL: secure.url, PARTNER_CENTER_API_URL: secure.url }),
    check: "login-host",
    says: /certificate that is not accepted here \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
    exitCode: 1,
    too: ["api-host"]
  },
  {
    name: "nobody signed in",
    env: () => nobody(),
    check: "no-credential",
    says: /there is no credential/,
    exitCode: 4
  },
  {
    name: "a vault of another key",
    env: () => signedIn({ ORDERWATCH_VAULT_KEY: randomBytes(32).toString("base64") }),
    check: "sign-in",
    says: /sealed with another key/,
    exitCode: 4
  },
  {
    name: "a damaged vault",
    env: async () => {
      const me = person()
      await signIn(me)
      writeFileSync(join(me.directory, "credentials"), vaultOf(me).slice(0, -40))
      return me.env
    },
    check: "sign-in",
    says: /is damaged, and is left as it is/,
    exitCode: 4
  },
  {
    name: "a refresh token that expired",
    env: () => by("refresh-expired"),
    check: "sign-in",
    says: /AADSTS700082/,
    exitCode: 4
  },
  {
    name: "a refresh token that was revoked",
    env: () => by("refresh-revoked"),
    check: "sign-in",
    says: /AADSTS50173/,
    exitCode: 4
  },
  {
    name: "consent that is missing",
    env: () => by("refresh-consent-missing"),
    check: "sign-in",
    says: /AADSTS65001/,
    exitCode: 4
  },
  {
    name: "a secret that is wrong",
    env: () =>
      nobody({
        PARTNER_CENTER_CLIENT_ID: credentials.clientId,
        PARTNER_CENTER_CLIENT_SECRET: "no-such-secret",
        PARTNER_CENTER_REFRESH_TOKEN: credentials.refreshToken
      }),
    check: "sign-in",
    says: /AADSTS7000215/,
    exitCode: 4
  },
  {
    name: "a sign-in without multi-factor",
    env: () => by("refresh-without-mfa"),
    check: "mfa",
    says: /without multi-factor authentication/,
    exitCode: 4,
    too: ["read"]
  },
  {
    name: "a login that asks for multi-factor",
    env: () => by("refresh-mfa-required"),
    check: "mfa",
    says: /AADSTS50076/,
    exitCode: 4
  },
  {
    name: "a token for another audience",
    env: () => by("refresh-wrong-audience"),
    check: "audience",
    says: /the token is for https:\/\/graph\.windows\.net, not for /,
    exitCode: 4
  },
  {
    name: "an app without a user",
    env: async () => {
      const { access_token = "" } = await granted({
        grant_type: "client_credentials",
        client_id: clients.confidential,
        client_secret: credentials.clientSecret
      })
      return nobody({ PARTNER_CENTER_ACCESS_TOKEN: access_token })
    },
    check: "app-only",
    says: /the app signed in on its own, without a user/,
    exitCode: 4
  },
  {
    name: "a user who is no admin agent",
    env: () =>
      elsewhere("users", {
        user: "avery.howard@orderwatch-partner.onmicrosoft.com",
        isAdminAgent: false
      }),
    check: "read",
    says: /The signed-in user may not do this/,
    exitCode: 4
  },
  {
    name: "Conditional Access",
    env: () => fault({ path: "customers" }, { kind: "status", status: 403, code: 900309 }),
    check: "read",
    says: /Conditional Access/,
    exitCode: 4
  },
  {
    name: "a clock that is wrong",
    env: () => elsewhere("clock", { skewSeconds: 7200 }),
    check: "clock",
    says: /the clock is 7\d\d\d s slow/,
    exitCode: 1
  },
  {
    name: "Partner Center being down",
    env: async () => ({
      ...(await fault({ path: "customers" }, { kind: "status", status: 503 })),
      PARTNER_CENTER_DEADLINE: "2s"
    }),
    check: "read",
    says: /Partner Center/,
    exitCode: 1
  }
]

interface Line {
  readonly check: string
  readonly level: "ok" | "warn" | "fail"
  readonly message: string
  readonly remedy?: string
}

const glyphs = { ok: "✔", warn: "!", fail: "✖" }

describe.concurrent("doctor", () => {
  it.each(broken)("finds $name first", async ({ check, env, exitCode, says, too = [] }) => {
    const set = await env()
    const args = ["doctor", "--log-level", "all"]
    const [shown, json] = await Promise.all([
      run(args, { env: set }),
      run([...args, "--json"], { env: set })
    ])
    const found: ReadonlyArray<Line> = JSON.parse(json.stdout)
    const failed = found.filter(({ level }) => level === "fail")
    const [first] = failed
    assert.deepEqual(
      failed.map((line) => line.check),
      [check, ...too],
      json.stdout
    )
    assert.match(first?.message ?? "", says)
    assert.isAtLeast((first?.remedy ?? "").length, 10)
    assert.deepEqual([shown.exitCode, json.exitCode], [exitCode, exitCode])
    const plainly = (text: string) => text.replaceAll(/\d+/g, "N")
    assert.deepEqual(
      lines(shown.stdout).map(plainly),
      found.flatMap(({ level, message, remedy }) => [
        plainly(`${glyphs[level]} ${message}`),
        ...(remedy === undefined ? [] : [plainly(`  → ${remedy}`)])
      ])
    )
  })

  it("goes the whole way where nothing is wrong", async () => {
    const env = await signedIn()
    const { exitCode, stderr, stdout } = await run(["doctor", "--json"], { env })
    assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
    const found: ReadonlyArray<Line> = JSON.parse(stdout)
    assert.deepEqual(new Set(found.map(({ level }) => level)), new Set(["ok"]))
    assert.strictEqual(
      found.map(({ check }) => check).join(" "),
      "settings login-host api-host sign-in audience app-only mfa refresh-token-age clock mfa-compliance read"
    )
  })

  it("says that a credential of the environment does not last, and works in the demo", async () => {
    const [given, demo] = await Promise.all([
      run(["doctor", "--json"], { env: by(credentials.refreshToken) }),
      run(["doctor", "--demo"])
    ])
    const warned = JSON.parse(given.stdout).find(({ level }: Line) => level === "warn")
    assert.strictEqual(warned.check, "not-durable")
    assert.strictEqual(given.exitCode, 0)
    assert.strictEqual(demo.exitCode, 0)
  })

  it("fits into a terminal", async () => {
    const shown = await show(["doctor"], { env: by("refresh-expired") })
    assert.strictEqual(shown.exitCode, 4)
    assert.isFalse(shown.isWrapped)
    const at = shown.lines.findIndex((line) => line.startsWith("✖"))
    assert.match(shown.lines[at + 1] ?? "", /^ {2}\S/)
  })

  it("believes Partner Center, where the token does not tell of multi-factor", async () => {
    const api = createServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json", isMfaCompliant: "False" })
      response.end(`{"totalCount":0,"items":[]}`)
    })
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve))
    const address = api.address()
    const env = nobody({
      PARTNER_CENTER_API_URL: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
      PARTNER_CENTER_ACCESS_TOKEN: "an-opaque-token"
    })
    const { exitCode, stdout } = await run(["doctor", "--json"], { env })
    api.closeAllConnections()
    api.close()
    const found: ReadonlyArray<Line> = JSON.parse(stdout)
    assert.deepEqual(
      found.flatMap(({ check, level }) => (level === "ok" ? [] : [`${level} ${check}`])),
      ["warn opaque", "warn no-refresh-token", "fail mfa-compliance"]
    )
    assert.strictEqual(exitCode, 4)
  })

  it.skipIf(process.platform === "win32")(
    "goes on with a vault that others can look into, which is only not written",
    async () => {
      const me = person()
      await signIn(me)
      chmodSync(join(me.directory, "credentials"), 0o644)
      const { stderr, stdout } = await run(["doctor"], { env: me.env })
      assert.match(stdout + stderr, /✔ signed in/)
    }
  )
})
