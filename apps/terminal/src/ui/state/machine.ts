// What the interface has done by the machine that it runs on.
import type { Effect, Stream } from "effect"
import type { Notification } from "../../notify.ts"
import type { Kept } from "../watchlistFile.ts"
import type { Way } from "./screen.ts"
import type { Session } from "./session.ts"
import type { Step } from "./signIn.ts"

/** A session, and what is kept for it. */
export interface Entered {
  readonly session: Session
  readonly kept: Kept
  /** What the user should know. */
  readonly notice?: string | undefined
}

export interface Machine {
  /** Whether the terminal was asked to keep the text. */
  readonly copy: (text: string) => boolean
  readonly notify: (notification: Notification) => void
  /** Keeps it for the next run, where anything is kept at all; says what went wrong. */
  readonly save: (session: Session, kept: Kept, failed: (message: string) => void) => void
  readonly demo: Effect.Effect<Entered>
  readonly entered: (session: Session) => Effect.Effect<Entered>
  readonly signIn: (way: Way) => Stream.Stream<Step>
  readonly suspend: () => void
  readonly quit: () => void
}
