import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { CredentialVault } from "../src/CredentialVault.ts"
import type { Owner } from "../src/CredentialVault.ts"

const owner: Owner = {
  loginUrl: "https://login.microsoftonline.com",
  tenantId: "Tenant",
  clientId: "Client"
}
const refreshToken = (value: string) => ({ refreshToken: Redacted.make(value) })
const kept = (of: Owner) =>
  Effect.gen(function* () {
    const vault = yield* CredentialVault
    const entry = yield* vault.read(of)
    return Option.getOrUndefined(entry)?.refreshToken
  }).pipe(Effect.map((token) => (token === undefined ? undefined : Redacted.value(token))))

describe("CredentialVault in memory", () => {
  it.effect("begins with its seed, or with nothing", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* Effect.provide(kept(owner), CredentialVault.layerMemory(refreshToken("seed"))),
        "seed"
      )
      assert.isUndefined(yield* Effect.provide(kept(owner), CredentialVault.layerMemory()))
    })
  )

  it.effect("what was saved is read by the same owner, in any case, and by no other", () =>
    Effect.gen(function* () {
      const vault = yield* CredentialVault
      yield* vault.modify(owner, (_, save) => save(refreshToken("mine")))
      assert.strictEqual(yield* kept(owner), "mine")
      assert.strictEqual(yield* kept({ ...owner, tenantId: "TENANT", clientId: "CLIENT" }), "mine")
      assert.isUndefined(yield* kept({ ...owner, loginUrl: "https://login.evil.example" }))
      assert.isUndefined(yield* kept({ ...owner, tenantId: "other" }))
      assert.isUndefined(yield* kept({ ...owner, clientId: "other" }))
    }).pipe(Effect.provide(CredentialVault.layerMemory()))
  )

  it.effect("one changes an entry at a time, and the next sees what was saved", () =>
    Effect.gen(function* () {
      const vault = yield* CredentialVault
      const count = vault.modify(owner, (entry, save) =>
        Effect.gen(function* () {
          yield* Effect.sleep("1 second")
          const before = Option.getOrUndefined(entry)?.refreshToken
          const next = before === undefined ? 1 : Number(Redacted.value(before)) + 1
          yield* save(refreshToken(String(next)))
        })
      )
      const fiber = yield* Effect.forkChild(Effect.all([count, count, count], { concurrency: 3 }))
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(fiber)
      assert.strictEqual(yield* kept(owner), "3")
    }).pipe(Effect.provide(CredentialVault.layerMemory()))
  )

  it.effect("what was removed is gone for its owner, its seed too, and for nobody else", () =>
    Effect.gen(function* () {
      const vault = yield* CredentialVault
      assert.isTrue(yield* vault.remove(owner))
      assert.isUndefined(yield* kept(owner))
      assert.isFalse(yield* vault.remove(owner))
      assert.strictEqual(yield* kept({ ...owner, tenantId: "other" }), "seed")
      yield* vault.modify(owner, (entry, save) => {
        assert.isTrue(Option.isNone(entry))
        return save(refreshToken("mine"))
      })
      assert.strictEqual(yield* kept(owner), "mine")
      assert.isTrue(yield* vault.remove(owner))
    }).pipe(Effect.provide(CredentialVault.layerMemory(refreshToken("seed"))))
  )

  it.effect("an entry with nothing to sign in with is none", () =>
    Effect.gen(function* () {
      const vault = yield* CredentialVault
      assert.isTrue(Option.isNone(yield* vault.read(owner)))
      assert.isFalse(yield* vault.remove(owner))
    }).pipe(Effect.provide(CredentialVault.layerMemory({})))
  )

  it.effect("a removal waits for whoever changes the entry, and takes what was saved", () =>
    Effect.gen(function* () {
      const vault = yield* CredentialVault
      const change = yield* Effect.forkChild(
        vault.modify(owner, (_, save) => Effect.delay(save(refreshToken("late")), "1 second")),
        { startImmediately: true }
      )
      const removal = yield* Effect.forkChild(vault.remove(owner), { startImmediately: true })
      assert.isUndefined(removal.pollUnsafe())
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(change)
      assert.isTrue(yield* Fiber.join(removal))
      assert.isUndefined(yield* kept(owner))
    }).pipe(Effect.provide(CredentialVault.layerMemory()))
  )

  it.effect("it says what it is, and that nothing outlasts the process", () =>
    Effect.gen(function* () {
      const { isDurable, kind } = yield* CredentialVault
      assert.deepStrictEqual({ kind, isDurable }, { kind: "memory", isDurable: false })
      const env = yield* Effect.provide(CredentialVault, CredentialVault.layerMemory({}, "env"))
      assert.strictEqual(env.kind, "env")
    }).pipe(Effect.provide(CredentialVault.layerMemory()))
  )
})
