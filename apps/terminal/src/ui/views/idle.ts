// Keys that would lead nowhere from where one is: nobody should be offered them.
import type { Action } from "../keys.ts"
import { topOf } from "../state/screen.ts"
import type { Stack } from "../state/screen.ts"
import type { Session } from "../state/session.ts"
import { isSignIn } from "../state/signsIn.ts"

export const idleKeys = (stack: Stack, { kind }: Pick<Session, "kind">): ReadonlyArray<Action> => {
  const here = topOf(stack)
  return [
    ...(stack.length === 1 && here.place.filter === "" ? (["back"] as const) : []),
    ...(here._tag === "Help" ? (["help"] as const) : []),
    ...(here._tag === "Watchlist" || kind === "none" ? (["watchlist"] as const) : []),
    ...(here._tag === "Problem" && (kind === "demo" || !isSignIn(here.error))
      ? (["deviceCode"] as const)
      : [])
  ]
}
