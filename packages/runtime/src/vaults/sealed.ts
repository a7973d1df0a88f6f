// The vault's file: who has an entry in the clear, what is in it sealed by AES-256-GCM. Everything that
// says how and for whom an entry was sealed is authenticated with it, so none can be put in another's
// place.
import type { Entry, Owner } from "@orderwatch/core/CredentialVault"
import { Data, Effect, Option, Redacted, Result, Schema } from "effect"
import * as Aead from "effect/crypto/Aead"
import * as Digest from "effect/crypto/Digest"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Hex from "effect/encoding/Hex"
import type { KeyBytes } from "./key.ts"

const format = "orderwatch-vault"
const version = 1
const cipher = "A256GCM"
const nonceLength = 12

const SealedEntry = Schema.Struct({
  loginUrl: Schema.String,
  tenantId: Schema.String,
  clientId: Schema.String,
  /** Which key sealed it: told apart from a damaged entry. */
  key: Schema.String,
  nonce: Schema.Uint8ArrayFromBase64.check(Schema.isBetweenLength(nonceLength, nonceLength)),
  sealed: Schema.Uint8ArrayFromBase64
})
type SealedEntry = typeof SealedEntry.Type

const VaultFile = Schema.fromJsonString(
  Schema.Struct({
    format: Schema.Literal(format),
    version: Schema.Literal(version),
    cipher: Schema.Literal(cipher),
    entries: Schema.Array(SealedEntry)
  })
)
const AnyVersion = Schema.fromJsonString(
  Schema.Struct({ format: Schema.Literal(format), version: Schema.Finite })
)

const Secret = Schema.RedactedFromValue(Schema.NonEmptyString)
const Content = Schema.fromJsonString(
  Schema.Struct({
    refreshToken: Schema.optional(Secret),
    accessToken: Schema.optional(Secret),
    expiresAt: Schema.optional(Schema.DateTimeUtcFromString),
    signedInAt: Schema.optional(Schema.DateTimeUtcFromString),
    refreshedAt: Schema.optional(Schema.DateTimeUtcFromString),
    seed: Schema.optional(Schema.String)
  })
)

/** All entries, sealed. */
export type Entries = ReadonlyArray<SealedEntry>

/** It was not written by this program, was cut short or changed, or was written by a newer version. */
export class Unreadable extends Data.TaggedError("Unreadable")<{
  readonly because: "damaged" | "newer" | "otherKey"
}> {}

const damaged = new Unreadable({ because: "damaged" })

export const parse = (bytes: Uint8Array): Result.Result<Entries, Unreadable> => {
  const text = new TextDecoder().decode(bytes)
  return Result.mapError(
    Result.map(Schema.decodeUnknownResult(VaultFile)(text), ({ entries }) => entries),
    () =>
      Option.exists(Schema.decodeUnknownOption(AnyVersion)(text), (file) => file.version > version)
        ? new Unreadable({ because: "newer" })
        : damaged
  )
}

export const print = (entries: Entries): Uint8Array =>
  new TextEncoder().encode(
    `${Schema.encodeSync(VaultFile)({ format, version, cipher, entries })}\n`
  )

// Ids compare without case, as Microsoft's login does.
const bound = ({ clientId, loginUrl, tenantId }: Owner): Owner => ({
  loginUrl,
  tenantId: tenantId.toLowerCase(),
  clientId: clientId.toLowerCase()
})

const isFor = (owner: Owner) => {
  const { clientId, loginUrl, tenantId } = bound(owner)
  return (entry: SealedEntry) =>
    entry.loginUrl === loginUrl && entry.tenantId === tenantId && entry.clientId === clientId
}

export const find = (entries: Entries, owner: Owner): Option.Option<SealedEntry> =>
  Option.fromNullishOr(entries.find(isFor(owner)))

export const without = (entries: Entries, owner: Owner): Entries => {
  const isTheirs = isFor(owner)
  return entries.filter((entry) => !isTheirs(entry))
}

const associated = (owner: Owner, key: string) =>
  new TextEncoder().encode(
    JSON.stringify([format, version, cipher, key, owner.loginUrl, owner.tenantId, owner.clientId])
  )

// A name for a key that tells nothing of it.
const nameOf = (key: KeyBytes) =>
  Effect.gen(function* () {
    const digest = yield* Digest.Digest
    const named = new TextEncoder().encode(`${format} key ${Hex.encode(Redacted.value(key))}`)
    return Hex.encode((yield* digest.digest(Digest.sha256, named)).subarray(0, 8))
  })

/** The entry, sealed for its owner with a nonce of its own. */
export const seal = Effect.fnUntraced(function* (owner: Owner, entry: Entry, key: KeyBytes) {
  const aead = yield* Aead.Aead
  const nonce = yield* (yield* SecureRandom.SecureRandom).randomBytes(nonceLength)
  const name = yield* nameOf(key)
  const to = bound(owner)
  const content = new TextEncoder().encode(yield* Schema.encodeEffect(Content)(entry))
  const sealed = yield* aead.encrypt(
    yield* Aead.key(Aead.aes256Gcm, Redacted.value(key)),
    content,
    { nonce, aad: associated(to, name) }
  )
  return { ...to, key: name, nonce, sealed } satisfies SealedEntry
}, Effect.orDie)

/** What was sealed, if it is whole and the key is the one that sealed it. */
export const open = Effect.fnUntraced(function* (sealed: SealedEntry, key: KeyBytes) {
  const aead = yield* Aead.Aead
  const name = yield* Effect.orDie(nameOf(key))
  if (name !== sealed.key) return yield* new Unreadable({ because: "otherKey" })
  const bytes = yield* Effect.orDie(Aead.key(Aead.aes256Gcm, Redacted.value(key)))
  return yield* aead
    .decrypt(bytes, sealed.sealed, { nonce: sealed.nonce, aad: associated(sealed, sealed.key) })
    .pipe(
      Effect.flatMap((content) =>
        Schema.decodeUnknownEffect(Content)(new TextDecoder().decode(content))
      ),
      Effect.mapError(() => damaged)
    )
})
