// Keeps and reads a credential with a key in the session's keychain; says what came of it, line by line.
import * as NodeServices from "@effect/platform-node/NodeServices"
import { CredentialVault } from "@orderwatch/core/CredentialVault"
import { Effect, Layer, Option, Redacted } from "effect"
import * as FileVault from "../../src/vaults/file.ts"
import { keychain } from "../../src/vaults/keychain.ts"

const path = process.env["VAULT"] ?? ""
const owner = { loginUrl: "https://login.example", tenantId: "tenant", clientId: "client" }
const say = (line: string) => Effect.sync(() => void process.stdout.write(`${line}\n`))

await Effect.gen(function* () {
  const vault = yield* CredentialVault
  const token = (entry: Option.Option<{ readonly refreshToken?: Redacted.Redacted | undefined }>) =>
    Option.match(
      Option.flatMapNullishOr(entry, ({ refreshToken }) => refreshToken),
      {
        onNone: () => "none",
        onSome: Redacted.value
      }
    )
  yield* say(`key: ${Option.isSome(yield* keychain.find)}`)
  yield* say(`before: ${token(yield* vault.read(owner))}`)
  yield* vault.modify(owner, (_, save) => save({ refreshToken: Redacted.make("r1") }))
  yield* say(`after: ${token(yield* vault.read(owner))}`)
  const [first, second] = [yield* keychain.create, yield* keychain.create]
  yield* say(`same: ${Buffer.from(Redacted.value(first)).equals(Redacted.value(second))}`)
}).pipe(
  Effect.catch(({ message }) => say(`failed: ${message}`)),
  Effect.provide(Layer.provide(FileVault.layer({ path, key: keychain }), NodeServices.layer)),
  Effect.runPromise
)
