// `orderwatch profiles`: several partner tenants side by side, and where each setting comes from.
import { plain } from "@orderwatch/core/text"
import { explain } from "@orderwatch/runtime/Explanation"
import * as Profiles from "@orderwatch/runtime/Profiles"
import { Effect, Option, Path } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { report, UsageError } from "../failure.ts"
import { Cloud } from "../flags.ts"
import { result, view } from "../output.ts"
import { table } from "../render/text.ts"
import { notInDemo, settingsFlags } from "../session.ts"

const list = Effect.gen(function* () {
  const found = yield* Profiles.read
  const all = Option.match(found, {
    onNone: () => [],
    onSome: ({ profiles }) => [...profiles].toSorted(([a], [b]) => a.localeCompare(b))
  })
  const isDefault = (name: string) =>
    Option.exists(found, ({ defaultProfile }) => defaultProfile === name)
  yield* result(
    () => all.map(([name, values]) => ({ name, isDefault: isDefault(name), ...values })),
    Effect.map(view, (view) =>
      all.length === 0
        ? ["No profiles. Add one: orderwatch profiles add NAME --tenant-id … --client-id …"]
        : table(
            [
              { title: "" },
              { title: "Profile", isFlexible: true },
              { title: "Tenant", isFlexible: true },
              { title: "App", isFlexible: true },
              { title: "Cloud" }
            ],
            all.map(([name, values]) => [
              { text: isDefault(name) ? "*" : " " },
              { text: plain(name) },
              { text: plain(values.tenant_id ?? "—") },
              { text: plain(values.client_id ?? "—") },
              { text: plain(values.cloud ?? "global") }
            ]),
            view
          )
    )
  )
})

const show = Command.make(
  "show",
  {},
  Effect.fnUntraced(function* () {
    const explained = yield* explain(yield* settingsFlags)
    yield* result(
      () => explained,
      Effect.map(view, (view) =>
        table(
          [
            { title: "Setting" },
            { title: "Value", isFlexible: true, least: 12 },
            { title: "From", isFlexible: true, least: 16 }
          ],
          explained.map(({ setting, source, value }) => [
            { text: setting },
            value === undefined ? { text: "—", style: "dim" } : { text: plain(value) },
            { text: plain(source), style: "dim" }
          ]),
          view
        )
      )
    )
  }, Effect.catch(report))
).pipe(
  Command.withDescription(
    "Show every setting, its value and where it came from; secrets as set or unset."
  ),
  Command.withShortDescription("Each setting and where it came from")
)

const name = Argument.String("name").pipe(Argument.withDescription("The profile's name"))
const text = (flag: string, description: string) =>
  Flag.String(flag).pipe(Flag.withDescription(description))

const add = Command.make(
  "add",
  {
    name,
    tenantId: text("tenant-id", "The partner's tenant, a GUID or a domain"),
    clientId: text("client-id", "The app registration's application (client) id"),
    certificate: text("client-certificate-file", "The app's certificate with its key, PEM").pipe(
      Flag.optional
    ),
    isDefault: Flag.Boolean("default").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Use it where no profile is named"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* (input) {
    yield* notInDemo
    const id = /^[A-Za-z0-9][A-Za-z0-9.-]{0,253}$/
    if (!id.test(input.tenantId) || !id.test(input.clientId)) {
      return yield* new UsageError({
        message: "--tenant-id takes a GUID or a domain, and --client-id the application's GUID."
      })
    }
    const path = yield* Path.Path
    const values = {
      cloud: Option.getOrElse(yield* Cloud, () => "global"),
      tenant_id: input.tenantId,
      client_id: input.clientId,
      // In config.toml a path is meant from there, on the command line from here.
      ...(Option.isSome(input.certificate) && {
        client_certificate_file: path.resolve(input.certificate.value)
      })
    }
    yield* Profiles.save(input.name, values)
    if (input.isDefault) yield* Profiles.setDefault(input.name)
    const name = plain(input.name)
    yield* result(
      () => ({ name, ...values }),
      Effect.succeed([`The profile ${name} is kept. Sign in: orderwatch login --profile ${name}`])
    )
  }, Effect.catch(report))
).pipe(Command.withShortDescription("Keep a profile"))

const remove = Command.make(
  "remove",
  { name },
  Effect.fnUntraced(function* (input) {
    yield* notInDemo
    const name = plain(input.name)
    if (!(yield* Profiles.remove(input.name))) {
      return yield* new UsageError({ message: `there is no profile ${name}.` })
    }
    yield* result(
      () => ({ removed: name }),
      Effect.succeed([
        `The profile ${name} is gone. Its credential, if any, is still in the vault.`
      ])
    )
  }, Effect.catch(report))
).pipe(Command.withShortDescription("Forget a profile"))

const setDefault = Command.make(
  "default",
  { name },
  Effect.fnUntraced(function* (input) {
    yield* notInDemo
    yield* Profiles.setDefault(input.name)
    const name = plain(input.name)
    yield* result(
      () => ({ default: name }),
      Effect.succeed([`${name} is the default profile now.`])
    )
  }, Effect.catch(report))
).pipe(Command.withShortDescription("Choose the profile that counts where none is named"))

const listing = () => list.pipe(Effect.catch(report))

const listed = Command.make("list", {}, listing).pipe(
  Command.withShortDescription("The profiles, as without a subcommand")
)

export const profiles = Command.make("profiles", {}, listing).pipe(
  Command.withDescription("The partner tenants that this user works for, side by side."),
  Command.withShortDescription("Partner tenants side by side"),
  Command.withSubcommands([listed, show, add, remove, setDefault])
)
