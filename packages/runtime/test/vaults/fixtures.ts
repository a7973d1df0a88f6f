// A vault in a directory of its own, for as long as a test runs.
import * as NodeServices from "@effect/platform-node/NodeServices"
import { CredentialVault } from "@orderwatch/core/CredentialVault"
import type { Entry, Owner } from "@orderwatch/core/CredentialVault"
import { Effect, FileSystem, Option, Path, Redacted } from "effect"
import type { Layer } from "effect"
import * as FileVault from "../../src/vaults/file.ts"
import { given } from "../../src/vaults/key.ts"
import type { VaultKey } from "../../src/vaults/key.ts"

export const owner: Owner = {
  loginUrl: "https://login.example",
  tenantId: "Partner.example",
  clientId: "B6A0F7DE-8a5c-4d43-9f6b-2c1d0e9f8a7b"
}

export const keyOf = (byte: number): VaultKey => given(Redacted.make(new Uint8Array(32).fill(byte)))
export const key = keyOf(7)

/** A path in a fresh directory that nobody else can look into. */
export const place = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* files.makeTempDirectoryScoped({ prefix: "orderwatch-vault-" })
  return path.join(folder, "data", "credentials")
}).pipe(Effect.provide(NodeServices.layer))

/** Asks the vault at that path, over the files of this machine or over other ones. */
export const at =
  (path: string, options: { key?: VaultKey; files?: Layer.Layer<FileSystem.FileSystem> } = {}) =>
  <A, E>(use: (vault: CredentialVault["Service"]) => Effect.Effect<A, E>) =>
    Effect.flatMap(CredentialVault, use).pipe(
      Effect.provide(FileVault.layer({ path, key: options.key ?? key })),
      (effect) => (options.files === undefined ? effect : Effect.provide(effect, options.files)),
      Effect.provide(NodeServices.layer)
    )

export const save =
  (entry: Entry, of: Owner = owner) =>
  (vault: CredentialVault["Service"]) =>
    vault.modify(of, (_, save) => save(entry))

export const refreshToken = (token: string): Entry => ({ refreshToken: Redacted.make(token) })

export const kept =
  (of: Owner = owner) =>
  (vault: CredentialVault["Service"]) =>
    Effect.map(vault.read(of), (entry) =>
      Option.getOrUndefined(
        Option.flatMapNullishOr(entry, ({ refreshToken }) => refreshToken).pipe(
          Option.map(Redacted.value)
        )
      )
    )
