// What is said in the end, of what was counted and of the gateway's log: numbers, and whether all is well.
import type { Settled } from "./settled.ts"
import type { Tally } from "./tally.ts"

export interface Outcome {
  readonly tally: Tally
  readonly log: string
  readonly secrets: ReadonlySet<string>
  /** MB under load, once a second between the two times that all was collected. */
  readonly sizes: ReadonlyArray<number>
  readonly upstreamRequests: number
  readonly first: Settled
  readonly last: Settled
  readonly code: number | null | undefined
}

export const saySettled = (millis: number, settled: Settled): void => {
  const mb = (value: number) => `${value.toFixed(1)} MB`
  const { external, followers, follows, heap, rss, streams, underLoad } = settled
  console.log(
    `  ${`${Math.round(millis / 1000)} s`.padEnd(10)} RSS ${mb(underLoad)}, after gc ${mb(rss)}; heap ${mb(heap)}, outside of it ${mb(external)}; streams ${streams}, follows ${follows}, followers ${followers}`
  )
}

const range = (sizes: ReadonlyArray<number>): string =>
  sizes.length === 0
    ? "not measured"
    : `${Math.min(...sizes).toFixed(0)} to ${Math.max(...sizes).toFixed(0)} MB`

/** Says all of it; whether every verdict is good. */
export const judge = (outcome: Outcome): boolean => {
  const { code, first, last, log, secrets, sizes, tally, upstreamRequests } = outcome
  const lines = log.trimEnd().split("\n")
  const leaked = [...secrets].filter((secret) => secret.length > 7 && log.includes(secret))
  // The first says where it listens.
  const notJson = lines.slice(1).filter((line) => !line.startsWith("{"))
  const errors = lines.filter((line) => /"level":"(?:ERROR|FATAL)"/.test(line))
  console.log(
    `  ${tally.requests} requests (${tally.polls} long polls, ${tally.left} left), ${tally.streams} streams with ${tally.events} events, ${upstreamRequests} upstream requests`
  )
  // Between collections of everything it goes up and down: by halves, so that a trend would show.
  const half = Math.ceil(sizes.length / 2)
  console.log(
    `  RSS under load ${range(sizes.slice(0, half))}, in the second half ${range(sizes.slice(half))}`
  )
  const statuses = [...tally.statuses].toSorted(([a], [b]) => a.localeCompare(b))
  console.log(`  ${statuses.map(([status, count]) => `${status}: ${count}`).join(", ")}`)
  const size = Buffer.byteLength(log) / 1024 / 1024
  console.log(
    `  log: ${lines.length} lines, ${size.toFixed(1)} MB, ${errors.length} errors, ${secrets.size} secrets looked for`
  )
  const verdicts: ReadonlyArray<readonly [string, boolean]> = [
    ["no answer was a fault of the gateway's own", tally.faults.length === 0],
    ["no error in its log", errors.length === 0 && notJson.length === 0],
    ["no secret in its log", leaked.length === 0],
    [
      "streams, follows and followers are back at zero",
      last.streams + last.follows + last.followers === 0
    ],
    ["memory after gc within 10 % of what it was", last.rss <= first.rss * 1.1],
    ["ended with 0", code === 0]
  ]
  for (const [what, isSo] of verdicts) console.log(`  ${isSo ? "yes" : "NO "} ${what}`)
  for (const line of [...tally.faults, ...errors.slice(0, 5), ...notJson.slice(0, 5), ...leaked]) {
    console.log(`    ${line.slice(0, 600)}`)
  }
  return verdicts.every(([, isSo]) => isSo)
}
