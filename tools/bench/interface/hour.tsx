// An hour of the interface as fast as it goes: 60 orders watched, each of which changes every five minutes. Prints the
// heap along the way, as JSON. Run with --expose-gc.
import { PassThrough } from "node:stream"
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import { record } from "@orderwatch/core/OrderHistory"
import type { OrderHistory } from "@orderwatch/core/OrderHistory"
import * as OrderReport from "@orderwatch/core/OrderReport"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { Tracker } from "@orderwatch/core/Tracker"
import type { FollowEvent } from "@orderwatch/core/Tracker"
import { DateTime, Effect, Layer, Option, Stream } from "effect"
import * as AtomRegistry from "effect/reactivity/AtomRegistry"
import { render } from "ink"
import { uncoloured } from "../../../apps/terminal/src/theme.ts"
import { App } from "../../../apps/terminal/src/ui/App.tsx"
import { Registry } from "../../../apps/terminal/src/ui/bridge.ts"
import { makeActions } from "../../../apps/terminal/src/ui/state/actions.ts"
import { makeAsks } from "../../../apps/terminal/src/ui/state/asks.ts"
import type { Machine } from "../../../apps/terminal/src/ui/state/machine.ts"
import { makeRows } from "../../../apps/terminal/src/ui/state/rows.ts"
import { screen } from "../../../apps/terminal/src/ui/state/screen.ts"
import { nobody } from "../../../apps/terminal/src/ui/state/session.ts"
import { makeSignIns } from "../../../apps/terminal/src/ui/state/signIn.ts"
import { makeStore } from "../../../apps/terminal/src/ui/state/store.ts"
import { startWatching } from "../../../apps/terminal/src/ui/state/watching.ts"
import { nothing } from "../../../apps/terminal/src/ui/watchlistFile.ts"

const orders = 60
const changes = 12
const hours = 4
const customerId = CustomerId.make("0c39d6d5-c70d-4c55-bc02-f620844f3fd1")

const reportAt = (orderId: OrderId, turn: number) =>
  OrderReport.make({
    customerId,
    orderId,
    source: "order",
    isMiscounted: false,
    observedAt: DateTime.toUtc(DateTime.makeUnsafe(1_800_000_000_000 + turn * 60_000)),
    support: { requestId: `request-${turn}` },
    answered: [
      {
        lineItemNumber: 0,
        status: turn % 2 === 0 ? "pending" : "unknown",
        source: "order",
        quantities: [{ quantity: 1 + (turn % 5), status: "pending" }]
      }
    ]
  })

const count = { heard: 0 }
const follow = (_: CustomerId, orderId: OrderId): Stream.Stream<FollowEvent> => {
  let history: OrderHistory | undefined
  return Stream.range(0, hours * changes).pipe(
    Stream.mapEffect((turn) =>
      Effect.gen(function* () {
        yield* Effect.sleep("5 millis")
        const report = reportAt(orderId, turn)
        history = record(history, report)
        count.heard++
        return { _tag: "Changed", report, history, order: Option.none() } as const
      })
    )
  )
}

const layer = Layer.mergeAll(
  Layer.mock(Tracker)({ follow }),
  Layer.mock(PartnerCenter)({ customers: () => Stream.never })
)

const stdout = Object.assign(new PassThrough(), { columns: 120, rows: 40, isTTY: true })
stdout.resume()
const stdin = Object.assign(new PassThrough(), {
  isTTY: true,
  setRawMode: () => stdin,
  ref: () => stdin,
  unref: () => stdin
})
const watched = Array.from({ length: orders }, (_, at) => ({
  customerId,
  orderId: OrderId.make(`order-${at}`),
  customerName: `Customer ${at}`
}))
const machine: Machine = {
  copy: () => true,
  notify: () => {},
  save: () => {},
  demo: Effect.never,
  entered: () => Effect.never,
  signIn: () => Stream.never,
  suspend: () => {},
  quit: () => {}
}

const registry = AtomRegistry.make()
const store = makeStore({
  session: { ...nobody, kind: "tenant", profile: "bench", cloud: "global", layer },
  stack: [screen({ _tag: "Watchlist" })],
  kept: { ...nothing, watched },
  size: { columns: 120, rows: 40 },
  message: undefined,
  theme: uncoloured,
  isSpoken: false,
  now: Date.now()
})
const signIns = makeSignIns(machine.signIn, store.escape)
const asks = makeAsks(store)
const rows = makeRows(store, asks, signIns)
const actions = makeActions({ registry, store, asks, rows, signIns, machine })
startWatching({ registry, store, asks, machine })
const ui = render(
  <Registry value={registry}>
    <App {...{ actions, asks, rows, signIns, store }} onSuspend={() => {}} />
  </Registry>,
  {
    stdout,
    stdin,
    interactive: true,
    incrementalRendering: true,
    maxFps: 60,
    patchConsole: false,
    exitOnCtrlC: false
  }
)

const total = orders * (hours * changes + 1)
const heap: Array<number> = []
const measure = () => {
  globalThis.gc?.()
  heap.push(process.memoryUsage().heapUsed)
}
for (const hour of Array.from({ length: hours }, (_, at) => at + 1)) {
  await new Promise<void>((resolve) => {
    const look = () => (count.heard < (total * hour) / hours ? setTimeout(look, 20) : resolve())
    look()
  })
  measure()
}
ui.unmount()
console.log(JSON.stringify({ updates: count.heard, heap }))
process.exit(0)
