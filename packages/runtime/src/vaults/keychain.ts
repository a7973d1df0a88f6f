// The vault's key in the system's keychain: the Secret Service on Linux, the Keychain on macOS, the
// Credential Manager on Windows.
import { VaultError } from "@orderwatch/core/CredentialVault"
import { plain } from "@orderwatch/core/text"
import { Effect, Option } from "effect"
import * as Base64 from "effect/encoding/Base64"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { keyLength, parseKey } from "./key.ts"
import type { VaultKey } from "./key.ts"

const service = "orderwatch"
const account = "vault-key"

const instead =
  "unlock it, or set ORDERWATCH_VAULT_KEY to 32 bytes in Base64 or hex (such as from `openssl rand -base64 32`)"

const refuse = (problem: string) => new VaultError({ message: `${problem}: ${instead}.` })

// A keychain may ask its user, who may not be there.
const ask = <A>(call: (entry: Entry, signal: AbortSignal) => Promise<A>) =>
  Effect.tryPromise({
    try: async (signal) => {
      // Native, and needed only by those who have a vault.
      const { AsyncEntry } = await import("@napi-rs/keyring")
      // Without the pin a machine without a Secret Service would quietly use the kernel's keyring, which
      // is empty again after the next start.
      return call(new AsyncEntry(service, account, { linux: { store: "secret-service" } }), signal)
    },
    catch: (error) =>
      refuse(
        `the system's keychain cannot be used (${error instanceof Error ? plain(error.message) : "unknown"})`
      )
  }).pipe(
    Effect.timeoutOrElse({
      duration: "30 seconds",
      orElse: () => Effect.fail(refuse("the system's keychain did not answer in 30 seconds"))
    })
  )

interface Entry {
  readonly getPassword: (signal: AbortSignal) => Promise<string | null>
  readonly setPassword: (password: string, signal: AbortSignal) => Promise<void>
}

const find = Effect.gen(function* () {
  const kept = yield* ask((entry, signal) => entry.getPassword(signal))
  if (kept === null) return Option.none()
  const key = parseKey(kept)
  return Option.isSome(key)
    ? key
    : yield* refuse(
        `the system's keychain holds no key of 32 bytes under ${service}/${account}: remove it there`
      )
})

const create = Effect.gen(function* () {
  const found = yield* find
  if (Option.isSome(found)) return found.value
  const made = Base64.encode(SecureRandom.randomBytesUnsafe(keyLength))
  yield* ask((entry, signal) => entry.setPassword(made, signal))
  // What is kept counts: another process may have made one at the same moment.
  const kept = yield* find
  return Option.isSome(kept)
    ? kept.value
    : yield* refuse("the system's keychain did not keep the vault's key")
})

export const keychain: VaultKey = { where: "in the system's keychain", find, create }
