// The gateway under load beside the plainest things that do the same, and with thousands of streams open.
import { Schema } from "effect"
import { keep, startUpstream } from "./following/client.ts"
import type { Upstream } from "./following/client.ts"
import { idsOf } from "./following/orders.ts"
import { startGateway } from "./gateway/serving.ts"
import { start } from "./part.ts"
import type { Part } from "./part.ts"

const numbers = <K extends string>(...names: ReadonlyArray<K>) =>
  Schema.Record(Schema.Literals(names), Schema.Finite)

const Speed = numbers("perSecond", "median", "p99")

const Contest = Schema.Struct({
  gateway: Speed,
  plain: Speed,
  ratio: Schema.Finite,
  upstream: Schema.Finite
})

const Contests = Schema.Struct({
  connections: Schema.Finite,
  uncached: Contest,
  fresh: Contest
})

const orders = 40_000

const Streams = numbers(
  "streams",
  "orders",
  "seconds",
  "opened",
  "reports",
  "ended",
  "before",
  "most",
  "fewestLooks",
  "mostLooks",
  "shortest"
)

type Said = typeof Upstream.Type

/** Runs over a simulator of so many orders and a gateway; both end with it. */
const over = async <A>(
  orders: number,
  run: (upstream: Said, gateway: string, during: <B>(part: Part<B>) => Part<B>) => Promise<A>
): Promise<A> => {
  const stops: Array<() => void> = []
  const during = <P extends { readonly stop: () => void }>(part: P): P => {
    stops.push(part.stop)
    return part
  }
  try {
    const upstream = await during(startUpstream(orders)).said
    const gateway = during(await startGateway(upstream))
    return await run(upstream, gateway.url, during)
  } finally {
    for (const stop of stops) stop()
  }
}

/**
 * The gateway's path of a status that nobody asked for before, beside the smallest proxy of it; and a report
 * that is fresh, beside a route that has its answer ready. Requests a second, and milliseconds.
 */
export const contestBench = () =>
  over(orders, async (upstream, gateway, during) => {
    await keep(upstream.url, 0)
    const last = idsOf(orders).at(-1)
    const report = await fetch(
      `${gateway}/v1/customers/${last?.customer}/orders/${last?.order}/report`
    )
    const plain = during(
      start("gateway/plain.ts", Schema.String, {
        args: [JSON.stringify(upstream), await report.text()]
      })
    )
    const args = [gateway, await plain.said, upstream.url, String(orders)]
    return during(start("gateway/contest.ts", Contests, { args })).said
  })

/** 5,000 streams on 500 orders, until each was looked at twice: a minute. Milliseconds, and bytes. */
export const streamsBench = () =>
  // The simulator's come in forties.
  over(
    520,
    (upstream, gateway, during) =>
      during(start("gateway/streams.ts", Streams, { args: [gateway, upstream.url, "500", "10"] }))
        .said
  )
