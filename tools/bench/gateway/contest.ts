// The gateway and what it is measured against, by turns, from a process of its own. Arguments: the
// addresses of gateway, plain one and upstream, and how many orders there are.
import { countsOf } from "../following/client.ts"
import { idsOf } from "../following/orders.ts"
import { median } from "../median.ts"
import { endWithStarter, say } from "../part.ts"
import { load } from "./load.ts"
import type { Load } from "./load.ts"

endWithStarter()
const [gateway = "", plain = "", upstream = "", orders = ""] = process.argv.slice(2)
const urls = { gateway, plain }
const rounds = 7
const warm = 2
const connections = 32
const millis = 1500

const all = idsOf(Number(orders))
const pathOf = (index: number, what: string) => {
  const { customer, order } = all[index % all.length] ?? { customer: "", order: "" }
  return `/v1/customers/${customer}/orders/${order}/${what}`
}

type Name = keyof typeof urls
const names = ["gateway", "plain"] as const

const medians = (loads: ReadonlyArray<Load>) => ({
  perSecond: median(loads.map(({ perSecond }) => perSecond)),
  median: median(loads.map((load) => load.median)),
  p99: median(loads.map(({ p99 }) => p99))
})

/** Rounds taken in turn, after some that do not count. */
const contest = async (nextOf: (name: Name) => () => string) => {
  const loads: Record<Name, Array<Load>> = { gateway: [], plain: [] }
  const next = { gateway: nextOf("gateway"), plain: nextOf("plain") }
  const asked = { requests: 0, upstream: 0 }
  for (let round = -warm; round < rounds; round++) {
    for (const name of names) {
      const before = await countsOf(upstream)
      const found = await load({ url: urls[name], next: next[name] }, { connections, millis })
      const after = await countsOf(upstream)
      if (name === "gateway") {
        asked.requests += found.requests
        asked.upstream += after.requests - before.requests
      }
      if (round >= 0) loads[name].push(found)
    }
  }
  const ratios = loads.gateway.map((load, round) => {
    const other = loads.plain[round]
    return other === undefined ? Number.NaN : load.perSecond / other.perSecond
  })
  return {
    gateway: medians(loads.gateway),
    plain: medians(loads.plain),
    ratio: median(ratios),
    upstream: asked.upstream / asked.requests
  }
}

const uncached = await contest(() => {
  let asked = 0
  return () => pathOf(asked++, "provisioningstatus")
})
const fresh = await contest(() => () => pathOf(all.length - 1, "report"))
const figures = { connections, uncached, fresh }
if (process.send === undefined) console.log(figures)
say(figures)
process.disconnect?.()
