// The issuer's keys while the gateway runs: asked for in the background, and once more when a token is
// signed with one that is not known yet.
import { Duration, Effect, Fiber, Result, Scope } from "effect"
import type { HttpClient } from "effect/http/HttpClient"
import { IssuerUnavailable } from "../problem.ts"
import { steadyMillis } from "../steady.ts"
import { discover } from "./discovery.ts"
import type { Issuer } from "./discovery.ts"

/** How often, and for how long, what an issuer said counts. */
export const pace = {
  /** Between two looks while all is well. */
  again: Duration.minutes(10),
  /** Between two attempts while it cannot be asked, and while that leaves us without any keys. */
  retry: Duration.minutes(1),
  retryWithout: Duration.seconds(15),
  /** Tokens can make it be asked again only so often: who sends them need not be known. */
  cooldown: Duration.seconds(30),
  /** Without any keys there is nothing else to do. */
  cooldownWithout: Duration.seconds(5),
  /** Keys that nobody has confirmed for so long do not count. */
  lasts: Duration.hours(24)
} as const

export interface Issuers {
  /** The issuer as it was last seen; asked anew where that is too long ago. */
  readonly current: Effect.Effect<Issuer, IssuerUnavailable>
  /** For a key that is not known: the issuer, if it could be asked since `seen`. */
  readonly after: (seen: Issuer) => Effect.Effect<Issuer, IssuerUnavailable>
}

export const make = Effect.fnUntraced(function* (
  address: URL
): Effect.fn.Return<Issuers, never, HttpClient | Scope.Scope> {
  const context = yield* Effect.context<HttpClient>()
  const scope = yield* Effect.scope
  let known: { readonly issuer: Issuer; readonly at: number } | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  let problem: string | undefined
  let asking: Fiber.Fiber<void> | undefined

  const ask = Effect.gen(function* () {
    const found = yield* Effect.result(Effect.provideContext(discover(address), context))
    if (Result.isSuccess(found)) {
      known = { issuer: found.success, at: yield* steadyMillis }
      if (problem !== undefined) yield* Effect.logInfo("the OIDC issuer answers again")
      problem = undefined
      return
    }
    const { message } = found.failure
    if (message === problem) return
    problem = message
    yield* Effect.logWarning(
      `the OIDC issuer cannot be asked: ${message}. ${known === undefined ? "Its tokens are answered with 503 until it can." : "Its keys that were read before count for a day."}`
    )
  })

  // One at a time for however many ask, and not ended by whoever began it hanging up.
  const asked = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      if (asking === undefined) {
        triedAt = yield* steadyMillis
        asking = yield* Effect.forkIn(
          Effect.interruptible(
            Effect.ensuring(
              ask,
              Effect.sync(() => (asking = undefined))
            )
          ),
          scope
        )
      }
      yield* restore(Fiber.await(asking))
    })
  )

  const fresh = Effect.map(steadyMillis, (now) =>
    known !== undefined && now - known.at < Duration.toMillis(pace.lasts) ? known.issuer : undefined
  )

  /** Milliseconds until a token may make the issuer be asked again. */
  const held = Effect.map(steadyMillis, (now) => {
    const cooldown = known === undefined ? pace.cooldownWithout : pace.cooldown
    return Math.max(0, triedAt + Duration.toMillis(cooldown) - now)
  })

  const askedUnlessHeld = Effect.gen(function* () {
    if (asking !== undefined || (yield* held) === 0) yield* asked
  })

  const refuse = Effect.gen(function* () {
    const wait = Math.max(1, Math.ceil((yield* held) / 1000))
    return yield* new IssuerUnavailable({ retryAfter: wait })
  })

  yield* Effect.forkScoped(
    Effect.forever(
      Effect.gen(function* () {
        yield* asked
        const failing = known === undefined ? pace.retryWithout : pace.retry
        yield* Effect.sleep(problem === undefined ? pace.again : failing)
      })
    )
  )

  const current = Effect.gen(function* () {
    const before = yield* fresh
    if (before !== undefined) return before
    yield* askedUnlessHeld
    return (yield* fresh) ?? (yield* refuse)
  })

  return {
    current,
    after: Effect.fnUntraced(function* (seen: Issuer) {
      yield* askedUnlessHeld
      const now = yield* current
      // The issuer may know the key by now, and cannot say so.
      return now === seen && problem !== undefined ? yield* refuse : now
    })
  }
})
