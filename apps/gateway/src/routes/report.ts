// `GET …/report`: where the order stands, at once or, by `Prefer: wait`, as soon as that changes.
import { Context, Duration, Effect, Exit, Option, Stream } from "effect"
import { contentType } from "../answer.ts"
import type { Answer } from "../answer.ts"
import { Closing } from "../closing.ts"
import { atMostOf, cacheHeaders } from "../fresh.ts"
import { entityTags, isNamed, preferredWait } from "../headers.ts"
import { Looks } from "../looks.ts"
import type { Seen } from "../looks.ts"
import { Unauthenticated } from "../problem.ts"
import type { Failure } from "../problem.ts"
import type { Call, Path, Request } from "../route.ts"
import { accepting, idsOf } from "../wire.ts"

const tagsOf = ({ header }: Request) => entityTags(header("if-none-match"))

const waitOf = ({ header }: Request): number | undefined => preferredWait(header("prefer"))

const answer = (
  call: Call,
  { body, etag, report }: Seen,
  isKnown: boolean,
  waited: number | undefined
): Answer => {
  const headers: Record<string, string> = cacheHeaders(call, report.observedAt)
  headers["etag"] = etag
  if (waited !== undefined) headers["preference-applied"] = `wait=${waited}`
  if (!isKnown) headers["content-type"] = contentType
  const { support } = report
  return isKnown
    ? { status: 304, headers, body: null, support }
    : { status: 200, headers, body, support }
}

/** The first report that says something else than what the caller has, or none in that time. */
const changed = (seen: Seen, call: Call, seconds: number) =>
  Effect.gen(function* () {
    const looks = yield* Looks
    const closing = yield* Closing
    const tags = tagsOf(call)
    const news = looks
      .follow(seen.report.customerId, seen.report.orderId)
      .pipe(
        Stream.filter(Option.exists(({ etag }) => etag !== seen.etag && !isNamed(etag, tags))),
        Stream.runHead,
        Effect.map(Option.flatten),
        Effect.timeoutOption(Duration.seconds(seconds)),
        Effect.map(Option.flatten)
      )
    return yield* Effect.raceFirst(news, Effect.as(closing.begun, Option.none<Seen>()))
  })

// What was seen on arrival is as old as the wait, and the order was looked at since.
const latest = Effect.fnUntraced(function* (seen: Seen, call: Call) {
  const looks = yield* Looks
  const closing = yield* Closing
  const { customerId, orderId } = seen.report
  return (yield* closing.isBegun)
    ? seen
    : yield* Effect.orElseSucceed(looks.now(customerId, orderId, atMostOf(call)), () => seen)
})

/** Waits for news of what the caller has, and answers with what there is then. */
const awaited = Effect.fnUntraced(function* (
  call: Call,
  seen: Seen,
  wait: number
): Effect.fn.Return<Answer, Failure, Closing | Looks> {
  const news = yield* changed(seen, call, wait)
  if (Option.isSome(news)) return answer(call, news.value, false, wait)
  const found = yield* latest(seen, call)
  return answer(call, found, isNamed(found.etag, tagsOf(call)), wait)
})

/** Fails once the caller is none any more. */
const refused = ({ caller }: Call) =>
  Effect.andThen(caller.ended, Effect.fail(new Unauthenticated({ wasTried: true })))

const report = (
  call: Call,
  services: Context.Context<Closing | Looks>
): Effect.Effect<Answer, Failure, Closing | Looks> => {
  const asked = Effect.flatMapEager(idsOf(call), (ids) =>
    Effect.mapEager(accepting(call, "application/json"), () => ids)
  )
  const looked = Effect.flatMapEager(asked, ({ customer, order }) =>
    Context.get(services, Looks).now(customer, order, atMostOf(call))
  )
  return Effect.flatMapEager(looked, (seen) => {
    const tags = tagsOf(call)
    const wait = waitOf(call)
    const isKnown = isNamed(seen.etag, tags)
    const isAwaited = wait !== undefined && wait > 0 && (isKnown || tags === undefined)
    // Nothing more is expected of an order that has settled.
    return isAwaited && !seen.report.settled
      ? Effect.raceFirst(awaited(call, seen, wait), refused(call))
      : Exit.succeed(answer(call, seen, isKnown, wait))
  })
}

export const path: Path<Closing | Looks> = {
  path: "/v1/customers/:customer/orders/:order/report",
  isUpstreams: false,
  isOpen: false,
  methods: {
    GET: { run: report, patience: (request) => Duration.seconds(waitOf(request) ?? 0) }
  }
}
