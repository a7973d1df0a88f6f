import { generateKeyPairSync } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Option, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { decodeJwt } from "jose"
import { explain } from "../../src/Explanation.ts"
import * as Settings from "../../src/Settings.ts"
import { certificate } from "../certificate.ts"
import { machine } from "./machine.ts"

const toml = `
[profiles.contoso]
cloud = "china"
tenant_id = "contoso.example"
client_id = "contoso-client"
login_url = "https://login.contoso.example"
locale = "de-DE"
deadline = "30s"
vault = "file"

[profiles.fabrikam]
tenant_id = "fabrikam.example"
client_id = "fabrikam-client"

[profiles.wrong]
tenant_id = "not a tenant"
client_id = "x"
`

const readWith = (
  environment: Readonly<Record<string, string>>,
  flags?: Settings.SettingsFlags,
  source = toml
) => Effect.flatMap(machine(source, environment), ({ run }) => run(Settings.read(flags)))

const ofEnvironment = {
  PARTNER_CENTER_TENANT_ID: "env.example",
  PARTNER_CENTER_CLIENT_ID: "env-client",
  PARTNER_CENTER_CLIENT_SECRET: "env-secret",
  PARTNER_CENTER_REFRESH_TOKEN: "env-token"
}

describe("which profile", () => {
  it.effect("the flag's before the variable's before the file's default before none", () =>
    Effect.gen(function* () {
      const withDefault = `default_profile = "fabrikam"\n${toml}`
      const variable = { ORDERWATCH_PROFILE: "contoso" }
      const tenant = Effect.map((settings: Settings.SettingsShape) => [
        Option.getOrUndefined(settings.profile),
        settings.credential.tenantId
      ])
      assert.deepStrictEqual(yield* tenant(readWith({}, {}, withDefault)), [
        "fabrikam",
        "fabrikam.example"
      ])
      assert.deepStrictEqual(yield* tenant(readWith(variable, {}, withDefault)), [
        "contoso",
        "contoso.example"
      ])
      assert.deepStrictEqual(
        yield* tenant(
          readWith(variable, { profile: "fabrikam" }, `default_profile = "contoso"\n${toml}`)
        ),
        ["fabrikam", "fabrikam.example"]
      )
      const none = yield* readWith(ofEnvironment)
      assert.isTrue(Option.isNone(none.profile))
    })
  )

  it.effect.each([
    [{ profile: "nobody" }, {}, "--profile"],
    [{}, { ORDERWATCH_PROFILE: "nobody" }, "ORDERWATCH_PROFILE"]
  ] as const)("one that is not there is refused: %j", ([flags, environment, setting]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(readWith(environment, flags))
      assert.strictEqual(error.setting, setting)
      assert.include(error.message, `${setting} names the profile nobody`)
      assert.include(error.message, "contoso, fabrikam")
    })
  )

  it.effect("without one, the profiles that there are are named where a setting is missing", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(readWith({}))
      assert.include(message, "PARTNER_CENTER_TENANT_ID is not set (looked in the environment;")
      assert.include(message, "has profiles for --profile: contoso, fabrikam, wrong)")
    })
  )

  it.effect(
    "a setting that it lacks is looked for in it too, and a wrong one named by its key",
    () =>
      Effect.gen(function* () {
        const lacks = yield* Effect.flip(readWith({}, { profile: "a" }, "[profiles.a]\n"))
        assert.match(
          lacks.message,
          /^PARTNER_CENTER_TENANT_ID is not set \(looked in the profile a, /
        )
        const wrong = yield* Effect.flip(readWith({}, { profile: "wrong" }))
        assert.strictEqual(wrong.setting, "tenant_id")
        assert.match(
          wrong.message,
          /^tenant_id in the profile wrong \(.*config\.toml\) is malformed: set it to /
        )
      })
  )
})

describe("what goes before what", () => {
  it.effect("the profile before the defaults", () =>
    Effect.gen(function* () {
      const settings = yield* readWith({ ORDERWATCH_PROFILE: "contoso" })
      assert.strictEqual(settings.cloud.name, "china")
      assert.strictEqual(settings.cloud.loginUrl, "https://login.contoso.example")
      assert.strictEqual(settings.locale, "de-DE")
      assert.strictEqual(Duration.toMillis(settings.deadline), 30_000)
      assert.strictEqual(settings.requestsPerMinute, 300)
      assert.deepStrictEqual([settings.vault.kind, settings.vault.isForced], ["file", true])
      assert.deepStrictEqual(settings.notices, [])
    })
  )

  it.effect("the environment before the profile, one by one", () =>
    Effect.gen(function* () {
      const settings = yield* readWith({
        ORDERWATCH_PROFILE: "contoso",
        PARTNER_CENTER_CLIENT_ID: "env-client",
        PARTNER_CENTER_CLIENT_SECRET: "env-secret",
        PARTNER_CENTER_LOCALE: "fr-FR",
        ORDERWATCH_VAULT: "env"
      })
      assert.strictEqual(settings.credential.tenantId, "contoso.example")
      assert.strictEqual(settings.credential.clientId, "env-client")
      assert.strictEqual(settings.credential.proof._tag, "Secret")
      assert.strictEqual(settings.locale, "fr-FR")
      assert.strictEqual(settings.vault.kind, "env")
    })
  )

  it.effect("the flag before all of them", () =>
    Effect.gen(function* () {
      const { cloud } = yield* readWith(
        { PARTNER_CENTER_CLOUD: "global" },
        { cloud: "us-government", profile: "contoso" }
      )
      assert.strictEqual(cloud.name, "us-government")
    })
  )

  it.effect("an environment that names another stands for itself, and a notice says so", () =>
    Effect.gen(function* () {
      const settings = yield* readWith({ ...ofEnvironment, ORDERWATCH_PROFILE: "contoso" })
      assert.strictEqual(settings.credential.tenantId, "env.example")
      assert.strictEqual(settings.cloud.name, "global")
      assert.strictEqual(settings.cloud.loginUrl, "https://login.microsoftonline.com")
      assert.strictEqual(settings.locale, "de-DE", "which is no part of the group")
      assert.lengthOf(settings.notices, 1)
      assert.include(settings.notices[0], "name another than the profile contoso")
    })
  )
})

describe("--profile", () => {
  it.effect("takes the whole group from the profile, and a notice names what is ignored", () =>
    Effect.gen(function* () {
      const settings = yield* readWith(
        {
          ...ofEnvironment,
          PARTNER_CENTER_CLOUD: "mars",
          PARTNER_CENTER_API_URL: "http://not.allowed",
          PARTNER_CENTER_ACCESS_TOKEN_FILE: "/no/such/file",
          PARTNER_CENTER_LOCALE: "fr-FR"
        },
        { profile: "fabrikam" }
      )
      assert.deepStrictEqual(settings.credential, {
        tenantId: "fabrikam.example",
        clientId: "fabrikam-client",
        proof: { _tag: "None" }
      })
      assert.deepStrictEqual(settings.seed, { accessToken: undefined, refreshToken: undefined })
      assert.strictEqual(settings.cloud.apiUrl, "https://api.partnercenter.microsoft.com")
      assert.strictEqual(settings.locale, "fr-FR")
      assert.deepStrictEqual(settings.notices, [
        "--profile fabrikam takes the place of these variables, which are ignored: PARTNER_CENTER_CLOUD, PARTNER_CENTER_TENANT_ID, PARTNER_CENTER_CLIENT_ID, PARTNER_CENTER_API_URL, PARTNER_CENTER_CLIENT_SECRET, PARTNER_CENTER_REFRESH_TOKEN, PARTNER_CENTER_ACCESS_TOKEN_FILE."
      ])
    })
  )

  it.effect("with nothing to ignore there is nothing to notice", () =>
    Effect.gen(function* () {
      const { notices } = yield* readWith(
        { PARTNER_CENTER_TENANT_ID: " " },
        { profile: "fabrikam" }
      )
      assert.deepStrictEqual(notices, [])
    })
  )
})

describe("a client certificate", () => {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const options = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc" } as const
  const key = keys.privateKey.export({ ...options, passphrase: "open sesame" })
  const pem = `${certificate(keys, "2026-01-01", "2027-01-01")}${String(key)}`
  const profile = `[profiles.a]
tenant_id = "a.example"
client_id = "a-client"
client_certificate_file = "certificates/a.pem"
`

  it.effect("is beside the profile that names it, and its password in the environment", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 10, 22))
      const password = { PARTNER_CENTER_CLIENT_CERTIFICATE_PASSWORD: "open sesame" }
      const { files, folder, path, run } = yield* machine(profile, password)
      const read = run(Settings.read({ profile: "a" }))
      const missing = yield* Effect.flip(read)
      assert.strictEqual(
        missing.message,
        `client_certificate_file in the profile a (${path}) names a file that cannot be read (${folder}/certificates/a.pem: NotFound): name one with the certificate and its key.`
      )
      yield* files.makeDirectory(`${folder}/certificates`)
      yield* files.writeFileString(`${folder}/certificates/a.pem`, pem)
      const { credential } = yield* read
      const { proof } = credential
      assert.strictEqual(proof._tag, "Assertion")
      if (proof._tag !== "Assertion") return
      const signed = Redacted.value(yield* proof.sign("https://login.example/token"))
      assert.strictEqual(decodeJwt(signed).iss, "a-client")
      yield* TestClock.setTime(Date.UTC(2027, 10, 22))
      const ended = yield* Effect.flip(read)
      assert.match(
        ended.message,
        /^client_certificate_file in the profile a \(.*\) names a certificate that expired on 2027-01-01: /
      )
    })
  )

  it.effect("goes after a secret of the environment, and not beside one there", () =>
    Effect.gen(function* () {
      const variables = { PARTNER_CENTER_CLIENT_SECRET: "env-secret" }
      const { run } = yield* machine(`default_profile = "a"\n${profile}`, variables)
      assert.strictEqual((yield* run(Settings.read())).credential.proof._tag, "Secret")
      const both = yield* machine(undefined, {
        ...ofEnvironment,
        PARTNER_CENTER_CLIENT_CERTIFICATE_FILE: "a.pem"
      })
      const { message } = yield* Effect.flip(both.run(Settings.read()))
      assert.include(message, "PARTNER_CENTER_CLIENT_SECRET are both set in the environment")
    })
  )
})

describe("which vault", () => {
  it.effect("the environment's where tokens are and no entry is; else the file's", () =>
    Effect.gen(function* () {
      const kind = Effect.map(({ vault }: Settings.SettingsShape) => vault.kind)
      assert.strictEqual(yield* kind(readWith(ofEnvironment)), "env")
      assert.strictEqual(yield* kind(readWith({ PARTNER_CENTER_ACCESS_TOKEN: "ready" })), "env")
      const { PARTNER_CENTER_REFRESH_TOKEN: _, ...tokenless } = ofEnvironment
      assert.strictEqual(yield* kind(readWith(tokenless)), "file")
      assert.strictEqual(
        yield* kind(readWith({ ...ofEnvironment, ORDERWATCH_VAULT: "file" })),
        "file"
      )
    })
  )

  it.effect("a damaged file does not stop tokens of the environment, and a notice says so", () =>
    Effect.gen(function* () {
      const { files, folder, run } = yield* machine(undefined, ofEnvironment)
      yield* files.writeFileString(`${folder}/credentials`, "not a vault")
      const { notices, vault } = yield* run(Settings.read())
      assert.strictEqual(vault.kind, "env")
      assert.include(notices.join(), "is damaged, and is left as it is")
    })
  )

  it.effect("its key is 32 bytes, and is not shown", () =>
    Effect.gen(function* () {
      const key = Buffer.alloc(32, 3).toString("base64")
      const settings = yield* readWith({ ...ofEnvironment, ORDERWATCH_VAULT_KEY: key })
      const read = settings.vault.file?.key
      assert.deepStrictEqual(read && Buffer.from(Redacted.value(read)), Buffer.alloc(32, 3))
      assert.notInclude(JSON.stringify(settings), key)
    })
  )
})

describe("explain", () => {
  it.effect("says of each setting what it is and where it came from, and tells no secret", () =>
    Effect.gen(function* () {
      const { folder, path, run } = yield* machine(toml, {
        ...ofEnvironment,
        PARTNER_CENTER_CLIENT_SECRET_FILE: "/somewhere",
        ORDERWATCH_LOG_LEVEL: "debug"
      })
      const rows = yield* run(explain({ profile: "contoso", cloud: "global" }))
      const profile = `profile contoso (${path})`
      assert.deepStrictEqual(
        rows.map(({ setting, source, value }) => [setting, value, source]),
        [
          ["ORDERWATCH_PROFILE", "contoso", "flag --profile"],
          ["PARTNER_CENTER_CLOUD", "global", "flag --cloud"],
          ["PARTNER_CENTER_TENANT_ID", "contoso.example", profile],
          ["PARTNER_CENTER_CLIENT_ID", "contoso-client", profile],
          ["PARTNER_CENTER_CLIENT_CERTIFICATE_FILE", undefined, "default"],
          ["PARTNER_CENTER_API_URL", undefined, "default"],
          ["PARTNER_CENTER_LOGIN_URL", "https://login.contoso.example", profile],
          ["PARTNER_CENTER_LOCALE", "de-DE", profile],
          ["PARTNER_CENTER_ATTEMPT_TIMEOUT", "10s", "default"],
          ["PARTNER_CENTER_DEADLINE", "30s", profile],
          ["PARTNER_CENTER_REQUESTS_PER_MINUTE", "300", "default"],
          ["ORDERWATCH_VAULT", "file", profile],
          ["PARTNER_CENTER_CLIENT_SECRET", "unset", "default"],
          ["PARTNER_CENTER_CLIENT_CERTIFICATE_PASSWORD", "unset", "default"],
          ["PARTNER_CENTER_REFRESH_TOKEN", "unset", "default"],
          ["PARTNER_CENTER_ACCESS_TOKEN", "unset", "default"],
          ["ORDERWATCH_VAULT_KEY", "unset", "default"],
          ["ORDERWATCH_LOG_LEVEL", "debug", "environment ORDERWATCH_LOG_LEVEL"],
          ["ORDERWATCH_CONFIG_DIR", folder, "environment ORDERWATCH_CONFIG_DIR"]
        ]
      )
    })
  )

  it.effect("secrets of the environment are set; a wrong value can be seen", () =>
    Effect.gen(function* () {
      const { run } = yield* machine(undefined, { ...ofEnvironment, PARTNER_CENTER_CLOUD: "mars" })
      const rows = yield* run(explain())
      const row = (name: string) => rows.find(({ setting }) => setting === name)
      assert.deepStrictEqual(row("PARTNER_CENTER_REFRESH_TOKEN"), {
        setting: "PARTNER_CENTER_REFRESH_TOKEN",
        value: "set",
        isSecret: true,
        source: "environment PARTNER_CENTER_REFRESH_TOKEN"
      })
      assert.strictEqual(row("PARTNER_CENTER_CLOUD")?.value, "mars")
      assert.notMatch(JSON.stringify(rows), /env-token|env-secret/)
    })
  )
})
