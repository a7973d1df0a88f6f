import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Option, Redacted, Schema } from "effect"
import { TestClock } from "effect/testing"
import { CredentialHealth, Health } from "../src/CredentialHealth.ts"
import type { Facts } from "../src/CredentialHealth.ts"
import { VaultError } from "../src/CredentialVault.ts"
import type { Entry } from "../src/CredentialVault.ts"
import { claims, clientId, jwt, paths, refused, tenant, tokens } from "./fixtures.ts"
import { asked, failed, run, stack, vault } from "./layers.ts"
import type { StackOptions } from "./layers.ts"

const minutes = (count: number) => DateTime.makeUnsafe(count * 60_000)
const days = (count: number) => DateTime.makeUnsafe(count * 86_400_000)

const good: Entry = {
  refreshToken: Redacted.make("r0"),
  accessToken: Redacted.make(jwt(claims)),
  expiresAt: minutes(60),
  signedInAt: minutes(0),
  refreshedAt: minutes(0)
}

const assess = (entry: Entry | undefined, facts: Partial<Facts> = {}) =>
  CredentialHealth.assess({
    entry: Option.fromUndefinedOr(entry),
    now: minutes(1),
    audience: "https://api.partnercenter.microsoft.com",
    tenantId: tenant,
    isDurable: true,
    ...facts
  })

/** What is not well, as `level code`, in the order in which it is told. */
const faults = ({ findings }: Health) =>
  findings.flatMap(({ code, level }) => (level === "ok" ? [] : [`${level} ${code}`]))

const said = (changed: Readonly<Record<string, unknown>>): Entry => ({
  ...good,
  accessToken: Redacted.make(jwt({ ...claims, ...changed }))
})

const appOnly = {
  scp: undefined,
  upn: undefined,
  unique_name: undefined,
  amr: undefined,
  roles: ["Partner.Read"]
}

describe("what a credential's facts mean", () => {
  it("a credential that is well has only ok findings, and says whose it is", () => {
    const health = assess(good)
    assert.deepStrictEqual(faults(health), [])
    assert.deepStrictEqual(
      health.findings.map(({ code }) => code),
      ["audience", "app-only", "mfa", "refresh-token-age"]
    )
    const { findings: _, ...rest } = health
    assert.deepStrictEqual(rest, {
      tenantId: tenant,
      user: "adele@partner.example",
      app: clientId,
      roles: [],
      mfa: "yes",
      appOnly: false,
      tokenExpiresAt: minutes(60),
      signedInAt: minutes(0),
      refreshedAt: minutes(0),
      refreshTokenAgeDays: 0,
      refreshTokenExpiresAt: days(90)
    })
  })

  it.each<readonly [string, Entry | undefined, Partial<Facts>, ReadonlyArray<string>]>([
    ["no entry", undefined, {}, ["fail no-credential"]],
    ["an entry with nothing in it", {}, {}, ["fail no-credential"]],
    [
      "an access token that is no JWT",
      { ...good, accessToken: Redacted.make("opaque") },
      {},
      ["warn opaque"]
    ],
    ["no multi-factor authentication", said({ amr: ["pwd"] }), {}, ["fail mfa"]],
    ["a token that is silent about it", said({ amr: undefined }), {}, ["warn mfa"]],
    [
      "another API's token",
      said({ aud: "https://graph.microsoft.com", scp: "User.Read" }),
      {},
      ["fail audience"]
    ],
    ["another cloud's token", good, { audience: "https://api.example.cn" }, ["fail audience"]],
    ["a token for nobody", said({ aud: [] }), {}, ["fail audience"]],
    ["the API with a slash", said({ aud: "https://API.partnercenter.microsoft.com/" }), {}, []],
    ["the API by its id", said({ aud: "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd" }), {}, []],
    ["the API in a list", said({ aud: ["x", claims.aud] }), {}, []],
    ["an app on its own", said(appOnly), {}, ["fail app-only"]],
    ["an app on its own that says so", said({ ...appOnly, idtyp: "app" }), {}, ["fail app-only"]],
    ["a user's token that says so", said({ idtyp: "user", upn: undefined }), {}, []],
    ["another tenant", said({ tid: clientId }), {}, ["warn tenant"]],
    ["a tenant set by its domain", said({ tid: clientId }), { tenantId: "partner.example" }, []],
    ["the tenant in capitals", said({ tid: tenant.toUpperCase() }), {}, []],
    ["no permission", said({ scp: "openid profile" }), {}, ["warn scope"]],
    ["the permission among others", said({ scp: "openid user_impersonation" }), {}, []],
    [
      "an expired token without a refresh token",
      { ...good, refreshToken: undefined },
      { now: minutes(61) },
      ["fail expired", "warn no-refresh-token"]
    ],
    [
      "a token without a refresh token",
      { ...good, refreshToken: undefined },
      {},
      ["warn no-refresh-token"]
    ],
    ["an expired token that can be renewed", good, { now: minutes(61) }, []],
    ["a token of somebody else's credential", undefined, { token: good.accessToken }, []],
    ["74 days without use", good, { now: days(74) }, []],
    ["75 days without use", good, { now: days(75) }, ["warn refresh-token-age"]],
    ["89 days without use", good, { now: days(89) }, ["warn refresh-token-age"]],
    ["90 days without use", good, { now: days(90) }, ["fail refresh-token-age"]],
    ["a clock that went back", { ...good, refreshedAt: days(3) }, {}, []],
    ["a vault that keeps nothing", good, { isDurable: false }, ["warn not-durable"]],
    [
      "a ready token in a vault that keeps nothing",
      { accessToken: good.accessToken },
      { isDurable: false },
      ["warn no-refresh-token"]
    ],
    ["a refresh token that was not used yet", { refreshToken: Redacted.make("r0") }, {}, []],
    [
      "many faults at once",
      said({ aud: "https://graph.windows.net", amr: ["pwd"], scp: "User.Read" }),
      { isDurable: false, now: days(80) },
      ["fail audience", "fail mfa", "warn refresh-token-age", "warn not-durable"]
    ]
  ])("%s", (_, entry, facts, expected) => {
    const health = assess(entry, facts)
    assert.deepStrictEqual(faults(health), expected)
    for (const { level, message, remedy } of health.findings) {
      assert.notStrictEqual(message, "")
      assert.strictEqual(remedy !== undefined, level !== "ok", message)
    }
  })

  it("multi-factor and app-only are fields too", () => {
    assert.strictEqual(assess(said({ amr: ["pwd"] })).mfa, "no")
    assert.strictEqual(assess(said({ amr: undefined })).mfa, "unknown")
    const health = assess(said(appOnly))
    assert.isTrue(health.appOnly)
    assert.deepStrictEqual(health.roles, ["Partner.Read"])
    assert.isUndefined(health.user)
  })

  it("the v2.0 names of user and app are read", () => {
    const health = assess(
      said({
        upn: undefined,
        unique_name: undefined,
        appid: undefined,
        azp: "app",
        preferred_username: "adele"
      })
    )
    assert.strictEqual(health.user, "adele")
    assert.strictEqual(health.app, "app")
  })

  it("the token in use counts, not the entry's", () => {
    const health = assess(good, {
      token: Redacted.make(jwt({ ...claims, exp: 7200, upn: "other" }))
    })
    assert.strictEqual(health.user, "other")
    assert.deepStrictEqual(health.tokenExpiresAt, minutes(120))
  })

  it("the entry tells when a token ends that cannot be read", () => {
    const opaque = { ...good, accessToken: Redacted.make("opaque") }
    assert.deepStrictEqual(assess(opaque).tokenExpiresAt, minutes(60))
    assert.isUndefined(assess(opaque, { token: Redacted.make("another") }).tokenExpiresAt)
  })

  it("an end that is no date is left out", () => {
    assert.isUndefined(assess({ ...said({ exp: 1e300 }), expiresAt: undefined }).tokenExpiresAt)
  })

  it("what a token says of itself is shown without control characters", () => {
    const health = assess(said({ upn: "a\u001b[2Jb", tid: "x\ny", aud: "https://e\u202evil" }))
    assert.strictEqual(health.user, "a [2Jb")
    assert.strictEqual(health.tenantId, "x y")
    assert.notMatch(JSON.stringify(health.findings), /\\u001b|\u202e|\\n/)
  })

  it("as JSON it holds times in ISO 8601 and no secret", () => {
    const json = JSON.stringify(Schema.encodeSync(Health)(assess(good)))
    assert.include(json, '"refreshTokenExpiresAt":"1970-04-01T00:00:00.000Z"')
    for (const part of jwt(claims).split(".")) assert.notInclude(json, part)
    assert.notInclude(json, '"r0"')
  })
})

const check = Effect.flatMap(CredentialHealth, (health) => health.check)
const over = (
  answers: Parameters<typeof stack>[0],
  options: StackOptions = { entry: { refreshToken: Redacted.make("r0") } }
) => Effect.provide(stack(answers, options))

describe("a check of the credential", () => {
  it.effect("signs in where there is no token yet, and looks at what came", () =>
    Effect.gen(function* () {
      const health = yield* run(check)
      assert.strictEqual(health.user, "adele@partner.example")
      assert.strictEqual(health.refreshTokenAgeDays, 0)
      assert.deepStrictEqual(faults(health), ["warn not-durable"])
    }).pipe(over({ [paths.token]: [tokens(jwt(claims), "r1")] }))
  )

  it.effect("a token that is still good is looked at without a sign-in", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* run(check)).mfa, "yes")
      yield* run(check)
      assert.deepStrictEqual(yield* asked(paths.token), [])
    }).pipe(over({}, { entry: good }))
  )

  it.effect("no credential is a finding, and nothing is asked", () =>
    Effect.gen(function* () {
      const health = yield* run(check)
      assert.deepStrictEqual(health.findings, [
        {
          level: "fail",
          code: "no-credential",
          message: "there is no credential",
          remedy: "Sign in, or set PARTNER_CENTER_REFRESH_TOKEN to the user's refresh token."
        }
      ])
      assert.deepStrictEqual(yield* asked(paths.token), [])
    }).pipe(over({}, { entry: {} }))
  )

  it.effect.each([
    [700082, "sign-in", /90 days/],
    [50076, "mfa", /multi-factor/],
    [53003, "conditional-access", /policy/],
    [7000215, "sign-in", /secret/]
  ] as const)("the refusal AADSTS%i is a finding with its remedy", ([code, found, remedy]) =>
    Effect.gen(function* () {
      const [first] = (yield* run(check)).findings
      assert.deepInclude(first, { level: "fail", code: found })
      assert.include(first?.message, `AADSTS${code}`)
      assert.match(first?.remedy ?? "", remedy)
    }).pipe(over({ [paths.token]: [refused(code)] }))
  )

  it.effect("after a refusal the old token still tells whose it was, and its age counts", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust(Duration.days(91))
      const health = yield* run(check)
      assert.strictEqual(health.user, "adele@partner.example")
      assert.deepStrictEqual(faults(health).slice(0, 2), ["fail sign-in", "fail refresh-token-age"])
    }).pipe(over({ [paths.token]: [refused(700082)] }, { entry: good }))
  )

  it.effect("one fault is told once, though login and token both name it", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("2 hours")
      const health = yield* run(check)
      assert.deepStrictEqual(faults(health), ["fail mfa", "warn not-durable"])
    }).pipe(over({ [paths.token]: [refused(50076)] }, { entry: said({ amr: ["pwd"] }) }))
  )

  it.effect("a login that cannot be asked is a failure", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* failed(check)).reason._tag, "Unavailable")
    }).pipe(over({ [paths.token]: ["reset"] }))
  )

  it.effect("a vault that cannot be read is a failure with what the vault says", () =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(check)
      assert.strictEqual(operation, "signIn")
      assert.deepInclude(reason, { _tag: "SignInRequired", description: "the key is gone" })
    }).pipe(
      over(
        {},
        {
          vault: vault({
            read: () => Effect.fail(new VaultError({ message: "the key is gone" })),
            modify: () => Effect.fail(new VaultError({ message: "the key is gone" }))
          })
        }
      )
    )
  )
})
