// `keys add|list|revoke`: who may ask this gateway, as commands.
import { plain } from "@orderwatch/core/text"
import { parseDuration } from "@orderwatch/runtime/duration"
import { SettingsError } from "@orderwatch/runtime/SettingsError"
import { variable } from "@orderwatch/runtime/sources"
import { Console, DateTime, Duration, Effect, Option, Redacted, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { everybody, isEntry } from "./access/customers.ts"
import * as Changes from "./access/keyChanges.ts"
import { Key, stateOf } from "./access/keyFile.ts"
import { setting } from "./access/keyPlace.ts"
import { prefix } from "./access/keyText.ts"

const refuse = (setting: string, problem: string) =>
  new SettingsError({ setting, message: `${setting} ${problem}` })

const file = Flag.String("file").pipe(
  Flag.withDescription(`The keys' file; default: ${setting}`),
  Flag.optional
)

const fileOf = Effect.fnUntraced(function* (flag: Option.Option<string>) {
  const set = Option.isSome(flag) ? flag : yield* variable(setting)
  return Option.isSome(set)
    ? set.value
    : yield* refuse(setting, "is not set: set it to the keys' file, or name that with --file.")
})

const customersOf = (text: string) => {
  const parts = text.split(",").map((part) => part.trim().toLowerCase())
  const list = [...new Set(parts)].filter((part) => part !== "")
  return list.length > 0 && list.every(isEntry)
    ? Effect.succeed(list.includes(everybody) ? [everybody] : list)
    : Effect.fail(
        refuse(
          "--customers",
          "takes customer ids (GUIDs) between commas, or '*' for all customers."
        )
      )
}

const days = /^(\d{1,4})d$/

const lastingOf = (text: string) => {
  const [, count] = days.exec(text) ?? []
  const found =
    count === undefined ? parseDuration(text) : Option.some(Duration.days(Number(count)))
  return Option.match(
    Option.filter(found, (lasting) => Duration.toMillis(lasting) > 0),
    {
      onNone: () => Effect.fail(refuse("--expires", "takes a duration such as 90d or 12h.")),
      onSome: Effect.succeed
    }
  )
}

const isName = Schema.is(Key.fields.name)

const day = (time: DateTime.Utc | undefined) =>
  time === undefined ? "never" : DateTime.formatIsoDateUtc(time)

const may = ({ customers = [] }: Key) =>
  customers.includes(everybody)
    ? "every customer"
    : `${customers.length} customer${customers.length === 1 ? "" : "s"}`

const add = Command.make(
  "add",
  {
    name: Argument.String("name").pipe(Argument.withDescription("Whose key it is")),
    customers: Flag.String("customers").pipe(
      Flag.withDescription("The customers it may ask about, ids between commas, or '*'")
    ),
    expires: Flag.String("expires").pipe(
      Flag.withDescription("How long it lasts, such as 90d; default: until it is revoked"),
      Flag.optional
    ),
    file
  },
  Effect.fnUntraced(function* (input) {
    const path = yield* fileOf(input.file)
    if (!isName(input.name)) {
      return yield* refuse("NAME", "takes up to 64 letters, digits, spaces and . _ @ -.")
    }
    const { key, text } = yield* Changes.add(path, {
      name: input.name,
      customers: yield* customersOf(input.customers),
      expires: Option.getOrUndefined(
        yield* Effect.transposeOption(Option.map(input.expires, lastingOf))
      )
    }).pipe(Effect.provide(SecureRandom.layerWebCrypto))
    yield* Console.log(Redacted.value(text))
    yield* Console.error(
      [
        `The key ${key.id} of ${plain(key.name)} may ask about ${may(key)}; it expires ${key.expires === undefined ? "never" : `on ${day(key.expires)}`}.`,
        "It is shown this once: keep it where secrets are kept. A running gateway takes it within a second."
      ].join("\n")
    )
  })
).pipe(
  Command.withShortDescription("Make a key"),
  Command.withDescription("Make a key for a caller. It is printed once; only its hash is kept.")
)

const table = (rows: ReadonlyArray<ReadonlyArray<string>>) => {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length))
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

const encodeKey = Schema.encodeSync(Key)

const list = Command.make(
  "list",
  {
    json: Flag.Boolean("json").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Print JSON, for scripts"),
      Flag.withDefault(false)
    ),
    file
  },
  Effect.fnUntraced(function* (input) {
    const path = yield* fileOf(input.file)
    const keys = yield* Changes.list(path)
    const now = yield* DateTime.now
    if (input.json) {
      const shown = keys.map((key) => {
        const { sha256: _, ...rest } = encodeKey(key)
        return { ...rest, state: stateOf(key, now) }
      })
      return yield* Console.log(JSON.stringify(shown, null, 2))
    }
    if (keys.length === 0) {
      return yield* Console.log("No keys. Add one: keys add NAME --customers …")
    }
    yield* Console.log(
      table([
        ["Id", "Name", "May ask about", "Created", "Expires", "State"],
        ...keys.map((key) => [
          key.id,
          plain(key.name),
          may(key),
          day(key.created),
          day(key.expires),
          stateOf(key, now)
        ])
      ])
    )
  })
).pipe(Command.withShortDescription("The keys, and what has become of them"))

const revoke = Command.make(
  "revoke",
  {
    id: Argument.String("id").pipe(Argument.withDescription("The key's id, as list shows it")),
    file
  },
  Effect.fnUntraced(function* (input) {
    const path = yield* fileOf(input.file)
    const id = input.id.startsWith(prefix) ? input.id.slice(prefix.length) : input.id
    const { isNew, key } = yield* Changes.revoke(path, id)
    yield* Console.error(
      isNew
        ? `The key ${key.id} of ${plain(key.name)} is revoked; a running gateway refuses it, and ends its streams, within a second.`
        : `The key ${key.id} of ${plain(key.name)} was revoked before, on ${day(key.revoked)}.`
    )
  })
).pipe(Command.withShortDescription("Take a key back"))

/** The subcommands. They fail with one line about the setting, flag or file that is wrong. */
export const keys = Command.make("keys").pipe(
  Command.withDescription("Who may ask this gateway: bearer keys, of which only hashes are kept."),
  Command.withShortDescription("Who may ask this gateway"),
  Command.withSubcommands([add, list, revoke])
)
