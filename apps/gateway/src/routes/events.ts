// `GET …/events`: reports as they change, until the order has settled.
import { Cause, Deferred, Duration, Effect, Exit, Option, Random, Schema, Scope } from "effect"
import { Problem } from "@orderwatch/core/PartnerCenterError"
import type { Caller } from "../access.ts"
import { empty } from "../answer.ts"
import type { Answer } from "../answer.ts"
import { Closing } from "../closing.ts"
import { atMostOf, cacheHeaders } from "../fresh.ts"
import { isSameTag } from "../headers.ts"
import { Limits } from "../limits.ts"
import { Looks } from "../looks.ts"
import type { Seen } from "../looks.ts"
import type { Listener } from "../looks/channels.ts"
import { internal, ShuttingDown, toProblem, Unauthenticated } from "../problem.ts"
import type { Failure } from "../problem.ts"
import { Pulse } from "../pulse.ts"
import type { Call, Path } from "../route.ts"
import * as Sse from "../sse.ts"
import { accepting, idsOf } from "../wire.ts"

const type = "text/event-stream"
// Long enough for a failure that comes at once to be an answer by itself.
const firstWithin = Duration.seconds(2)

const encodeProblem = Schema.encodeSync(Schema.fromJsonString(Problem))

/** What there is to be told, the latest report only: whoever reads slowly misses what was overtaken. */
interface Mailbox {
  /** Before anything else. */
  begin: string | undefined
  seen: Seen | undefined
  /** How it ended; `undefined` while it goes on. */
  end: string | undefined
  isBeating: boolean
  /** Called when there is something to tell. */
  ring: (() => void) | undefined
}

const ring = (mailbox: Mailbox) => {
  const { ring } = mailbox
  mailbox.ring = undefined
  ring?.()
}

const ended = (why: string) => Sse.event({ event: "end", data: JSON.stringify({ why }) })

const failed = (failure: Failure, why: string): string =>
  Sse.event({ event: "problem", data: encodeProblem(toProblem(failure)) }) + ended(why)

const unexpected = (): string => {
  const { status: _, ...problem } = internal
  const data = encodeProblem({ ...problem, detail: problem.title })
  return Sse.event({ event: "problem", data }) + ended("failed")
}

// So that those who were cut off together do not come back together.
const retry = Effect.map(Random.nextBetween(2000, 5000), Sse.retry)

/** The next piece to be written: what is new, how it ended, or that the connection lives. */
const nextOf = (mailbox: Mailbox): Sse.Piece | undefined => {
  const { begin, end, isBeating, seen } = mailbox
  if (begin === undefined && seen === undefined && end === undefined) {
    mailbox.isBeating = false
    return isBeating ? { text: Sse.heartbeat, isLast: false } : undefined
  }
  mailbox.begin = undefined
  mailbox.seen = undefined
  const news =
    seen === undefined ? "" : Sse.event({ event: "report", data: seen.body, id: seen.etag })
  return { text: `${begin ?? ""}${news}${end ?? ""}`, isLast: end !== undefined }
}

/** Fills the mailbox until the following ends, the caller is none any more, or the gateway ends. */
const fill = Effect.fnUntraced(function* (
  mailbox: Mailbox,
  listen: (listener: Listener<Failure>) => Effect.Effect<void, never, Scope.Scope>,
  options: {
    readonly caller: Caller
    readonly told: string | undefined
    readonly heard: Deferred.Deferred<void, Failure>
  }
) {
  const { caller, heard } = options
  let told = options.told
  const finish = (end: string) => {
    mailbox.end ??= end
    Deferred.doneUnsafe(heard, Exit.void)
    ring(mailbox)
  }
  const closing = yield* Closing
  const pulse = yield* Pulse
  const again = yield* retry
  yield* listen({
    tell: (news) => {
      if (mailbox.end !== undefined) return
      if (Option.isSome(news) && (told === undefined || !isSameTag(news.value.etag, told))) {
        told = news.value.etag
        mailbox.seen = news.value
        ring(mailbox)
      }
      Deferred.doneUnsafe(heard, Exit.void)
    },
    end: (exit) => {
      if (Exit.isSuccess(exit)) return finish(ended("settled"))
      const failure = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
      if (failure !== undefined) Deferred.doneUnsafe(heard, Exit.fail(failure))
      finish(failure === undefined ? unexpected() : failed(failure, "failed"))
    }
  })
  // Who never ends needs nobody to wait for that.
  if (caller.ended !== Effect.never) {
    yield* Effect.andThen(
      caller.ended,
      Effect.sync(() => {
        // What was not read by now is told to nobody.
        mailbox.seen = undefined
        finish(failed(new Unauthenticated({ wasTried: true }), "refused"))
      })
    ).pipe(Effect.forkScoped)
  }
  yield* closing.onBegun(() => finish(`: the gateway ends\n${again}`))
  yield* pulse.join(() => {
    mailbox.isBeating = true
    ring(mailbox)
  })
})

const stream = Effect.fnUntraced(function* (
  call: Call,
  listen: (listener: Listener<Failure>) => Effect.Effect<void, never, Scope.Scope>,
  told: string | undefined,
  scope: Scope.Closeable
): Effect.fn.Return<Answer, Failure, Closing | Limits | Pulse> {
  const limits = yield* Limits
  yield* Scope.provide(limits.stream(call.caller), scope)
  const mailbox: Mailbox = {
    begin: yield* retry,
    seen: undefined,
    end: undefined,
    isBeating: false,
    ring: undefined
  }
  const heard = Deferred.makeUnsafe<void, Failure>()
  yield* Scope.provide(fill(mailbox, listen, { caller: call.caller, told, heard }), scope)
  yield* Effect.timeoutOption(Deferred.await(heard), firstWithin)
  return {
    status: 200,
    headers: { "content-type": type, ...streaming },
    body: Sse.body(
      {
        next: () => nextOf(mailbox),
        news: () =>
          new Promise((resolve) => {
            mailbox.ring = resolve
          })
      },
      () => {
        Effect.runFork(Scope.close(scope, Exit.void))
      }
    )
  }
})

const streaming = {
  "cache-control": "private, no-cache, no-transform",
  vary: "Authorization",
  // Otherwise nginx gathers the events before it passes them on.
  "x-accel-buffering": "no"
} as const

const events = Effect.fnUntraced(function* (
  call: Call
): Effect.fn.Return<Answer, Failure, Closing | Limits | Looks | Pulse> {
  const { customer, order } = yield* idsOf(call)
  yield* accepting(call, type)
  const looks = yield* Looks
  const closing = yield* Closing
  if (yield* closing.isBegun) return yield* new ShuttingDown()
  const told = call.header("last-event-id")
  if (told !== undefined && told !== "") {
    // A stream begins in time however long the look takes: a browser does not try again after a refusal.
    const seen = yield* looks.now(customer, order, atMostOf(call)).pipe(
      Effect.timeoutOption(firstWithin),
      Effect.orElseSucceed(() => Option.none<Seen>())
    )
    if (Option.exists(seen, ({ etag, report }) => report.settled && isSameTag(etag, told))) {
      return empty(204, cacheHeaders(call, Option.getOrThrow(seen).report.observedAt))
    }
  }
  if (call.raw.method === "HEAD") return empty(200, { "content-type": type, ...streaming })
  const scope = yield* Scope.make()
  const listen = (listener: Listener<Failure>) => looks.listen(customer, order, listener)
  return yield* stream(call, listen, told, scope).pipe(
    Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit)))
  )
})

export const path: Path<Closing | Limits | Looks | Pulse> = {
  path: "/v1/customers/:customer/orders/:order/events",
  isUpstreams: false,
  isOpen: false,
  methods: { GET: { run: events } }
}
