// The interface over the demo without a terminal: its parts, and a machine that only notes what it is asked.
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Runtime from "@orderwatch/runtime/Runtime"
import { Effect, Layer, Stream } from "effect"
import * as AtomRegistry from "effect/reactivity/AtomRegistry"
import * as demo from "../../src/demo.ts"
import { uncoloured } from "../../src/theme.ts"
import { makeActions } from "../../src/ui/state/actions.ts"
import { makeAsks } from "../../src/ui/state/asks.ts"
import type { Machine } from "../../src/ui/state/machine.ts"
import { makeRows } from "../../src/ui/state/rows.ts"
import { screen } from "../../src/ui/state/screen.ts"
import type { Stack } from "../../src/ui/state/screen.ts"
import { nobody } from "../../src/ui/state/session.ts"
import type { Session } from "../../src/ui/state/session.ts"
import { makeSignIns } from "../../src/ui/state/signIn.ts"
import type { Step } from "../../src/ui/state/signIn.ts"
import { makeStore } from "../../src/ui/state/store.ts"
import type { Size } from "../../src/ui/state/store.ts"
import { startPaging } from "../../src/ui/state/paging.ts"
import { startWatching } from "../../src/ui/state/watching.ts"
import { nothing } from "../../src/ui/watchlistFile.ts"
import type { Kept } from "../../src/ui/watchlistFile.ts"

export const demoSession: Session = {
  kind: "demo",
  profile: "demo",
  cloud: "simulator",
  keptAs: undefined,
  interval: "1 second",
  layer: Layer.provide(Runtime.layer(demo.settings), Layer.mergeAll(demo.http, NodeServices.layer))
}

export interface Setting {
  readonly stack?: Stack
  readonly session?: Session
  readonly kept?: Kept
  readonly size?: Size
  readonly step?: Step
  readonly isSpoken?: boolean
}

/** Everything but the screen itself. What is asked of the machine is noted. */
export const makeStage = ({
  isSpoken = false,
  kept = nothing,
  session = demoSession,
  size = { columns: 80, rows: 24 },
  stack = [screen({ _tag: "Customers" })],
  step
}: Setting = {}) => {
  const notes: Array<string> = []
  const note = (what: string) => void notes.push(what)
  const machine: Machine = {
    copy: (text) => {
      note(`copy ${text}`)
      return true
    },
    notify: ({ body, title }) => note(`notify ${title}: ${body}`),
    save: (_, { watched }) => note(`save ${watched.length}`),
    demo: Effect.sync(() => {
      note("demo")
      return { session: demoSession, kept: nothing }
    }),
    entered: (session) => Effect.succeed({ session, kept: nothing }),
    signIn: (way) => {
      note(`sign in ${way}`)
      return step === undefined ? Stream.never : Stream.concat(Stream.succeed(step), Stream.never)
    },
    suspend: () => note("suspend"),
    quit: () => note("quit")
  }
  const registry = AtomRegistry.make()
  const store = makeStore({
    session,
    kept,
    size,
    stack,
    message: undefined,
    theme: uncoloured,
    isSpoken,
    now: Date.now()
  })
  const signIns = makeSignIns(machine.signIn, store.escape)
  const asks = makeAsks(store)
  const rows = makeRows(store, asks, signIns)
  const actions = makeActions({ registry, store, asks, rows, signIns, machine })
  const stops = [
    registry.mount(rows.all),
    startWatching({ registry, store, asks, machine }),
    startPaging({ registry, store, asks, rows })
  ]
  const until = async (isSo: () => boolean, what = "it") => {
    for (const end = Date.now() + 50_000; Date.now() < end;) {
      if (isSo()) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`never came to ${what}`)
  }
  return {
    registry,
    store,
    asks,
    rows,
    signIns,
    actions,
    notes,
    until,
    end: () => {
      stops.forEach((stop) => stop())
      registry.dispose()
    }
  }
}

export { nobody }
