import { chmodSync, chownSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { Key, load, parse, print, stateOf } from "../../src/access/keyFile.ts"
import { aKey, contoso, directory, time } from "./fixtures.ts"

const entry = {
  id: "7k3mq2zt",
  name: "desk",
  sha256: "a".repeat(64),
  customers: [contoso],
  created: "2026-01-01T00:00:00Z"
}
const written = (...keys: ReadonlyArray<object>) => JSON.stringify({ version: 1, keys })

describe("the keys' file, as text", () => {
  it.prop(
    "is read as it was written",
    { keys: Schema.Array(Key) },
    ({ keys }) => {
      const known = [...new Map(keys.map((key) => [key.id, key])).values()]
      assert.deepStrictEqual(Result.getOrThrow(parse("k", print(known))), known)
    },
    { arbitrary: { seed: "keyFile", runs: 100 } }
  )

  it("may begin with a byte-order mark, and leave customers out", () => {
    const { customers: _, ...bare } = entry
    const [key] = Result.getOrThrow(parse("k", `\uFEFF${written(bare)}`))
    assert.isUndefined(key?.customers)
  })

  it.each([
    { text: "", says: "is not JSON" },
    { text: '{\n  "version": 1\n  "keys": []}', says: "is not JSON (line 3 column 3): mend it." },
    { text: "[]", says: ": Expected object." },
    { text: '{"keys":[]}', says: ": version: Missing key." },
    { text: '{"version":2,"keys":[]}', says: ": version: Expected 1." },
    { text: '{"version":1,"keys":[],"note":""}', says: ": note: Expected no excess property." },
    { text: written({ ...entry, id: "nope" }), says: ": keys[0].id: an id is 8 letters" },
    {
      text: written(entry, { ...entry, id: "aaaaaaaa", revokd: true }),
      says: ": keys[1].revokd: Expected no excess property."
    },
    {
      text: written({ ...entry, sha256: "owk_secret" }),
      says: ": keys[0].sha256: this is the SHA-256 of a key"
    },
    {
      text: written({ ...entry, customers: [contoso, "contoso.com"] }),
      says: ": keys[0].customers[1]: a customer is a GUID, or * for all of them."
    },
    { text: written({ ...entry, customers: "*" }), says: ": keys[0].customers: Expected array." },
    {
      text: written({ ...entry, expires: "tomorrow" }),
      says: ": keys[0].expires: Expected a valid UTC DateTime string."
    },
    { text: written({ ...entry, name: "a\u001b[31m" }), says: ": keys[0].name: a name is" },
    { text: written(entry, entry), says: ": keys[1].id: two keys have it." }
  ])("that is wrong is refused in one line that says where: $says", ({ says, text }) => {
    const { message, setting } = Result.getOrThrow(Result.flip(parse("/etc/keys.json", text)))
    assert.strictEqual(setting, "ORDERWATCH_GATEWAY_KEYS_FILE")
    assert.isTrue(message.startsWith("/etc/keys.json"), message)
    assert.include(message, says)
    assert.notInclude(message, "\n")
    assert.notInclude(message, "owk_secret")
  })
})

describe("what has become of a key", () => {
  it.effect("is said by the clock", () =>
    Effect.gen(function* () {
      const now = time("2026-06-01T00:00:00Z")
      const { key } = yield* aKey()
      assert.strictEqual(stateOf(key, now), "active")
      assert.strictEqual(stateOf({ ...key, expires: time("2026-06-01T00:00:01Z") }, now), "active")
      assert.strictEqual(stateOf({ ...key, expires: now }, now), "expired")
      assert.strictEqual(stateOf({ ...key, revoked: time("2026-07-01T00:00:00Z") }, now), "revoked")
    })
  )
})

describe("the keys' file, on the disk", () => {
  const at = (prepare: (path: string) => string | void) =>
    Effect.gen(function* () {
      const path = join(yield* directory, "keys.json")
      writeFileSync(path, written(entry), { mode: 0o600 })
      return yield* load(prepare(path) ?? path)
    }).pipe(Effect.provide(NodeServices.layer))

  it.effect("is read where others may read, but not write", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* at((path) => chmodSync(path, 0o644))).length, 1)
    })
  )

  it.effect.each([0o620, 0o602, 0o666])("is refused where others may write", (mode) =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(at((path) => chmodSync(path, mode)))
      assert.include(
        message,
        `can be written by others (mode ${mode.toString(8).padStart(4, "0")})`
      )
      assert.match(message, /run `chmod go-w .*keys\.json`/)
    })
  )

  it.effect("is refused where others may put another in its place", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(at((path) => chmodSync(join(path, ".."), 0o777)))
      assert.include(message, "can be written by others (mode 0777)")
    })
  )

  it.effect("is refused where it is another user's", () =>
    Effect.gen(function* () {
      // Only root can give a file away.
      if (process.getuid?.() !== 0) return
      const { message } = yield* Effect.flip(at((path) => chownSync(path, 12_345, 12_345)))
      assert.include(message, "belongs to another user")
    })
  )

  it.effect("is read as Kubernetes mounts it: through links, in a sticky directory", () =>
    Effect.gen(function* () {
      const keys = yield* at((path) => {
        const mount = join(path, "..")
        mkdirSync(join(mount, "..data-1"), { mode: 0o755 })
        renameSync(path, join(mount, "..data-1", "keys.json"))
        symlinkSync("..data-1", join(mount, "..data"))
        symlinkSync("..data/keys.json", path)
        chmodSync(mount, 0o1777)
      })
      assert.strictEqual(keys.length, 1)
    })
  )

  it.effect("behind a link is refused where what it leads to can be written by others", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(
        at((path) => {
          const link = join(path, "..", "link.json")
          symlinkSync(path, link)
          chmodSync(path, 0o666)
          return link
        })
      )
      assert.include(message, "can be written by others")
    })
  )

  it.effect.each([
    { name: "a directory", prepare: (path: string) => join(path, ".."), says: "is no file" },
    { name: "missing", prepare: (path: string) => `${path}.other`, says: "cannot be read (ENOENT)" }
  ])("that is $name is refused by name", ({ prepare, says }) =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(at(prepare))
      assert.include(message, says)
    })
  )
})
