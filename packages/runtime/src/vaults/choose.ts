// Which vault keeps the credential: the file once somebody signed in, the environment where the tokens
// come from there, or the one that was set.
import { CredentialVault } from "@orderwatch/core/CredentialVault"
import type { Entry, Owner, VaultError } from "@orderwatch/core/CredentialVault"
import { Effect, Layer } from "effect"
import type { FileSystem, Path } from "effect"
import * as Environment from "./environment.ts"
import * as File from "./file.ts"
import { given } from "./key.ts"
import type { KeyBytes } from "./key.ts"
import { keychain } from "./keychain.ts"
import { prepare } from "./place.ts"
import * as Seeded from "./seeded.ts"

export type VaultKind = "file" | "env"
export const vaultKinds: ReadonlyArray<VaultKind> = ["file", "env"]

/** The encrypted file, and its key where that was set; else the key is in the system's keychain. */
export interface VaultFile {
  readonly path: string
  readonly key?: KeyBytes | undefined
}

/** `isForced`: somebody set the kind; it was not found out. */
export type VaultSettings =
  | { readonly kind: "file"; readonly isForced: boolean; readonly file: VaultFile }
  | { readonly kind: "env"; readonly isForced: boolean; readonly file?: VaultFile | undefined }

/** The kind where none was set. Without a place for files only the environment is left. */
export const choose = (facts: {
  readonly file: VaultFile | undefined
  /** Whether the environment has a refresh or an access token. */
  readonly hasTokens: boolean
  /** Whether the file has an entry for who asks. */
  readonly hasEntry: boolean
}): VaultSettings => {
  const { file, hasEntry, hasTokens } = facts
  return file === undefined || (hasTokens && !hasEntry)
    ? { kind: "env", isForced: false, file }
    : { kind: "file", isForced: false, file }
}

/**
 * The vault that a sign-in is kept in: the file, also where the environment's tokens are what is used
 * so far. None where `env` was set, or where there is no place for files.
 */
export const forSignIn = ({ file, isForced, kind }: VaultSettings): VaultSettings | undefined =>
  file === undefined || (kind === "env" && isForced) ? undefined : { kind: "file", isForced, file }

/** Fails where the vault could not keep the owner's sign-in, so far as that can be known before. */
export const ready = Effect.fnUntraced(function* (
  vault: VaultSettings,
  owner: Owner
): Effect.fn.Return<void, VaultError, FileSystem.FileSystem | Path.Path> {
  if (vault.kind !== "file") return
  const { key, path } = vault.file
  yield* prepare(path)
  // An empty vault is read without a key, but nothing is kept without one.
  yield* keyOf(key).create
  yield* Effect.provide(
    CredentialVault.use((kept) => kept.read(owner)),
    layer(vault, {})
  )
})

const keyOf = (key: KeyBytes | undefined) => (key === undefined ? keychain : given(key))

/** The chosen vault, begun with the environment's tokens. */
export const layer = (
  vault: VaultSettings,
  tokens: Entry
): Layer.Layer<CredentialVault, never, FileSystem.FileSystem | Path.Path> => {
  if (vault.kind === "env") return Environment.layer(tokens)
  const { key, path } = vault.file
  return Layer.provide(Seeded.layer(tokens), File.layer({ path, key: keyOf(key) }))
}
