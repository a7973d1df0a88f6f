// More orders than requests, for three minutes: what the simulator counts meanwhile.
import { Tracker } from "@orderwatch/core/Tracker"
import { Effect, Stream } from "effect"
import { countsOf, layer, looksOf, startUpstream } from "./client.ts"
import { idsOf } from "./orders.ts"
import { endWithStarter, say } from "../part.ts"

endWithStarter()
const orders = Number(process.argv[2])
const budget = Number(process.argv[3])
const minutes = 3
// Milliseconds that an order may be ahead of another by chance: looks under way, the last step of a wait.
const tolerance = 3000
// Nobody is looked at again sooner than the default interval and its jitter allow.
const interval = 36_000

const upstream = startUpstream(orders)
const address = await upstream.said

/** How many looks were at an order although another was due, and had been unseen for longer. */
const overtakings = (times: ReadonlyArray<ReadonlyArray<number>>) => {
  const waits = times.flatMap((of) =>
    [...of, Infinity].map((until, index) => ({ since: of[index - 1] ?? -Infinity, until }))
  )
  return waits.filter(
    ({ since, until }) =>
      until < Infinity &&
      waits.some(
        (other) =>
          other.since < since - tolerance &&
          other.since + interval < until &&
          other.until > until + tolerance
      )
  ).length
}

const program = Effect.gen(function* () {
  const tracker = yield* Tracker
  yield* Effect.forEach(
    idsOf(orders),
    ({ customer, order }) => Stream.runDrain(tracker.follow(customer, order)),
    { concurrency: "unbounded", discard: true }
  ).pipe(Effect.timeoutOption(`${minutes} minutes`))
})
await Effect.runPromise(Effect.provide(program, layer(address, budget)))

const { busiestMinute, requests } = await countsOf(address.url)
const times = Map.groupBy(await looksOf(address.url), ({ order }) => order)
const each = [...times.values()].map((looks) => looks.map(({ at }) => at))
const looks = each.map((of) => of.length)
say({
  orders,
  perMinute: budget,
  busiestMinute: busiestMinute / budget,
  used: requests / minutes / budget,
  fewestLooks: times.size < orders ? 0 : Math.min(...looks),
  mostLooks: Math.max(...looks),
  overtakings: overtakings(each)
})
upstream.stop()
process.disconnect?.()
