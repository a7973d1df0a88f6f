// What stays on the normal screen when the interface is gone: where the orders stood that one was watching.
import { plain } from "@orderwatch/core/text"
import type * as AtomRegistry from "effect/reactivity/AtomRegistry"
import { state } from "../render/standing.ts"
import { fit } from "../render/text.ts"
import type { Theme } from "../theme.ts"
import { keyOf } from "./state/asks.ts"
import type { Asks } from "./state/asks.ts"
import { topOf } from "./state/screen.ts"
import type { Target } from "./state/screen.ts"
import type { Store } from "./state/store.ts"

export const lastState = (
  registry: AtomRegistry.AtomRegistry,
  { asks, store, theme }: { readonly store: Store; readonly asks: Asks; readonly theme: Theme }
): ReadonlyArray<string> => {
  const screen = topOf(registry.get(store.stack))
  const watched = registry
    .get(store.kept)
    .watched.map(({ customerId, customerName, orderId }): Target => ({
      customer: { id: customerId, name: customerName },
      orderId
    }))
  const targets = new Map(
    [...watched, ...(screen._tag === "Order" ? [screen.target] : [])].map((target) => [
      keyOf(target),
      target
    ])
  )
  const width = Math.max(0, ...[...targets.values()].map(({ orderId }) => orderId.length))
  return [...targets].map(([key, { customer, orderId }]) => {
    const { latest } = asks.followed.get(key) ?? { latest: undefined }
    const name = fit(plain(customer.name ?? customer.id), 40)
    return `${state({ latest, orderId }, theme, width)}  ${theme.dim(name)}`
  })
}
