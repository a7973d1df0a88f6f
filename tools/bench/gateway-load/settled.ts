// What the gateway holds on to when nothing is asked any more.
import { setTimeout as sleep } from "node:timers/promises"
import type { Launched } from "./launch.ts"
import type { Workers } from "./workers.ts"

const open = async ({ keys, url }: Launched) => {
  const headers = { authorization: `Bearer ${keys.all}` }
  const text = await (await fetch(`${url}/metrics`, { headers })).text()
  const of = (name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN)
  return {
    streams: of("orderwatch_gateway_streams"),
    follows: of("orderwatch_follows"),
    followers: of("orderwatch_followers")
  }
}

export type Settled = Awaited<ReturnType<typeof settled>>

/** Holds the workers until the gateway has come to rest, and says what it then has: memory in MB, and what is open. */
export const settled = async (gateway: Launched, workers: Workers) => {
  await workers.hold()
  let left = await open(gateway)
  for (let tries = 0; left.streams + left.followers > 0 && tries < 100; tries++) {
    await sleep(100)
    left = await open(gateway)
  }
  await sleep(500)
  const underLoad = gateway.rss()
  const memory = await gateway.collected()
  workers.release()
  return { underLoad, ...memory, ...left }
}
