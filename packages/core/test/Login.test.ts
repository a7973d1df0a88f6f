import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Redacted } from "effect"
import { AssertionFailed } from "../src/Credential.ts"
import type { ClientProof } from "../src/Credential.ts"
import { Login } from "../src/Login.ts"
import * as Operation from "../src/Operation.ts"
import * as testing from "../src/testing.ts"
import type { Scripted } from "../src/testing.ts"
import { clientId, formD, paths, refused, tenant, tokens } from "./fixtures.ts"
import { asked, failed, run, stack, timed } from "./layers.ts"
import type { StackOptions } from "./layers.ts"

const refresh = Effect.flatMap(Login, (login) => login.refresh(Redacted.make("r0"))).pipe(
  Operation.within("60 seconds")
)
const requests = asked(paths.token)
const answering = (answers: ReadonlyArray<Scripted>, options?: StackOptions) =>
  Effect.provide(stack({ [paths.token]: answers }, options))

describe("Login", () => {
  it.effect("exchanges the refresh token at the tenant's v2 endpoint, for this cloud's API", () =>
    Effect.gen(function* () {
      const given = yield* run(refresh)
      assert.strictEqual(Redacted.value(given.accessToken), "t1")
      assert.strictEqual(Duration.toSeconds(given.expiresIn), 3599)
      assert.strictEqual(given.refreshToken && Redacted.value(given.refreshToken), "r1")
      const [request] = yield* requests
      assert.strictEqual(request?.method, "POST")
      assert.strictEqual(
        request?.url,
        `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`
      )
      assert.strictEqual(request?.headers["accept"], "application/json")
      assert.deepStrictEqual(request?.form, {
        grant_type: "refresh_token",
        client_id: clientId,
        scope: "https://api.partnercenter.microsoft.com/.default offline_access openid profile",
        refresh_token: "r0"
      })
    }).pipe(answering([tokens("t1", "r1")]))
  )

  it.effect("in another cloud host and audience are that cloud's", () =>
    Effect.gen(function* () {
      yield* run(refresh)
      const [request] = yield* requests
      assert.match(request?.url ?? "", /^https:\/\/login\.partner\.microsoftonline\.cn\//)
      assert.match(
        request?.form["scope"] ?? "",
        /^https:\/\/partner\.partnercenterapi\.microsoftonline\.cn\/\.default /
      )
    }).pipe(answering([tokens("t1")], { cloud: "china" }))
  )

  it.effect("an id token is handed on as a secret", () =>
    Effect.gen(function* () {
      const { idToken } = yield* run(refresh)
      assert.strictEqual(String(idToken), "<redacted>")
      assert.strictEqual(idToken && Redacted.value(idToken), "id")
    }).pipe(answering([{ body: { ...tokens("t1").body, id_token: "id" } }]))
  )

  it.effect("numbers that v1 writes as strings are read", () =>
    Effect.gen(function* () {
      const given = yield* run(refresh)
      assert.strictEqual(Duration.toSeconds(given.expiresIn), 3599)
    }).pipe(answering([tokens("t1", "r1", "3599")]))
  )

  it.effect("an answer without a refresh token gives none", () =>
    Effect.gen(function* () {
      const { idToken, refreshToken } = yield* run(refresh)
      assert.isUndefined(refreshToken)
      assert.isUndefined(idToken)
    }).pipe(answering([tokens("t1")]))
  )

  it.effect("the client secret is sent as a form field, to the login only", () =>
    Effect.gen(function* () {
      yield* run(refresh)
      const [request] = yield* requests
      assert.strictEqual(request?.form["client_secret"], "s3cr~t+/=")
      assert.notProperty(request?.headers, "authorization")
      assert.notInclude(request?.url, "s3cr")
    }).pipe(
      answering([tokens("t1")], {
        proof: { _tag: "Secret", secret: Redacted.make("s3cr~t+/=") }
      })
    )
  )

  it.effect("an assertion is signed for the endpoint, anew for every attempt", () => {
    const audiences: Array<string> = []
    const proof: ClientProof = {
      _tag: "Assertion",
      sign: (audience) => Effect.sync(() => Redacted.make(`assertion ${audiences.push(audience)}`))
    }
    return Effect.gen(function* () {
      yield* run(refresh)
      const endpoint = `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`
      assert.deepStrictEqual(audiences, [endpoint, endpoint])
      const all = yield* requests
      assert.deepStrictEqual(
        all.map(({ form }) => [form["client_assertion"], form["client_assertion_type"]]),
        [1, 2].map((count) => [
          `assertion ${count}`,
          "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        ])
      )
    }).pipe(answering([{ status: 503 }, tokens("t1")], { proof }))
  })

  it.effect("an assertion that cannot be signed is SignInRequired, and nothing is sent", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(refresh)
      assert.strictEqual(reason._tag, "SignInRequired")
      assert.strictEqual(reason.description, "the key does not fit")
      assert.match(reason.remedy, /certificate/)
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(
      answering([tokens("t1")], {
        proof: {
          _tag: "Assertion",
          sign: () => Effect.fail(new AssertionFailed({ message: "the key does not fit" }))
        }
      })
    )
  )

  it.effect.each([
    ["a reset", "reset"],
    ["silence", "silence"],
    ["a body cut short", "cut"],
    ["408", { status: 408 }],
    ["429", { status: 429 }],
    ["500", { status: 500 }],
    ["502", { status: 502, body: formD }],
    ["503", { status: 503 }],
    ["504", { status: 504 }]
  ] as const)("is tried again after %s", ([_, answer]) =>
    Effect.gen(function* () {
      assert.strictEqual(Redacted.value((yield* run(refresh)).accessToken), "t1")
      assert.strictEqual((yield* requests).length, 2)
    }).pipe(answering([answer, tokens("t1")]))
  )

  it.effect.each([
    ["a refusal", refused(700082)],
    ["401", { ...refused(7000215, "invalid_client"), status: 401 }],
    ["403", { status: 403 }],
    ["404", { status: 404 }],
    ["302", { status: 302, headers: { location: "https://evil.example/" } }]
  ] as const)("is not tried again after %s", ([_, answer]) =>
    Effect.gen(function* () {
      yield* failed(refresh)
      const { all } = yield* testing.Requests
      assert.strictEqual((yield* all).length, 1)
    }).pipe(answering([answer]))
  )

  it.effect("at most five attempts, then Unavailable with the host and what happened", () =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(refresh)
      assert.strictEqual(operation, "signIn")
      assert.strictEqual(reason._tag, "Unavailable")
      assert.strictEqual(
        reason.description,
        "https://login.microsoftonline.com: no connection: read ECONNRESET"
      )
      assert.strictEqual((yield* requests).length, 5)
    }).pipe(answering(["reset"]))
  )

  it.effect("Retry-After is waited for, and beyond the deadline it is Throttled at once", () =>
    Effect.gen(function* () {
      const { took } = yield* timed(refresh)
      assert.strictEqual(took, 20_000)
      const { exit, took: none } = yield* timed(Effect.flip(refresh))
      assert.strictEqual(none, 0)
      const { reason } = yield* exit
      assert.deepInclude(reason, { _tag: "Throttled", retryAfter: 90, httpStatus: 503 })
    }).pipe(
      answering([
        { status: 503, headers: { "Retry-After": "20" } },
        tokens("t1"),
        { status: 503, headers: { "Retry-After": "90" } }
      ])
    )
  )

  it.effect.each([
    ["a proxy's page", { body: formD }],
    ["an empty body", { body: "" }],
    ["an empty token", tokens("")],
    ["an error in a 200", { body: refused(50076).body }]
  ] as const)("a 200 without a token is UnexpectedResponse: %s", ([_, answer]) =>
    Effect.gen(function* () {
      const { reason } = yield* failed(refresh)
      assert.strictEqual(reason._tag, "UnexpectedResponse")
      assert.match(reason.remedy, /login address/)
    }).pipe(answering([answer]))
  )

  it.effect("a redirect is UnexpectedResponse, and nothing goes where it points", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(refresh)
      assert.deepInclude(reason, { _tag: "UnexpectedResponse", httpStatus: 307 })
      const { all } = yield* testing.Requests
      assert.deepStrictEqual(
        (yield* all).map(({ url }) => new URL(url).host),
        ["login.microsoftonline.com"]
      )
    }).pipe(answering([{ status: 307, headers: { location: "https://evil.example/token" } }]))
  )
})

describe("the login's refusals", () => {
  it.effect.each([
    [50074, "MfaRequired", /multi-factor/],
    [50076, "MfaRequired", /multi-factor/],
    [50158, "MfaRequired", /multi-factor/],
    [50131, "ConditionalAccess", /policy/],
    [53000, "ConditionalAccess", /policy/],
    [53001, "ConditionalAccess", /policy/],
    [53003, "ConditionalAccess", /policy/],
    [530034, "ConditionalAccess", /policy/],
    [530035, "ConditionalAccess", /policy/],
    [50058, "SignInRequired", /session was ended/],
    [50089, "SignInRequired", /session was ended/],
    [50132, "SignInRequired", /session was ended/],
    [50133, "SignInRequired", /session was ended/],
    [50173, "SignInRequired", /session was ended/],
    [70008, "SignInRequired", /expired/],
    [70043, "SignInRequired", /expired/],
    [700082, "SignInRequired", /90 days/],
    [700084, "SignInRequired", /expired/],
    [65001, "SignInRequired", /consent/],
    [65004, "SignInRequired", /consent/],
    [50001, "SignInRequired", /permissions/],
    [500011, "SignInRequired", /permissions/],
    [650052, "SignInRequired", /permissions/],
    [650056, "SignInRequired", /permissions/],
    [650057, "SignInRequired", /permissions/],
    [700011, "SignInRequired", /PARTNER_CENTER_CLIENT_ID/],
    [700016, "SignInRequired", /PARTNER_CENTER_CLIENT_ID/],
    [90002, "SignInRequired", /PARTNER_CENTER_TENANT_ID/],
    [900023, "SignInRequired", /PARTNER_CENTER_TENANT_ID/],
    [7000215, "SignInRequired", /secret is wrong/],
    [7000222, "SignInRequired", /secret is wrong/],
    [700025, "SignInRequired", /unset PARTNER_CENTER_CLIENT_SECRET/],
    [7000218, "SignInRequired", /no public client/],
    [700027, "SignInRequired", /PARTNER_CENTER_CLIENT_CERTIFICATE_FILE/],
    [50020, "SignInRequired", /not of the partner's tenant/],
    [50034, "SignInRequired", /not of the partner's tenant/],
    [50053, "SignInRequired", /locked/],
    [50055, "SignInRequired", /locked/],
    [50056, "SignInRequired", /locked/],
    [50057, "SignInRequired", /locked/],
    [50126, "SignInRequired", /locked/],
    [50105, "SignInRequired", /assign/],
    [50194, "SignInRequired", /single-tenant/],
    [50196, "SignInRequired", /loop/],
    [9002327, "SignInRequired", /single-page/],
    [53002, "ConditionalAccess", /policy/],
    [530032, "ConditionalAccess", /policy/],
    [50072, "MfaRequired", /set up multi-factor/],
    [50079, "MfaRequired", /set up multi-factor/],
    [50078, "MfaRequired", /anew/],
    [54005, "SignInRequired", /used before/],
    [501481, "SignInRequired", /begin it again/],
    [70001, "SignInRequired", /disabled/],
    [70002, "SignInRequired", /secret is wrong/],
    [70011, "SignInRequired", /PARTNER_CENTER_CLOUD/],
    [90038, "SignInRequired", /another cloud/],
    [70016, "SignInRequired", /Finish/],
    [70018, "SignInRequired", /new code/],
    [70019, "SignInRequired", /new code/],
    [70020, "SignInRequired", /new code/],
    [700007, "SignInRequired", /another app/],
    [700024, "SignInRequired", /clock/],
    [700021, "SignInRequired", /another app or tenant/],
    [700023, "SignInRequired", /login address/],
    [50012, "SignInRequired", /certificate/],
    [50011, "SignInRequired", /redirect/],
    [500021, "SignInRequired", /policy/],
    [90094, "SignInRequired", /consent/],
    [16000, "SignInRequired", /not of the partner's tenant/],
    [90033, "Unavailable", /service health/],
    [70000, "SignInRequired", /Sign in again/],
    [99999, "SignInRequired", /Sign in again/]
  ] as const)("AADSTS%i is %s with its own remedy", ([code, tag, remedy]) =>
    Effect.gen(function* () {
      const { operation, reason, support } = yield* failed(refresh)
      assert.strictEqual(operation, "signIn")
      assert.strictEqual(reason._tag, tag)
      assert.match(reason.remedy, remedy)
      assert.strictEqual(reason.code, `AADSTS${code}`)
      assert.strictEqual(reason.httpStatus, 400)
      assert.strictEqual(reason.description, `AADSTS${code}: The grant is refused.`)
      assert.deepStrictEqual(support, {
        requestId: "0f9c7c5e-0a5b-4a5a-a1ff-25b4a6be0300",
        correlationId: "e2f0a7d3-8f2e-4f9b-8f5f-1f6a8f0b7c10"
      })
    }).pipe(answering([refused(code)]))
  )

  it.effect.each([
    ["interaction_required", "MfaRequired", /multi-factor/],
    ["invalid_grant", "SignInRequired", /Sign in again/],
    ["invalid_client", "SignInRequired", /secret or the client certificate/],
    ["unauthorized_client", "SignInRequired", /public client flows/],
    ["consent_required", "SignInRequired", /consent/],
    ["invalid_scope", "SignInRequired", /permissions/],
    ["invalid_resource", "SignInRequired", /permissions/],
    ["access_denied", "SignInRequired", /declined/],
    ["server_error", "Unavailable", /service health/],
    ["temporarily_unavailable", "Unavailable", /service health/]
  ] as const)("without a number the word counts: %s is %s", ([error, tag, remedy]) =>
    Effect.gen(function* () {
      const { reason } = yield* failed(refresh)
      assert.strictEqual(reason._tag, tag)
      assert.strictEqual(reason.code, error)
      assert.match(reason.remedy, remedy)
    }).pipe(answering([{ status: 400, body: { error, error_description: "No." } }]))
  )

  it.effect("a token that no header can carry is UnexpectedResponse, and is not shown", () =>
    Effect.gen(function* () {
      const error = yield* failed(refresh)
      assert.strictEqual(error.reason._tag, "UnexpectedResponse")
      assert.notInclude(error.message, "b\nc")
    }).pipe(answering([{ body: { access_token: "b\nc", expires_in: 3599 } }]))
  )

  it.effect("a refusal that gives its code in words only is known by it", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(refresh)
      assert.deepInclude(reason, { _tag: "MfaRequired", code: "AADSTS50076" })
    }).pipe(
      answering([
        {
          status: 400,
          body: { error: "invalid_grant", error_description: "AADSTS50076: Use a second factor." }
        }
      ])
    )
  )

  it.effect("what is not the login's own JSON is UnexpectedResponse", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(refresh)
      assert.deepInclude(reason, { _tag: "UnexpectedResponse", httpStatus: 403 })
      assert.notInclude(reason.description, "html")
    }).pipe(answering([{ status: 403, body: formD }]))
  )

  it.effect("control characters never reach the description", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(refresh)
      assert.strictEqual(reason.description, "AADSTS70000:  [31mred")
    }).pipe(answering([refused(70000, "invalid_grant", "\u001b[31mred\r\nTrace ID: 5\nforged")]))
  )

  it.effect.each([
    ["the refresh token", "r0"],
    ["the client secret", "s3cr~t.value_of-generated~shape"]
  ] as const)("a description that echoes %s is given without it", ([_, secret]) =>
    Effect.gen(function* () {
      const error = yield* failed(
        Effect.flatMap(Login, (login) => login.refresh(Redacted.make("r0")))
      )
      assert.strictEqual(error.reason.description, "AADSTS70000: '<redacted>' is malformed.")
    }).pipe(
      answering([refused(70000, "invalid_grant", `'${secret}' is malformed.`)], {
        proof: { _tag: "Secret", secret: Redacted.make("s3cr~t.value_of-generated~shape") }
      })
    )
  )

  it.effect("a long secret is not left in part where the description is cut", () => {
    const token = `1.AXoA${"kJ8-q_Zt".repeat(160)}`
    return Effect.gen(function* () {
      const login = yield* Login
      const error = yield* failed(login.refresh(Redacted.make(token)))
      assert.notInclude(JSON.stringify(error), token.slice(0, 24))
    }).pipe(answering([refused(70000, "invalid_grant", `The token ${token} is malformed.`)]))
  })

  it.effect("a secret echoed in any other field, or escaped, is taken out too", () => {
    const token = "0.AX+oA/kJ8qZt-11~bb=="
    const escaped = (text: string) =>
      [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")
    return Effect.gen(function* () {
      const login = yield* Login
      for (let count = 0; count < 2; count++) {
        const error = yield* failed(login.refresh(Redacted.make(token)))
        assert.notInclude(JSON.stringify(error), token)
      }
    }).pipe(
      answering([
        {
          status: 400,
          body: { error: token, error_description: token, trace_id: token, correlation_id: token }
        },
        {
          status: 400,
          body: `{"error":"invalid_grant","error_description":"${escaped(token)}"}`
        }
      ])
    )
  })
})
