// Puts the order that one is at on the watchlist, or takes it off.
import { keyOf } from "../asks.ts"
import type { Here, Parts } from "./here.ts"

export const makeWatch = ({ registry, store }: Parts, { say, targetHere }: Here): (() => void) => {
  const watch = () => {
    const target = targetHere()
    if (target === undefined) return
    const key = keyOf(target)
    const { watched } = registry.get(store.kept)
    const others = watched.filter(
      ({ customerId, orderId }) => keyOf({ customer: { id: customerId }, orderId }) !== key
    )
    const isWatched = others.length < watched.length
    const { name } = target.customer
    const one = {
      customerId: target.customer.id,
      orderId: target.orderId,
      ...(name !== undefined && { customerName: name })
    }
    registry.update(store.kept, (kept) => ({
      ...kept,
      watched: isWatched ? others : [...watched, one]
    }))
    say(`${isWatched ? "no longer watching" : "watching"} ${target.orderId}`)
  }

  return watch
}
