// `GET …/report`: where the order stands, at once or, by `Prefer: wait`, as soon as that changes.
import { Duration, Effect, Option, Stream } from "effect"
import { json, empty } from "../answer.ts"
import type { Answer } from "../answer.ts"
import { Closing } from "../closing.ts"
import { asFreshAs, cacheHeaders } from "../fresh.ts"
import { entityTags, isNamed, preferredWait } from "../headers.ts"
import { Looks } from "../looks.ts"
import type { Seen } from "../looks.ts"
import { Unauthenticated } from "../problem.ts"
import type { Failure } from "../problem.ts"
import type { Call, Path, Request } from "../route.ts"
import { accepting, idsOf } from "../wire.ts"

const waitOf = ({ header }: Request): number | undefined => preferredWait(header("prefer"))

const answer = (
  { body, etag, report }: Seen,
  isKnown: boolean,
  waited: number | undefined
): Effect.Effect<Answer> =>
  Effect.map(cacheHeaders(report.observedAt), (cached) => {
    const headers = {
      etag,
      ...cached,
      ...(waited !== undefined && { "preference-applied": `wait=${waited}` })
    }
    const { support } = report
    return { ...(isKnown ? empty(304, headers) : json(body, headers)), support }
  })

/** The first report that says something else, or none in that time. */
const changed = (seen: Seen, call: Call, seconds: number) =>
  Effect.gen(function* () {
    const looks = yield* Looks
    const closing = yield* Closing
    const news = looks
      .follow(seen.report.customerId, seen.report.orderId)
      .pipe(
        Stream.filter(Option.exists(({ etag }) => etag !== seen.etag)),
        Stream.runHead,
        Effect.map(Option.flatten),
        Effect.timeoutOption(Duration.seconds(seconds)),
        Effect.map(Option.flatten)
      )
    const refused = Effect.andThen(
      call.caller.ended,
      Effect.fail(new Unauthenticated({ wasTried: true }))
    )
    return yield* Effect.raceAllFirst([
      news,
      refused,
      Effect.as(closing.begun, Option.none<Seen>())
    ])
  })

// What was seen on arrival is as old as the wait, and the order was looked at since.
const latest = Effect.fnUntraced(function* (seen: Seen, call: Call) {
  const looks = yield* Looks
  const closing = yield* Closing
  const { customerId, orderId } = seen.report
  return (yield* closing.isBegun)
    ? seen
    : yield* Effect.orElseSucceed(asFreshAs(call)(looks.now(customerId, orderId)), () => seen)
})

const report = Effect.fnUntraced(function* (
  call: Call
): Effect.fn.Return<Answer, Failure, Closing | Looks> {
  const { customer, order } = yield* idsOf(call)
  yield* accepting(call, "application/json")
  const looks = yield* Looks
  const tags = entityTags(call.header("if-none-match"))
  const wait = waitOf(call)
  const seen = yield* asFreshAs(call)(looks.now(customer, order))
  const isKnown = isNamed(seen.etag, tags)
  const isAwaited = wait !== undefined && wait > 0 && (isKnown || tags === undefined)
  // Nothing more is expected of an order that has settled.
  if (!isAwaited || seen.report.settled) return yield* answer(seen, isKnown, wait)
  const news = yield* changed(seen, call, wait)
  return yield* Option.match(news, {
    onNone: () =>
      Effect.flatMap(latest(seen, call), (found) => answer(found, isNamed(found.etag, tags), wait)),
    onSome: (found) => answer(found, false, wait)
  })
})

export const path: Path<Closing | Looks> = {
  path: "/v1/customers/:customer/orders/:order/report",
  isUpstreams: false,
  isOpen: false,
  methods: {
    GET: { run: report, patience: (request) => Duration.seconds(waitOf(request) ?? 0) }
  }
}
