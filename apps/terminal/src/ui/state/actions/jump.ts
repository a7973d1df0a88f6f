// Going somewhere: to a customer's orders, to an order, or to where a typed line leads.
import type { CustomerId } from "@orderwatch/core/Customer"
import { Clock, Effect, Result } from "effect"
import type { Jump } from "../command.ts"
import { screen } from "../screen.ts"
import type { Target, Whom } from "../screen.ts"
import type { Here, Parts } from "./here.ts"

const mostRecent = 8

export const makeJump = (
  { asks, machine, registry, store }: Parts,
  { go, isNobody, say, selected }: Here
) => {
  const visited = (whom: Whom) =>
    void Effect.runFork(
      Effect.map(Clock.currentTimeMillis, (at) =>
        registry.update(store.kept, (kept) => {
          const known = kept.recent.find(({ id }) => id.toLowerCase() === whom.id.toLowerCase())
          const name = whom.name ?? known?.name
          const domain = whom.domain ?? known?.domain
          const latest = {
            id: whom.id,
            at,
            ...(name !== undefined && { name }),
            ...(domain !== undefined && { domain })
          }
          const others = kept.recent.filter((one) => one !== known)
          return { ...kept, recent: [latest, ...others].slice(0, mostRecent) }
        })
      )
    )

  const openOrders = (customer: Whom) => {
    visited(customer)
    go(screen({ _tag: "Orders", customer }))
  }
  const openOrder = (target: Target) => {
    visited(target.customer)
    go(screen({ _tag: "Order", target, isRaw: false }))
  }

  // Who the customer is, as far as some screen knows.
  const known = (matches: (whom: Whom) => boolean): Whom | undefined => {
    const { recent } = registry.get(store.kept)
    const result = registry.get(asks.customersKnown)
    return [...recent, ...result].find(matches)
  }
  const knownById = (id: CustomerId): Whom =>
    known((whom) => whom.id.toLowerCase() === id.toLowerCase()) ?? { id }

  const resolved = (jump: Extract<Jump, { _tag: "Order" | "Orders" }>, whom: Whom) =>
    jump._tag === "Order" ? openOrder({ customer: whom, orderId: jump.orderId }) : openOrders(whom)

  const jumpTo = (jump: Jump): void => {
    if (jump._tag === "Unclear") return say(jump.message)
    if (jump._tag === "Quit") return machine.quit()
    if (jump._tag === "Help") return go(screen({ _tag: "Help" }))
    if (isNobody()) return say("sign in first (s), or try the demo (d)")
    if (jump._tag === "Watchlist") return go(screen({ _tag: "Watchlist" }))
    if (jump._tag === "Customers") {
      return registry.set(store.stack, [screen({ _tag: "Customers" })])
    }
    const { customer } = jump
    if (customer._tag === "Id") return resolved(jump, knownById(customer.id))
    const domain = customer.domain.toLowerCase()
    const here = known((whom) => whom.domain?.toLowerCase() === domain)
    if (here !== undefined) return resolved(jump, here)
    say(`looking up ${domain} …`)
    asks.lookUp(registry, domain, (found) => {
      say(undefined)
      if (Result.isSuccess(found)) resolved(jump, found.success)
      else go(screen({ _tag: "Problem", error: found.failure, what: domain }))
    })
  }

  const open = () => {
    const row = selected()
    if (row?._tag === "Customer") {
      if (row.whom === undefined) return say("this customer has no id to ask for")
      return openOrders(row.whom)
    }
    if (row?._tag === "Order" || row?._tag === "Watched") {
      if (row.target === undefined) return say("this order has no id to ask for")
      openOrder(row.target)
    }
  }

  return { jumpTo, open }
}
