// Signing in, step by step, for as long as its screen is shown.
import type { DeviceCode } from "@orderwatch/core/Login"
import { Cause, Effect, Stream } from "effect"
import * as AsyncResult from "effect/reactivity/AsyncResult"
import * as Atom from "effect/reactivity/Atom"
import type { Screen, ScreenOf, Way } from "./screen.ts"
import type { Session } from "./session.ts"

export type Step =
  | { readonly _tag: "Asking" }
  | { readonly _tag: "Code"; readonly code: DeviceCode }
  | { readonly _tag: "Address"; readonly url: string; readonly isOpen: boolean }
  | { readonly _tag: "Done"; readonly session: Session }
  | { readonly _tag: "Failed"; readonly message: string; readonly remedy?: string | undefined }

/** `escape` takes an error of our own. */
export const makeSignIns = (
  signIn: (way: Way) => Stream.Stream<Step>,
  escape: (defect: unknown) => void
) => {
  const asking: Step = { _tag: "Asking" }
  const made = new Map<string, Atom.Atom<Step>>()
  const step = ({ turn, way }: Pick<ScreenOf<"SignIn">, "turn" | "way">): Atom.Atom<Step> => {
    const key = `${way} ${turn}`
    const known = made.get(key)
    if (known !== undefined) return known
    const steps = Atom.make(
      Stream.tapCause(signIn(way), (cause) =>
        Effect.sync(() => {
          if (Cause.hasDies(cause)) escape(Cause.squash(cause))
        })
      )
    )
    const fresh = Atom.readable((get) => AsyncResult.getOrElse(get(steps), () => asking))
    made.set(key, fresh)
    return fresh
  }
  /** That of the screen, where it is one to sign in on. */
  const stepOn = (screen: Screen): Atom.Atom<Step | undefined> =>
    screen._tag === "SignIn" ? step(screen) : none
  return { step, stepOn }
}

const none = Atom.readable((): Step | undefined => undefined)

export type SignIns = ReturnType<typeof makeSignIns>
