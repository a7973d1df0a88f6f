// Asking again, now: whatever the screen shows.
import { pop, begin, change } from "../screen.ts"
import type { Here, Parts } from "./here.ts"

export const makeRefresh = (
  { asks, registry, rows, store }: Parts,
  { extent, top }: Here
): (() => void) => {
  const refresh = (): void => {
    const here = top()
    switch (here._tag) {
      case "Customers":
        return registry.refresh(asks.customers)
      case "Orders": {
        registry.refresh(asks.orders(here.customer.id))
        const { height, rows: all } = extent()
        for (const row of all.slice(here.place.top, here.place.top + height)) {
          const orderRow = registry.get(rows.all).rows.find((one) => one.key === row.key)
          if (orderRow?._tag === "Order" && orderRow.target !== undefined) {
            registry.set(asks.seen(orderRow.target), undefined)
            registry.refresh(asks.look(orderRow.target))
          }
        }
        return
      }
      case "Order":
        return asks.again(registry, here.target)
      case "Watchlist":
        for (const row of registry.get(rows.all).rows)
          if (row._tag === "Watched") asks.again(registry, row.target)
        return
      case "Problem":
        registry.update(store.stack, pop)
        return top()._tag === "Problem" ? undefined : refresh()
      case "SignIn":
        return registry.update(store.stack, (stack) =>
          change(stack, (one) =>
            one._tag === "SignIn" ? { ...one, turn: one.turn + 1, place: begin } : one
          )
        )
      default:
    }
  }

  return refresh
}
