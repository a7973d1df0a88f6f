import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import type { VaultError } from "@orderwatch/core/CredentialVault"
import { DateTime, Effect, FileSystem, Option, Path, Redacted } from "effect"
import * as FileVault from "../../src/vaults/file.ts"
import type { VaultKey } from "../../src/vaults/key.ts"
import { at, kept, key, keyOf, owner, place, refreshToken, save } from "./fixtures.ts"

const posix = process.platform !== "win32"

const message = <A, R>(effect: Effect.Effect<A, VaultError, R>) =>
  Effect.map(Effect.flip(effect), ({ message }) => {
    assert.match(message, /^[^\u0000-\u001f\u007f]+$/)
    return message
  })

/** A vault that holds `r0`, and its file. */
const vault = Effect.gen(function* () {
  const path = yield* place
  yield* at(path)(save(refreshToken("r0")))
  return path
})

const withFiles = <A, E>(use: (files: FileSystem.FileSystem) => Effect.Effect<A, E>) =>
  Effect.provide(Effect.flatMap(FileSystem.FileSystem, use), NodeServices.layer)

describe("FileVault", () => {
  it.effect("keeps everything of an entry, for the next who asks", () =>
    Effect.gen(function* () {
      const path = yield* place
      const now = yield* DateTime.now
      const entry = {
        refreshToken: Redacted.make("the-refresh-token"),
        accessToken: Redacted.make("the-access-token"),
        expiresAt: DateTime.add(now, { hours: 1 }),
        signedInAt: now,
        refreshedAt: DateTime.add(now, { minutes: 1 }),
        seed: "a-seed"
      }
      assert.deepStrictEqual(yield* at(path)((vault) => vault.read(owner)), Option.none())
      yield* at(path)(save(entry))
      assert.deepStrictEqual(yield* at(path)((vault) => vault.read(owner)), Option.some(entry))
    })
  )

  it.effect("says what it is: a file, which lasts", () =>
    Effect.gen(function* () {
      const path = yield* place
      const is = yield* at(path)(({ isDurable, kind }) => Effect.succeed([kind, isDurable]))
      assert.deepStrictEqual(is, ["file", true])
    })
  )

  it.effect("an entry is for its login host, tenant and client; ids compare without case", () =>
    Effect.gen(function* () {
      const path = yield* vault
      const of = (changed: Partial<typeof owner>) => at(path)(kept({ ...owner, ...changed }))
      assert.strictEqual(yield* of({}), "r0")
      assert.strictEqual(yield* of({ tenantId: "PARTNER.example" }), "r0")
      assert.strictEqual(yield* of({ clientId: owner.clientId.toLowerCase() }), "r0")
      assert.isUndefined(yield* of({ loginUrl: "https://login.other" }))
      assert.isUndefined(yield* of({ tenantId: "other.example" }))
      assert.isUndefined(yield* of({ clientId: "other" }))
    })
  )

  it.effect("several owners' entries are side by side, and forgotten one by one", () =>
    Effect.gen(function* () {
      const path = yield* vault
      const other = { ...owner, tenantId: "other.example" }
      yield* at(path)(save(refreshToken("r0 of another"), other))
      yield* at(path)(save(refreshToken("r1")))
      assert.strictEqual(yield* at(path)(kept()), "r1")
      assert.strictEqual(yield* at(path)(kept(other)), "r0 of another")
      const forget = at(path)((vault) => vault.remove(owner))
      assert.isTrue(yield* forget)
      assert.isFalse(yield* forget)
      assert.isUndefined(yield* at(path)(kept()))
      assert.strictEqual(yield* at(path)(kept(other)), "r0 of another")
      assert.isTrue(yield* at(path)((vault) => vault.remove(other)))
      assert.isFalse(yield* withFiles((files) => files.exists(path)))
    })
  )

  it.effect("whose entries there are is known without a key", () =>
    Effect.gen(function* () {
      const path = yield* vault
      const holds = (changed: Partial<typeof owner>) =>
        Effect.provide(FileVault.holds(path, { ...owner, ...changed }), NodeServices.layer)
      assert.isTrue(yield* holds({ tenantId: "partner.EXAMPLE" }))
      assert.isFalse(yield* holds({ tenantId: "other.example" }))
      assert.isFalse(
        yield* Effect.provide(FileVault.holds(`${path}.none`, owner), NodeServices.layer)
      )
    })
  )

  it.effect("no token is in the file as it is, nor twice the same cipher text", () =>
    Effect.gen(function* () {
      const path = yield* vault
      const read = withFiles((files) => files.readFileString(path))
      const first = yield* read
      yield* at(path)(save(refreshToken("r0")))
      const second = yield* read
      assert.notInclude(first, 'r0"')
      assert.notInclude(first, Buffer.from("r0").toString("base64"))
      const sealed = (text: string) => JSON.parse(text).entries[0]
      assert.notStrictEqual(sealed(first).nonce, sealed(second).nonce)
      assert.notStrictEqual(sealed(first).sealed, sealed(second).sealed)
    })
  )

  it.effect.skipIf(!posix)("the directory is 0700 and the file 0600, whatever the umask", () =>
    Effect.gen(function* () {
      const path = yield* place
      const before = process.umask(0)
      yield* at(path)(save(refreshToken("r0"))).pipe(
        Effect.ensuring(Effect.sync(() => process.umask(before)))
      )
      const folder = (yield* Effect.provide(Path.Path, NodeServices.layer)).dirname(path)
      const mode = (name: string) =>
        withFiles((files) => Effect.map(files.stat(name), ({ mode }) => mode & 0o777))
      assert.strictEqual(yield* mode(folder), 0o700)
      assert.strictEqual(yield* mode(path), 0o600)
      assert.deepStrictEqual(
        (yield* withFiles((files) => files.readDirectory(folder))).toSorted(),
        ["credentials", "credentials.lock"]
      )
    })
  )

  describe.skipIf(!posix)("where others can read or write", () => {
    const open: ReadonlyArray<readonly [what: string, on: "directory" | "file", mode: number]> = [
      ["a directory that the group can read", "directory", 0o750],
      ["a directory that all can enter", "directory", 0o701],
      ["a directory that all can write", "directory", 0o777],
      ["a file that the group can read", "file", 0o640],
      ["a file that all can write", "file", 0o602]
    ]

    it.effect.each(open)(
      "%s is not written, and says how to mend it; what is there can be used",
      ([, on, mode]) =>
        Effect.gen(function* () {
          const path = yield* vault
          const target = on === "file" ? path : path.replace(/\/credentials$/, "")
          yield* withFiles((files) => files.chmod(target, mode))
          const said = yield* message(at(path)(save(refreshToken("r1"))))
          assert.include(said, "is open to other users")
          assert.include(said, `chmod ${on === "file" ? "600" : "700"} ${target}`)
          assert.strictEqual(yield* at(path)(kept()), "r0")
          const used = yield* at(path)((vault) => vault.modify(owner, Effect.succeed))
          assert.isTrue(Option.isSome(used))
        })
    )

    it.effect("a link is not written through", () =>
      Effect.gen(function* () {
        const path = yield* vault
        yield* withFiles((files) => files.rename(path, `${path}.elsewhere`))
        yield* withFiles((files) => files.symlink(`${path}.elsewhere`, path))
        assert.include(yield* message(at(path)(save(refreshToken("r1")))), "through a link")
        assert.strictEqual(yield* at(path)(kept()), "r0")
      })
    )
  })

  describe("that cannot be read", () => {
    const unchanged = Effect.fnUntraced(function* (path: string, content: Uint8Array) {
      const now = yield* withFiles((files) => files.readFile(path))
      assert.deepStrictEqual(Buffer.from(now), Buffer.from(content))
    })

    it.effect("cut short anywhere, is damaged, and is left as it is", () =>
      Effect.gen(function* () {
        const path = yield* vault
        const whole = yield* withFiles((files) => files.readFile(path))
        // Without its last character, the line's end, it says all it did.
        for (let length = 0; length < whole.length - 1; length++) {
          const part = whole.subarray(0, length)
          yield* withFiles((files) => files.writeFile(path, part))
          const said = yield* message(at(path)((vault) => vault.read(owner)))
          assert.include(said, "is damaged, and is left as it is")
          if (length % 40 !== 0) continue
          const saved = yield* message(at(path)(save(refreshToken("r1"))))
          assert.include(saved, "is damaged")
          const forgotten = yield* message(at(path)((vault) => vault.remove(owner)))
          assert.include(forgotten, "is damaged")
          yield* unchanged(path, part)
        }
      })
    )

    it.effect("one character changed anywhere gives no other token than the one kept", () =>
      Effect.gen(function* () {
        const path = yield* vault
        const whole = yield* withFiles((files) => files.readFileString(path))
        for (let index = 0; index < whole.length; index++) {
          const changed = `${whole.slice(0, index)}${whole[index] === "A" ? "B" : "A"}${whole.slice(index + 1)}`
          yield* withFiles((files) => files.writeFileString(path, changed))
          const read = yield* Effect.option(at(path)(kept()))
          if (Option.isSome(read)) assert.include([undefined, "r0"], read.value)
        }
      })
    )

    it.effect("an entry put in another's place is damaged", () =>
      Effect.gen(function* () {
        const path = yield* vault
        const other = { ...owner, tenantId: "other.example" }
        const whole = yield* withFiles((files) => files.readFileString(path))
        const moved = whole.replace("partner.example", "other.example")
        yield* withFiles((files) => files.writeFileString(path, moved))
        assert.include(yield* message(at(path)(kept(other))), "is damaged")
      })
    )

    it.effect("sealed by another key, it says so and stays", () =>
      Effect.gen(function* () {
        const path = yield* vault
        const whole = yield* withFiles((files) => files.readFile(path))
        const wrong = at(path, { key: keyOf(8) })
        for (const said of [
          yield* message(wrong(kept())),
          yield* message(wrong(save(refreshToken("r1"))))
        ]) {
          assert.include(said, "sealed with another key than the one in ORDERWATCH_VAULT_KEY")
          assert.include(said, path)
        }
        yield* unchanged(path, whole)
        assert.strictEqual(yield* at(path)(kept()), "r0")
      })
    )

    it.effect("written by a newer version, it says so and stays", () =>
      Effect.gen(function* () {
        const path = yield* vault
        const whole = yield* withFiles((files) => files.readFileString(path))
        const newer = whole.replace('"version":1', '"version":2')
        yield* withFiles((files) => files.writeFileString(path, newer))
        assert.include(yield* message(at(path)(kept())), "newer version")
        assert.include(yield* message(at(path)(save(refreshToken("r1")))), "newer version")
        yield* unchanged(path, new TextEncoder().encode(newer))
      })
    )

    it.effect("without its key, no other key is made for it", () =>
      Effect.gen(function* () {
        const path = yield* vault
        const lost: VaultKey = {
          where: "in the system's keychain",
          find: Effect.succeedNone,
          create: Effect.die("a key was made")
        }
        const without = at(path, { key: lost })
        assert.include(yield* message(without(kept())), "is not in the system's keychain")
        const other = { ...owner, tenantId: "other.example" }
        assert.include(
          yield* message(without(save(refreshToken("r1"), other))),
          "is not in the system's keychain"
        )
        assert.strictEqual(yield* at(path)(kept()), "r0")
      })
    )

    it.effect("is moved away only by who says so, and somebody can sign in again", () =>
      Effect.gen(function* () {
        const path = yield* vault
        yield* withFiles((files) => files.writeFileString(path, "not a vault"))
        const aside = yield* Effect.provide(FileVault.setAside(path), NodeServices.layer).pipe(
          Effect.scoped
        )
        assert.strictEqual(yield* withFiles((files) => files.readFileString(aside)), "not a vault")
        yield* at(path)(save(refreshToken("r1")))
        assert.strictEqual(yield* at(path)(kept()), "r1")
      })
    )
  })

  it.effect("a key is made where nothing is kept yet, and only when something is", () =>
    Effect.gen(function* () {
      const path = yield* place
      let made = 0
      const fresh: VaultKey = {
        ...key,
        find: Effect.sync(() =>
          made === 0 ? Option.none() : Option.some(Redacted.make(new Uint8Array(32).fill(7)))
        ),
        create: Effect.andThen(
          Effect.sync(() => void made++),
          key.create
        )
      }
      assert.isUndefined(yield* at(path, { key: fresh })(kept()))
      yield* at(path, { key: fresh })((vault) => vault.modify(owner, Effect.succeed))
      assert.strictEqual(made, 0)
      yield* at(path, { key: fresh })(save(refreshToken("r0")))
      yield* at(path, { key: fresh })(save(refreshToken("r1")))
      assert.strictEqual(made, 1)
      assert.strictEqual(yield* at(path, { key: fresh })(kept()), "r1")
    })
  )

  it.live("whoever changes an entry sees what the one before saved", () =>
    Effect.gen(function* () {
      const path = yield* place
      const append = (letter: string) =>
        at(path)((vault) =>
          vault.modify(owner, (entry, save) => {
            const before = Option.flatMapNullishOr(entry, ({ refreshToken }) => refreshToken)
            const token = Option.match(before, { onNone: () => "", onSome: Redacted.value })
            return Effect.andThen(Effect.yieldNow, save(refreshToken(`${token}${letter}`)))
          })
        )
      yield* Effect.forEach([..."abcdefgh"], append, { concurrency: "unbounded" })
      assert.strictEqual([...((yield* at(path)(kept())) ?? "")].toSorted().join(""), "abcdefgh")
    })
  )
})
