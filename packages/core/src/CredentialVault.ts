// Where a credential is kept between uses. Only the service and a layer in memory: keeping it safe on a
// machine is the runtime's part.
import { Context, Data, DateTime, Effect, Layer, Option, Redacted, Semaphore } from "effect"

/** Whose credential: an entry is bound to all three, so another login host has none. */
export interface Owner {
  readonly loginUrl: string
  readonly tenantId: string
  readonly clientId: string
}

/** What is kept. An access token without an expiry is used until it is refused. */
export interface Entry {
  readonly refreshToken?: Redacted.Redacted | undefined
  readonly accessToken?: Redacted.Redacted | undefined
  readonly expiresAt?: DateTime.Utc | undefined
  /** When somebody last signed in; and when the refresh token was last exchanged. */
  readonly signedInAt?: DateTime.Utc | undefined
  readonly refreshedAt?: DateTime.Utc | undefined
  /** A hash of the environment's refresh token that this entry began with, where one did. */
  readonly seed?: string | undefined
}

/** The vault could not be read or written. `message` says what to do, without any secret. */
export class VaultError extends Data.TaggedError("VaultError")<{ readonly message: string }> {}

export type Save = (entry: Entry) => Effect.Effect<void, VaultError>

export class CredentialVault extends Context.Service<
  CredentialVault,
  {
    readonly read: (owner: Owner) => Effect.Effect<Option.Option<Entry>, VaultError>
    /**
     * Runs `f` as the only one that changes the owner's entry, among all who share the vault. `f` gets
     * the entry as it is then; what it saves is kept before `save` returns.
     */
    readonly modify: <A, E, R>(
      owner: Owner,
      f: (entry: Option.Option<Entry>, save: Save) => Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | VaultError, R>
    /** Forgets the owner's entry, after whoever changes it; whether there was one. */
    readonly remove: (owner: Owner) => Effect.Effect<boolean, VaultError>
    /** Which vault this is: `memory`, `env`, `file`, or a name of its own. */
    readonly kind: string
    /** Whether what is saved is still there for the next process. */
    readonly isDurable: boolean
  }
>()("@orderwatch/core/CredentialVault") {
  /** Kept in this process only, and begun with the entry given for whoever asks. */
  static readonly layerMemory = (seed?: Entry, kind = "memory"): Layer.Layer<CredentialVault> =>
    Layer.effect(CredentialVault, makeMemory(seed, kind))
}

const holds = (entry: Entry): boolean =>
  entry.refreshToken !== undefined || entry.accessToken !== undefined

const makeMemory = Effect.fnUntraced(function* (seed: Entry | undefined, kind: string) {
  const entries = new Map<string, Entry>()
  const begun = Option.filter(Option.fromUndefinedOr(seed), holds)
  const one = yield* Semaphore.make(1)
  const key = ({ clientId, loginUrl, tenantId }: Owner) =>
    JSON.stringify([loginUrl, tenantId.toLowerCase(), clientId.toLowerCase()])
  const find = (owner: Owner) => {
    const entry = entries.get(key(owner))
    return entry === undefined ? begun : Option.filter(Option.some(entry), holds)
  }
  return CredentialVault.of({
    read: (owner) => Effect.sync(() => find(owner)),
    modify: (owner, f) =>
      Effect.suspend(() =>
        f(find(owner), (entry) => Effect.sync(() => void entries.set(key(owner), entry)))
      ).pipe(one.withPermit),
    remove: (owner) =>
      Effect.sync(() => {
        const was = Option.isSome(find(owner))
        entries.set(key(owner), {})
        return was
      }).pipe(one.withPermit),
    kind,
    isDurable: false
  })
})
