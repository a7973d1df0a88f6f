import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import * as Profiles from "../../src/Profiles.ts"
import { machine } from "./machine.ts"

const two = `# Ours.
default_profile = "contoso" # most of the time

[profiles.contoso]
# The partner's own tenant.
tenant_id = "contoso.example"   # a domain
client_id = "the-client"
requests_per_minute = 42

# The other one.
[profiles.fabrikam]
cloud = "china"
tenant_id = "fabrikam.example"
`

const read = (toml: string) =>
  Effect.flatMap(machine(toml), ({ run }) => Effect.map(run(Profiles.read), Option.getOrThrow))

describe("Profiles", () => {
  it.effect("are read by name, each value as it is written", () =>
    Effect.gen(function* () {
      const { defaultProfile, profiles } = yield* read(two)
      assert.strictEqual(defaultProfile, "contoso")
      assert.deepStrictEqual(
        [...profiles],
        [
          [
            "contoso",
            { tenant_id: "contoso.example", client_id: "the-client", requests_per_minute: "42" }
          ],
          ["fabrikam", { cloud: "china", tenant_id: "fabrikam.example" }]
        ]
      )
    })
  )

  it.effect.each([undefined, "", "# nothing yet\n", "\uFEFF[profiles]\r\n"])(
    "there are none in %j",
    (toml) =>
      Effect.gen(function* () {
        const { run } = yield* machine(toml)
        const { defaultProfile, profiles } = Option.getOrThrow(yield* run(Profiles.read))
        assert.deepStrictEqual([defaultProfile, profiles.size], [undefined, 0])
      })
  )

  const wrong: ReadonlyArray<readonly [toml: string, at: string, says: string]> = [
    ["[profiles.a", "1:2", "mend it"],
    ["[profiles.a]\ntenant_id = contoso", "2:13", "invalid value"],
    ['[profiles.a]\ntenant_id = "a"\ntenant_id = "b"', "3:1", "already defined"],
    ['tenant_id = "a"', "1:1", "put it below [profiles.NAME]"],
    ['defualt_profile = "a"', "1:1", "do you mean `default_profile`?"],
    ['[profiles.a]\n\n  tennant_id = "a"', "3:3", "do you mean `tenant_id`?"],
    ['[profiles.a]\nTenant-ID = "a"', "2:1", "do you mean `tenant_id`?"],
    ['[profiles.a]\nflavour = "mint"', "2:1", "those of a profile are cloud, tenant_id"],
    ['[profiles.b]\ntenant_id = "x"\n[profiles."a.b"]\nclientid = "a"', "4:1", "`client_id`"],
    ['profiles.a.tennant_id = "a"', "1:1", "do you mean `tenant_id`?"],
    ['profiles = { a = { tennant_id = "a" } }', "1:20", "do you mean `tenant_id`?"],
    ["[profiles.a]\ntenant_id = true", "2:1", "in quotes"],
    ["[profiles.a]\ndeadline = 07:32:00", "2:1", "in quotes"],
    ["profiles = 1", "1:1", "[profiles.NAME]"],
    ["[profiles]\na = 1", "2:1", "[profiles.a]"],
    ['[profiles."a b"]', "1:1", "letters, digits"],
    ["default_profile = 1", "1:1", "name of a profile"],
    ['default_profile = "b"\n[profiles.a]', "1:1", "which is none of the profiles (a)"],
    ['[profiles.a]\nclient_secret = "hunter2"', "2:1", "this file holds none"],
    ['[profiles.a]\nrefresh_token = "hunter2"', "2:1", "this file holds none"],
    ['[profiles.a]\ntenant_id = "eyJhbGciOiJub25lIn0.hunter2"', "2:1", "looks like a secret"],
    ['[profiles.a]\nclient_id = """-----BEGIN PRIVATE KEY-----\nhunter2"""', "2:1", "secret"],
    ['[profiles.a]\nclient_secret = "hunter2', "2:17", "mend it"]
  ]
  it.effect.each(wrong)("%j is refused in one line with its place", ([toml, at, says]) =>
    Effect.gen(function* () {
      const { path, run } = yield* machine(toml)
      const { message } = yield* Effect.flip(run(Profiles.read))
      assert.include(message, says)
      assert.isTrue(message.startsWith(`${path}:${at}: `), message)
      assert.match(message, /^[^\u0000-\u001f\u007f]+$/)
      assert.notInclude(message, "hunter2")
    })
  )

  describe("changed", () => {
    it.effect("one that is new is written below the others, which stay as they are", () =>
      Effect.gen(function* () {
        const { run, text } = yield* machine(two)
        yield* run(Profiles.save("adatum.de", { tenant_id: 'a"b\\c', vault: "file" }))
        assert.strictEqual(
          yield* text,
          `${two}\n[profiles."adatum.de"]\ntenant_id = 'a"b\\c'\nvault = "file"\n`.replace(
            `tenant_id = 'a"b\\c'`,
            String.raw`tenant_id = "a\"b\\c"`
          )
        )
      })
    )

    it.effect("the first one makes the file, for its user alone", () =>
      Effect.gen(function* () {
        const { files, path, run, text } = yield* machine(undefined)
        yield* run(Profiles.save("contoso", { tenant_id: "contoso.example" }))
        yield* run(Profiles.setDefault("contoso"))
        assert.strictEqual(
          yield* text,
          'default_profile = "contoso"\n\n[profiles.contoso]\ntenant_id = "contoso.example"\n'
        )
        if (process.platform !== "win32") {
          assert.strictEqual((yield* files.stat(path)).mode & 0o777, 0o600)
        }
      })
    )

    it.effect("one that is there keeps its comments and its place", () =>
      Effect.gen(function* () {
        const { run, text } = yield* machine(two)
        yield* run(
          Profiles.save("contoso", {
            tenant_id: "new.example",
            client_id: "the-client",
            locale: "de-DE"
          })
        )
        assert.strictEqual(
          yield* text,
          two
            .replace('"contoso.example"', '"new.example"')
            .replace("requests_per_minute = 42", 'locale = "de-DE"')
        )
      })
    )

    it.effect("one that is removed takes along what is its own, and the default if it was it", () =>
      Effect.gen(function* () {
        const { run, text } = yield* machine(two)
        assert.isTrue(yield* run(Profiles.remove("contoso")))
        assert.isFalse(yield* run(Profiles.remove("contoso")))
        assert.strictEqual(yield* text, `# Ours.\n\n${two.slice(two.indexOf("# The other"))}`)
      })
    )

    it.effect("another default keeps the comment behind it", () =>
      Effect.gen(function* () {
        const { run, text } = yield* machine(two)
        yield* run(Profiles.setDefault("fabrikam"))
        assert.strictEqual(yield* text, two.replace('"contoso" #', '"fabrikam" #'))
        const { message } = yield* Effect.flip(run(Profiles.setDefault("adatum")))
        assert.include(message, "names the profile adatum")
        assert.include(message, "contoso, fabrikam")
      })
    )

    it.effect("a file written in another way is left as it is, and says so", () =>
      Effect.gen(function* () {
        const toml = 'profiles = { a = { tenant_id = "x" } } # all\n'
        const { run, text } = yield* machine(toml)
        for (const change of [
          Profiles.save("a", { tenant_id: "y" }),
          Profiles.save("b", { tenant_id: "y" }),
          Profiles.remove("a")
        ]) {
          const { message } = yield* Effect.flip(run(Effect.asVoid(change)))
          assert.include(message, "edit it by hand")
        }
        assert.strictEqual(yield* text, toml)
      })
    )

    it.effect("a file that is wrong is not changed at all", () =>
      Effect.gen(function* () {
        const toml = '[profiles.a]\ntennant_id = "x"\n'
        const { run, text } = yield* machine(toml)
        yield* Effect.flip(run(Profiles.save("b", { tenant_id: "y" })))
        assert.strictEqual(yield* text, toml)
      })
    )

    it.effect.skipIf(process.platform === "win32")(
      "a link to the file stays one, and its mode too",
      () =>
        Effect.gen(function* () {
          const { files, folder, path, run } = yield* machine(two)
          yield* files.rename(path, `${folder}/dotfiles.toml`)
          yield* files.chmod(`${folder}/dotfiles.toml`, 0o644)
          yield* files.symlink(`${folder}/dotfiles.toml`, path)
          yield* run(Profiles.setDefault("fabrikam"))
          assert.strictEqual(yield* files.readLink(path), `${folder}/dotfiles.toml`)
          assert.strictEqual((yield* files.stat(path)).mode & 0o777, 0o644)
          assert.include(yield* files.readFileString(path), '"fabrikam" #')
          assert.lengthOf(yield* files.readDirectory(folder), 2)
        })
    )

    it.effect.each(["", "-a", "a b", "a\nb", "[x]", "é", "a".repeat(65)])(
      "%j is no name for one",
      (name) =>
        Effect.gen(function* () {
          const { run } = yield* machine(undefined)
          const { message } = yield* Effect.flip(run(Profiles.save(name, {})))
          assert.include(message, "is no name for a profile")
        })
    )

    const Value = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(40))
    it.effect.prop(
      "whatever is saved is what is read again, and nothing else has changed",
      {
        tenant: Value,
        client: Value,
        name: Schema.Literals(["contoso", "fabrikam", "x.y", "new"])
      },
      ({ client, name, tenant }) =>
        Effect.gen(function* () {
          const { run } = yield* machine(two)
          const values = { tenant_id: tenant, client_id: client }
          const saved = yield* Effect.result(run(Profiles.save(name, values)))
          const { profiles } = Option.getOrThrow(yield* run(Profiles.read))
          const others = [...profiles.keys()].filter((other) => other !== name)
          assert.deepStrictEqual(
            others,
            ["contoso", "fabrikam"].filter((other) => other !== name)
          )
          if (saved._tag === "Success") assert.deepStrictEqual(profiles.get(name), values)
        }),
      { arbitrary: { seed: "profiles", runs: 100 } }
    )
  })
})
