// The whole stack over a scripted HttpClient, and the clock that it is run by.
import { Clock, Effect, Fiber, Layer, Option, Random, Redacted } from "effect"
import type { Duration } from "effect"
import type { HttpClient } from "effect/http/HttpClient"
import { TestClock } from "effect/testing"
import { AccessToken } from "../src/AccessToken.ts"
import { Budget } from "../src/Budget.ts"
import { Cloud } from "../src/Cloud.ts"
import type { CloudName, HostOverrides } from "../src/Cloud.ts"
import { Credential } from "../src/Credential.ts"
import type { ClientProof } from "../src/Credential.ts"
import { CredentialHealth } from "../src/CredentialHealth.ts"
import { CredentialVault } from "../src/CredentialVault.ts"
import type { Entry } from "../src/CredentialVault.ts"
import { Login } from "../src/Login.ts"
import { PartnerCenter } from "../src/PartnerCenter.ts"
import * as testing from "../src/testing.ts"
import { Tracker } from "../src/Tracker.ts"
import type { TransportOptions } from "../src/Transport.ts"
import { clientId, paths, tenant, tokens } from "./fixtures.ts"

export interface StackOptions {
  readonly entry?: Entry
  readonly vault?: Layer.Layer<CredentialVault>
  readonly proof?: ClientProof
  readonly cloud?: CloudName
  readonly hosts?: HostOverrides
  readonly requestsPerMinute?: number
  readonly transport?: TransportOptions
  /** How long one look may take. */
  readonly deadline?: Duration.Input
  /** How many looks for followed orders may be under way at once. */
  readonly concurrency?: number
}

/** A vault of a test's own. */
export const vault = (
  shape: Pick<CredentialVault["Service"], "modify"> & Partial<CredentialVault["Service"]>
) =>
  Layer.succeed(
    CredentialVault,
    CredentialVault.of({
      read: () => Effect.succeed(Option.none()),
      remove: () => Effect.succeed(false),
      kind: "test",
      isDurable: true,
      ...shape
    })
  )

/** The core as an app builds it, over any `HttpClient`. */
export const over = <P>(client: Layer.Layer<HttpClient | P>, options: StackOptions = {}) =>
  Tracker.layer({ deadline: options.deadline, concurrency: options.concurrency }).pipe(
    Layer.provideMerge(PartnerCenter.layer(options.transport)),
    Layer.provideMerge(CredentialHealth.layer),
    Layer.provideMerge(AccessToken.layer),
    Layer.provideMerge(Login.layer()),
    Layer.provideMerge(
      options.vault ??
        CredentialVault.layerMemory(options.entry ?? { refreshToken: Redacted.make("r0") })
    ),
    Layer.provideMerge(Budget.layer({ key: tenant, requestsPerMinute: options.requestsPerMinute })),
    Layer.provide(
      Credential.layer({ tenantId: tenant, clientId, proof: options.proof ?? { _tag: "None" } })
    ),
    Layer.provide(Layer.orDie(Cloud.layer(options.cloud ?? "global", options.hosts))),
    Layer.provideMerge(client)
  )

/** The core over answers by path; the login gives `t1` for a refresh token unless told otherwise. */
export const stack = (
  answers: Readonly<Record<string, ReadonlyArray<testing.Scripted>>> | testing.Handler,
  options: StackOptions = {}
) =>
  over(
    testing.layer(
      typeof answers === "function"
        ? answers
        : testing.script({ [paths.token]: [tokens("t1", "r1")], ...answers })
    ),
    options
  )

/** The ids that a request was sent with, as an error or a report has them. */
export const idsOf = (request: testing.Recorded | undefined) => ({
  requestId: request?.headers["ms-requestid"] ?? "none was sent",
  correlationId: request?.headers["ms-correlationid"] ?? "none was sent"
})

/** What was asked at that path, in order. */
export const asked = (path: string) =>
  Effect.map(
    Effect.flatMap(testing.Requests, ({ all }) => all),
    (requests) => requests.filter((request) => request.path === path)
  )

// Bodies are read by promises, which the test clock does not wait for.
const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
/** Lets everything run that does not wait for the clock. */
export const flush = Effect.andThen(turn, Effect.andThen(turn, turn))

/** Advances the clock by steps small enough that nothing runs late. */
export const advance = Effect.fnUntraced(function* (millis: number, step = 100) {
  yield* flush
  for (let gone = 0; gone < millis; gone += step) {
    yield* TestClock.adjust(Math.min(step, millis - gone))
    yield* flush
  }
})

/** Jitter as its middle, so that a delay can be foreseen: 250 ms, 500 ms, 1 s, 2 s. */
export const evenly = Effect.provideService(Random.Random, {
  nextDoubleUnsafe: () => 0.5,
  nextIntUnsafe: () => 0
})

/** Runs the effect to its end while the clock goes on: how it ended, and after how many milliseconds. */
export const timed = <A, E, R>(effect: Effect.Effect<A, E, R>, step = 100) =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.forkChild(
      Effect.exit(effect).pipe(
        Effect.zip(Clock.currentTimeMillis),
        Effect.map(([exit, ended]) => ({ exit, took: ended - began })),
        evenly
      )
    )
    yield* flush
    for (let steps = 0; fiber.pollUnsafe() === undefined; steps++) {
      if (steps > 20_000) return yield* Effect.die("the effect does not end")
      yield* TestClock.adjust(step)
      yield* flush
    }
    return yield* Fiber.join(fiber)
  })

/** Runs the effect to its end while the clock goes on. */
export const run = <A, E, R>(effect: Effect.Effect<A, E, R>, step?: number) =>
  Effect.flatMap(timed(effect, step), ({ exit }) => exit)

/** Runs the effect to its failure while the clock goes on. */
export const failed = <A, E, R>(effect: Effect.Effect<A, E, R>, step?: number) =>
  Effect.flip(run(effect, step))

/** A clock on the wall that somebody puts right (milliseconds), while time itself goes on. */
export interface Wall {
  readonly shift: (millis: number) => void
}

/** Runs with such a clock, over the one of the test. */
export const wallClock = <A, E, R>(
  use: (wall: Wall) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  TestClock.testClockWith((clock) => {
    let offset = 0
    const millis = () => clock.currentTimeMillisUnsafe() + offset
    const nanos = () => clock.currentTimeNanosUnsafe() + BigInt(offset) * 1_000_000n
    const shifted: TestClock.TestClock = {
      ...clock,
      currentTimeMillisUnsafe: millis,
      currentTimeMillis: Effect.sync(millis),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos)
    }
    const shift = (by: number) => {
      offset += by
    }
    return Effect.provideService(use({ shift }), Clock.Clock, shifted)
  })
