// Signing in without a browser of this machine, and everything that can go wrong with it.
import { chmodSync, existsSync, statSync, writeFileSync } from "node:fs"
import { generateKeyPairSync, randomBytes } from "node:crypto"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { certificate } from "../certificate.ts"
import { samples } from "../harness.ts"
import { assertSealed, signingIn, vaultOf } from "../signedIn.ts"

const pair = generateKeyPairSync("rsa", { modulusLength: 2048 })
const pem = certificate(pair, "2020-01-01", "2099-01-01")

const world = await signingIn({ certificates: [pem] })
const { clients, control, credentials, person, run, signIn, start, temporary, tokenRequests } =
  world
await control("device-codes", { interval: 0 })

const status = ["status", ...samples.fulfilled, "--log-level", "all"]
const withToken = ["login", "--refresh-token-stdin", "--log-level", "all"]
const withCode = ["login", "--device-code", "--log-level", "all"]

const answered = async (
  env: Record<string, string>,
  answer: object = { answer: "accept" },
  args: ReadonlyArray<string> = withCode
) => {
  const signing = start(args, { env })
  const [, userCode = ""] = await signing.says(/^ {4}([A-Z0-9]{9})$/m)
  await control("device-codes", { userCode, ...answer })
  return signing.ended
}

describe.concurrent("login", () => {
  it("by a refresh token on stdin is kept, and serves without a token in the environment", async () => {
    const me = person()
    const signed = await run(withToken, { env: me.env, stdin: credentials.refreshToken })
    assert.strictEqual(signed.exitCode, 0, signed.stderr)
    assert.match(signed.stdout, /^Signed in as avery\.howard@/)
    const who = await run(["whoami", "--json", "--log-level", "all"], { env: me.env })
    assert.strictEqual(who.exitCode, 0, who.stderr)
    const health = JSON.parse(who.stdout)
    assert.deepInclude(health, { mfa: "yes", appOnly: false, refreshTokenAgeDays: 0 })
    assert.deepEqual(health.vault, { kind: "file", isDurable: true })
    assert.strictEqual((await run(status, { env: me.env })).exitCode, 0)
    assertSealed(me)
    if (process.platform !== "win32") {
      assert.strictEqual(statSync(join(me.directory, "credentials")).mode & 0o777, 0o600)
    }
  })

  it("by a device code waits for the answer, says code and address, and keeps what comes", async () => {
    const me = person()
    const { exitCode, stderr, stdout } = await answered(me.env)
    assert.strictEqual(exitCode, 0, stderr)
    assert.match(stderr, new RegExp(`Open ${world.url}/devicelogin on any device`))
    assert.match(stdout, /^Signed in as avery\.howard@/)
    assert.strictEqual((await run(status, { env: me.env })).exitCode, 0)
  })

  it("by a certificate proves the app, at each renewal too", async () => {
    const me = person(clients.confidential)
    const file = temporary("app.pem")
    writeFileSync(file, `${pem}${pair.privateKey.export({ type: "pkcs8", format: "pem" })}`)
    const env = { ...me.env, PARTNER_CENTER_CLIENT_CERTIFICATE_FILE: file }
    const { exitCode, stderr } = await run(withToken, { env, stdin: credentials.refreshToken })
    assert.strictEqual(exitCode, 0, stderr)
    assert.strictEqual((await run(status, { env })).exitCode, 0)
    // What is kept serves on, until it must be renewed.
    assert.strictEqual((await run(status, { env: me.env })).exitCode, 0)
  })

  it("as somebody without multi-factor says so at once, and how to mend it", async () => {
    const user = "blake.singh@orderwatch-partner.onmicrosoft.com"
    const { exitCode, stdout } = await answered(person().env, { answer: "accept", user })
    assert.strictEqual(exitCode, 4)
    assert.match(stdout, /✖ the user signed in without multi-factor authentication\n {2}→ Sign in/)
  })

  it("goes before what the environment gives, and logout tells of what it cannot forget", async () => {
    const me = person()
    const env = { ...me.env, PARTNER_CENTER_REFRESH_TOKEN: "refresh-revoked" }
    await signIn({ ...me, env })
    assert.strictEqual((await run(status, { env })).exitCode, 0)
    const { exitCode, stderr, stdout } = await run(["logout", "--log-level", "all"], { env })
    assert.strictEqual(exitCode, 0)
    assert.match(stdout, /^Signed out/)
    assert.match(stderr, /The environment still has a credential/)
  })

  it("says when a ready token of the environment will be used instead", async () => {
    const env = { ...person().env, PARTNER_CENTER_ACCESS_TOKEN: "a-ready-token" }
    const { exitCode, stderr, stdout } = await run(withToken, {
      env,
      stdin: credentials.refreshToken
    })
    assert.strictEqual(exitCode, 0, stderr)
    assert.match(stderr, /^! PARTNER_CENTER_ACCESS_TOKEN in the environment is used before this/m)
    assert.match(stdout, /^Signed in as avery/)
  })

  it("is forgotten by logout, and by nobody else's", async () => {
    const me = person()
    const other = { ...me, env: { ...me.env, PARTNER_CENTER_CLIENT_ID: credentials.clientId } }
    await signIn(me)
    await signIn(other)
    const out = await run(["logout", "--log-level", "all"], { env: me.env })
    assert.match(out.stdout, /^Signed out/)
    const who = await run(["whoami"], { env: me.env })
    assert.strictEqual(who.exitCode, 4)
    assert.match(who.stdout, /^✖ there is no credential\n {2}→ .*\n$/)
    const again = await run(["logout", "--json"], { env: me.env })
    assert.deepEqual(JSON.parse(again.stdout), { signedOut: false })
    assert.strictEqual(again.exitCode, 0)
    assert.strictEqual((await run(status, { env: other.env })).exitCode, 0)
  })
})

describe("three looks after one sign-in", () => {
  it("ask for no further token", async () => {
    const me = person()
    const before = await tokenRequests()
    await signIn(me)
    for (let look = 0; look < 3; look++) await run(status, { env: me.env })
    assert.strictEqual((await tokenRequests()) - before, 1)
  })
})

describe.concurrent("login refused by Microsoft", () => {
  const noTenant = "00000000-0000-4000-8000-000000000000"
  it.each([
    [
      "a tenant that does not exist",
      { PARTNER_CENTER_TENANT_ID: noTenant },
      /there is no such tenant/,
      false
    ],
    [
      "an app that does not exist",
      { PARTNER_CENTER_CLIENT_ID: noTenant },
      /has no such app/,
      false
    ],
    [
      "a secret for a public client",
      { PARTNER_CENTER_CLIENT_SECRET: "simulator-client-secret" },
      /unset PARTNER_CENTER_CLIENT_SECRET/,
      true
    ],
    [
      "no proof of a confidential client",
      { PARTNER_CENTER_CLIENT_ID: clients.confidential },
      /set its secret or its certificate/,
      true
    ]
  ] as const)("names %s", async (_, wrong, remedy, isProof) => {
    const me = person()
    const env = { ...me.env, ...wrong }
    // An app proves itself only where it comes for tokens.
    const ways = isProof ? [withToken] : [withToken, withCode]
    for (const args of ways) {
      const ran = await run(args, { env, stdin: credentials.refreshToken })
      assert.strictEqual(ran.exitCode, 4)
      assert.match(ran.stderr, remedy)
    }
  })

  it("says that the user declined", async () => {
    const { exitCode, stderr } = await answered(person().env, { answer: "cancel" })
    assert.strictEqual(exitCode, 4)
    assert.match(stderr, /AADSTS65004/)
  })

  it("says that a refresh token is none", async () => {
    const ran = await run(withToken, { env: person().env, stdin: "M.R3_not-a-token" })
    assert.strictEqual(ran.exitCode, 4)
    assert.match(ran.stderr, /AADSTS70000/)
  })
})

describe.skipIf(process.platform === "win32")("a vault where others can look", () => {
  it("is not begun, and nobody signs in for nothing", async () => {
    const me = person()
    chmodSync(me.directory, 0o755)
    const asked = await tokenRequests()
    const { exitCode, stderr } = await run(withToken, {
      env: me.env,
      stdin: credentials.refreshToken
    })
    assert.strictEqual(exitCode, 1)
    assert.match(stderr, /is open to other users \(mode 0755\): run `chmod 700 /)
    assert.strictEqual(await tokenRequests(), asked)
    chmodSync(me.directory, 0o700)
    await signIn(me)
  })
})

describe("a device code that nobody enters", () => {
  it("expires, and says so", async () => {
    await control("device-codes", { expiresIn: 2 })
    const { exitCode, stderr } = await run(withCode, { env: person().env })
    await control("device-codes", { expiresIn: 900 })
    assert.strictEqual(exitCode, 4)
    assert.match(stderr, /nobody entered the code in time\n/)
    assert.match(stderr, /^ {2}→ /m)
  })
})

describe.concurrent("login that cannot be", () => {
  it.each([
    ["an empty stdin", withToken, {}, "", /takes the refresh token on stdin/],
    ["more than a token on stdin", withToken, {}, "two words", /takes the refresh token on stdin/],
    ["a vault in the environment", withToken, { ORDERWATCH_VAULT: "env" }, "t", /ORDERWATCH_VAULT/],
    ["the demo", ["login", "--demo"], {}, "", /--demo/],
    ["logout of the demo", ["logout", "--demo"], {}, "", /--demo/],
    ["two ways", ["login", "--device-code", "--refresh-token-stdin"], {}, "", /choose one/],
    ["a malformed key", withToken, { ORDERWATCH_VAULT_KEY: "short" }, "t", /ORDERWATCH_VAULT_KEY/],
    ["no tenant", ["login"], { PARTNER_CENTER_TENANT_ID: "" }, "", /PARTNER_CENTER_TENANT_ID/]
  ] as const)("for %s is refused as usage", async (_, args, more, stdin, said) => {
    const me = person()
    const { exitCode, stderr, stdout } = await run(args, { env: { ...me.env, ...more }, stdin })
    assert.deepEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" })
    assert.match(stderr, said)
    assert.match(stderr, /^orderwatch: /m)
  })

  it("reads no end of stdin as no token", async () => {
    const ran = await run(withToken, { env: person().env, stdin: "x".repeat(5_000_000) })
    assert.strictEqual(ran.exitCode, 2)
  })
})

describe.concurrent("a vault", () => {
  const before = (args: ReadonlyArray<string>, env: Record<string, string>) =>
    run(args, { env, stdin: credentials.refreshToken })

  it("of another key is left as it was, by login too, which asks nobody before", async () => {
    const me = person()
    await signIn(me)
    const kept = vaultOf(me)
    const env = { ...me.env, ORDERWATCH_VAULT_KEY: randomBytes(32).toString("hex") }
    for (const [args, code] of [
      [status, 4],
      [withToken, 1],
      [withCode, 1]
    ] as const) {
      const { exitCode, stderr } = await before(args, env)
      assert.strictEqual(exitCode, code, stderr)
      assert.match(stderr, /was sealed with another key than the one in ORDERWATCH_VAULT_KEY/)
      assert.notMatch(stderr, /on any device/)
    }
    assert.strictEqual(vaultOf(me), kept)
    assert.strictEqual((await run(status, { env: me.env })).exitCode, 0)
  })

  it.each([
    ["cut short", (text: string) => text.slice(0, -40)],
    ["changed", (text: string) => text.replace(/"sealed":"..../, '"sealed":"AAAA')],
    ["of something else", () => "\u0000\u0001 no vault \u001b[2J"],
    ["empty", () => ""]
  ])("that is %s is named, and left as it was", async (_, spoil) => {
    const me = person()
    await signIn(me)
    const path = join(me.directory, "credentials")
    writeFileSync(path, spoil(vaultOf(me)))
    const kept = vaultOf(me)
    for (const [args, code] of [
      [["whoami"], 4],
      [withCode, 1],
      [["logout"], undefined]
    ] as const) {
      const { exitCode, stderr, stdout } = await before(args, me.env)
      // What cannot be opened can still be forgotten, as long as it can be found.
      if (args[0] === "logout" && exitCode === 0) continue
      assert.strictEqual(exitCode, code ?? 1, stderr)
      assert.match(stdout + stderr, /credentials is damaged, and is left as it is/)
      assert.strictEqual(vaultOf(me), kept)
    }
  })

  it("is not written through something that is no directory", async () => {
    const path = temporary("a-file")
    writeFileSync(path, "")
    const { exitCode } = await before(withToken, { ...person().env, ORDERWATCH_CONFIG_DIR: path })
    assert.isTrue(exitCode === 1 || exitCode === 2)
  })
})

describe.concurrent("Ctrl-C", () => {
  it("while a device code waits ends with 130, and an earlier credential stays", async () => {
    const me = person()
    await signIn(me)
    const kept = vaultOf(me)
    const signing = start(withCode, { env: me.env })
    await signing.says(/Ctrl-C ends this/)
    signing.child.kill("SIGINT")
    assert.strictEqual((await signing.ended).exitCode, 130)
    assert.strictEqual(vaultOf(me), kept)
    assert.strictEqual((await run(status, { env: me.env })).exitCode, 0)
  })

  it("while a browser is waited for ends with 130, and frees the port", async () => {
    const me = person()
    await signIn(me)
    const signing = start(["login"], { env: { ...me.env, BROWSER: "/no/such/browser" } })
    const [url = ""] = await signing.says(/http:\S+authorize\S+/)
    signing.child.kill("SIGINT")
    assert.strictEqual((await signing.ended).exitCode, 130)
    const redirect = new URL(url).searchParams.get("redirect_uri") ?? ""
    const gone = await fetch(redirect).then(
      () => false,
      () => true
    )
    assert.isTrue(gone)
    assert.strictEqual((await run(status, { env: me.env })).exitCode, 0)
  })
})

describe.concurrent("the address that a browser comes back to", () => {
  const noBrowser = { BROWSER: "/no/such/browser" }
  it("goes on without a browser, and answers nobody else", async () => {
    const me = person()
    const signing = start(["login"], { env: { ...me.env, ...noBrowser } })
    const [url = ""] = await signing.says(/http:\S+authorize\S+/)
    await signing.says(/Open this address in a browser on this machine/)
    const { searchParams } = new URL(url)
    const redirect = searchParams.get("redirect_uri") ?? ""
    assert.match(redirect, /^http:\/\/localhost:\d+$/)
    assert.strictEqual(searchParams.get("amr_values"), "mfa")
    assert.strictEqual(searchParams.get("code_challenge_method"), "S256")
    for (const path of ["/", "/favicon.ico", "/elsewhere?code=1", "//", "//?code=1"]) {
      assert.strictEqual((await fetch(`${redirect}${path}`)).status, 404, path)
    }
    const posted = await fetch(`${redirect}/?code=1`, { method: "POST" })
    assert.strictEqual(posted.status, 404)
    // Somebody else's answer.
    const { port } = new URL(redirect)
    const page = await fetch(`http://127.0.0.1:${port}/?code=stolen&state=guessed`)
    assert.strictEqual(page.status, 200)
    const { exitCode, stderr } = await signing.ended
    assert.strictEqual(exitCode, 4)
    assert.match(stderr, /came back from another sign-in/)
  })
})

describe("the watch over the files of this suite", () => {
  it("finds a secret in the clear, and takes no sealed bytes for one", () => {
    const me = person()
    const path = join(me.directory, "credentials")
    writeFileSync(path, '{"sealed":"AAAAeyJhbGciOiJub25l"}')
    assertSealed(me)
    for (const secret of ["simulator-client-secret", me.env["ORDERWATCH_VAULT_KEY"] ?? ""]) {
      writeFileSync(path, `{"sealed":"${secret}"}`)
      assert.throws(() => assertSealed(me))
    }
    writeFileSync(path, "{}")
    writeFileSync(join(me.directory, "config.toml"), 'note = "eyJhbGciOiJub25lIn0.e30."')
    assert.throws(() => assertSealed(me))
  })
})

it("keeps nothing outside of the directory that was named", () => {
  for (const name of [".config", ".local"]) assert.isFalse(existsSync(join(world.home, name)))
})
