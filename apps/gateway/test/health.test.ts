import { assert, describe, it } from "@effect/vitest"
import { Budget } from "@orderwatch/core/Budget"
import { CredentialHealth } from "@orderwatch/core/CredentialHealth"
import type { Finding, Health as CredentialState } from "@orderwatch/core/CredentialHealth"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { Context, DateTime, Duration, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { local } from "../src/access/caller.ts"
import { Closing } from "../src/closing.ts"
import { concerns, Health, livez, readyz } from "../src/health.ts"
import { customer, failing, jsonOf } from "./gateway.ts"
import { asking, services, simulated } from "./live.ts"

const found = (...findings: ReadonlyArray<Finding>): CredentialState => ({
  roles: [],
  mfa: "yes",
  appOnly: false,
  user: "adele@partner.example",
  tokenExpiresAt: DateTime.makeUnsafe(Duration.toMillis("1 hour")),
  findings
})
const fine = found({ level: "ok", code: "mfa", message: "well" })
const warned = found({ level: "warn", code: "not-durable", message: "soon", remedy: "Sign in." })
const failed = found({ level: "fail", code: "no-credential", message: "none", remedy: "Sign in." })

/** Health over a credential that a test changes, and how often that was looked at. */
const over = Effect.fnUntraced(function* (
  first: CredentialState | PartnerCenterError,
  takes = Duration.zero
) {
  const state = {
    credential: first,
    checks: 0,
    suspended: Duration.zero
  }
  const layer = Health.layer.pipe(
    Layer.provide(
      Layer.succeed(CredentialHealth, {
        check: Effect.suspend(() => {
          state.checks += 1
          const { credential } = state
          return Effect.delay(
            "findings" in credential ? Effect.succeed(credential) : Effect.fail(credential),
            takes
          )
        })
      })
    ),
    Layer.provide(Layer.mock(PartnerCenter)({ suspendedFor: Effect.sync(() => state.suspended) })),
    Layer.provideMerge(Layer.merge(Closing.layer, Budget.layer({ key: "t" })))
  )
  const context = yield* Layer.build(layer)
  const { changed, now } = Context.get(context, Health)
  const codes = Effect.map(now, ({ reasons, status }) => [
    status,
    ...reasons.map(({ code, level }) => `${level} ${code}`)
  ])
  yield* TestClock.adjust(0)
  return { state, context, changed, codes }
})

describe("readiness", () => {
  it.effect("is ready with a credential that is well", () =>
    Effect.gen(function* () {
      const { codes } = yield* over(fine)
      assert.deepEqual(yield* codes, ["ready"])
    })
  )

  it.effect("is degraded by warnings, and ends with what fails", () =>
    Effect.gen(function* () {
      assert.deepEqual(yield* (yield* over(warned)).codes, ["degraded", "degraded not-durable"])
      assert.deepEqual(yield* (yield* over(failed)).codes, ["unready", "unready no-credential"])
    })
  )

  it.effect("is degraded while the breaker is open, and while upstream asked to wait", () =>
    Effect.gen(function* () {
      const { codes, context, state } = yield* over(fine)
      state.suspended = Duration.seconds(5)
      yield* Context.get(context, Budget).pause(Duration.seconds(30))
      assert.deepEqual(yield* codes, ["degraded", "degraded suspended", "degraded paused"])
      state.suspended = Duration.zero
      yield* TestClock.adjust("31 seconds")
      assert.deepEqual(yield* codes, ["ready"])
    })
  )

  it.effect("is unready before the credential was seen, and once the gateway is to end", () =>
    Effect.gen(function* () {
      const { codes, context } = yield* over(fine, Duration.seconds(3))
      assert.deepEqual(yield* codes, ["unready", "unready starting"])
      yield* TestClock.adjust("3 seconds")
      assert.deepEqual(yield* codes, ["ready"])
      yield* Context.get(context, Closing).begin
      assert.deepEqual(yield* codes, ["unready", "unready closing"])
    })
  )

  it.effect("outlives a login that cannot be asked for as long as the token does", () =>
    Effect.gen(function* () {
      const { codes, state } = yield* over(fine)
      state.credential = failing("signIn", "Unavailable")
      yield* TestClock.adjust("1 minute")
      assert.deepEqual(yield* codes, ["degraded", "degraded login"])
      yield* TestClock.adjust("1 hour")
      assert.deepEqual(yield* codes, ["unready", "unready login"])
      state.credential = fine
      yield* TestClock.adjust("1 minute")
      assert.deepEqual(yield* codes, ["ready"])
    })
  )

  it.effect("looks once a minute however often it is asked, and within 5 s of a change", () =>
    Effect.gen(function* () {
      const { changed, codes, state } = yield* over(fine)
      for (let probe = 0; probe < 59; probe++) {
        yield* codes
        yield* TestClock.adjust("1 second")
      }
      assert.strictEqual(state.checks, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(state.checks, 2)
      state.credential = warned
      yield* changed
      yield* changed
      yield* TestClock.adjust("4 seconds")
      assert.deepEqual(yield* codes, ["ready"])
      yield* TestClock.adjust("1 second")
      assert.deepEqual(yield* codes, ["degraded", "degraded not-durable"])
      assert.strictEqual(state.checks, 3)
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(state.checks, 3)
    })
  )

  it.effect("sees within 15 s that somebody has signed in elsewhere", () =>
    Effect.gen(function* () {
      const { codes, state } = yield* over(failed)
      assert.deepEqual(yield* codes, ["unready", "unready no-credential"])
      yield* TestClock.adjust("14 seconds")
      assert.strictEqual(state.checks, 1)
      state.credential = fine
      yield* TestClock.adjust("1 second")
      assert.deepEqual(yield* codes, ["ready"])
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(state.checks, 2)
    })
  )

  it.effect("goes on after a defect in the assessment", () =>
    Effect.gen(function* () {
      let checks = 0
      const check = Effect.suspend(() =>
        ++checks === 1 ? Effect.die("odd") : Effect.succeed(fine)
      )
      const context = yield* Layer.build(
        Health.layer.pipe(
          Layer.provide(Layer.succeed(CredentialHealth, { check })),
          Layer.provide(Layer.mock(PartnerCenter)({ suspendedFor: Effect.succeed(Duration.zero) })),
          Layer.provide(Layer.merge(Closing.layer, Budget.layer({ key: "t" })))
        )
      )
      yield* TestClock.adjust(0)
      const { now } = Context.get(context, Health)
      assert.strictEqual((yield* now).status, "unready")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* now).status, "ready")
    })
  )
})

describe("the probes", () => {
  it.effect("tell the unknown, and who may see one customer only, one word", () =>
    Effect.gen(function* () {
      const limited = { ...local, customers: new Set([customer]) }
      for (const [state, status, word] of [
        [fine, 200, "ready"],
        [warned, 200, "degraded"],
        [failed, 503, "unready"]
      ] as const) {
        const { context } = yield* over(state)
        for (const caller of [Option.none(), Option.some(limited)]) {
          const answer = yield* Effect.provideContext(readyz(caller), context)
          assert.deepEqual([answer.status, answer.body], [status, `${word}\n`])
          assert.strictEqual(answer.headers["content-type"], "text/plain; charset=utf-8")
        }
      }
      assert.deepEqual([livez.status, livez.body], [200, "alive\n"])
    })
  )

  it.effect("tell who may see everything why, as JSON without secrets", () =>
    Effect.gen(function* () {
      const { context } = yield* over(warned)
      const answer = yield* Effect.provideContext(readyz(Option.some(local)), context)
      assert.strictEqual(answer.headers["cache-control"], "no-store")
      assert.deepEqual(JSON.parse(typeof answer.body === "string" ? answer.body : ""), {
        status: "degraded",
        reasons: [{ level: "degraded", code: "not-durable", message: "soon. Sign in." }],
        assessedAt: "1970-01-01T00:00:00.000Z",
        credential: { ...warned, tokenExpiresAt: "1970-01-01T01:00:00.000Z" }
      })
    })
  )

  it("look at the credential after what concerns it, not after every failure", () => {
    assert.isTrue(concerns("SignInRequired"))
    assert.isFalse(concerns("OrderNotFound"))
    assert.isFalse(concerns("Throttled"))
  })

  it.live("ask Partner Center nothing, and the login once, over the simulator", () =>
    Effect.gen(function* () {
      const simulator = simulated()
      const ask = asking(yield* services(simulator))
      yield* Effect.repeat(ask("/readyz"), { until: ({ status }) => status === 200 })
      for (let probe = 0; probe < 50; probe++) {
        yield* ask("/livez")
        yield* ask("/readyz")
      }
      assert.lengthOf(simulator.asked, 1)
      assert.match(simulator.asked.join(""), /\/oauth2\/v2\.0\/token$/)
      const ready = yield* jsonOf(yield* ask("/readyz"))
      assert.strictEqual(ready["status"], "degraded")
      assert.include(JSON.stringify(ready), "not-durable")
      // Without a key, a page that a name was rebound for learns one word.
      const rebound = yield* ask("/readyz", { headers: { host: "evil.example" } })
      assert.strictEqual(yield* Effect.promise(() => rebound.text()), "degraded\n")
    }).pipe(Effect.scoped)
  )
})
