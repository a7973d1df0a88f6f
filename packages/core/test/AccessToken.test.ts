import { assert, describe, it } from "@effect/vitest"
import {
  DateTime,
  Duration,
  Effect,
  Exit,
  Fiber,
  Logger,
  Option,
  Redacted,
  References
} from "effect"
import { TestClock } from "effect/testing"
import { AccessToken } from "../src/AccessToken.ts"
import type { Token } from "../src/AccessToken.ts"
import { VaultError } from "../src/CredentialVault.ts"
import type { Entry } from "../src/CredentialVault.ts"
import type { Handler } from "../src/testing.ts"
import { paths, refused, tokens } from "./fixtures.ts"
import { advance, asked, failed, flush, run, stack, vault as vaultOf } from "./layers.ts"

const get = Effect.flatMap(AccessToken, (token) => token.get)
const value = (token: Token) => Redacted.value(token.value)
const text = run(Effect.map(get, value))
const signIns = asked(paths.token)

/** A login that gives t1 with r1, then t2 with r2, each after a second. */
const slow: Handler = (_, count) =>
  Effect.delay(Effect.succeed(tokens(`t${count + 1}`, `r${count + 1}`)), "1 second")

/** A vault that keeps nothing: what was in the environment stays. */
const readOnly = (entry: Entry, message = "the file system is read-only") =>
  vaultOf({
    read: () => Effect.succeed(Option.some(entry)),
    modify: (_, f) => f(Option.some(entry), () => Effect.fail(new VaultError({ message })))
  })

describe("AccessToken", () => {
  it.effect("one sign-in serves a hundred callers", () =>
    Effect.gen(function* () {
      const all = yield* run(
        Effect.all(
          Array.from({ length: 100 }, () => get),
          { concurrency: "unbounded" }
        )
      )
      assert.deepStrictEqual([...new Set(all.map(value))], ["t1"])
      assert.strictEqual((yield* signIns).length, 1)
    }).pipe(Effect.provide(stack(slow)))
  )

  it.effect("a caller that is interrupted does not end the sign-in of the other 99", () =>
    Effect.gen(function* () {
      const callers = yield* Effect.forEach(Array.from({ length: 100 }), () =>
        Effect.forkChild(get, { startImmediately: true })
      )
      yield* advance(500)
      const [first, ...rest] = callers
      if (first !== undefined) yield* Fiber.interrupt(first)
      yield* advance(600)
      const exits = yield* Effect.forEach(rest, Fiber.await)
      assert.strictEqual(exits.filter(Exit.isSuccess).length, 99)
      assert.strictEqual((yield* signIns).length, 1)
    }).pipe(Effect.provide(stack(slow)))
  )

  it.effect("when all callers leave, the next one signs in anew", () =>
    Effect.gen(function* () {
      const caller = yield* Effect.forkChild(get, { startImmediately: true })
      yield* advance(500)
      yield* Fiber.interrupt(caller)
      assert.strictEqual(yield* text, "t2")
    }).pipe(Effect.provide(stack(slow)))
  )

  it.effect("it is renewed two minutes before its end, not earlier", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* text, "t1")
      yield* TestClock.adjust(`${3599 - 120 - 1} seconds`)
      assert.strictEqual(yield* text, "t1")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* text, "t2")
      assert.strictEqual((yield* signIns).length, 2)
    }).pipe(Effect.provide(stack({ [paths.token]: [tokens("t1", "r1"), tokens("t2", "r2")] })))
  )

  it.effect.each([
    [60, 30],
    [200, 100],
    [240, 120],
    [300, 180]
  ] as const)("a token of %i seconds is used for %i", ([life, use]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* text, "t1")
      yield* TestClock.adjust(`${use - 1} seconds`)
      assert.strictEqual(yield* text, "t1")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* text, "t2")
    }).pipe(
      Effect.provide(stack({ [paths.token]: [tokens("t1", "r1", life), tokens("t2", "r2", life)] }))
    )
  )

  it.effect("a token that has ended on arrival is given once and not kept", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* text, "t1")
      assert.strictEqual(yield* text, "t2")
    }).pipe(
      Effect.provide(stack({ [paths.token]: [tokens("t1", "r1", 0), tokens("t2", "r2", 0)] }))
    )
  )

  it.effect("its life is counted from when it was asked for, not from when it came", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* text, "t1")
      yield* TestClock.adjust(`${3599 - 120 - 5} seconds`)
      assert.strictEqual(yield* text, "t2")
    }).pipe(
      Effect.provide(
        stack((_, count) =>
          Effect.delay(Effect.succeed(tokens(`t${count + 1}`, "r1")), count === 0 ? "5 seconds" : 0)
        )
      )
    )
  )

  it.effect("the rotated refresh token is used the next time", () =>
    Effect.gen(function* () {
      yield* text
      yield* TestClock.adjust("1 hour")
      yield* text
      assert.deepStrictEqual(
        (yield* signIns).map(({ form }) => form["refresh_token"]),
        ["r0", "r1"]
      )
    }).pipe(Effect.provide(stack({ [paths.token]: [tokens("t1", "r1"), tokens("t2", "r2")] })))
  )

  it.effect("the old refresh token is kept when none comes back", () =>
    Effect.gen(function* () {
      yield* text
      yield* TestClock.adjust("1 hour")
      yield* text
      assert.deepStrictEqual(
        (yield* signIns).map(({ form }) => form["refresh_token"]),
        ["r0", "r0"]
      )
    }).pipe(Effect.provide(stack({ [paths.token]: [tokens("t1"), tokens("t2")] })))
  )

  it.effect("a rotation is saved before the new access token is used, whole", () => {
    const saved: Array<Entry> = []
    const signedInAt = DateTime.makeUnsafe(0)
    const vault = vaultOf({
      read: () => Effect.succeed(Option.none()),
      modify: (_, f) =>
        f(Option.some({ refreshToken: Redacted.make("r0"), signedInAt }), (entry) =>
          Effect.delay(
            Effect.sync(() => void saved.push(entry)),
            "5 seconds"
          )
        )
    })
    return Effect.gen(function* () {
      const caller = yield* Effect.forkChild(get, { startImmediately: true })
      yield* advance(4900)
      assert.strictEqual((yield* signIns).length, 1)
      assert.isUndefined(caller.pollUnsafe())
      yield* advance(200)
      assert.strictEqual(value(yield* Fiber.join(caller)), "t1")
      const [entry] = saved
      assert.strictEqual(saved.length, 1)
      assert.strictEqual(entry?.refreshToken && Redacted.value(entry.refreshToken), "r1")
      assert.strictEqual(entry?.accessToken && Redacted.value(entry.accessToken), "t1")
      assert.strictEqual(entry?.signedInAt, signedInAt)
      assert.strictEqual(entry?.expiresAt && DateTime.toEpochMillis(entry.expiresAt), 3_599_000)
      assert.strictEqual(entry?.refreshedAt && DateTime.toEpochMillis(entry.refreshedAt), 0)
    }).pipe(Effect.provide(stack({ [paths.token]: [tokens("t1", "r1")] }, { vault })))
  })

  it.effect("a rotation is saved though the caller has left meanwhile", () => {
    const saved: Array<Entry> = []
    const vault = vaultOf({
      read: () => Effect.succeed(Option.none()),
      modify: (_, f) =>
        f(Option.some({ refreshToken: Redacted.make("r0") }), (entry) =>
          Effect.delay(
            Effect.sync(() => void saved.push(entry)),
            "5 seconds"
          )
        )
    })
    return Effect.gen(function* () {
      const caller = yield* Effect.forkChild(get, { startImmediately: true })
      yield* advance(1000)
      yield* Effect.forkChild(Fiber.interrupt(caller))
      yield* advance(5000)
      assert.strictEqual(saved.length, 1)
    }).pipe(Effect.provide(stack({ [paths.token]: [tokens("t1", "r1")] }, { vault })))
  })

  it.effect("a save that fails is a warning, not a failure, and names no secret", () => {
    const warnings: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      warnings.push(`${logLevel} ${String(message)}`)
    })
    return Effect.gen(function* () {
      assert.strictEqual(yield* text, "t1")
      assert.deepStrictEqual(warnings, [
        "Warn the renewed sign-in could not be saved: the file system is read-only"
      ])
    }).pipe(
      Effect.provide(
        stack(
          { [paths.token]: [tokens("t1", "r1")] },
          { vault: readOnly({ refreshToken: Redacted.make("r0") }) }
        )
      ),
      Effect.provideService(Logger.CurrentLoggers, new Set([logger])),
      Effect.provideService(References.MinimumLogLevel, "Warn")
    )
  })

  it.effect(
    "a token in the vault is used without a sign-in, until two minutes before its end",
    () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* text, "kept")
        assert.deepStrictEqual(yield* signIns, [])
        yield* TestClock.adjust("58 minutes")
        assert.strictEqual(yield* text, "t1")
      }).pipe(
        Effect.provide(
          stack(
            {},
            {
              entry: {
                refreshToken: Redacted.make("r0"),
                accessToken: Redacted.make("kept"),
                expiresAt: DateTime.makeUnsafe(3_600_000)
              }
            }
          )
        )
      )
  )

  it.effect("a token in the vault that is about to end is renewed first", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* text, "t1")
    }).pipe(
      Effect.provide(
        stack(
          {},
          {
            entry: {
              refreshToken: Redacted.make("r0"),
              accessToken: Redacted.make("kept"),
              expiresAt: DateTime.makeUnsafe(120_000)
            }
          }
        )
      )
    )
  )

  it.effect("a ready token without an end is used until it is refused", () =>
    Effect.gen(function* () {
      const tokens = yield* AccessToken
      yield* TestClock.adjust("1000 days")
      const ready = yield* run(tokens.get)
      assert.strictEqual(value(ready), "ready")
      yield* tokens.invalidate(ready)
      const { operation, reason } = yield* failed(tokens.get)
      assert.strictEqual(operation, "signIn")
      assert.strictEqual(reason._tag, "SignInRequired")
      assert.match(reason.description ?? "", /no refresh token/)
      assert.deepStrictEqual(yield* signIns, [])
    }).pipe(Effect.provide(stack({}, { entry: { accessToken: Redacted.make("ready") } })))
  )

  it.effect("no credential is SignInRequired, and nothing is sent", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(get)
      assert.deepInclude(reason, { _tag: "SignInRequired", description: "there is no credential" })
      assert.deepStrictEqual(yield* signIns, [])
    }).pipe(Effect.provide(stack({}, { entry: {} })))
  )

  it.effect("a vault that cannot be read is SignInRequired with what the vault says", () =>
    Effect.gen(function* () {
      const { reason } = yield* failed(get)
      assert.deepInclude(reason, { _tag: "SignInRequired", description: "the key is gone" })
      assert.match(reason.remedy, /vault/)
    }).pipe(
      Effect.provide(
        stack(
          {},
          {
            vault: vaultOf({
              read: () => Effect.fail(new VaultError({ message: "the key is gone" })),
              modify: () => Effect.fail(new VaultError({ message: "the key is gone" }))
            })
          }
        )
      )
    )
  )

  it.effect("a failed sign-in is not kept: the next caller tries again", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* failed(get)).reason._tag, "MfaRequired")
      assert.strictEqual(yield* text, "t1")
    }).pipe(Effect.provide(stack({ [paths.token]: [refused(50076), tokens("t1")] })))
  )

  it.effect("a refused token is renewed, and an outdated one does not drop a newer one", () =>
    Effect.gen(function* () {
      const accessToken = yield* AccessToken
      const first = yield* run(accessToken.get)
      yield* accessToken.invalidate(first)
      assert.strictEqual(yield* text, "t2")
      yield* accessToken.invalidate(first)
      assert.strictEqual(yield* text, "t2")
      assert.strictEqual((yield* signIns).length, 2)
    }).pipe(
      Effect.provide(
        stack({ [paths.token]: [tokens("t1", "r1"), tokens("t2", "r2"), tokens("t3", "r3")] })
      )
    )
  )

  it.effect("a token refused by many at once is renewed once, even where no save succeeds", () =>
    Effect.gen(function* () {
      const accessToken = yield* AccessToken
      const first = yield* run(accessToken.get)
      const renewed = yield* run(
        Effect.all(
          Array.from({ length: 100 }, (_, index) =>
            Effect.delay(accessToken.invalidate(first), index * 5).pipe(
              Effect.andThen(accessToken.get)
            )
          ),
          { concurrency: "unbounded" }
        )
      )
      assert.deepStrictEqual([...new Set(renewed.map(value))], ["t2"])
      assert.strictEqual((yield* signIns).length, 2)
    }).pipe(Effect.provide(stack(slow, { vault: readOnly({ refreshToken: Redacted.make("r0") }) })))
  )

  it.effect("a newer token that another process saved is taken without a sign-in", () => {
    let entry: Entry = { refreshToken: Redacted.make("r0") }
    const vault = vaultOf({
      read: () => Effect.sync(() => Option.some(entry)),
      modify: (_, f) =>
        Effect.suspend(() =>
          f(Option.some(entry), (next) => Effect.sync(() => void (entry = next)))
        )
    })
    return Effect.gen(function* () {
      const accessToken = yield* AccessToken
      const first = yield* run(accessToken.get)
      entry = { ...entry, accessToken: Redacted.make("theirs"), refreshToken: Redacted.make("r9") }
      yield* accessToken.invalidate(first)
      assert.strictEqual(yield* text, "theirs")
      assert.strictEqual((yield* signIns).length, 1)
      yield* flush
    }).pipe(Effect.provide(stack({ [paths.token]: [tokens("t1", "r1")] }, { vault })))
  })
})

const fresh = {
  accessToken: Redacted.make("fresh"),
  refreshToken: Redacted.make("f0"),
  expiresIn: Duration.hours(1)
}

describe("signing in and out", () => {
  it.effect("what somebody signed in with is kept and used at once", () =>
    Effect.gen(function* () {
      const accessToken = yield* AccessToken
      assert.strictEqual(yield* text, "t1")
      yield* TestClock.adjust("10 minutes")
      yield* accessToken.signedIn(fresh)
      const token = yield* run(accessToken.get)
      assert.strictEqual(value(token), "fresh")
      assert.strictEqual(token.expiresAt && DateTime.toEpochMillis(token.expiresAt), 4_200_000)
      assert.strictEqual((yield* signIns).length, 1)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* text, "t2")
      assert.strictEqual((yield* signIns)[1]?.form["refresh_token"], "f0")
    }).pipe(Effect.provide(stack({ [paths.token]: [tokens("t1", "r1"), tokens("t2", "r2")] })))
  )

  it.effect("of the former entry only the seed stays", () => {
    const saved: Array<Entry> = []
    const before: Entry = {
      refreshToken: Redacted.make("theirs"),
      signedInAt: DateTime.makeUnsafe(1),
      seed: "5eed"
    }
    return Effect.gen(function* () {
      const accessToken = yield* AccessToken
      yield* TestClock.adjust("1 minute")
      yield* accessToken.signedIn({ accessToken: fresh.accessToken, expiresIn: fresh.expiresIn })
      const [entry] = saved
      assert.strictEqual(saved.length, 1)
      assert.isUndefined(entry?.refreshToken)
      assert.strictEqual(entry?.seed, "5eed")
      assert.deepStrictEqual(
        [entry?.signedInAt, entry?.refreshedAt, entry?.expiresAt].map(
          (time) => time && DateTime.toEpochMillis(time)
        ),
        [60_000, 60_000, 3_660_000]
      )
    }).pipe(
      Effect.provide(
        stack(
          {},
          {
            vault: vaultOf({
              modify: (_, f) =>
                f(Option.some(before), (entry) => Effect.sync(() => void saved.push(entry)))
            })
          }
        )
      )
    )
  })

  it.effect("a renewal under way does not replace what somebody signed in with", () =>
    Effect.gen(function* () {
      const accessToken = yield* AccessToken
      const renewal = yield* Effect.forkChild(accessToken.get, { startImmediately: true })
      yield* advance(500)
      const signIn = yield* Effect.forkChild(accessToken.signedIn(fresh), {
        startImmediately: true
      })
      yield* advance(1000)
      assert.strictEqual(value(yield* Fiber.join(renewal)), "t1")
      yield* Fiber.join(signIn)
      assert.strictEqual(yield* text, "fresh")
      const token = yield* run(accessToken.get)
      yield* accessToken.invalidate(token)
      assert.strictEqual(yield* text, "t2")
      assert.strictEqual((yield* signIns)[1]?.form["refresh_token"], "f0")
    }).pipe(Effect.provide(stack(slow)))
  )

  it.effect("a renewal that ends after a sign-in is not the latest token", () => {
    let entry: Entry = { refreshToken: Redacted.make("r0") }
    let changes = 0
    // Slow to let go after the first change, as a lock on a disk can be.
    const vault = vaultOf({
      modify: (_, f) =>
        Effect.suspend(() =>
          f(Option.some(entry), (next) => Effect.sync(() => void (entry = next)))
        ).pipe(Effect.tap(() => (changes++ === 0 ? Effect.sleep("5 seconds") : Effect.void)))
    })
    return Effect.gen(function* () {
      const accessToken = yield* AccessToken
      const renewal = yield* Effect.forkChild(accessToken.get, { startImmediately: true })
      yield* advance(1000)
      yield* accessToken.signedIn(fresh)
      const token = yield* run(accessToken.get)
      assert.strictEqual(value(token), "fresh")
      yield* advance(5000)
      assert.strictEqual(value(yield* Fiber.join(renewal)), "t1")
      yield* accessToken.invalidate(token)
      assert.strictEqual(yield* text, "t2")
    }).pipe(
      Effect.provide(stack({ [paths.token]: [tokens("t1", "r1"), tokens("t2", "r2")] }, { vault }))
    )
  })

  it.effect("a sign-in that cannot be kept fails with what the vault says", () =>
    Effect.gen(function* () {
      const accessToken = yield* AccessToken
      const error = yield* failed(accessToken.signedIn(fresh))
      assert.instanceOf(error, VaultError)
      assert.strictEqual(error.message, "the file system is read-only")
    }).pipe(Effect.provide(stack({}, { vault: readOnly({}) })))
  )

  it.effect("a save that has begun is finished though the caller leaves", () => {
    let saved = 0
    return Effect.gen(function* () {
      const accessToken = yield* AccessToken
      const caller = yield* Effect.forkChild(accessToken.signedIn(fresh), {
        startImmediately: true
      })
      yield* advance(1000)
      yield* Effect.forkChild(Fiber.interrupt(caller))
      yield* advance(5000)
      assert.strictEqual(saved, 1)
    }).pipe(
      Effect.provide(
        stack(
          {},
          {
            vault: vaultOf({
              modify: (_, f) =>
                f(Option.none(), () =>
                  Effect.delay(
                    Effect.sync(() => void saved++),
                    "5 seconds"
                  )
                )
            })
          }
        )
      )
    )
  })

  it.effect("after signing out there is no credential, neither kept nor at hand", () =>
    Effect.gen(function* () {
      const accessToken = yield* AccessToken
      assert.strictEqual(yield* text, "t1")
      assert.isTrue(yield* accessToken.signOut)
      const { reason } = yield* failed(get)
      assert.deepInclude(reason, { _tag: "SignInRequired", description: "there is no credential" })
      assert.isFalse(yield* accessToken.signOut)
      assert.strictEqual((yield* signIns).length, 1)
    }).pipe(Effect.provide(stack({})))
  )

  it.effect(
    "a vault that cannot forget says why, and its token is not handed out again unread",
    () => {
      let reads = 0
      return Effect.gen(function* () {
        const accessToken = yield* AccessToken
        yield* run(accessToken.get)
        const error = yield* failed(accessToken.signOut)
        assert.strictEqual(error.message, "the file system is read-only")
        yield* run(accessToken.get)
        assert.strictEqual(reads, 2)
      }).pipe(
        Effect.provide(
          stack(
            {},
            {
              vault: vaultOf({
                modify: (_, f) =>
                  Effect.suspend(() => {
                    reads++
                    return f(
                      Option.some({ accessToken: Redacted.make("ready") }),
                      () => Effect.void
                    )
                  }),
                remove: () =>
                  Effect.fail(new VaultError({ message: "the file system is read-only" }))
              })
            }
          )
        )
      )
    }
  )
})
