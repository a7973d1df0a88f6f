// Asks for the next page of customers when the last one is nearly all in sight.
import type * as AtomRegistry from "effect/reactivity/AtomRegistry"
import type { Asks } from "./asks.ts"
import { frameOf } from "./frame.ts"
import { windowOf } from "./place.ts"
import type { Rows } from "./rows.ts"
import { topOf } from "./screen.ts"
import type { Store } from "./store.ts"

/** Begins; what it returns ends it. */
export const startPaging = ({
  asks,
  registry,
  rows,
  store
}: {
  readonly registry: AtomRegistry.AtomRegistry
  readonly store: Store
  readonly asks: Asks
  readonly rows: Rows
}): (() => void) => {
  let isAsking = false
  const look = () => {
    const screen = topOf(registry.get(store.stack))
    if (isAsking || screen._tag !== "Customers" || registry.get(store.isPaused)) return
    const { loading, rows: all } = registry.get(rows.all)
    if (!loading.isMore || loading.isWaiting || loading.error !== undefined) return
    const { height } = frameOf(registry.get(store.size), screen)
    const { to } = windowOf(screen.place, { rows: all, height, isList: true })
    if (to + height < all.length) return
    isAsking = true
    registry.set(asks.customers, undefined)
    isAsking = false
  }
  const ends = [
    registry.subscribe(rows.all, look, { immediate: true }),
    registry.subscribe(store.stack, look)
  ]
  return () => ends.forEach((end) => end())
}
