// Follows what is on the watchlist for as long as the interface is open; says and keeps what has changed.
import { plain } from "@orderwatch/core/text"
import { Duration, Effect, Fiber } from "effect"
import type * as AtomRegistry from "effect/reactivity/AtomRegistry"
import { shown } from "../../theme.ts"
import type { Watched } from "../watchlistFile.ts"
import { keyOf } from "./asks.ts"
import type { Asks } from "./asks.ts"
import type { Following } from "./following.ts"
import type { Machine } from "./machine.ts"
import type { Target } from "./screen.ts"
import type { Store } from "./store.ts"

const flashing = Duration.seconds(4)

const targetOf = ({ customerId, customerName, orderId }: Watched): Target => ({
  customer: { id: customerId, name: customerName },
  orderId
})

/** Begins; what it returns ends it. */
export const startWatching = ({
  asks,
  machine,
  registry,
  store
}: {
  readonly registry: AtomRegistry.AtomRegistry
  readonly store: Store
  readonly asks: Asks
  readonly machine: Machine
}): (() => void) => {
  const stops = new Map<string, () => void>()
  const flashes = new Map<string, Fiber.Fiber<void>>()

  const light = (key: string, isOn: boolean) =>
    registry.update(store.flashing, (lit) => {
      const next = new Set(lit)
      if (isOn) next.add(key)
      else next.delete(key)
      return next
    })

  const flash = (key: string) => {
    const before = flashes.get(key)
    if (before !== undefined) Effect.runFork(Fiber.interrupt(before))
    light(key, true)
    flashes.set(
      key,
      Effect.runFork(
        Effect.andThen(
          Effect.sleep(flashing),
          Effect.sync(() => light(key, false))
        )
      )
    )
  }

  const hear = (target: Target, { latest }: Following) => {
    const key = keyOf(target)
    const kept = registry.get(store.kept)
    const one = kept.watched.find((watched) => keyOf(targetOf(watched)) === key)
    if (latest === undefined || one === undefined) return
    const { units, verdict } = latest.report
    if (one.verdict === verdict) return
    registry.set(store.kept, {
      ...kept,
      watched: kept.watched.map((watched) => (watched === one ? { ...one, verdict } : watched))
    })
    if (one.verdict === undefined) return
    flash(key)
    if (!kept.isNotifying) return
    const whose = plain(target.customer.name ?? target.customer.id)
    machine.notify({
      title: `Order ${shown(verdict).word}`,
      body: `${whose}, ${target.orderId}: ${units.fulfilled}/${units.total}`
    })
  }

  const follow = () => {
    const { watched } = registry.get(store.kept)
    const wanted = new Map(watched.map((one) => [keyOf(targetOf(one)), targetOf(one)]))
    for (const [key, stop] of stops) {
      if (wanted.has(key)) continue
      stop()
      stops.delete(key)
    }
    for (const [key, target] of wanted) {
      if (stops.has(key)) continue
      // Entered first: what is heard at once changes the list, and leads here again.
      stops.set(key, () => {})
      stops.set(
        key,
        registry.subscribe(asks.following(target), (now) => hear(target, now), { immediate: true })
      )
    }
  }

  const ends = [
    registry.subscribe(store.kept, (kept) => {
      follow()
      machine.save(registry.get(store.session), kept, (message) =>
        registry.set(store.message, message)
      )
    }),
    () => stops.forEach((stop) => stop()),
    () => flashes.forEach((fiber) => Effect.runFork(Fiber.interrupt(fiber)))
  ]
  follow()
  return () => ends.forEach((end) => end())
}
