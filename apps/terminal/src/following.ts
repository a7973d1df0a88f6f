// Several orders followed at once: where each stands, and when that is enough.
import type { CustomerId } from "@orderwatch/core/Customer"
import type { OrderId } from "@orderwatch/core/Order"
import { record } from "@orderwatch/core/OrderHistory"
import type { OrderReport } from "@orderwatch/core/OrderReport"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { Tracker } from "@orderwatch/core/Tracker"
import type {
  Changed,
  FollowEvent,
  NextLook,
  NotVisibleYet,
  Retrying,
  Throttled
} from "@orderwatch/core/Tracker"
import { Deferred, Duration, Effect, Option, Stream } from "effect"
import { byReason, byVerdict, worst } from "./exitCode.ts"
import type { ExitCode } from "./exitCode.ts"

/** An order that is followed, and the last that is known of it. */
export interface Standing {
  readonly customerId: CustomerId
  readonly orderId: OrderId
  latest: Changed | undefined
  next: NextLook | undefined
  trouble: NotVisibleYet | Retrying | Throttled | undefined
  /** Why it could not be followed any longer. */
  error: PartnerCenterError | undefined
}

export const begin = (order: Pick<Standing, "customerId" | "orderId">): Standing => ({
  ...order,
  latest: undefined,
  next: undefined,
  trouble: undefined,
  error: undefined
})

/** Whether nothing more is expected of it. */
export const isOver = ({ error, latest }: Standing): boolean =>
  error !== undefined || latest?.report.settled === true

export interface Options {
  readonly interval: Option.Option<Duration.Duration>
  readonly notFoundGrace: Option.Option<Duration.Duration>
  /** None: until it is enough. Zero: one look at each. */
  readonly timeout: Option.Option<Duration.Duration>
  /** How many have to settle. */
  readonly until: "all" | "any"
  /** Whether the first unit that will not come is enough. */
  readonly isFailFast: boolean
}

/** Why there is no more following. */
export type Ending = "enough" | "unfulfilled" | "timeout" | "looked" | "unread" | "interrupted"

/** Something that is news: an event of the order, or that it failed for good. */
export type News = FollowEvent | { readonly _tag: "Failed"; readonly error: PartnerCenterError }

const take = (standing: Standing, news: News): void => {
  switch (news._tag) {
    case "Changed":
      standing.latest = news
      standing.trouble = undefined
      break
    case "NextLook":
      standing.next = news
      break
    case "Failed":
      standing.error = news.error
      break
    default:
      standing.trouble = news
  }
}

const hasUnfulfilled = ({ lines }: OrderReport): boolean =>
  lines.some(
    ({ quantities, status }) =>
      status === "unfulfilled" ||
      quantities.some((part) => part.quantity > 0 && part.status === "unfulfilled")
  )

/** Follows the orders until it is enough; every piece of news is handed on as it comes. */
export const follow = Effect.fnUntraced(function* <R>(
  standings: ReadonlyArray<Standing>,
  options: Options,
  on: (standing: Standing, news: News) => Effect.Effect<void, never, R>
) {
  const tracker = yield* Tracker
  const early = yield* Deferred.make<Ending>()

  const hear = Effect.fnUntraced(function* (standing: Standing, news: News) {
    take(standing, news)
    yield* on(standing, news)
    const report = news._tag === "Changed" ? news.report : undefined
    if (report === undefined) return
    if (options.isFailFast && hasUnfulfilled(report)) yield* Deferred.succeed(early, "unfulfilled")
    if (options.until === "any" && report.settled) yield* Deferred.succeed(early, "enough")
  })

  const failed = (standing: Standing) =>
    Effect.catch((error: PartnerCenterError) => hear(standing, { _tag: "Failed", error }))

  const one = (standing: Standing) =>
    tracker
      .follow(standing.customerId, standing.orderId, {
        interval: Option.getOrUndefined(options.interval),
        notFoundGrace: Option.getOrUndefined(options.notFoundGrace)
      })
      .pipe(
        Stream.runForEach((event) => hear(standing, event)),
        failed(standing)
      )

  const once = (standing: Standing) =>
    tracker.look(standing.customerId, standing.orderId).pipe(
      Effect.flatMap((seen) =>
        hear(standing, { _tag: "Changed", ...seen, history: record(undefined, seen.report) })
      ),
      failed(standing)
    )

  const isOnce = Option.exists(options.timeout, Duration.isZero)
  const all = isOnce
    ? Effect.as(
        Effect.forEach(standings, once, { concurrency: 4, discard: true }),
        "looked" as const
      )
    : Effect.as(
        Effect.forEach(standings, one, { concurrency: "unbounded", discard: true }),
        "enough" as const
      )
  const ended: Effect.Effect<Ending, never, R> = Effect.raceFirst(all, Deferred.await(early))
  return yield* isOnce || Option.isNone(options.timeout)
    ? ended
    : Effect.timeoutOrElse(ended, {
        duration: options.timeout.value,
        orElse: (): Effect.Effect<Ending> => Effect.succeed("timeout")
      })
})

const unsettled: Readonly<Record<Ending, ExitCode>> = {
  enough: 8,
  unfulfilled: 8,
  looked: 8,
  unread: 8,
  timeout: 124,
  interrupted: 130
}

const codeOf = ({ error, latest }: Standing, ending: Ending): ExitCode => {
  if (error !== undefined) return byReason[error.reason._tag]
  return latest?.report.settled === true ? byVerdict[latest.report.verdict] : unsettled[ending]
}

/** What the following came to, as a number. */
export const exitCodeOf = (
  standings: ReadonlyArray<Standing>,
  ending: Ending,
  until: Options["until"]
): ExitCode => {
  if (ending === "unfulfilled") return 3
  if (ending === "interrupted") return 130
  const counted =
    until === "any" && ending === "enough"
      ? standings.filter(({ latest }) => latest?.report.settled === true)
      : []
  return worst((counted.length > 0 ? counted : standings).map((one) => codeOf(one, ending)))
}
