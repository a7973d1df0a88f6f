// The sessions that there are here: the demo, and the tenant of the settings once somebody has signed in.
import { Cloud } from "@orderwatch/core/Cloud"
import { isGuid } from "@orderwatch/core/Order"
import { CredentialVault } from "@orderwatch/core/CredentialVault"
import type { Services } from "@orderwatch/runtime/Runtime"
import * as Runtime from "@orderwatch/runtime/Runtime"
import type { SettingsShape } from "@orderwatch/runtime/Settings"
import * as Vault from "@orderwatch/runtime/vaults/choose"
import { Effect, FileSystem, Layer, Logger, Option, Path, Result } from "effect"
import { logs, overNetwork } from "../session.ts"
import { demo as shownAs } from "./demoShown.ts"
import * as Settings from "./settings.ts"
import { nobody } from "./state/session.ts"
import type { Session } from "./state/session.ts"

/** What sessions need of the machine. */
export type Ground = FileSystem.FileSystem | Path.Path

// What is logged would be drawn over, and draw over the screen, unless it goes elsewhere.
const logging = Layer.unwrap(
  Effect.sync(() => (process.stderr.isTTY === true ? Logger.layer([]) : Layer.unwrap(logs)))
)

const grounded = <E, R>(layer: Layer.Layer<Services, E, R>) =>
  Effect.map(Effect.context<R>(), (context) => Layer.provide(layer, Layer.succeedContext(context)))

/** The simulator in this process; nothing is kept. It is loaded once the first frame is there. */
export const demo = Effect.gen(function* () {
  const loaded = Layer.unwrap(
    Effect.gen(function* () {
      yield* Effect.yieldNow
      const { http, settings } = yield* Effect.promise(() => import("../demo.ts"))
      return Layer.provideMerge(Runtime.layer(settings), http)
    })
  )
  return {
    ...shownAs,
    keptAs: undefined,
    // Its orders move on in seconds, and it has no limit worth the name.
    interval: "5 seconds",
    layer: yield* quiet(yield* grounded(loaded))
  } satisfies Session
})

const quiet = <E>(layer: Layer.Layer<Services, E>) =>
  Effect.map(Effect.context<Effect.Services<typeof logs>>(), (context) =>
    Layer.provideMerge(layer, Layer.provide(Layer.orDie(logging), Layer.succeedContext(context)))
  )

const hostOf = ({ cloud }: SettingsShape): string => {
  const own = Cloud.make(cloud.name)
  return Result.isSuccess(own) && own.success.apiUrl === cloud.apiUrl
    ? cloud.name
    : `${cloud.name} at ${new URL(cloud.apiUrl).host}`
}

const short = (tenantId: string): string =>
  isGuid(tenantId) ? `${tenantId.slice(0, 8)}…` : tenantId || "by token"

/** The tenant of those settings. */
export const tenant = Effect.fnUntraced(function* (settings: SettingsShape) {
  const { cloud, credential } = settings
  const layer = yield* grounded(overNetwork(settings))
  return {
    kind: "tenant",
    profile: Option.getOrElse(settings.profile, () => short(credential.tenantId)),
    cloud: hostOf(settings),
    keptAs:
      credential.tenantId === "" ? undefined : `${cloud.name} ${credential.tenantId.toLowerCase()}`,
    layer: yield* quiet(layer)
  } satisfies Session
})

export interface Found {
  readonly session: Session
  /** Why there is nobody to ask, or what the user should know. */
  readonly said: string | undefined
}

/** The tenant of the settings where somebody has signed in; else nobody. Fails with a setting that is malformed. */
export const found = Effect.gen(function* () {
  const read = yield* Settings.read
  if (Result.isFailure(read)) {
    return { session: nobody, said: read.failure.message } satisfies Found
  }
  const settings = read.success
  const owner = {
    loginUrl: settings.cloud.loginUrl,
    tenantId: settings.credential.tenantId,
    clientId: settings.credential.clientId
  }
  const entry = yield* CredentialVault.use((vault) => vault.read(owner)).pipe(
    Effect.provide(Vault.layer(settings.vault, settings.seed)),
    Effect.result
  )
  if (Result.isFailure(entry)) {
    return { session: nobody, said: entry.failure.message } satisfies Found
  }
  return Option.isNone(entry.success)
    ? ({ session: nobody, said: undefined } satisfies Found)
    : ({
        session: yield* tenant(settings),
        said: settings.notices[0]
      } satisfies Found)
})
