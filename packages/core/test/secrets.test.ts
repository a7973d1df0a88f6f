// What is secret is never shown: whatever upstream sends back, in no error, log line or span.
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Logger, Redacted, References, Schema, Tracer } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { PartnerCenterError, toProblem } from "../src/PartnerCenterError.ts"
import { Login } from "../src/Login.ts"
import { Requests } from "../src/testing.ts"
import type { Handler, Scripted } from "../src/testing.ts"
import { Tracker } from "../src/Tracker.ts"
import { customer, device, formA, formB, fulfilled, marked, order, tokens } from "./fixtures.ts"
import { run, stack } from "./layers.ts"

const text = (pattern: RegExp) => Arbitrary.schema(Schema.String.check(Schema.isPattern(pattern)))

const generated = {
  // A JSON Web Token, an opaque refresh token and an app's secret, as the login makes them.
  access: text(/^eyJ[A-Za-z0-9_-]{30,80}\.[A-Za-z0-9_-]{40,400}\.[A-Za-z0-9_-]{40,80}$/),
  refresh: text(/^[01]\.A[A-Za-z0-9_-]{40,1200}$/),
  rotated: text(/^[01]\.B[A-Za-z0-9_-]{40,1200}$/),
  client: text(/^[A-Za-z0-9]{3}8Q~[A-Za-z0-9_.~-]{34}$/),
  other: text(/^[A-Za-z0-9+/=]{44,88}$/),
  isOther: Schema.Boolean,
  echoesProof: Schema.Boolean,
  where: Schema.Literals(["login", "order", "status"]),
  how: Schema.Literals([
    "A",
    "B",
    "oauth",
    "form",
    "html",
    "text",
    "shape",
    "escaped",
    "long",
    "400072"
  ]),
  status: Schema.Literals([200, 302, 400, 401, 403, 404, 409, 429, 500, 503])
}

/** A body that sends the secret back. */
const echo = (how: string, secret: string): unknown => {
  const sentence = `The value '${secret}' of Authorization: Bearer ${secret} is malformed.`
  switch (how) {
    case "A":
      return formA(secret, sentence)
    case "B":
      return formB(secret, sentence)
    case "oauth":
      return {
        error: secret,
        error_description: `AADSTS70000: ${sentence}`,
        trace_id: secret,
        correlation_id: secret
      }
    case "form":
      return {
        error: "invalid_grant",
        code: 1,
        ...twice(`in ${new URLSearchParams({ refresh_token: secret, client_secret: secret })}`)
      }
    case "html":
      return `<html><body>${sentence}</body></html>`
    case "text":
      return sentence
    case "shape":
      return { [secret]: secret, items: [{ status: { [secret]: secret } }], id: [secret] }
    case "escaped":
      return JSON.stringify({ error: "x", code: 1, ...twice(sentence) }).replaceAll(
        /[~.+/=_-]/g,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
      )
    case "long":
      return { error: "x", code: 1, ...twice(`${"x".repeat(1000)}${secret}`) }
    default:
      return marked(formA(400072, sentence))
  }
}

const twice = (sentence: string) => ({ description: sentence, error_description: sentence })

/** Everything that was shown while the effect ran, and the effect's end. */
const watched = <A, E, R>(effect: Effect.Effect<A, E, R>) => {
  const shown: Array<string> = []
  const spans: Array<Tracer.Span> = []
  const logger = Logger.make((options) => {
    shown.push(Logger.formatJson.log(options))
  })
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return Effect.exit(effect).pipe(
    Effect.provideService(Logger.CurrentLoggers, new Set([logger])),
    Effect.provideService(References.MinimumLogLevel, "All"),
    Effect.provideService(Tracer.Tracer, tracer),
    Effect.map((exit) => {
      for (const span of spans) {
        shown.push(span.name, JSON.stringify([...span.attributes]))
        if (span.status._tag === "Ended" && Exit.isFailure(span.status.exit)) {
          shown.push(Cause.pretty(span.status.exit.cause))
        }
      }
      return { exit, shown, spans }
    })
  )
}

const report = run(Effect.flatMap(Tracker, (tracker) => tracker.report(customer, order)))

const parts = (secret: string): ReadonlyArray<string> => [
  secret,
  // Half of a secret is one as well.
  secret.slice(0, 20),
  secret.slice(-20),
  encodeURIComponent(secret)
]

describe("secrets", () => {
  it.effect.prop(
    "none is ever shown in a run in which upstream echoes it",
    generated,
    ({ access, client, echoesProof, how, isOther, other, refresh, rotated, status, where }) => {
      const proof = isOther ? other : client
      const secrets = [access, refresh, rotated, proof]
      const echoed = (secret: string): Scripted => ({
        status,
        headers: { "retry-after": "100" },
        body: echo(how, secret)
      })
      const handler: Handler = ({ method, path }) => {
        if (method === "POST") {
          return where === "login" ? echoed(echoesProof ? proof : refresh) : tokens(access, rotated)
        }
        if (path.endsWith("/provisioningstatus")) {
          return where === "status" ? echoed(access) : { body: fulfilled }
        }
        return where === "order" ? echoed(access) : { status: 404 }
      }
      return Effect.gen(function* () {
        const { exit, shown, spans } = yield* watched(report)
        assert.isAbove(spans.length, 2)
        if (Exit.isFailure(exit)) {
          const { cause } = exit
          shown.push(Cause.pretty(cause), String(cause), JSON.stringify(exit))
          const error = Cause.squash(cause)
          shown.push(String(error), JSON.stringify(error))
          assert.instanceOf(error, PartnerCenterError)
          if (error instanceof PartnerCenterError) {
            shown.push(error.message, error.stack ?? "", JSON.stringify(toProblem(error)))
          }
        }
        const all = shown.join("\n")
        for (const secret of secrets) {
          for (const part of parts(secret)) assert.notInclude(all, part)
        }
      }).pipe(
        Effect.provide(
          stack(handler, {
            entry: { refreshToken: Redacted.make(refresh) },
            proof: { _tag: "Secret", secret: Redacted.make(proof) }
          })
        )
      )
    },
    { arbitrary: { seed: "secrets", runs: 150 } }
  )

  it.effect.prop(
    "none is ever shown in a sign-in in which the login echoes it",
    {
      access: generated.access,
      code: generated.other,
      deviceCode: generated.refresh,
      rotated: generated.rotated,
      proof: generated.client,
      flow: Schema.Literals(["device", "browser"]),
      echoed: Schema.Literals(["code", "proof", "verifier"]),
      how: generated.how,
      status: generated.status
    },
    ({ access, code, deviceCode, echoed, flow, how, proof, rotated, status }) => {
      const known = { access, code, deviceCode, rotated, proof }
      const secrets = new Set(Object.values(known))
      const handler: Handler = ({ form, path }, count) => {
        if (path.endsWith("/devicecode")) return { body: { ...device, device_code: deviceCode } }
        if (count > 0) return tokens(access, rotated)
        const grant = flow === "device" ? form["device_code"] : form["code"]
        const secret = {
          code: grant,
          proof: form["client_secret"],
          verifier: form["code_verifier"] ?? grant
        }[echoed]
        return { status, headers: { "retry-after": "1" }, body: echo(how, secret ?? "none") }
      }
      const signIn = Effect.gen(function* () {
        const login = yield* Login
        if (flow === "device") return yield* login.awaitDeviceCode(yield* login.deviceCode)
        const begun = yield* login.authorization({ redirectUri: "http://localhost:5000/" })
        secrets.add(Redacted.value(begun.verifier))
        assert.notInclude(begun.url, Redacted.value(begun.verifier))
        return yield* login.exchangeCode(begun, { state: Redacted.value(begun.state), code })
      })
      return Effect.gen(function* () {
        const { exit, shown } = yield* watched(run(signIn))
        shown.push(JSON.stringify(exit), String(exit))
        if (Exit.isFailure(exit)) {
          const error = Cause.squash(exit.cause)
          assert.instanceOf(error, PartnerCenterError)
          shown.push(Cause.pretty(exit.cause), String(error), JSON.stringify(error))
        }
        const { all } = yield* Requests
        for (const request of yield* all) {
          shown.push(request.url, JSON.stringify(request.headers))
        }
        const text = shown.join("\n")
        for (const secret of secrets) {
          for (const part of parts(secret)) assert.notInclude(text, part)
        }
      }).pipe(
        Effect.provide(stack(handler, { proof: { _tag: "Secret", secret: Redacted.make(proof) } }))
      )
    },
    { arbitrary: { seed: "sign-in", runs: 150 } }
  )

  it.effect("the watch itself sees logs, spans and errors", () =>
    Effect.gen(function* () {
      const { exit, shown, spans } = yield* watched(report)
      assert.isTrue(Exit.isFailure(exit))
      const names = spans.map(({ name }) => name)
      assert.includeMembers(names, ["Tracker.report", "AccessToken.acquire", "Login.refresh"])
      assert.include(shown.join("\n"), "answered")
      assert.include(shown.join("\n"), "/oauth2/v2.0/token")
    }).pipe(
      Effect.provide(stack(({ method }) => (method === "POST" ? tokens("t1") : { status: 404 })))
    )
  )
})
