import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Option } from "effect"
import * as Settings from "../src/settings.ts"

const read = (variables: Record<string, string> = {}, flags: Settings.GatewayFlags = {}) =>
  Settings.read(flags).pipe(
    Effect.provide(
      ConfigProvider.layer(
        ConfigProvider.fromEnvRecord(
          Object.fromEntries(
            Object.entries(variables).map(([name, value]) => [`ORDERWATCH_GATEWAY_${name}`, value])
          )
        )
      )
    )
  )

const keys = { KEYS_FILE: "/etc/orderwatch/keys.json" }
const issuer = { OIDC_ISSUER: "https://login.example.com/t/v2.0" }

describe("the gateway's settings", () => {
  it.effect("without any are a gateway for this machine alone", () =>
    Effect.gen(function* () {
      const settings = yield* read()
      assert.deepStrictEqual(settings, {
        host: "127.0.0.1",
        port: 8780,
        freshFor: Duration.seconds(10),
        settledFreshFor: Duration.minutes(5),
        hosts: [],
        origins: [],
        keysFile: Option.none(),
        oidc: Option.none(),
        callerRequestsPerMinute: 600,
        maxStreams: 5000,
        deadline: Duration.seconds(60),
        shutdownWithin: Duration.seconds(10),
        publicUrl: Option.none()
      })
    })
  )

  it.effect("are read from the environment", () =>
    Effect.gen(function* () {
      const settings = yield* read({
        ...keys,
        HOST: "0.0.0.0",
        PORT: "80",
        FRESH_FOR: "500ms",
        HOSTS: "Orders.example.com, orders.example.com:8443,,[::1]:9000,FD00::7",
        ORIGINS: "https://desk.example.com/,http://localhost:3000",
        OIDC_ISSUER: "https://login.example.com/t/v2.0",
        OIDC_AUDIENCE: "api://orderwatch",
        OIDC_CUSTOMERS_CLAIM: "customers",
        REQUESTS_PER_MINUTE: "30",
        MAX_STREAMS: "7",
        DEADLINE: "20s",
        SHUTDOWN_WITHIN: "0",
        PUBLIC_URL: "https://orders.example.com/partner"
      })
      assert.deepStrictEqual(settings, {
        host: "0.0.0.0",
        port: 80,
        freshFor: Duration.millis(500),
        settledFreshFor: Duration.minutes(5),
        hosts: ["orders.example.com", "orders.example.com:8443", "[::1]:9000", "[fd00::7]"],
        origins: ["https://desk.example.com", "http://localhost:3000"],
        keysFile: Option.some(keys.KEYS_FILE),
        oidc: Option.some({
          issuer: new URL("https://login.example.com/t/v2.0"),
          audience: "api://orderwatch",
          customersClaim: "customers"
        }),
        callerRequestsPerMinute: 30,
        maxStreams: 7,
        deadline: Duration.seconds(20),
        shutdownWithin: Duration.zero,
        publicUrl: Option.some(new URL("https://orders.example.com/partner"))
      })
    })
  )

  it.effect("take flags before the environment, even before a malformed one", () =>
    Effect.gen(function* () {
      const settings = yield* read({ HOST: "::1", PORT: "nine" }, { host: "localhost", port: 0 })
      assert.strictEqual(settings.host, "localhost")
      assert.strictEqual(settings.port, 0)
    })
  )

  it.effect("count an empty variable as unset", () =>
    Effect.gen(function* () {
      const names = ["HOST", "PORT", "HOSTS", "KEYS_FILE", "OIDC_ISSUER", "OIDC_AUDIENCE"]
      const settings = yield* read(Object.fromEntries(names.map((name) => [name, "  "])))
      assert.deepStrictEqual(settings, yield* read())
    })
  )

  it.effect.each([
    ["HOST", "127.0.0.1:80"],
    ["HOST", "999.1.1.1"],
    ["HOST", "a b"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "0x50"],
    ["FRESH_FOR", "10"],
    ["FRESH_FOR", "25h"],
    ["HOSTS", "https://orders.example.com"],
    ["HOSTS", "*"],
    ["HOSTS", "good.example,b@d"],
    ["ORIGINS", "*"],
    ["ORIGINS", "desk.example.com"],
    ["ORIGINS", "https://desk.example.com/page"],
    ["ORIGINS", "null"],
    ["OIDC_ISSUER", "http://login.example.com"],
    ["OIDC_ISSUER", "https://user:secret@login.example.com"],
    ["OIDC_ISSUER", "file:///etc/passwd"],
    ["REQUESTS_PER_MINUTE", "0"],
    ["REQUESTS_PER_MINUTE", "many"],
    ["MAX_STREAMS", "1.5"],
    ["DEADLINE", "0"],
    ["SHUTDOWN_WITHIN", "soon\u001b[2J\nsecond line"],
    ["PUBLIC_URL", "orders.example.com"]
  ] as const)("refuse %s=%j in one line that names it and says what to set", ([name, value]) =>
    Effect.gen(function* () {
      const { message, setting } = yield* Effect.flip(read({ [name]: value }))
      assert.strictEqual(setting, `ORDERWATCH_GATEWAY_${name}`)
      assert.isTrue(
        message.startsWith(`${setting} in the environment is malformed: set it to `),
        message
      )
      assert.notMatch(message, /[\u0000-\u001f]|secret/)
    })
  )

  it.effect("refuse malformed flags by their name", () =>
    Effect.gen(function* () {
      const host = yield* Effect.flip(read({}, { host: "a/b" }))
      assert.match(host.message, /^--host is malformed: set it to a name or address/)
      const port = yield* Effect.flip(read({}, { port: 70_000 }))
      assert.match(port.message, /^--port is malformed: set it to a port from 0 to 65535\.$/)
    })
  )

  it.effect.each([
    "0.0.0.0",
    "::",
    "192.0.2.7",
    "orders.example.com",
    "128.0.0.1",
    "::ffff:8.8.8.8"
  ])("refuse to listen on %s where callers cannot be told apart", (host) =>
    Effect.gen(function* () {
      const { message, setting } = yield* Effect.flip(read({ HOST: host }))
      assert.strictEqual(setting, "ORDERWATCH_GATEWAY_HOST")
      assert.match(message, /set ORDERWATCH_GATEWAY_KEYS_FILE or ORDERWATCH_GATEWAY_OIDC_ISSUER/)
      assert.match((yield* Effect.flip(read({}, { host }))).message, /^--host /)
      assert.strictEqual((yield* read({ ...keys, HOST: host })).host, host)
      const audience = { OIDC_AUDIENCE: "api://orderwatch" }
      assert.strictEqual((yield* read({ ...issuer, ...audience, HOST: host })).host, host)
    })
  )

  it.effect("refuse an issuer without an audience, and an audience without an issuer", () =>
    Effect.gen(function* () {
      const one = yield* Effect.flip(read(issuer))
      assert.strictEqual(one.setting, "ORDERWATCH_GATEWAY_OIDC_AUDIENCE")
      assert.match(one.message, /is not set, and ORDERWATCH_GATEWAY_OIDC_ISSUER is: set it to/)
      for (const name of ["OIDC_AUDIENCE", "OIDC_CUSTOMERS_CLAIM"]) {
        const other = yield* Effect.flip(read({ [name]: "x" }))
        assert.strictEqual(other.setting, "ORDERWATCH_GATEWAY_OIDC_ISSUER")
        assert.include(other.message, `ORDERWATCH_GATEWAY_${name}`)
      }
    })
  )

  it.effect("take an issuer over plain HTTP on loopback", () =>
    Effect.gen(function* () {
      const { oidc } = yield* read({ OIDC_ISSUER: "http://127.0.0.1:9/t", OIDC_AUDIENCE: "x" })
      assert.deepStrictEqual(
        Option.map(oidc, ({ customersClaim, issuer }) => [issuer.href, customersClaim]),
        Option.some(["http://127.0.0.1:9/t", "orderwatch_customers"])
      )
    })
  )
})

describe("isLoopback", () => {
  it.each([
    "127.0.0.1",
    "127.8.9.1",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "::1",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1"
  ])("is true of %s", (host) => {
    assert.isTrue(Settings.isLoopback(host))
  })

  it.each([
    "0.0.0.0",
    "::",
    "",
    "localhost.example.com",
    "127.0.0.1.example",
    "notlocalhost",
    "10.0.0.1"
  ])("is false of %j", (host) => {
    assert.isFalse(Settings.isLoopback(host))
  })
})
