// The vault's key: 32 bytes from a variable, or from the system's keychain. There is no vault without one.
import type { VaultError } from "@orderwatch/core/CredentialVault"
import { Effect, Option, Redacted, Result } from "effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Hex from "effect/encoding/Hex"

export const keyLength = 32

export type KeyBytes = Redacted.Redacted<Uint8Array>

/** Where the key of a vault comes from. */
export interface VaultKey {
  /** As messages name it. */
  readonly where: string
  /** The key, if there is one. */
  readonly find: Effect.Effect<Option.Option<KeyBytes>, VaultError>
  /** The key; where there was none, a new one that is kept from now on. */
  readonly create: Effect.Effect<KeyBytes, VaultError>
}

const base64 = /^[\w+/-]{43}=?$/

/** 32 bytes, written as 64 hexadecimal digits or in Base64 (of either alphabet, padded or not). */
export const parseKey = (text: string): Option.Option<KeyBytes> => {
  const decoded = base64.test(text)
    ? Base64Url.decode(text.replaceAll("+", "-").replaceAll("/", "_").replace("=", ""))
    : Hex.decode(text)
  return Result.getSuccess(decoded).pipe(
    Option.filter((bytes) => bytes.length === keyLength),
    Option.map((bytes) => Redacted.make(bytes))
  )
}

/** The key that somebody set. */
export const given = (bytes: KeyBytes): VaultKey => ({
  where: "in ORDERWATCH_VAULT_KEY",
  find: Effect.succeedSome(bytes),
  create: Effect.succeed(bytes)
})
