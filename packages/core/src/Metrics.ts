// What the core counts. Names are OpenMetrics' manner: a unit at the end, `_total` for what only grows.
// Labels are words of ours from short lists; no id of a customer or an order is ever one.
import { Clock, Duration, Effect, Exit, Metric, Option } from "effect"
import { steadyMillisOf } from "./internal/steady.ts"
import { timeToFulfilment } from "./OrderHistory.ts"
import type { OrderHistory } from "./OrderHistory.ts"
import { Operation as OperationName } from "./PartnerCenterError.ts"
import type { Operation, PartnerCenterError } from "./PartnerCenterError.ts"

type Labels = Readonly<Record<string, string>>

/** One metric with labels: the series of each set of values, made once. Give them in the same order. */
export const labelled = <L extends Labels, M>(make: (labels: L) => M): ((labels: L) => M) => {
  const root: Series<M> = { made: undefined, by: new Map() }
  return (labels) => {
    let series = root
    for (const name in labels) {
      const value = labels[name] ?? ""
      let next = series.by.get(value)
      if (next === undefined) series.by.set(value, (next = { made: undefined, by: new Map() }))
      series = next
    }
    return (series.made ??= make(labels))
  }
}

// The series that begin with the same values.
interface Series<M> {
  made: M | undefined
  readonly by: Map<string, Series<M>>
}

/** A counter that only grows. */
export const counter = <L extends Labels>(id: string, description: string) =>
  labelled((attributes: L) => Metric.counter(id, { description, attributes, incremental: true }))

/** The class of an answer's status, or that there was no complete answer. */
export type StatusClass = "1xx" | "2xx" | "3xx" | "4xx" | "5xx" | "none"

const classes: Readonly<Record<number, StatusClass>> = {
  1: "1xx",
  2: "2xx",
  3: "3xx",
  4: "4xx",
  5: "5xx"
}

export const classOf = (status: number | undefined): StatusClass =>
  (status === undefined ? undefined : classes[Math.floor(status / 100)]) ?? "none"

interface ByOperation extends Labels {
  readonly operation: Operation
}

const requests = counter<ByOperation & { readonly status: StatusClass }>(
  "orderwatch_upstream_requests_total",
  "Requests sent to Partner Center, each attempt counted, by the class of the answer's status."
)

const throttled = counter<ByOperation>(
  "orderwatch_upstream_throttled_total",
  "Answers of Partner Center with status 429."
)

const retries = counter<ByOperation>(
  "orderwatch_upstream_retries_total",
  "Requests sent to Partner Center again after an attempt that failed."
)

const seconds = labelled(({ operation }: ByOperation) =>
  Metric.histogram("orderwatch_upstream_request_duration_seconds", {
    description: "How long Partner Center took to answer one request, its body included.",
    attributes: { operation },
    boundaries: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  })
)

/** Counts and times one request on the wire; `again` says that it is not its question's first. */
export const sent =
  (operation: Operation, again: boolean) =>
  <A extends { readonly status: number }, E, R>(exchange: Effect.Effect<A, E, R>) =>
    Effect.withFiber<A, E, R>((fiber) => {
      const { context } = fiber
      if (again) retries({ operation }).updateUnsafe(1, context)
      const clock = fiber.getRef(Clock.Clock)
      const began = steadyMillisOf(clock)
      return Effect.onExit(exchange, (exit) => {
        const status = Exit.isSuccess(exit) ? exit.value.status : undefined
        requests({ operation, status: classOf(status) }).updateUnsafe(1, context)
        seconds({ operation }).updateUnsafe((steadyMillisOf(clock) - began) / 1000, context)
        if (status === 429) throttled({ operation }).updateUnsafe(1, context)
        return Effect.void
      })
    })

const refreshes = counter<{ readonly outcome: "success" | "failure" }>(
  "orderwatch_token_refreshes_total",
  "Access tokens asked of the login, by how that ended."
)

const refusals = counter<{ readonly reason: string }>(
  "orderwatch_token_refresh_failures_total",
  "Access tokens that the login did not give, by the reason."
)

/** Counts one request for an access token, and why it failed. */
export const refreshed = <A, R>(
  acquire: Effect.Effect<A, PartnerCenterError, R>
): Effect.Effect<A, PartnerCenterError, R> =>
  acquire.pipe(
    Effect.tap(() => Metric.update(refreshes({ outcome: "success" }), 1)),
    Effect.tapError(({ reason }) =>
      Effect.andThen(
        Metric.update(refreshes({ outcome: "failure" }), 1),
        Metric.update(refusals({ reason: reason._tag }), 1)
      )
    )
  )

const fulfilment = Metric.histogram("orderwatch_order_fulfilment_seconds", {
  description: "From when a followed order was first seen pending until it was seen fulfilled.",
  boundaries: [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400]
})

/** Takes in how long a followed order took, if it came to be fulfilled. */
export const settled = (history: OrderHistory): Effect.Effect<void> =>
  Option.match(timeToFulfilment(history), {
    onNone: () => Effect.void,
    onSome: (took) => Metric.update(fulfilment, Duration.toSeconds(took))
  })

/** Has what is yet to happen counted as 0, so that its first time can be told from nothing. */
export const initial: Effect.Effect<void> = Effect.gen(function* () {
  for (const outcome of ["success", "failure"] as const) {
    yield* Metric.update(refreshes({ outcome }), 0)
  }
  for (const operation of OperationName.literals) {
    if (operation === "signIn") continue
    yield* Metric.update(throttled({ operation }), 0)
    yield* Metric.update(retries({ operation }), 0)
  }
})
