// A vault that begins with the environment's tokens: an unknown refresh token there goes before what is
// kept, a known one only began it. Nothing is written until something is saved.
import { CredentialVault } from "@orderwatch/core/CredentialVault"
import type { Entry } from "@orderwatch/core/CredentialVault"
import { Effect, Layer, Option, Redacted } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as Base64Url from "effect/encoding/Base64Url"

const hash = Effect.fnUntraced(function* (token: Redacted.Redacted) {
  const digest = yield* Digest.Digest
  const named = new TextEncoder().encode(`orderwatch seed ${Redacted.value(token)}`)
  return Base64Url.encode(yield* Effect.orDie(digest.digest(Digest.sha256, named)))
})

const make = Effect.fnUntraced(function* ({ accessToken, refreshToken }: Entry) {
  const vault = yield* CredentialVault
  const seed = refreshToken && (yield* hash(refreshToken))
  // A ready token is used as it is, until something newer was saved here.
  let ready = accessToken

  const begun = (kept: Option.Option<Entry>): Option.Option<Entry> => {
    const isKnown = seed === undefined || Option.exists(kept, (entry) => entry.seed === seed)
    const entry = isKnown ? kept : Option.some<Entry>({ refreshToken, seed })
    if (ready === undefined) return entry
    const before = Option.getOrElse(entry, (): Entry => ({}))
    return Option.some({ ...before, accessToken: ready, expiresAt: undefined })
  }

  return CredentialVault.of({
    ...vault,
    read: (owner) => Effect.map(vault.read(owner), begun),
    modify: (owner, f) =>
      vault.modify(owner, (kept, save) =>
        f(begun(kept), (entry) =>
          // A sign-in, too, goes before the token that the environment had at the time.
          save({ ...entry, seed: entry.seed ?? seed }).pipe(
            Effect.tap(Effect.sync(() => (ready = undefined)))
          )
        )
      )
  })
})

/** The vault below, begun with those tokens. */
export const layer = (tokens: Entry): Layer.Layer<CredentialVault, never, CredentialVault> =>
  Layer.effect(CredentialVault, make(tokens)).pipe(Layer.provide(Digest.layerWebCrypto))
