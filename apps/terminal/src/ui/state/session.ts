// Whom one asks: the simulator, or a tenant of a profile; or nobody yet.
import type { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import type { Tracker } from "@orderwatch/core/Tracker"
import type { SettingsError } from "@orderwatch/runtime/SettingsError"
import { Effect, Layer } from "effect"
import type { Duration } from "effect"

export interface Session {
  readonly kind: "demo" | "tenant" | "none"
  /** As the header shows it: the profile, or whose credential it is. */
  readonly profile: string
  readonly cloud: string
  /** Under which what is kept is kept; without, nothing is. */
  readonly keptAs: string | undefined
  /** The shortest time between two looks, where it is another than usual. */
  readonly interval?: Duration.Input | undefined
  readonly layer: Layer.Layer<PartnerCenter | Tracker, SettingsError>
}

/** Before anybody has signed in. */
export const nobody: Session = {
  kind: "none",
  profile: "",
  cloud: "",
  keptAs: undefined,
  // Nothing is asked then.
  layer: Layer.unwrap(Effect.never)
}
