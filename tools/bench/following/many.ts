// 10,000 orders followed by 30,000, each order by two from the start and one who comes later. To be run
// with --expose-gc.
import { Tracker } from "@orderwatch/core/Tracker"
import type { FollowEvent } from "@orderwatch/core/Tracker"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { countsOf, forget, layer, looksOf, startUpstream } from "./client.ts"
import { idsOf } from "./orders.ts"
import { endWithStarter, say } from "../part.ts"

endWithStarter()
const orders = Number(process.argv[2])
// Seconds, the default of `follow`.
const interval = 30
// How many looks at each order are waited for.
const rounds = 3

const upstream = startUpstream(orders)
const address = await upstream.said
const { url } = address

const heap = Effect.gen(function* () {
  // What was waiting to be finalized is gone after the second.
  for (let times = 0; times < 3; times++) {
    yield* Effect.sleep(50)
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
})

const cpu = () => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1000
}

const counts = Effect.promise(() => countsOf(url))

const program = Effect.gen(function* () {
  const tracker = yield* Tracker

  const follow = (
    { customer, order }: ReturnType<typeof idsOf>[number],
    hear: (event: FollowEvent) => void
  ) =>
    tracker
      .follow(customer, order, { interval: `${interval} seconds` })
      .pipe(Stream.runForEach((event) => Effect.sync(() => hear(event))))

  // What is made once, whoever follows: the token, the connections, the code.
  yield* Effect.forEach(
    idsOf(orders).slice(0, 400),
    (ids) => tracker.follow(ids.customer, ids.order).pipe(Stream.take(2), Stream.runDrain),
    { concurrency: "unbounded", discard: true }
  )
  yield* Effect.promise(() => forget(url))
  const heapBefore = yield* heap

  const all = idsOf(orders)
  // Kept outside of the heap, as it is the measurement's.
  const isTold = new Uint8Array(3 * orders)
  const planned = new Float64Array(orders)
  const looked = new Uint16Array(orders)
  let left = 2 * orders
  let behind = orders
  let told = Deferred.makeUnsafe<void>()
  const seen = Deferred.makeUnsafe<void>()
  // Waits that were announced and are over.
  let intervals = 0

  const hear = (follower: number, event: FollowEvent) => {
    if (event._tag === "Changed" && isTold[follower] === 0) {
      isTold[follower] = 1
      if (--left === 0) Deferred.doneUnsafe(told, Effect.void)
    }
    if (event._tag !== "NextLook" || follower >= orders) return
    planned[follower] = event.at.epochMilliseconds
    const looks = (looked[follower] ?? 0) + 1
    looked[follower] = looks
    if (looks > 1) intervals++
    if (looks === rounds && --behind === 0) Deferred.doneUnsafe(seen, Effect.void)
  }
  const followAll = (offset: number, orders: typeof all) =>
    Effect.forkChild(
      Effect.forEach(orders, (ids, index) => follow(ids, (event) => hear(offset + index, event)), {
        concurrency: "unbounded",
        discard: true
      })
    )

  const cpuAtStart = cpu()
  const startedAt = performance.now()
  const early = yield* Effect.all([followAll(0, all), followAll(orders, all)])
  yield* Deferred.await(told)
  const firstReports = performance.now() - startedAt
  const cpuOfFirst = cpu() - cpuAtStart
  const first = yield* counts

  left = orders
  told = Deferred.makeUnsafe()
  const cameAt = performance.now()
  const late = yield* followAll(2 * orders, all)
  yield* Deferred.await(told)
  const lateReports = performance.now() - cameAt

  const following = yield* tracker.following
  const cpuBetween = cpu()
  yield* Deferred.await(seen)
  const cpuOfLater = cpu() - cpuBetween

  const heapFollowing = yield* heap
  // The collector's threads are done by then, and the connections that were kept are closed.
  yield* Effect.sleep("6 seconds")
  const due = planned.reduce((least, at) => Math.min(least, at), Infinity)
  const idle = Math.min(5000, due - Date.now() - 500)
  const cpuAtRest = cpu()
  const restedAt = performance.now()
  yield* Effect.sleep(Math.max(0, idle))
  const cpuIdle = (cpu() - cpuAtRest) / (performance.now() - restedAt)

  const counted = yield* counts
  yield* Fiber.interruptAll([...early, late])
  const heapAfter = yield* heap

  const looks = yield* Effect.promise(() => looksOf(url))
  const times = Map.groupBy(looks, ({ order }) => order)
  const each = [...times.values()].map((looks) => looks.map(({ at }) => at))
  const gaps = each.flatMap((of) => of.slice(1).map((at, index) => at - (of[index] ?? at)))
  return {
    ...following,
    firstReports,
    lateReports,
    requestsOfFirst: first.requests / first.looks,
    looksPerInterval: (counted.looks - orders) / intervals,
    requestsPerLook: (counted.requests - 2 * orders) / (counted.looks - orders),
    fewestLooks: Math.min(...each.map((of) => of.length)),
    mostLooks: Math.max(...each.map((of) => of.length)),
    shortest: gaps.reduce((least, gap) => Math.min(least, gap), Infinity),
    heapPerOrder: (heapFollowing - heapBefore) / orders,
    heapLeft: (heapAfter - heapBefore) / orders,
    cpuPerFirstLook: cpuOfFirst / orders,
    cpuPerLook: cpuOfLater / ((rounds - 1) * orders),
    cpuIdle
  }
})

const figures = await Effect.runPromise(Effect.provide(program, layer(address, 10_000_000)))
if (process.send === undefined) console.log(figures)
say(figures)
upstream.stop()
process.disconnect?.()
