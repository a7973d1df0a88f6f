// What the interface is at: plain values, which only actions change.
import { Clock, Schedule, Stream } from "effect"
import type { Duration } from "effect"
import * as AsyncResult from "effect/reactivity/AsyncResult"
import * as Atom from "effect/reactivity/Atom"
import type { Theme } from "../../theme.ts"
import type { Kept } from "../watchlistFile.ts"
import type { Stack } from "./screen.ts"
import type { Session } from "./session.ts"

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** The line that is being typed. */
export interface Prompt {
  readonly kind: "search" | "command"
  readonly text: string
}

export interface Start {
  readonly session: Session
  readonly stack: Stack
  readonly kept: Kept
  readonly size: Size
  readonly message: string | undefined
  readonly theme: Theme
  /** Whether a screen reader reads it. */
  readonly isSpoken: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}

const state = <A>(value: A): Atom.Writable<A> => Atom.keepAlive(Atom.make(value))

const untyped: Prompt | undefined = undefined

// The time, whenever that much of it has passed; only while somebody looks at it.
const every = (unit: Duration.Input, start: number): Atom.Atom<number> => {
  const ticks = Atom.make(Stream.fromEffectSchedule(Clock.currentTimeMillis, Schedule.fixed(unit)))
  return Atom.readable((get) => AsyncResult.getOrElse(get(ticks), () => start))
}

// To whoever ends the program on errors that nobody has caught. What follows from the first is of no use.
const makeEscape = () => {
  let isOut = false
  return (defect: unknown): void => {
    if (isOut) return
    isOut = true
    queueMicrotask(() => {
      throw defect
    })
  }
}

export const makeStore = (start: Start) => ({
  /** Takes an error of our own, which atoms would swallow. */
  escape: makeEscape(),
  theme: start.theme,
  isSpoken: start.isSpoken,
  session: state(start.session),
  stack: state(start.stack),
  size: state(start.size),
  kept: state(start.kept),
  prompt: state<Prompt | undefined>(untyped),
  /** One line that says what a key has done; gone with the next. */
  message: state(start.message),
  isPaused: state(false),
  /** How many sign-ins were begun. */
  turns: state(0),
  /** Orders that have changed a moment ago, by key. */
  flashing: state<ReadonlySet<string>>(new Set()),
  seconds: every("1 second", start.now),
  minutes: every("20 seconds", start.now)
})

export type Store = ReturnType<typeof makeStore>
