// An order that is followed, over scripted answers: what was told, what was asked, and when.
import { Clock, Effect, Option, Random, Stream } from "effect"
import type { Order } from "../../src/Order.ts"
import type { ReasonTag } from "../../src/PartnerCenterError.ts"
import * as testing from "../../src/testing.ts"
import type { Handler, Recorded, Scripted } from "../../src/testing.ts"
import { Tracker } from "../../src/Tracker.ts"
import type { Changed, FollowEvent, FollowOptions } from "../../src/Tracker.ts"
import {
  answered,
  customer,
  formA,
  marked,
  order,
  paths,
  reservation,
  tokens
} from "../fixtures.ts"
import { advance, stack } from "../layers.ts"
import type { StackOptions } from "../layers.ts"

export const second = 1000
export const minute = 60 * second

/** The order of a reservation, placed that many minutes before tests begin, with so many lines. */
export const placed = (minutes = 60, lines = 1) => ({
  ...reservation,
  creationDate: new Date(-minutes * minute).toISOString(),
  lineItems: Array.from({ length: lines }, (_, lineItemNumber) => ({
    ...reservation.lineItems[0],
    lineItemNumber
  }))
})

export const good = (body: unknown): Scripted => ({ body: marked(body), headers: answered })
export const goodOrder = (minutes?: number, lines?: number) => good(placed(minutes, lines))

/** An answer of 404, with upstream's code. */
export const notFound = (code?: number): Scripted => ({
  status: 404,
  ...(code !== undefined && { body: formA(code) })
})

export const pendingWord = "prefulfillmentPending"

/** The order-level status: a word for each line, or how many units are in which state. */
export const statusOf = (
  ...lines: ReadonlyArray<string | Readonly<Record<string, number>>>
): Scripted =>
  good({
    totalCount: lines.length,
    items: lines.map((line, lineItemNumber) =>
      typeof line === "string"
        ? { lineItemNumber, status: line }
        : {
            lineItemNumber,
            status: Object.keys(line).length > 1 ? pendingWord : Object.keys(line)[0],
            quantityProvisioningInformation: Object.entries(line).map(([status, quantity]) => ({
              status,
              quantity
            }))
          }
    )
  })

export const waitingStatus = statusOf(pendingWord)
export const doneStatus = statusOf("fulfilled")

export interface Sent extends Recorded {
  /** Milliseconds of the test's clock. */
  readonly at: number
  /** What it asks for, in one word. */
  readonly what: string
}

const words: Readonly<Record<string, string>> = {
  [paths.token]: "token",
  [paths.order]: "order",
  [paths.status]: "status",
  [paths.legacyOrder]: "order",
  [paths.legacyStatus]: "status",
  [paths.subscription]: "subscription",
  [paths.otherSubscription]: "other subscription"
}

/** Somebody who follows an order. */
export interface Following {
  readonly events: Array<FollowEvent>
  /** The reports that were told. */
  readonly reports: () => ReadonlyArray<Changed>
  readonly fiber: Fiber
}
type Fiber = Effect.Success<ReturnType<typeof forked>>

const forked = (events: Array<FollowEvent>, options: FollowOptions, id = order, by = customer) =>
  Effect.flatMap(Tracker, (tracker) =>
    tracker
      .follow(by, id, options)
      .pipe(Stream.runForEach((event) => Effect.sync(() => events.push(event))))
  ).pipe(Effect.forkChild({ startImmediately: true }))

/** Follows in the background, and notes what is told. */
export const follow = (options: FollowOptions = {}, id = order, by = customer) =>
  Effect.gen(function* () {
    const events: Array<FollowEvent> = []
    const fiber = yield* forked(events, options, id, by)
    const reports = () => events.filter((event) => event._tag === "Changed")
    return { events, fiber, reports } satisfies Following
  })

/** How the following has ended, if it has: `done`, the reason that it failed for, or another cause. */
export const endOf = ({ fiber }: Following): "follows" | "done" | "died" | ReasonTag => {
  const exit = fiber.pollUnsafe()
  if (exit === undefined) return "follows"
  if (exit._tag === "Success") return "done"
  for (const reason of exit.cause.reasons)
    if (reason._tag === "Fail") return reason.error.reason._tag
  return "died"
}

export const tagsOf = ({ events }: Following) => events.map(({ _tag }) => _tag)

/** The last event of that kind. */
export const lastOf = <Tag extends FollowEvent["_tag"]>(
  { events }: Following,
  tag: Tag
): Extract<FollowEvent, { readonly _tag: Tag }> | undefined =>
  events.findLast(
    (event): event is Extract<FollowEvent, { readonly _tag: Tag }> => event._tag === tag
  )

export interface Stage {
  /** Every request to Partner Center, in order. */
  readonly sent: Array<Sent>
  /** What each look asked for, one look after another. */
  readonly looks: () => ReadonlyArray<ReadonlyArray<string>>
  /** When each look began. */
  readonly times: () => ReadonlyArray<number>
}

/** Milliseconds from a look to the next: the first, and the later ones while nothing is new. */
export const waits = [33_750, 50_625, 75_938, 113_906, 170_859, 256_289, 281_250] as const
// A chance that makes an eighth of jitter, so that sums of waits are exact.
const byChance = Effect.provideService(Random.Random, {
  nextDoubleUnsafe: () => 0.625,
  nextIntUnsafe: () => 0
})

/** Runs a test over those answers; the login's is always good unless it is given. */
export const stage = <A, E, R>(
  answers: Readonly<Record<string, ReadonlyArray<Scripted>>> | Handler,
  use: (stage: Stage) => Effect.Effect<A, E, R>,
  options: StackOptions = {}
) =>
  Effect.suspend(() => {
    const sent: Array<Sent> = []
    const handler =
      typeof answers === "function"
        ? answers
        : testing.script({ [paths.token]: [tokens("t1", "r1")], ...answers })
    const noting: Handler = (request, count) =>
      Effect.gen(function* () {
        if (request.method === "GET") {
          const what = words[request.path] ?? request.path
          sent.push({ ...request, what, at: yield* Clock.currentTimeMillis })
        }
        const scripted = handler(request, count)
        return Effect.isEffect(scripted) ? yield* scripted : scripted
      })
    const grouped = () => Map.groupBy(sent, ({ headers }) => headers["ms-correlationid"])
    const looks = () => [...grouped().values()].map((look) => look.map(({ what }) => what))
    const times = () => [...grouped().values()].flatMap(([first]) => (first ? [first.at] : []))
    return use({ sent, looks, times }).pipe(Effect.provide(stack(noting, options)), byChance)
  })

/** One answer until that time (milliseconds), then another. */
export const until = (time: number, before: Scripted, after: Scripted) =>
  Effect.map(Clock.currentTimeMillis, (now) => (now < time ? before : after))

/** Answers of an order and its status, the login's being good. */
export const answering =
  (orders: Handler, statuses: Handler): Handler =>
  (request, count) =>
    request.method === "POST"
      ? tokens("t1", "r1")
      : request.path.endsWith("/provisioningstatus")
        ? statuses(request, count)
        : orders(request, count)

/** Lets that many milliseconds pass, in steps that a wait of the plan ends with. */
export const pass = (millis: number, step = 250) => advance(millis, step)

/** How many orders are followed, and by how many. */
export const following = Effect.flatMap(Tracker, (tracker) => tracker.following)
export const nobody = { orders: 0, followers: 0 }

/** The order as a list had it. */
export const listed = (value: Order, observedAt: Changed["report"]["observedAt"]) => ({
  order: { value, observedAt }
})

export const nameOf = (changed: Changed | undefined) => changed?.report.lines[0]?.name
export const orderOf = (changed: Changed | undefined) =>
  Option.getOrUndefined(Option.map(changed?.order ?? Option.none(), ({ id }) => id))
