// `node tools/bench/gateway-load.ts [--minutes 1] [--port P] [--bundle F]`: the gateway's bundle under mixed
// load, with faults in Partner Center all the time. It ends with 1 where something was answered that must not
// be, something was left behind, or a secret was logged.
import { existsSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { parseArgs } from "node:util"
import { built } from "./gateway/serving.ts"
import { makeActions } from "./gateway-load/actions.ts"
import { makeClients } from "./gateway-load/clients.ts"
import { makeTrouble } from "./gateway-load/faults.ts"
import { launch } from "./gateway-load/launch.ts"
import { settled } from "./gateway-load/settled.ts"
import { makeTally } from "./gateway-load/tally.ts"
import { startUpstream } from "./gateway-load/upstream.ts"
import { judge, saySettled } from "./gateway-load/verdicts.ts"
import { startWorkers } from "./gateway-load/workers.ts"

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    workers: { type: "string", default: "96" },
    port: { type: "string", default: "18799" },
    bundle: { type: "string", default: built }
  }
})
if (!existsSync(values.bundle)) {
  console.error(`${values.bundle} is not there: pnpm build`)
  process.exit(70)
}
const lasts = Number(values.minutes) * 60_000

const upstream = await startUpstream()
const gateway = await launch(upstream, values.bundle, Number(values.port))
for (const key of Object.values(gateway.keys)) upstream.secrets.add(key)
const tally = makeTally()
const clients = makeClients(gateway, tally)
const act = makeActions(upstream, clients, tally)

const startedAt = performance.now()
const elapsed = () => performance.now() - startedAt
const isOver = () => elapsed() > lasts || gateway.end.code !== undefined
const trouble = makeTrouble(upstream, isOver)
const workers = startWorkers(
  Number(values.workers),
  () => act().catch((error: unknown) => tally.complain(String(error))),
  isOver
)

// When it is warm.
const firstAt = Math.min(120_000, lasts / 3)
while (elapsed() < firstAt && !isOver()) await sleep(100)
const first = await settled(gateway, workers)
saySettled(firstAt, first)
const sizes: Array<number> = []
while (!isOver()) {
  await sleep(1000)
  if (gateway.end.code === undefined) sizes.push(gateway.rss())
}
await Promise.all([workers.ended, trouble])
const last = await settled(gateway, workers)
saySettled(elapsed(), last)

clients.close()
await gateway.finish()
await upstream.close()
const isGood = judge({
  tally,
  log: gateway.log(),
  secrets: upstream.secrets,
  sizes,
  upstreamRequests: upstream.counted.requests,
  first,
  last,
  code: gateway.end.code
})
if (isGood) gateway.stop()
else console.log(`  its log: ${gateway.file}`)
process.exit(isGood ? 0 : 1)
