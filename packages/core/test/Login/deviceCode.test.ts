import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Duration, Effect, Fiber, Redacted } from "effect"
import { AssertionFailed } from "../../src/Credential.ts"
import { Login } from "../../src/Login.ts"
import * as testing from "../../src/testing.ts"
import type { Scripted } from "../../src/testing.ts"
import { clientId, device, formD, paths, refused, tenant, tokens } from "../fixtures.ts"
import { advance, asked, failed, run, stack, timed } from "../layers.ts"
import type { StackOptions } from "../layers.ts"

const begin = Effect.flatMap(Login, (login) => login.deviceCode)
const signIn = Effect.flatMap(Login, (login) =>
  Effect.flatMap(login.deviceCode, login.awaitDeviceCode)
)
const polls = asked(paths.token)

const answering = (
  answers: ReadonlyArray<Scripted>,
  begun: Scripted = { body: device },
  options?: StackOptions
) => Effect.provide(stack({ [paths.deviceCode]: [begun], [paths.token]: answers }, options))

/** When each poll was made, in seconds since the code came. */
const watched = (answers: ReadonlyArray<Scripted>, options?: StackOptions) => {
  const at: Array<number> = []
  return {
    at,
    layer: stack(
      ({ path }, count) =>
        path === paths.deviceCode
          ? { body: device }
          : Effect.map(Clock.currentTimeMillis, (now) => {
              at.push(now / 1000)
              return answers[Math.min(count, answers.length - 1)] ?? { status: 404 }
            }),
      options
    )
  }
}

const pending = refused(70016, "authorization_pending", "Authorization is pending.")
const slowDown = refused(0, "slow_down", "Too fast.")

describe("a device code", () => {
  it.effect("is asked for with the app's id and this cloud's permissions, and no proof", () =>
    Effect.gen(function* () {
      const code = yield* run(begin)
      assert.strictEqual(code.userCode, "F7K2QXWMD")
      assert.strictEqual(code.verificationUri, "https://microsoft.com/devicelogin")
      assert.strictEqual(code.message, device.message)
      assert.strictEqual(Redacted.value(code.deviceCode), device.device_code)
      assert.strictEqual(DateTime.toEpochMillis(code.expiresAt), 900_000)
      assert.strictEqual(Duration.toSeconds(code.interval), 5)
      const [request] = yield* asked(paths.deviceCode)
      assert.strictEqual(
        request?.url,
        `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/devicecode`
      )
      assert.deepStrictEqual(request?.form, {
        client_id: clientId,
        scope: "https://api.partnercenter.microsoft.com/.default offline_access openid profile"
      })
      assert.match(request?.headers["client-request-id"] ?? "", /^[0-9a-f-]{36}$/)
    }).pipe(
      answering(
        [],
        { body: device },
        { proof: { _tag: "Secret", secret: Redacted.make("s3cr~t") } }
      )
    )
  )

  it.effect(
    "its numbers may be strings, its interval 5 s and its message ours where none is given",
    () =>
      Effect.gen(function* () {
        const code = yield* run(begin)
        assert.strictEqual(DateTime.toEpochMillis(code.expiresAt), 600_000)
        assert.strictEqual(Duration.toSeconds(code.interval), 5)
        assert.strictEqual(
          code.message,
          "To sign in, open https://microsoft.com/devicelogin in a browser and enter the code F7K2QXWMD."
        )
      }).pipe(
        answering([], {
          body: {
            device_code: "d",
            user_code: "F7K2QXWMD",
            verification_uri: "https://microsoft.com/devicelogin",
            expires_in: "600"
          }
        })
      )
  )

  it.effect("what is shown of it has no control characters", () =>
    Effect.gen(function* () {
      const { message, userCode } = yield* run(begin)
      assert.strictEqual(userCode, "F7 [2J")
      assert.strictEqual(message, "Open [31m it")
    }).pipe(
      answering([], {
        body: { ...device, user_code: "F7\u001b[2J", message: "Open\u001b[31m it\r\n" }
      })
    )
  )

  it.effect.each([
    ["a proxy's page", formD],
    ["an empty body", ""],
    ["no code", { ...device, device_code: undefined }],
    ["a page that is none", { ...device, verification_uri: "javascript:alert(1)" }]
  ] as const)("%s is UnexpectedResponse", ([_, body]) =>
    Effect.gen(function* () {
      const { operation, reason } = yield* failed(begin)
      assert.strictEqual(operation, "signIn")
      assert.strictEqual(reason._tag, "UnexpectedResponse")
    }).pipe(answering([], { body }))
  )

  it.effect("a refusal has its remedy", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(begin)
      assert.deepInclude(reason, { _tag: "SignInRequired", code: "AADSTS700016" })
      assert.match(reason.remedy, /PARTNER_CENTER_CLIENT_ID/)
    }).pipe(answering([], refused(700016, "unauthorized_client")))
  )

  it.effect("is asked for again after what passes", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* run(begin)).userCode, "F7K2QXWMD")
      assert.strictEqual((yield* asked(paths.deviceCode)).length, 3)
    }).pipe(
      Effect.provide(stack({ [paths.deviceCode]: ["reset", { status: 503 }, { body: device }] }))
    )
  )
})

describe("waiting for a device code", () => {
  it.effect("asks every interval while authorization_pending, then gives the tokens", () => {
    const { at, layer } = watched([pending, pending, tokens("t1", "r1")])
    return Effect.gen(function* () {
      const given = yield* run(signIn)
      assert.strictEqual(Redacted.value(given.accessToken), "t1")
      assert.strictEqual(given.refreshToken && Redacted.value(given.refreshToken), "r1")
      assert.deepStrictEqual(at, [5, 10, 15])
      const [request] = yield* polls
      assert.strictEqual(
        request?.form["grant_type"],
        "urn:ietf:params:oauth:grant-type:device_code"
      )
      assert.strictEqual(request?.form["device_code"], device.device_code)
      assert.strictEqual(request?.form["client_id"], clientId)
      assert.strictEqual(new URL(request?.url ?? "").search, "")
    }).pipe(Effect.provide(layer))
  })

  it.effect("all of its polls have one request id for support", () =>
    Effect.gen(function* () {
      yield* run(signIn)
      const ids = (yield* polls).map(({ headers }) => headers["client-request-id"])
      assert.strictEqual(ids.length, 3)
      assert.strictEqual(new Set(ids).size, 1)
      assert.match(ids[0] ?? "", /^[0-9a-f-]{36}$/)
    }).pipe(answering([pending, pending, tokens("t1")]))
  )

  it.effect("slow_down adds five seconds to the interval, for good", () => {
    const { at, layer } = watched([slowDown, pending, pending, slowDown, pending, tokens("t1")])
    return Effect.gen(function* () {
      yield* run(signIn)
      assert.deepStrictEqual(at, [5, 15, 25, 35, 50, 65])
    }).pipe(Effect.provide(layer))
  })

  it.effect.each([
    ["expired_token", refused(70019, "expired_token"), /new code/],
    ["expired_token by its other number", refused(70020, "expired_token"), /new code/],
    ["authorization_declined", refused(0, "authorization_declined"), /declined/],
    ["access_denied", refused(0, "access_denied"), /declined/],
    ["bad_verification_code", refused(70018, "bad_verification_code"), /new code/],
    ["invalid_grant", refused(70000, "invalid_grant"), /Sign in again/],
    ["an app that is no public client", refused(7000218, "invalid_client"), /public client flows/]
  ] as const)("%s ends it at once", ([_, answer, remedy]) =>
    Effect.gen(function* () {
      const { exit, took } = yield* timed(Effect.flip(signIn))
      const { operation, reason } = yield* exit
      assert.strictEqual(operation, "signIn")
      assert.strictEqual(reason._tag, "SignInRequired")
      assert.match(reason.remedy, remedy)
      assert.strictEqual(took, 5000)
      assert.strictEqual((yield* polls).length, 1)
    }).pipe(answering([answer]))
  )

  it.effect.each([
    ["multi-factor authentication", refused(50076), "MfaRequired"],
    ["a policy", refused(53003), "ConditionalAccess"],
    ["an answer that is not the login's", { status: 403, body: formD }, "UnexpectedResponse"],
    ["a token answer without a token", { body: "{}" }, "UnexpectedResponse"]
  ] as const)("%s ends it with its reason", ([_, answer, tag]) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* failed(signIn)).reason._tag, tag)
    }).pipe(answering([answer]))
  )

  it.effect("its failures are ridden out, less often after each one in a row", () => {
    const { at, layer } = watched([
      { status: 503 },
      { status: 500 },
      pending,
      { status: 400, body: { error: "temporarily_unavailable" } },
      tokens("t1")
    ])
    return Effect.gen(function* () {
      assert.strictEqual(Redacted.value((yield* run(signIn)).accessToken), "t1")
      assert.deepStrictEqual(at, [5, 15, 35, 40, 50])
    }).pipe(Effect.provide(layer))
  })

  it.effect("no connection, silence and bodies cut short are ridden out too", () =>
    Effect.gen(function* () {
      assert.strictEqual(Redacted.value((yield* run(signIn)).accessToken), "t1")
      assert.strictEqual((yield* polls).length, 4)
    }).pipe(answering(["reset", "silence", "cut", tokens("t1")]))
  )

  it.effect("it never waits longer than a minute on its own, and as long as the login asks", () => {
    const busy = { status: 429, headers: { "Retry-After": "100" } }
    const { at, layer } = watched(["reset", "reset", "reset", "reset", "reset", busy, tokens("t1")])
    return Effect.gen(function* () {
      yield* run(signIn)
      assert.deepStrictEqual(at, [5, 15, 35, 75, 135, 195, 295])
    }).pipe(Effect.provide(layer))
  })

  it.effect("the code expires by the clock, whatever the login goes on saying", () =>
    Effect.gen(function* () {
      const { exit, took } = yield* timed(Effect.flip(signIn), 1000)
      const { reason } = yield* exit
      assert.strictEqual(reason._tag, "SignInRequired")
      assert.strictEqual(reason.description, "nobody entered the code in time")
      assert.match(reason.remedy, /begin the sign-in again/)
      assert.strictEqual(took, 900_000)
      assert.strictEqual((yield* polls).length, 179)
    }).pipe(answering([pending]))
  )

  it.effect("a code that has expired already is not asked about", () =>
    Effect.gen(function* () {
      const login = yield* Login
      const code = yield* run(login.deviceCode)
      yield* advance(900_000, 900_000)
      const { exit, took } = yield* timed(Effect.flip(login.awaitDeviceCode(code)))
      assert.strictEqual((yield* exit).reason._tag, "SignInRequired")
      assert.strictEqual(took, 0)
      assert.deepStrictEqual(yield* polls, [])
    }).pipe(answering([pending]))
  )

  it.effect("a code that expired while the login did not answer says so", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(signIn, 1000)
      assert.match(reason.description ?? "", /has expired; last, .*ECONNRESET/)
    }).pipe(answering(["reset"]))
  )

  it.effect("a failure that passed long before is not named then", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(signIn, 1000)
      assert.strictEqual(reason.description, "nobody entered the code in time")
    }).pipe(answering(["reset", pending]))
  )

  it.effect("interruption ends the asking", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(signIn, { startImmediately: true })
      yield* advance(12_000)
      assert.strictEqual((yield* polls).length, 2)
      yield* Fiber.interrupt(fiber)
      yield* advance(60_000)
      assert.strictEqual((yield* polls).length, 2)
    }).pipe(answering([pending]))
  )

  it.effect("every poll carries the app's proof, an assertion signed anew", () => {
    let signed = 0
    return Effect.gen(function* () {
      yield* run(signIn)
      assert.deepStrictEqual(
        (yield* polls).map(({ form }) => form["client_assertion"]),
        ["assertion 1", "assertion 2"]
      )
    }).pipe(
      answering([pending, tokens("t1")], undefined, {
        proof: {
          _tag: "Assertion",
          sign: () => Effect.sync(() => Redacted.make(`assertion ${++signed}`))
        }
      })
    )
  })

  it.effect("an assertion that cannot be signed ends it", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(signIn)
      assert.deepInclude(reason, { _tag: "SignInRequired", description: "the key is gone" })
      assert.deepStrictEqual(yield* polls, [])
    }).pipe(
      answering([pending], undefined, {
        proof: {
          _tag: "Assertion",
          sign: () => Effect.fail(new AssertionFailed({ message: "the key is gone" }))
        }
      })
    )
  )

  it.effect.each([
    ["global", "https://login.microsoftonline.com"],
    ["us-government", "https://login.microsoftonline.us"],
    ["china", "https://login.partner.microsoftonline.cn"]
  ] as const)("in the %s cloud both requests go to %s", ([cloud, host]) =>
    Effect.gen(function* () {
      yield* run(signIn)
      const { all } = yield* testing.Requests
      assert.deepStrictEqual(
        (yield* all).map(({ url }) => url),
        ["devicecode", "token"].map((path) => `${host}/${tenant}/oauth2/v2.0/${path}`)
      )
    }).pipe(answering([tokens("t1")], undefined, { cloud }))
  )
})
