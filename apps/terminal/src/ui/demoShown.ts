// The demo, as the header shows it.
import type { Session } from "./state/session.ts"

export const demo = {
  kind: "demo",
  profile: "demo",
  cloud: "simulator"
} as const satisfies Pick<Session, "cloud" | "kind" | "profile">
