import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { CredentialVault } from "@orderwatch/core/CredentialVault"
import type { Entry } from "@orderwatch/core/CredentialVault"
import { DateTime, Effect, Layer, Option, Redacted } from "effect"
import { choose, forSignIn, layer } from "../../src/vaults/choose.ts"
import type { VaultSettings } from "../../src/vaults/choose.ts"
import { at, kept, owner, place, refreshToken, save } from "./fixtures.ts"

const keyBytes = Redacted.make(new Uint8Array(32).fill(7))
const fileAt = (path: string): VaultSettings => ({
  kind: "file",
  isForced: false,
  file: { path, key: keyBytes }
})

/** What a process with those tokens in its environment sees, and does. */
const withTokens =
  (path: string, tokens: Entry) =>
  <A, E>(use: (vault: CredentialVault["Service"]) => Effect.Effect<A, E>) =>
    Effect.flatMap(CredentialVault, use).pipe(
      Effect.provide(Layer.provide(layer(fileAt(path), tokens), NodeServices.layer))
    )

const both = (vault: CredentialVault["Service"]) =>
  Effect.map(vault.read(owner), (entry) => {
    const { accessToken, refreshToken } = Option.getOrElse(entry, (): Entry => ({}))
    return [refreshToken, accessToken].map((token) => token && Redacted.value(token))
  })

/** Renews, as `AccessToken` does. */
const rotate = (token: string) => (vault: CredentialVault["Service"]) =>
  vault.modify(owner, (entry, save) =>
    save({
      ...Option.getOrElse(entry, (): Entry => ({})),
      refreshToken: Redacted.make(token),
      accessToken: Redacted.make(`access by ${token}`)
    })
  )

/** Signs in anew, as `AccessToken.signedIn` does. */
const signIn = (token: string) => (vault: CredentialVault["Service"]) =>
  Effect.flatMap(DateTime.now, (now) =>
    vault.modify(owner, (_, save) =>
      save({ refreshToken: Redacted.make(token), signedInAt: now, refreshedAt: now })
    )
  )

describe("which vault", () => {
  const file = { path: "/somewhere/credentials", key: keyBytes }

  it("is the file once somebody signed in, and where nothing else gives a token", () => {
    for (const [hasTokens, hasEntry, kind] of [
      [false, false, "file"],
      [false, true, "file"],
      [true, true, "file"],
      [true, false, "env"]
    ] as const) {
      const chosen = choose({ file, hasTokens, hasEntry })
      assert.strictEqual(chosen.kind, kind)
      assert.strictEqual(chosen.file, file)
    }
  })

  it("is the environment where there is no place for files", () => {
    for (const hasTokens of [true, false]) {
      assert.strictEqual(choose({ file: undefined, hasTokens, hasEntry: false }).kind, "env")
    }
  })

  it("a sign-in is kept in the file, unless the environment was asked for", () => {
    assert.strictEqual(forSignIn({ kind: "env", isForced: false, file })?.kind, "file")
    assert.strictEqual(forSignIn({ kind: "file", isForced: true, file })?.kind, "file")
    assert.isUndefined(forSignIn({ kind: "env", isForced: true, file }))
    assert.isUndefined(forSignIn({ kind: "env", isForced: false }))
  })

  it.effect("the environment's says that it does not last, and writes nothing", () =>
    Effect.gen(function* () {
      const path = yield* place
      const vault: VaultSettings = { kind: "env", isForced: false, file: { path } }
      const seen = yield* Effect.flatMap(CredentialVault, (vault) =>
        Effect.andThen(
          rotate("r1")(vault),
          Effect.map(both(vault), (tokens) => [vault.kind, vault.isDurable, ...tokens])
        )
      ).pipe(Effect.provide(Layer.provide(layer(vault, refreshToken("r0")), NodeServices.layer)))
      assert.deepStrictEqual(seen, ["env", false, "r1", "access by r1"])
      assert.isUndefined(yield* at(path)(kept()))
    })
  )
})

describe("a refresh token of the environment", () => {
  it.effect("begins an empty vault, which is written only when something is saved", () =>
    Effect.gen(function* () {
      const path = yield* place
      const here = withTokens(path, refreshToken("r0"))
      assert.deepStrictEqual(yield* here(both), ["r0", undefined])
      assert.isUndefined(yield* at(path)(kept()))
      yield* here(rotate("r1"))
      assert.strictEqual(yield* at(path)(kept()), "r1")
    })
  )

  it.effect("the same again: the vault's token wins", () =>
    Effect.gen(function* () {
      const path = yield* place
      yield* withTokens(path, refreshToken("r0"))(rotate("r1"))
      assert.deepStrictEqual(yield* withTokens(path, refreshToken("r0"))(both), [
        "r1",
        "access by r1"
      ])
      yield* withTokens(path, refreshToken("r0"))(rotate("r2"))
      assert.deepStrictEqual(yield* withTokens(path, refreshToken("r0"))(both), [
        "r2",
        "access by r2"
      ])
    })
  )

  it.effect("another one replaces the vault's, and its access token with it", () =>
    Effect.gen(function* () {
      const path = yield* place
      yield* withTokens(path, refreshToken("r0"))(rotate("r1"))
      const other = withTokens(path, refreshToken("s0"))
      assert.deepStrictEqual(yield* other(both), ["s0", undefined])
      yield* other(rotate("s1"))
      assert.deepStrictEqual(yield* withTokens(path, {})(both), ["s1", "access by s1"])
    })
  )

  it.effect("one that is new goes before what somebody signed in to without it", () =>
    Effect.gen(function* () {
      const path = yield* place
      yield* at(path)(save(refreshToken("by hand")))
      assert.deepStrictEqual(yield* withTokens(path, refreshToken("r0"))(both), ["r0", undefined])
    })
  )

  it.effect("one that is old does not undo a later sign-in", () =>
    Effect.gen(function* () {
      const path = yield* place
      const here = withTokens(path, refreshToken("r0"))
      yield* here(rotate("r1"))
      yield* here(signIn("by hand"))
      assert.deepStrictEqual(yield* here(both), ["by hand", undefined])
      assert.deepStrictEqual(yield* withTokens(path, refreshToken("r0"))(both), [
        "by hand",
        undefined
      ])
    })
  )

  it.effect("is nowhere in what is kept to know it again", () =>
    Effect.gen(function* () {
      const path = yield* place
      yield* withTokens(path, refreshToken("the-seed"))(rotate("r1"))
      const entry = yield* at(path)((vault) => vault.read(owner))
      const { seed = "" } = Option.getOrThrow(entry)
      assert.match(seed, /^[\w-]{43}$/)
      assert.notInclude(JSON.stringify(entry), "the-seed")
    })
  )
})

describe("an access token of the environment", () => {
  it.effect("is used as it is, over what the vault has, until something newer is saved", () =>
    Effect.gen(function* () {
      const path = yield* place
      yield* withTokens(path, {})(rotate("r1"))
      const ready = { accessToken: Redacted.make("ready") }
      yield* withTokens(
        path,
        ready
      )((vault) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* both(vault), ["r1", "ready"])
          yield* rotate("r2")(vault)
          assert.deepStrictEqual(yield* both(vault), ["r2", "access by r2"])
        })
      )
    })
  )
})
