// Keys that would lead nowhere from where one is: nobody should be offered them.
import type { Action } from "../keys.ts"
import { topOf } from "../state/screen.ts"
import type { Stack } from "../state/screen.ts"
import type { Session } from "../state/session.ts"
import type { Step } from "../state/signIn.ts"
import { isSignIn } from "../state/signsIn.ts"

export interface Where {
  readonly stack: Stack
  readonly session: Pick<Session, "kind">
  /** How far a sign-in is, on its screen. */
  readonly step?: Step | undefined
}

export const idleKeys = ({ session: { kind }, stack, step }: Where): ReadonlyArray<Action> => {
  const here = topOf(stack)
  return [
    ...(stack.length === 1 && here.place.filter === "" ? (["back"] as const) : []),
    ...(here._tag === "Help" ? (["help"] as const) : []),
    ...(here._tag === "Watchlist" || kind === "none" ? (["watchlist"] as const) : []),
    ...(here._tag === "Problem" && (kind === "demo" || !isSignIn(here.error))
      ? (["deviceCode"] as const)
      : []),
    ...(here._tag === "SignIn" && step?._tag !== "Code" && step?._tag !== "Address"
      ? (["copy"] as const)
      : [])
  ]
}
