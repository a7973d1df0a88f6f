import { assert, describe, it, vi } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Option, Scope } from "effect"
import { TestClock } from "effect/testing"
import { print } from "../../src/access/keyFile.ts"
import type { Key } from "../../src/access/keyFile.ts"
import * as Keyring from "../../src/access/keyring.ts"
import { aKey, contoso, fabrikam, time } from "./fixtures.ts"
import * as Machine from "./machine.ts"

const held = (...keys: ReadonlyArray<Key>) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(Date.parse("2026-06-01T00:00:00Z"))
    const file: Machine.OneFile = { content: print(keys), mode: 0o600 }
    const { layer, lines } = Machine.logs()
    const scope = yield* Effect.scope
    const context = yield* Layer.build(Layer.merge(Machine.layer(file), layer))
    const ring = yield* Effect.provideContext(Keyring.make(Machine.path), context).pipe(
      Scope.provide(scope)
    )
    const write = (...keys: ReadonlyArray<Key>) =>
      Effect.andThen(
        Effect.sync(() => (file.content = print(keys))),
        TestClock.adjust("1 second")
      )
    const knows = (text: string) => Effect.map(ring.find(text), Option.isSome)
    return { file, lines, ring, write, knows }
  })

describe("the keyring", () => {
  it.effect("knows a key by its text, whom it may ask about, and the same caller each time", () =>
    Effect.gen(function* () {
      const one = yield* aKey({ customers: [contoso] })
      const all = yield* aKey()
      const none = yield* aKey()
      const { customers: _, ...bare } = none.key
      const { ring } = yield* held(one.key, all.key, bare)
      const caller = Option.getOrThrow(yield* ring.find(one.text))
      assert.strictEqual(caller.id, `owk_${one.key.id}`)
      assert.deepStrictEqual(caller.customers, new Set([contoso]))
      assert.strictEqual(Option.getOrThrow(yield* ring.find(one.text)), caller)
      assert.strictEqual(Option.getOrThrow(yield* ring.find(all.text)).customers, "all")
      assert.deepStrictEqual(Option.getOrThrow(yield* ring.find(none.text)).customers, new Set())
    })
  )

  it.effect(
    "knows no key that was revoked, has expired, was never made, or names another's id",
    () =>
      Effect.gen(function* () {
        const good = yield* aKey()
        const revoked = yield* aKey({ revoked: time("2026-05-01T00:00:00Z") })
        const expired = yield* aKey({ expires: time("2026-05-31T23:59:59Z") })
        const stranger = yield* aKey()
        // Its text is whole, its id is known, and its hash is not the one that is kept.
        const impostor = yield* aKey()
        const { knows } = yield* held(good.key, revoked.key, expired.key, {
          ...impostor.key,
          sha256: good.key.sha256
        })
        assert.isTrue(yield* knows(good.text))
        for (const { text } of [revoked, expired, stranger, impostor])
          assert.isFalse(yield* knows(text))
        for (const text of ["", "owk_", `${good.text}x`, good.key.sha256])
          assert.isFalse(yield* knows(text))
      })
  )

  it.effect("takes what is added and revoked in the file within a second", () =>
    Effect.gen(function* () {
      const before = yield* aKey()
      const after = yield* aKey()
      const { knows, write } = yield* held(before.key)
      assert.isFalse(yield* knows(after.text))
      yield* write(before.key, after.key)
      assert.isTrue(yield* knows(after.text))
      yield* write({ ...before.key, revoked: time("2026-06-01T00:00:00Z") }, after.key)
      assert.isFalse(yield* knows(before.text))
      assert.isTrue(yield* knows(after.text))
    })
  )

  const changes: ReadonlyArray<{
    what: string
    change: (key: Key) => ReadonlyArray<Key>
    ends: boolean
  }> = [
    { what: "revoked", change: (key) => [{ ...key, revoked: time("2026-06-01") }], ends: true },
    { what: "removed", change: () => [], ends: true },
    { what: "narrowed", change: (key) => [{ ...key, customers: [fabrikam] }], ends: true },
    { what: "widened", change: (key) => [{ ...key, customers: ["*"] }], ends: true },
    { what: "made anew", change: (key) => [{ ...key, sha256: "b".repeat(64) }], ends: true },
    { what: "to expire", change: (key) => [{ ...key, expires: time("2026-07-01") }], ends: true },
    { what: "renamed", change: (key) => [{ ...key, name: "other" }], ends: false },
    {
      what: "written in another order",
      change: (key) => [{ ...key, customers: [fabrikam.toUpperCase(), contoso] }],
      ends: false
    }
  ]
  it.effect.each(changes)("ends what runs under a key that is $what: $ends", ({ change, ends }) =>
    Effect.gen(function* () {
      const { key, text } = yield* aKey({ customers: [contoso, fabrikam] })
      const other = yield* aKey()
      const { ring, write } = yield* held(key, other.key)
      const mine = yield* Effect.forkChild(Option.getOrThrow(yield* ring.find(text)).ended)
      const others = yield* Effect.forkChild(Option.getOrThrow(yield* ring.find(other.text)).ended)
      yield* write(...change(key), other.key)
      assert.strictEqual(mine.pollUnsafe() !== undefined, ends)
      assert.isUndefined(others.pollUnsafe())
      yield* Fiber.interruptAll([mine, others])
    })
  )

  it.effect("ends what runs under a key at the moment that it expires", () =>
    Effect.gen(function* () {
      const { key, text } = yield* aKey({ expires: time("2026-06-01T00:10:00Z") })
      const { knows, ring } = yield* held(key)
      const ended = yield* Effect.forkChild(Option.getOrThrow(yield* ring.find(text)).ended)
      yield* TestClock.setTime(Date.parse("2026-06-01T00:09:59Z"))
      assert.isTrue(yield* knows(text))
      assert.isUndefined(ended.pollUnsafe())
      yield* TestClock.setTime(Date.parse("2026-06-01T00:10:00Z"))
      assert.isFalse(yield* knows(text))
      assert.deepStrictEqual(yield* Fiber.await(ended), Exit.void)
    })
  )

  it.effect.each([
    {
      how: "broken",
      spoil: (file: Machine.OneFile) => (file.content = '{"version":1,'),
      says: "is not JSON"
    },
    {
      how: "gone",
      spoil: (file: Machine.OneFile) => (file.content = undefined),
      says: "cannot be read"
    },
    {
      how: "open to others",
      spoil: (file: Machine.OneFile) => (file.mode = 0o666),
      says: "can be written by others"
    }
  ])("goes on with the keys it has while the file is $how, and says so once", ({ says, spoil }) =>
    Effect.gen(function* () {
      const before = yield* aKey()
      const after = yield* aKey()
      const { file, knows, lines, ring, write } = yield* held(before.key)
      const ended = yield* Effect.forkChild(Option.getOrThrow(yield* ring.find(before.text)).ended)
      spoil(file)
      yield* TestClock.adjust("10 seconds")
      assert.isTrue(yield* knows(before.text))
      assert.isUndefined(ended.pollUnsafe())
      const errors = lines.filter((line) => line.startsWith("Error"))
      assert.strictEqual(errors.length, 1)
      assert.include(errors[0], says)
      assert.include(errors[0], "Meanwhile the keys that were read before count.")
      file.mode = 0o600
      yield* write(after.key)
      assert.isFalse(yield* knows(before.text))
      assert.isTrue(yield* knows(after.text))
      yield* Fiber.await(ended)
    })
  )

  it.effect.each(["in order", "broken"])(
    "takes a file that is %s apart once, however often it is looked at",
    (how) =>
      Effect.gen(function* () {
        const { key } = yield* aKey()
        const { file } = yield* held(key)
        const parse = vi.spyOn(JSON, "parse")
        yield* Effect.addFinalizer(() => Effect.sync(() => parse.mockRestore()))
        file.content = how === "broken" ? "{" : print([key, (yield* aKey()).key])
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(parse.mock.calls.length, 1)
      })
  )

  it.effect("says again what is wrong with a file that was mended and is broken again", () =>
    Effect.gen(function* () {
      const { key } = yield* aKey()
      const { file, lines } = yield* held(key)
      const good = file.content
      for (const content of ["{", good, "{", undefined, "{", undefined, good, undefined]) {
        file.content = content
        yield* TestClock.adjust("2 seconds")
      }
      const said = lines.filter((line) => line.startsWith("Error"))
      assert.deepStrictEqual(
        said.map((line) => (line.includes("is not JSON") ? "broken" : "gone")),
        ["broken", "broken", "gone", "broken", "gone", "gone"]
      )
    })
  )

  it.effect("does not begin with a file that is not in order", () =>
    Effect.gen(function* () {
      const begin = (file: Machine.OneFile) =>
        Effect.flip(Effect.scoped(Effect.provide(Keyring.make(Machine.path), Machine.layer(file))))
      assert.include((yield* begin({ content: "{", mode: 0o600 })).message, "is not JSON")
      assert.include((yield* begin({ content: undefined, mode: 0o600 })).message, "cannot be read")
      assert.include((yield* begin({ content: print([]), mode: 0o602 })).message, "by others")
    })
  )

  it.effect("says at the start that there is no key yet", () =>
    Effect.gen(function* () {
      const { lines } = yield* held()
      assert.deepStrictEqual(lines, ["Warn the keys' file has no keys: nobody may ask yet"])
    })
  )
})
