// Where one is when a key comes: the screen, what is selected on it, and what is wrong there.
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { Result } from "effect"
import type * as AtomRegistry from "effect/reactivity/AtomRegistry"
import type { Asks } from "../asks.ts"
import { frameOf } from "../frame.ts"
import type { Machine } from "../machine.ts"
import { indexOf } from "../place.ts"
import type { Row, Rows } from "../rows.ts"
import { change, isList, push, topOf } from "../screen.ts"
import type { Place, Screen, Target } from "../screen.ts"
import type { SignIns } from "../signIn.ts"
import type { Store } from "../store.ts"

export interface Parts {
  readonly registry: AtomRegistry.AtomRegistry
  readonly store: Store
  readonly asks: Asks
  readonly rows: Rows
  readonly signIns: SignIns
  readonly machine: Machine
}

/** Read from the registry at every call, so that keys may come faster than frames. */
export const makeHere = ({ asks, registry, rows, store }: Parts) => {
  const top = () => topOf(registry.get(store.stack))
  const say = (message: string | undefined) => registry.set(store.message, message)
  const go = (next: Screen) => registry.update(store.stack, (stack) => push(stack, next))
  const place = (f: (place: Place) => Place) =>
    registry.update(store.stack, (stack) =>
      change(stack, (one) => ({ ...one, place: f(one.place) }))
    )
  const extent = () => ({
    rows: registry.get(rows.all).rows,
    height: frameOf(registry.get(store.size), top()).height,
    isList: isList(top())
  })
  const selected = (): Row | undefined => {
    const here = top()
    const all = registry.get(rows.all).rows
    return isList(here) ? all[indexOf(here.place, all)] : undefined
  }
  const isNobody = (): boolean => registry.get(store.session).kind === "none"

  const targetHere = (): Target | undefined => {
    const here = top()
    if (here._tag === "Order") return here.target
    const row = selected()
    return row?._tag === "Order" || row?._tag === "Watched" ? row.target : undefined
  }

  // What is wrong here, if anything is.
  const trouble = (): { readonly error: PartnerCenterError; readonly what: string } | undefined => {
    const target = targetHere()
    if (target !== undefined) {
      const { error, trouble } = registry.get(asks.following(target))
      const seen = registry.get(asks.seen(target))
      const failed = seen !== undefined && Result.isFailure(seen) ? seen.failure : undefined
      const found = error ?? trouble?.error ?? failed
      if (found !== undefined) return { error: found, what: `order ${target.orderId}` }
    }
    const { error } = registry.get(rows.all).loading
    return error === undefined ? undefined : { error, what: top()._tag.toLowerCase() }
  }

  return { top, say, go, place, extent, selected, isNobody, targetHere, trouble }
}

export type Here = ReturnType<typeof makeHere>
