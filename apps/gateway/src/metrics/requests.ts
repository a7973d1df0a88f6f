// The gateway's own requests, by route template; never by an id.
import { counter, labelled } from "@orderwatch/core/Metrics"
import { Effect, Metric } from "effect"
import type { Context } from "effect"

interface ByRoute extends Readonly<Record<string, string>> {
  readonly route: string
  readonly method: string
}

const requests = counter<ByRoute & { readonly status: string }>(
  "orderwatch_gateway_requests_total",
  "Requests that were answered, by route, method and status; 499 where the caller left before."
)

const seconds = labelled(({ method, route }: ByRoute) =>
  Metric.histogram("orderwatch_gateway_request_duration_seconds", {
    description: "From a request's arrival until its answer was known; of a stream until it began.",
    attributes: { route, method },
    boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  })
)

export interface Answered {
  /** One of few: each has series of its own for as long as the process lives. */
  readonly method: string
  /** The path with its parameters' names; `*` where there is none. */
  readonly route: string
  readonly status: number
  readonly millis: number
}

interface Series {
  readonly requests: ReturnType<typeof requests>
  readonly seconds: ReturnType<typeof seconds>
}

// By route, method and status. One key made of the three would be made anew for every request.
const known = new Map<string, Map<string, Map<number, Series>>>()

const within = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

const seriesOf = (route: string, method: string, status: number): Series => {
  const byMethod = within(known, route, () => new Map<string, Map<number, Series>>())
  const byStatus = within(byMethod, method, () => new Map<number, Series>())
  return within(byStatus, status, () => ({
    requests: requests({ route, method, status: String(status) }),
    seconds: seconds({ route, method })
  }))
}

/** Counts and times one request, in the registry of that context. */
export const answered = (request: Answered, context: Context.Context<never>): void => {
  const route = request.route === "*" ? "unmatched" : request.route
  const series = seriesOf(route, request.method, request.status)
  series.requests.updateUnsafe(1, context)
  series.seconds.updateUnsafe(request.millis / 1000, context)
}

const fresh = counter<{ readonly result: "hit" | "miss" }>(
  "orderwatch_gateway_fresh_total",
  "Answers that a fresh look gave (hit), and those that upstream had to be asked for (miss)."
)

/** Counts whether what was asked for was there and fresh, in the registry of that context. */
export const freshness = (result: keyof typeof counts, context: Context.Context<never>): void =>
  counts[result].updateUnsafe(1, context)

const counts = { hit: fresh({ result: "hit" }), miss: fresh({ result: "miss" }) } as const

/** Has both counted as 0 before the first, so that their share can be told from the start. */
export const initial: Effect.Effect<void> = Effect.andThen(
  Metric.update(counts.hit, 0),
  Metric.update(counts.miss, 0)
)
