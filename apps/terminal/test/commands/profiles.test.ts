// Several partner tenants side by side.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { lines, samples } from "../harness.ts"
import type { Environment } from "../harness.ts"
import { assertSealed, signingIn } from "../signedIn.ts"

const { clients, credentials, person, run, show, signIn, url } = await signingIn()
const tenant = credentials.tenantId

const ok = async (args: ReadonlyArray<string>, env: Environment) => {
  // As talkative as can be: safety.ts watches that no secret is told.
  const ran = await run([...args, "--log-level", "all"], { env })
  assert.strictEqual(ran.exitCode, 0, ran.stderr)
  return ran.stdout
}

/** Somebody who has only a place for profiles. */
const newcomer = () => {
  const me = person()
  const { ORDERWATCH_CONFIG_DIR = "", ORDERWATCH_VAULT_KEY = "" } = me.env
  return { ...me, env: { ORDERWATCH_CONFIG_DIR, ORDERWATCH_VAULT_KEY } }
}

const add = (name: string, clientId: string, ...more: ReadonlyArray<string>) => [
  "profiles",
  "add",
  name,
  "--tenant-id",
  tenant,
  "--client-id",
  clientId,
  ...more
]

describe.concurrent("profiles", () => {
  it("are added, listed, made the default and removed", async () => {
    const { directory, env } = newcomer()
    assert.match(await ok(["profiles"], env), /^No profiles\. Add one: /)
    assert.match(
      await ok(add("contoso", clients.public), env),
      /orderwatch login --profile contoso/
    )
    await ok(add("china", clients.confidential, "--cloud", "china", "--default"), env)
    const listed = lines(await ok(["profiles", "list"], env))
    assert.deepEqual(
      listed.map((line) => line.trim().split(/ {2,}/)),
      [
        ["Profile", "Tenant", "App", "Cloud"],
        ["*  china", tenant, clients.confidential, "china"].join("  ").split(/ {2,}/),
        ["contoso", tenant, clients.public, "global"]
      ]
    )
    await ok(["profiles", "default", "contoso"], env)
    const all = JSON.parse(await ok(["profiles", "--json"], env))
    assert.deepEqual(
      all.map((one: Record<string, unknown>) => [one["name"], one["isDefault"], one["cloud"]]),
      [
        ["china", false, "china"],
        ["contoso", true, "global"]
      ]
    )
    assert.match(await ok(["profiles", "remove", "china"], env), /^The profile china is gone/)
    const file = readFileSync(join(directory, "config.toml"), "utf8")
    assert.include(file, "contoso")
    assert.notInclude(file, "china")
  })

  it("mean a certificate's path as it was typed, from wherever they are used", async () => {
    const { env } = newcomer()
    const path = "app.pem"
    const args = add("contoso", clients.confidential, "--client-certificate-file", path, "--json")
    const { client_certificate_file: kept } = JSON.parse(await ok(args, env))
    assert.strictEqual(kept, resolve(path))
  })

  it.each([
    ["an unknown one as the default", ["profiles", "default", "nobody"], /nobody/],
    ["to remove an unknown one", ["profiles", "remove", "nobody"], /no profile nobody/],
    ["a name that is none", add("a b", clients.public), /no name for a profile/],
    ["a tenant that is none", [...add("a", "b/c")], /--client-id/],
    ["an app that is missing", ["profiles", "add", "a", "--tenant-id", tenant], /client-id/],
    ["an unknown cloud", add("a", clients.public, "--cloud", "moon"), /moon/],
    ["to keep anything in the demo", add("a", clients.public, "--demo"), /--demo/],
    ["one to show that there is not", ["profiles", "show", "--profile", "nobody"], /nobody/]
  ])("refuse %s", async (_, args, said) => {
    const { env } = newcomer()
    const { exitCode, stderr, stdout } = await run(args, { env })
    assert.deepEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" }, stderr)
    assert.match(stderr, said)
  })

  it("that were written by hand with a mistake are named with their place", async () => {
    const { directory, env } = newcomer()
    writeFileSync(join(directory, "config.toml"), "[profiles.contoso]\ntenant_id = \n")
    for (const args of [["profiles"], ["status", ...samples.fulfilled], add("a", clients.public)]) {
      const { exitCode, stderr } = await run(args, { env })
      assert.strictEqual(exitCode, 2)
      assert.match(stderr, /config\.toml/)
      assert.strictEqual(lines(stderr).length, 1, stderr)
    }
  })
})

describe.concurrent("a profile", () => {
  it("is signed in to, asked by and shown, one beside the other, with no secret in its file", async () => {
    const me = newcomer()
    const { directory, env } = me
    const config = ["public", "confidential"].map(
      (name) =>
        `[profiles.${name}]\ntenant_id = "${tenant}"\nclient_id = "${name === "public" ? clients.public : credentials.clientId}"\napi_url = "${url}"\nlogin_url = "${url}"\n`
    )
    writeFileSync(join(directory, "config.toml"), config.join("\n"))
    await ok(["profiles", "default", "public"], env)
    await signIn(me)
    const asked = await run(["status", ...samples.fulfilled], { env })
    assert.strictEqual(asked.exitCode, 0, asked.stderr)
    const other = await run(["status", ...samples.fulfilled, "--profile", "confidential"], { env })
    assert.strictEqual(other.exitCode, 4)
    const named = await run(["whoami", "--json"], {
      env: { ...env, ORDERWATCH_PROFILE: "confidential" }
    })
    assert.strictEqual(JSON.parse(named.stdout).findings[0].code, "no-credential")
    assertSealed(me)
  })

  it("named by --profile takes the whole group, and names what is ignored", async () => {
    const me = person()
    writeFileSync(
      join(me.directory, "config.toml"),
      `[profiles.other]\ntenant_id = "other.example"\nclient_id = "${clients.public}"\nlocale = "de-DE"\n`
    )
    const env = {
      ...me.env,
      PARTNER_CENTER_REFRESH_TOKEN: "a-token-of-the-environment",
      PARTNER_CENTER_CLIENT_SECRET: "a-secret-of-the-environment",
      PARTNER_CENTER_LOCALE: "fr-FR"
    }
    const explained = async (args: ReadonlyArray<string>, more: Environment = {}) => {
      const all: ReadonlyArray<{ setting: string; value?: string; source: string }> = JSON.parse(
        await ok(["profiles", "show", "--json", ...args], { ...env, ...more })
      )
      return (setting: string) => {
        const found = all.find((one) => one.setting === setting)
        return `${found?.value} < ${found?.source.replace(/ \(.*\)$/, "")}`
      }
    }
    const by = await explained(["--profile", "other"])
    assert.strictEqual(by("PARTNER_CENTER_TENANT_ID"), "other.example < profile other")
    assert.strictEqual(by("PARTNER_CENTER_LOGIN_URL"), "undefined < default")
    assert.strictEqual(by("PARTNER_CENTER_REFRESH_TOKEN"), "unset < default")
    assert.match(by("PARTNER_CENTER_LOCALE"), /^fr-FR < environment/)

    const without = await explained([], { ORDERWATCH_PROFILE: "other" })
    assert.match(without("PARTNER_CENTER_TENANT_ID"), new RegExp(`^${tenant} < environment`))
    assert.match(without("PARTNER_CENTER_REFRESH_TOKEN"), /^set < environment/)
    assert.match((await explained(["--cloud", "china"]))("PARTNER_CENTER_CLOUD"), /^china < flag/)

    const { exitCode, stderr } = await run(["whoami", "--profile", "other"], { env })
    assert.strictEqual(exitCode, 4)
    const [notice = ""] = lines(stderr)
    assert.match(notice, /^! --profile other takes the place of these variables, which are ignored/)
    for (const name of ["TENANT_ID", "CLIENT_SECRET", "REFRESH_TOKEN", "LOGIN_URL", "API_URL"]) {
      assert.include(notice, `PARTNER_CENTER_${name}`)
    }
    assert.notInclude(notice, "LOCALE")
  })

  it("is shown in 80 columns, with every setting and no secret", async () => {
    const me = person()
    const deep = join(me.directory, "a-directory-with-a-rather-long-name-that-fills-the-line")
    mkdirSync(deep, { mode: 0o700 })
    const env = {
      ...me.env,
      ORDERWATCH_CONFIG_DIR: deep,
      PARTNER_CENTER_REFRESH_TOKEN: "a-token-of-the-environment"
    }
    await ok(add("contoso", clients.public, "--default"), env)
    const shown = await show(["profiles", "show"], { env })
    assert.strictEqual(shown.exitCode, 0)
    assert.isFalse(shown.isWrapped)
    const text = shown.lines.join("\n")
    for (const name of ["TENANT_ID", "CLIENT_SECRET", "REFRESH_TOKEN", "CLOUD", "DEADLINE"]) {
      assert.include(text, `PARTNER_CENTER_${name}`)
    }
    assert.match(text, /PARTNER_CENTER_REFRESH_TOKEN +set +environment/)
    assert.match(text, /ORDERWATCH_VAULT_KEY +set +environment/)
    const list = await show(["profiles"], { env })
    assert.isFalse(list.isWrapped)
  })
})
