import { spawn } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Result } from "effect"
import { parse } from "../src/access/keyFile.ts"
import { digestOf, idOf } from "../src/access/keyText.ts"
import { contoso, directory, fabrikam } from "./access/fixtures.ts"

const script = fileURLToPath(new URL("./processes/keys.ts", import.meta.url))

// Most of a start is compiling, of the same modules each time.
const cache = fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url))

interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const run = (env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
  Effect.promise(
    () =>
      new Promise<Said>((resolve) => {
        const child = spawn(process.execPath, [script, "keys", ...args], {
          env: { ...env, NODE_COMPILE_CACHE: cache },
          stdio: ["ignore", "pipe", "pipe"]
        })
        let stdout = ""
        let stderr = ""
        child.stdout.on("data", (data) => (stdout += String(data)))
        child.stderr.on("data", (data) => (stderr += String(data)))
        child.once("close", (code) => resolve({ code, stdout, stderr }))
      })
  )

const machine = Effect.map(directory, (place) => {
  const path = join(place, "etc", "keys.json")
  return {
    path,
    keys: (...args: ReadonlyArray<string>) => run({ ORDERWATCH_GATEWAY_KEYS_FILE: path }, ...args),
    kept: () => Result.getOrThrow(parse(path, readFileSync(path, "utf8")))
  }
})

describe("keys add", () => {
  it.live("prints the key, alone, once; the file holds its hash, for its owner alone", () =>
    Effect.gen(function* () {
      const { kept, keys, path } = yield* machine
      const list = `${contoso.toUpperCase()}, ${fabrikam},${contoso}`
      const { code, stderr, stdout } = yield* keys("add", "Billing desk", "--customers", list)
      assert.strictEqual(code, 0, stderr)
      const text = stdout.trimEnd()
      assert.strictEqual(stdout, `${text}\n`)
      const [key, ...others] = kept()
      assert.deepStrictEqual(others, [])
      assert.strictEqual(idOf(text), key?.id)
      assert.strictEqual(digestOf(text).toString("hex"), key?.sha256)
      assert.strictEqual(key?.name, "Billing desk")
      assert.deepStrictEqual(key?.customers, [contoso, fabrikam])
      assert.isUndefined(key?.expires)
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
      assert.notInclude(readFileSync(path, "utf8"), text.slice(13))
      assert.include(stderr, `The key ${key?.id} of Billing desk may ask about 2 customers`)
      assert.notInclude(stderr, text)
    })
  )

  it.live("by ten processes at once keeps ten keys, and leaves nothing else behind", () =>
    Effect.gen(function* () {
      const { kept, keys, path } = yield* machine
      const all = yield* Effect.all(
        Array.from({ length: 10 }, (_, index) => keys("add", `desk ${index}`, "--customers", "*")),
        { concurrency: "unbounded" }
      )
      for (const { code, stderr } of all) assert.strictEqual(code, 0, stderr)
      const texts = all.map(({ stdout }) => stdout.trim())
      assert.strictEqual(new Set(texts).size, 10)
      assert.sameMembers(
        kept().map(({ sha256 }) => sha256),
        texts.map((text) => digestOf(text).toString("hex"))
      )
      const files = readdirSync(join(path, ".."))
      assert.deepStrictEqual(files.toSorted(), ["keys.json", "keys.json.lock"])
    })
  )

  it.live("lasts as long as it is told", () =>
    Effect.gen(function* () {
      const { kept, keys } = yield* machine
      const { stderr } = yield* keys("add", "desk", "--customers", "*", "--expires", "90d")
      const [key] = kept()
      assert.strictEqual(
        DateTime.toEpochMillis(key?.expires ?? DateTime.makeUnsafe(0)) -
          DateTime.toEpochMillis(key?.created ?? DateTime.makeUnsafe(0)),
        90 * 86_400_000
      )
      assert.match(stderr, /may ask about every customer; it expires on \d{4}-\d\d-\d\d\./)
    })
  )

  it.live("keeps the mode of a file that is there", () =>
    Effect.gen(function* () {
      const { keys, path } = yield* machine
      yield* keys("add", "one", "--customers", "*")
      chmodSync(path, 0o640)
      yield* keys("add", "two", "--customers", "*")
      assert.strictEqual(statSync(path).mode & 0o777, 0o640)
    })
  )

  it.live.each([
    { args: ["add", "desk"], code: 1, says: "customers" },
    { args: ["add", "desk", "--customers", ""], code: 2, says: "--customers takes customer ids" },
    {
      args: ["add", "desk", "--customers", "contoso.com"],
      code: 2,
      says: "--customers takes customer ids"
    },
    {
      args: ["add", "\u001b[31m", "--customers", "*"],
      code: 2,
      says: "NAME takes up to 64 letters"
    },
    {
      args: ["add", "desk", "--customers", "*", "--expires", "0d"],
      code: 2,
      says: "--expires takes a duration"
    },
    {
      args: ["add", "desk", "--customers", "*", "--expires", "soon"],
      code: 2,
      says: "--expires takes a duration"
    },
    { args: ["revoke", "7k3mq2zt"], code: 2, says: "has no key with the id 7k3mq2zt" }
  ])("refuses $args, and writes nothing", ({ args, code, says }) =>
    Effect.gen(function* () {
      const { keys, path } = yield* machine
      const said = yield* keys(...args)
      assert.strictEqual(said.code, code, said.stderr)
      assert.include(said.stderr + said.stdout, says)
      assert.isFalse(existsSync(path))
    })
  )

  it.live("leaves a file that is broken, or that others can write, as it is", () =>
    Effect.gen(function* () {
      const { keys, path } = yield* machine
      mkdirSync(join(path, ".."), { mode: 0o700 })
      writeFileSync(path, '{"version":1,"keys":[{}]}', { mode: 0o600 })
      const broken = yield* keys("add", "desk", "--customers", "*")
      assert.strictEqual(broken.code, 2)
      assert.strictEqual(broken.stdout, "")
      assert.include(broken.stderr, `${path}: keys[0].id: Missing key.`)
      assert.strictEqual(readFileSync(path, "utf8"), '{"version":1,"keys":[{}]}')
      writeFileSync(path, '{"version":1,"keys":[]}')
      chmodSync(path, 0o666)
      const open = yield* keys("add", "desk", "--customers", "*")
      assert.strictEqual(open.code, 2)
      assert.include(open.stderr, "can be written by others")
    })
  )

  it.live("says which setting names the file, and takes --file instead", () =>
    Effect.gen(function* () {
      const { path } = yield* machine
      const without = yield* run({}, "list")
      assert.strictEqual(without.code, 2)
      assert.include(without.stderr, "ORDERWATCH_GATEWAY_KEYS_FILE is not set")
      const made = yield* run({}, "add", "desk", "--customers", "*", "--file", path)
      assert.strictEqual(made.code, 0, made.stderr)
      assert.isTrue(existsSync(path))
    })
  )
})

describe("keys list and revoke", () => {
  it.live("show what has become of each key, and none of its hash", () =>
    Effect.gen(function* () {
      const { kept, keys } = yield* machine
      assert.include((yield* keys("list")).stdout, "No keys.")
      yield* keys("add", "desk", "--customers", contoso)
      yield* keys("add", "all", "--customers", "*", "--expires", "12h")
      const [first, second] = kept()
      const revoked = yield* keys("revoke", `owk_${first?.id}`)
      assert.strictEqual(revoked.code, 0, revoked.stderr)
      assert.include(revoked.stderr, `The key ${first?.id} of desk is revoked`)
      const again = yield* keys("revoke", first?.id ?? "")
      assert.strictEqual(again.code, 0)
      assert.include(again.stderr, "was revoked before")
      const { stdout } = yield* keys("list")
      const [head, one, two] = stdout.split("\n")
      assert.match(head ?? "", /^Id +Name +May ask about +Created +Expires +State$/)
      assert.match(one ?? "", new RegExp(`^${first?.id}  desk +1 customer +\\S+  never +revoked$`))
      assert.match(
        two ?? "",
        new RegExp(`^${second?.id}  all +every customer +\\S+  \\S+ +active$`)
      )
      const json = yield* keys("list", "--json")
      const shown: unknown = JSON.parse(json.stdout)
      assert.isTrue(Array.isArray(shown) && shown.length === 2)
      for (const text of [stdout, json.stdout]) {
        for (const { sha256 } of kept()) assert.notInclude(text, sha256)
      }
      assert.include(json.stdout, '"state": "revoked"')
    })
  )
})
