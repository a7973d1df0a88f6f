// Who asks: known by a key of ours, or by a token of the issuer that the operator trusts.
import type { SettingsError } from "@orderwatch/runtime/SettingsError"
import { Context, Effect, Exit, Layer, Option } from "effect"
import type { FileSystem, Path } from "effect"
import type { HttpClient } from "effect/http/HttpClient"
import { local } from "./access/caller.ts"
import type { Caller } from "./access/caller.ts"
import * as Keyring from "./access/keyring.ts"
import { prefix } from "./access/keyText.ts"
import * as Tokens from "./access/tokens.ts"
import { Unauthenticated } from "./problem.ts"
import type { IssuerUnavailable } from "./problem.ts"
import type { SentHeaders } from "./sent.ts"
import { GatewaySettings } from "./settings.ts"

export { mayAsk } from "./access/caller.ts"
export type { Caller } from "./access/caller.ts"

// https://www.rfc-editor.org/rfc/rfc6750#section-2.1
const bearer = /^bearer +([\w.~+/-]+=*)$/i

/** Tells callers from one another. */
export class Access extends Context.Service<
  Access,
  {
    /** Neither keys nor an issuer: whoever reaches us, which is on loopback only, may ask for all. */
    readonly isOpen: boolean
    /**
     * The caller, by the request's `Authorization`. Everything that is wrong with it is the same failure.
     * An `Exit` where nothing has to be waited for.
     */
    readonly identify: (
      headers: SentHeaders
    ) => Effect.Effect<Caller, Unauthenticated | IssuerUnavailable>
  }
>()("@orderwatch/gateway/Access") {
  /** By the settings; fails where the keys' file is not fit to be used. The issuer is asked meanwhile. */
  static readonly layer: Layer.Layer<
    Access,
    SettingsError,
    GatewaySettings | HttpClient | FileSystem.FileSystem | Path.Path
  > = Layer.effect(
    Access,
    Effect.gen(function* () {
      const { keysFile, oidc } = yield* GatewaySettings
      if (Option.isNone(keysFile) && Option.isNone(oidc)) {
        return Access.of({ isOpen: true, identify: () => Exit.succeed(local) })
      }
      const keys = Option.isSome(keysFile) ? yield* Keyring.make(keysFile.value) : undefined
      const tokens = Option.isSome(oidc) ? yield* Tokens.make(oidc.value) : undefined
      return Access.of({
        isOpen: false,
        identify: (headers) => {
          const sent = headers.get("authorization")
          if (sent === null) return Exit.fail(new Unauthenticated({}))
          const text = bearer.exec(sent)?.[1] ?? ""
          const by = text.startsWith(prefix) ? keys : tokens
          if (by === undefined) return Exit.fail(new Unauthenticated({ wasTried: true }))
          return Effect.flatMapEager(by.find(text), (caller) =>
            Option.isSome(caller)
              ? Exit.succeed(caller.value)
              : Exit.fail(new Unauthenticated({ wasTried: true }))
          )
        }
      })
    })
  )
}
