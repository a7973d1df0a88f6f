import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, FileSystem, Path, Redacted, Schema } from "effect"
import * as Settings from "../src/Settings.ts"

const tenantId = "7a1b6c44-5c7e-4f0b-a3d5-0f6c1d2e3b4a"
const clientId = "b6a0f7de-8a5c-4d43-9f6b-2c1d0e9f8a7b"
const needed = { PARTNER_CENTER_TENANT_ID: tenantId, PARTNER_CENTER_CLIENT_ID: clientId }

type Environment = Readonly<Record<string, string>>

const read = (environment: Environment, flags?: Settings.SettingsFlags) =>
  Settings.read(flags).pipe(
    Effect.provide([
      ConfigProvider.layer(ConfigProvider.fromEnvRecord(environment)),
      NodeServices.layer
    ])
  )

const refusal = (environment: Environment) => Effect.flip(read(environment))

/** A file with that content, for as long as the test runs. */
const file = Effect.fnUntraced(function* (content: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* files.makeTempDirectoryScoped({ prefix: "orderwatch-settings-" })
  const name = path.join(folder, "secret")
  yield* files.writeFileString(name, content)
  return { name, folder }
}, Effect.provide(NodeServices.layer))

const secretOf = (value: Redacted.Redacted | undefined) =>
  value === undefined ? undefined : Redacted.value(value)

describe("Settings", () => {
  it.effect("tenant and client are all that must be set; the rest has defaults", () =>
    Effect.gen(function* () {
      const { attemptTimeout, cloud, credential, deadline, locale, requestsPerMinute, seed } =
        yield* read(needed)
      assert.deepStrictEqual(credential, { tenantId, clientId, proof: { _tag: "None" } })
      assert.deepStrictEqual(seed, { accessToken: undefined, refreshToken: undefined })
      assert.deepStrictEqual(cloud, {
        name: "global",
        apiUrl: "https://api.partnercenter.microsoft.com",
        loginUrl: "https://login.microsoftonline.com",
        audience: "https://api.partnercenter.microsoft.com"
      })
      assert.strictEqual(locale, "en-US")
      assert.strictEqual(Duration.toMillis(attemptTimeout), 10_000)
      assert.strictEqual(Duration.toMillis(deadline), 60_000)
      assert.strictEqual(requestsPerMinute, 300)
    })
  )

  it.effect("everything can be set in the environment, with space around it", () =>
    Effect.gen(function* () {
      const settings = yield* read({
        PARTNER_CENTER_CLOUD: "china",
        PARTNER_CENTER_TENANT_ID: " partner.onmicrosoft.com ",
        PARTNER_CENTER_CLIENT_ID: clientId,
        PARTNER_CENTER_CLIENT_SECRET: "the-client-secret\n",
        PARTNER_CENTER_REFRESH_TOKEN: "the-refresh-token",
        PARTNER_CENTER_ACCESS_TOKEN: "the-access-token",
        PARTNER_CENTER_API_URL: "http://localhost:8790/",
        PARTNER_CENTER_LOGIN_URL: "https://login.example/base",
        PARTNER_CENTER_LOCALE: "de-DE",
        PARTNER_CENTER_ATTEMPT_TIMEOUT: "500ms",
        PARTNER_CENTER_DEADLINE: "2h",
        PARTNER_CENTER_REQUESTS_PER_MINUTE: "42",
        ORDERWATCH_VAULT: "env"
      })
      const { proof } = settings.credential
      assert.strictEqual(settings.credential.tenantId, "partner.onmicrosoft.com")
      assert.strictEqual(
        proof._tag === "Secret" && Redacted.value(proof.secret),
        "the-client-secret"
      )
      assert.strictEqual(secretOf(settings.seed.refreshToken), "the-refresh-token")
      assert.strictEqual(secretOf(settings.seed.accessToken), "the-access-token")
      assert.strictEqual(settings.cloud.apiUrl, "http://localhost:8790")
      assert.strictEqual(settings.cloud.loginUrl, "https://login.example/base")
      assert.strictEqual(
        settings.cloud.audience,
        "https://partner.partnercenterapi.microsoftonline.cn"
      )
      assert.strictEqual(settings.locale, "de-DE")
      assert.strictEqual(Duration.toMillis(settings.attemptTimeout), 500)
      assert.strictEqual(Duration.toMillis(settings.deadline), 7_200_000)
      assert.strictEqual(settings.requestsPerMinute, 42)
    })
  )

  it.effect("a flag goes before the environment, and the environment before the default", () =>
    Effect.gen(function* () {
      const environment = { ...needed, PARTNER_CENTER_CLOUD: "china" }
      const name = (flags?: Settings.SettingsFlags) =>
        Effect.map(read(environment, flags), ({ cloud }) => cloud.name)
      assert.strictEqual(yield* name({ cloud: "us-government" }), "us-government")
      assert.strictEqual(yield* name({ cloud: undefined }), "china")
      assert.strictEqual((yield* read(needed)).cloud.name, "global")
    })
  )

  it.effect("a flag spares what the environment says of the same, malformed or not", () =>
    Effect.gen(function* () {
      const { cloud } = yield* read({ ...needed, PARTNER_CENTER_CLOUD: "mars" }, { cloud: "china" })
      assert.strictEqual(cloud.name, "china")
    })
  )

  const settings = [
    "PARTNER_CENTER_CLOUD",
    "PARTNER_CENTER_CLIENT_SECRET",
    "PARTNER_CENTER_CLIENT_SECRET_FILE",
    "PARTNER_CENTER_CLIENT_CERTIFICATE_FILE",
    "PARTNER_CENTER_REFRESH_TOKEN",
    "PARTNER_CENTER_REFRESH_TOKEN_FILE",
    "PARTNER_CENTER_ACCESS_TOKEN",
    "PARTNER_CENTER_ACCESS_TOKEN_FILE",
    "PARTNER_CENTER_API_URL",
    "PARTNER_CENTER_LOGIN_URL",
    "PARTNER_CENTER_LOCALE",
    "PARTNER_CENTER_ATTEMPT_TIMEOUT",
    "PARTNER_CENTER_DEADLINE",
    "PARTNER_CENTER_REQUESTS_PER_MINUTE",
    "ORDERWATCH_VAULT"
  ]

  it.effect.each(["", "  "])("a variable that is %j counts as unset", (empty) =>
    Effect.gen(function* () {
      const unset = Object.fromEntries(settings.map((setting) => [setting, empty]))
      assert.deepStrictEqual(yield* read({ ...needed, ...unset }), yield* read(needed))
      for (const setting of Object.keys(needed)) {
        const error = yield* refusal({ ...needed, [setting]: empty })
        assert.strictEqual(error.setting, setting)
        assert.include(error.message, "is not set")
      }
    })
  )

  it.effect("a ready access token needs neither tenant nor client", () =>
    Effect.gen(function* () {
      const { credential, seed } = yield* read({ PARTNER_CENTER_ACCESS_TOKEN: "ready" })
      assert.deepStrictEqual(credential, { tenantId: "", clientId: "", proof: { _tag: "None" } })
      assert.strictEqual(secretOf(seed.accessToken), "ready")
    })
  )

  it.effect("with a refresh token beside it, somebody signs in again, so both are needed", () =>
    Effect.gen(function* () {
      const error = yield* refusal({
        PARTNER_CENTER_ACCESS_TOKEN: "ready",
        PARTNER_CENTER_REFRESH_TOKEN: "renews"
      })
      assert.strictEqual(error.setting, "PARTNER_CENTER_TENANT_ID")
    })
  )

  const malformed: ReadonlyArray<readonly [setting: string, value: string, says: string]> = [
    ["PARTNER_CENTER_TENANT_ID", "", "a GUID or a domain"],
    ["PARTNER_CENTER_TENANT_ID", "a tenant", "a GUID or a domain"],
    ["PARTNER_CENTER_TENANT_ID", "../common", "a GUID or a domain"],
    ["PARTNER_CENTER_CLIENT_ID", "", "application (client) id"],
    ["PARTNER_CENTER_CLIENT_ID", "id?x=1", "application (client) id"],
    ["PARTNER_CENTER_CLOUD", "mars", "global, us-government, china"],
    ["PARTNER_CENTER_CLOUD", "Global", "global, us-government, china"],
    ["PARTNER_CENTER_API_URL", "http://api.example", "must be https"],
    ["PARTNER_CENTER_API_URL", "http://10.0.0.1:8790", "must be https"],
    ["PARTNER_CENTER_API_URL", "http://localhost.example", "must be https"],
    ["PARTNER_CENTER_API_URL", "api.example", "https://host"],
    ["PARTNER_CENTER_API_URL", "ftp://api.example", "https://host"],
    ["PARTNER_CENTER_API_URL", "https://user:pass@api.example", "https://host"],
    ["PARTNER_CENTER_API_URL", "https://api.example?x=1", "https://host"],
    ["PARTNER_CENTER_LOGIN_URL", "http://login.example", "must be https"],
    ["PARTNER_CENTER_LOGIN_URL", "https://", "https://host"],
    ["PARTNER_CENTER_LOCALE", "en_US!", "en-US"],
    ["PARTNER_CENTER_ATTEMPT_TIMEOUT", "10", "500ms, 10s, 30m or 2h"],
    ["PARTNER_CENTER_ATTEMPT_TIMEOUT", "0s", "500ms, 10s, 30m or 2h"],
    ["PARTNER_CENTER_DEADLINE", "soon", "500ms, 10s, 30m or 2h"],
    ["PARTNER_CENTER_DEADLINE", "-1s", "500ms, 10s, 30m or 2h"],
    ["PARTNER_CENTER_REQUESTS_PER_MINUTE", "0", "from 1 to 1000000"],
    ["PARTNER_CENTER_REQUESTS_PER_MINUTE", "1000001", "from 1 to 1000000"],
    ["PARTNER_CENTER_REQUESTS_PER_MINUTE", "1.5", "from 1 to 1000000"],
    ["PARTNER_CENTER_REQUESTS_PER_MINUTE", "many", "from 1 to 1000000"],
    ["ORDERWATCH_VAULT", "keychain", "file or env"],
    ["ORDERWATCH_VAULT", "file", "set ORDERWATCH_CONFIG_DIR"],
    ["ORDERWATCH_VAULT_KEY", "c2hvcnQ=", "32 bytes in Base64 or hex"],
    ["PARTNER_CENTER_CLIENT_CERTIFICATE_FILE", "/no/such.pem", "cannot be read"],
    ["PARTNER_CENTER_CLIENT_SECRET", "two\nlines", "one line"],
    ["PARTNER_CENTER_REFRESH_TOKEN", "two\r\nlines", "one line"],
    ["PARTNER_CENTER_ACCESS_TOKEN", "escape\u001b[2J", "one line"],
    ["PARTNER_CENTER_ACCESS_TOKEN", "Bearer s3cret", "the token alone"],
    ["PARTNER_CENTER_ACCESS_TOKEN", "пароль", "the token alone"],
    ["PARTNER_CENTER_REFRESH_TOKEN_FILE", "/no/such\nfile", "cannot be read"]
  ]

  it.effect.each(malformed)("%s=%j is refused in one line that helps", ([setting, value, says]) =>
    Effect.gen(function* () {
      const error = yield* refusal({ ...needed, [setting]: value })
      assert.strictEqual(error.setting, setting)
      assert.match(error.message, new RegExp(`^${setting} `))
      assert.include(error.message, says)
      assert.include(error.message, "environment", "says where it was looked for")
      assert.match(error.message, /set it to|such as|: (?:use|it must|name|plain http) /i)
      assert.match(error.message, /^[^\u0000-\u001f\u007f-\u009f]+$/)
    })
  )

  const secrets = [
    "PARTNER_CENTER_CLIENT_SECRET",
    "PARTNER_CENTER_REFRESH_TOKEN",
    "PARTNER_CENTER_ACCESS_TOKEN"
  ]

  describe.each(secrets)("%s", (setting) => {
    const found = ({ credential, seed }: Settings.SettingsShape) =>
      [
        credential.proof._tag === "Secret" ? credential.proof.secret : undefined,
        seed.refreshToken,
        seed.accessToken
      ].map(secretOf)[secrets.indexOf(setting)]
    const fromFile = (name: string) => ({ ...needed, [`${setting}_FILE`]: name })

    it.effect.each(["s3cret", "s3cret\n", "s3cret\r\n", "\uFEFFs3cret\n", "  s3cret  "])(
      "is read from a file that holds %j",
      (content) =>
        Effect.gen(function* () {
          const { name } = yield* file(content)
          assert.strictEqual(found(yield* read(fromFile(name))), "s3cret")
        })
    )

    it.effect.each([
      ["", "empty"],
      [" \n\n", "empty"],
      ["first-part\nsecond-part\n", "one line"],
      ["first-part\u0000second-part", "one line"]
    ] as const)("a file that holds %j is refused, without its content", ([content, says]) =>
      Effect.gen(function* () {
        const { name } = yield* file(content)
        const { message, setting: named } = yield* refusal(fromFile(name))
        assert.strictEqual(named, `${setting}_FILE`)
        assert.include(message, says)
        assert.notMatch(message, /first-part|second-part|[\r\n]/)
      })
    )

    it.effect("a file that is not there, or is none, is refused by its name", () =>
      Effect.gen(function* () {
        const { folder, name } = yield* file("s3cret")
        for (const path of [`${name}.txt`, folder]) {
          const { message, setting: named } = yield* refusal(fromFile(path))
          assert.strictEqual(named, `${setting}_FILE`)
          assert.include(message, "cannot be read")
          assert.include(message, path)
        }
      })
    )

    it.effect("set here and as a file, it is refused without telling either", () =>
      Effect.gen(function* () {
        const { name } = yield* file("from-the-file")
        const { message } = yield* refusal({ ...fromFile(name), [setting]: "from-the-variable" })
        assert.include(message, `${setting} and ${setting}_FILE are both set`)
        assert.notMatch(message, /from-the/)
      })
    )
  })

  it.effect.prop(
    "no secret is in a refusal or in what the settings show of themselves",
    {
      value: Schema.String.check(Schema.isMinLength(8), Schema.isMaxLength(200)),
      setting: Schema.Literals(secrets)
    },
    ({ setting, value }) =>
      Effect.gen(function* () {
        const shown = yield* Effect.match(read({ ...needed, [setting]: value }), {
          onFailure: ({ message }) => message,
          onSuccess: (settings) => JSON.stringify(settings)
        })
        const secret = value.trim()
        if (secret !== "") assert.isFalse(shown.includes(secret) || shown.includes(value), shown)
      }),
    { arbitrary: { seed: "secrets", runs: 200 } }
  )

  it.effect("what else is in the environment does not matter", () =>
    Effect.gen(function* () {
      const other = yield* read({
        ...needed,
        PARTNER_CENTER: "x",
        PARTNER_CENTER_TENANT: "y",
        A: ""
      })
      assert.deepStrictEqual(other, yield* read(needed))
    })
  )
})
