import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Digest from "effect/crypto/Digest"
import { Login } from "../../src/Login.ts"
import { challengeOf } from "../../src/Login/pkce.ts"
import { Requests } from "../../src/testing.ts"
import type { Scripted } from "../../src/testing.ts"
import { clientId, paths, refused, tenant, tokens } from "../fixtures.ts"
import { asked, failed, run, stack } from "../layers.ts"
import type { StackOptions } from "../layers.ts"

const redirectUri = "http://localhost:53682/"
const begin = (requireMfa?: boolean) =>
  run(Effect.flatMap(Login, (login) => login.authorization({ redirectUri, requireMfa })))

/** Begins a sign-in and comes back from it with that, and the right state unless another is given. */
const comeBack = (answer: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const login = yield* Login
    const authorization = yield* begin()
    return yield* login.exchangeCode(authorization, {
      state: Redacted.value(authorization.state),
      ...answer
    })
  })

const answering = (answers: ReadonlyArray<Scripted>, options?: StackOptions) =>
  Effect.provide(stack({ [paths.token]: answers }, options))
const requests = asked(paths.token)

describe("a sign-in in a browser", () => {
  it.effect("opens the tenant's page with state and challenge, and nothing secret", () =>
    Effect.gen(function* () {
      const authorization = yield* begin()
      const url = new URL(authorization.url)
      assert.strictEqual(
        `${url.origin}${url.pathname}`,
        `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/authorize`
      )
      assert.deepStrictEqual(Object.fromEntries(url.searchParams), {
        client_id: clientId,
        response_type: "code",
        redirect_uri: redirectUri,
        response_mode: "query",
        scope: "https://api.partnercenter.microsoft.com/.default offline_access openid profile",
        state: Redacted.value(authorization.state),
        code_challenge: yield* Effect.provide(
          challengeOf(authorization.verifier),
          Digest.layerWebCrypto
        ),
        code_challenge_method: "S256"
      })
      assert.notInclude(authorization.url, Redacted.value(authorization.verifier))
      assert.notInclude(authorization.url, "s3cr")
      assert.notInclude(authorization.url, "+")
      assert.strictEqual(authorization.redirectUri, redirectUri)
      assert.deepStrictEqual(yield* Effect.flatMap(Requests, ({ all }) => all), [])
    }).pipe(answering([], { proof: { _tag: "Secret", secret: Redacted.make("s3cr~t") } }))
  )

  it.effect("asks for multi-factor authentication when told to", () =>
    Effect.gen(function* () {
      const { url } = yield* begin(true)
      assert.strictEqual(new URL(url).searchParams.get("amr_values"), "mfa")
    }).pipe(answering([]))
  )

  it.effect("no two have the same state or verifier, and neither is the other", () =>
    Effect.gen(function* () {
      const all = [yield* begin(), yield* begin()]
      const secrets = all.flatMap(({ state, verifier }) => [state, verifier].map(Redacted.value))
      assert.strictEqual(new Set(secrets).size, 4)
      for (const secret of secrets) assert.match(secret, /^[\w-]{43}$/)
    }).pipe(answering([]))
  )

  it.effect.each([
    ["global", "login.microsoftonline.com", "api.partnercenter.microsoft.com"],
    ["us-government", "login.microsoftonline.us", "api.partnercenter.microsoft.com"],
    ["china", "login.partner.microsoftonline.cn", "partner.partnercenterapi.microsoftonline.cn"]
  ] as const)("in the %s cloud it is on %s, for %s", ([cloud, host, api]) =>
    Effect.gen(function* () {
      const { url } = yield* begin()
      assert.strictEqual(new URL(url).host, host)
      assert.match(new URL(url).searchParams.get("scope") ?? "", new RegExp(`^https://${api}/`))
      yield* run(comeBack({ code: "c0de" }))
      const [request] = yield* requests
      assert.strictEqual(request?.url, `https://${host}/${tenant}/oauth2/v2.0/token`)
    }).pipe(answering([tokens("t1")], { cloud }))
  )

  it.effect("redeems the code with its verifier and redirect address", () =>
    Effect.gen(function* () {
      const login = yield* Login
      const authorization = yield* begin()
      const given = yield* run(
        login.exchangeCode(authorization, {
          code: "c0de",
          state: Redacted.value(authorization.state),
          session_state: "5b1f"
        })
      )
      assert.strictEqual(Redacted.value(given.accessToken), "t1")
      assert.strictEqual(given.refreshToken && Redacted.value(given.refreshToken), "r1")
      const [request] = yield* requests
      assert.deepStrictEqual(request?.form, {
        grant_type: "authorization_code",
        client_id: clientId,
        scope: "https://api.partnercenter.microsoft.com/.default offline_access openid profile",
        redirect_uri: redirectUri,
        code: "c0de",
        code_verifier: Redacted.value(authorization.verifier)
      })
      assert.match(request?.headers["client-request-id"] ?? "", /^[0-9a-f-]{36}$/)
    }).pipe(answering([tokens("t1", "r1")]))
  )

  it.effect.each([
    ["a secret", { _tag: "Secret", secret: Redacted.make("s3cr~t") }, { client_secret: "s3cr~t" }],
    [
      "an assertion",
      { _tag: "Assertion", sign: (aud) => Effect.succeed(Redacted.make(`for ${aud}`)) },
      {
        client_assertion: `for https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
      }
    ]
  ] satisfies ReadonlyArray<
    readonly [string, StackOptions["proof"], Readonly<Record<string, string>>]
  >)("the app proves itself by %s", ([_, proof, fields]) =>
    Effect.gen(function* () {
      yield* run(comeBack({ code: "c0de" }))
      const [request] = yield* requests
      assert.deepInclude(request?.form, fields)
    }).pipe(answering([tokens("t1")], { proof }))
  )

  it.effect.each([
    ["another state", { state: "x".repeat(43), code: "c0de" }],
    ["a part of the state", { state: "x", code: "c0de" }],
    ["no state", { state: "", code: "c0de" }],
    ["another state and an error", { state: "x", error: "access_denied" }]
  ] as const)("%s is not believed, and nothing is sent", ([_, answer]) =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(comeBack(answer))
      assert.strictEqual(operation, "signIn")
      assert.strictEqual(reason._tag, "SignInRequired")
      assert.match(reason.description ?? "", /another sign-in/)
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(answering([tokens("t1")]))
  )

  it.effect("an answer without any field is not believed either", () =>
    Effect.gen(function* () {
      const login = yield* Login
      const { reason } = yield* failed(login.exchangeCode(yield* begin(), {}))
      assert.match(reason.description ?? "", /another sign-in/)
    }).pipe(answering([]))
  )

  it.effect.each([
    ["no code", {}],
    ["an empty code", { code: "" }]
  ] as const)("%s is UnexpectedResponse, and nothing is sent", ([_, answer]) =>
    Effect.gen(function* () {
      const { reason } = yield* failed(comeBack(answer))
      assert.strictEqual(reason._tag, "UnexpectedResponse")
      assert.match(reason.remedy, /redirect address/)
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(answering([tokens("t1")]))
  )

  it.effect.each([
    ["access_denied", "AADSTS65004: User declined to consent.", "SignInRequired", /consent/],
    ["access_denied", "the user cancelled the authentication", "SignInRequired", /declined/],
    ["access_denied", "AADSTS53003: Blocked by policy.", "ConditionalAccess", /policy/],
    ["interaction_required", "AADSTS50076: Use a second factor.", "MfaRequired", /multi-factor/],
    ["invalid_client", "AADSTS650052: No such service.", "SignInRequired", /permissions/],
    ["consent_required", "", "SignInRequired", /consent/],
    ["server_error", "", "Unavailable", /service health/],
    ["temporarily_unavailable", "", "Unavailable", /service health/],
    ["something_new", "Never seen.", "SignInRequired", /Sign in again/]
  ] as const)("the answer %s, %s is %s", ([error, error_description, tag, remedy]) =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(comeBack({ error, error_description }))
      assert.strictEqual(operation, "signIn")
      assert.strictEqual(reason._tag, tag)
      assert.match(reason.remedy, remedy)
      assert.isUndefined(reason.httpStatus)
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(answering([tokens("t1")]))
  )

  it.effect("an error's description is shown without control characters", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(
        comeBack({ error: "x", error_description: "\u001b[2Jgone\r\nTrace ID: 1" })
      )
      assert.strictEqual(reason.description, "[2Jgone")
    }).pipe(answering([]))
  )

  it.effect("a code that was used before says to begin again", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(comeBack({ code: "c0de" }))
      assert.deepInclude(reason, { _tag: "SignInRequired", code: "AADSTS54005" })
      assert.match(reason.remedy, /begin it again/)
    }).pipe(answering([refused(54005)]))
  )

  it.effect("is redeemed again after what passes", () =>
    Effect.gen(function* () {
      assert.strictEqual(Redacted.value((yield* run(comeBack({ code: "c0de" }))).accessToken), "t1")
      assert.strictEqual((yield* requests).length, 3)
    }).pipe(answering(["reset", { status: 503 }, tokens("t1")]))
  )

  it.effect("a code or verifier that the login echoes is not shown", () => {
    const code = "0.AXoA_c0de-".repeat(12)
    return Effect.gen(function* () {
      const error = yield* failed(comeBack({ code }))
      assert.notInclude(JSON.stringify(error), code.slice(0, 24))
      const [request] = yield* requests
      assert.notInclude(request?.url, "c0de")
    }).pipe(answering([refused(70000, "invalid_grant", `The code '${code}' is malformed.`)]))
  })
})
