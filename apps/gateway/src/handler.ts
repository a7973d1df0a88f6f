// The one adapter between Hono and Effect: a request becomes a Call, an Effect runs for as long as somebody
// waits for it, and whatever it ends with becomes an answer.
import { Cause, Clock, Context, Duration, Effect, Exit, Option, Tracer } from "effect"
import type { Fiber } from "effect"
import * as Headers from "effect/http/Headers"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import type { Context as HonoContext } from "hono"
import { guidUnsafe } from "@orderwatch/core/Operation"
import type { Support } from "@orderwatch/core/Support"
import { Access } from "./access.ts"
import type { Outgoing } from "./accessLog.ts"
import type { Caller } from "./access.ts"
import * as Answer from "./answer.ts"
import { corsHeaders, preflight, refusal, rulesOf, securityHeaders } from "./browser.ts"
import { Limits } from "./limits.ts"
import type { Spent } from "./limits.ts"
import { DeadlinePassed, MethodNotAllowed, toAnswer, toInternalAnswer } from "./problem.ts"
import type { CallerThrottled, Failure } from "./problem.ts"
import { pathOf } from "./paths.ts"
import { Pulse } from "./pulse.ts"
import { everyMethod, isMethod, named } from "./route.ts"
import type { Call, Path, Request, Route } from "./route.ts"
import { sentHeaders } from "./sent.ts"
import { GatewaySettings } from "./settings.ts"
import { steadyMillisOf } from "./steady.ts"
import { atEndOfTurn } from "./turn.ts"

/** A request as it ended, for logs and metrics. */
export interface Served {
  readonly method: string
  /** The path with its parameters' names, never with their values. */
  readonly route: string
  readonly path: string
  readonly status: number
  /** From its arrival until its answer was known, with fractions. */
  readonly millis: number
  readonly requestId: string
  readonly traceId: string | undefined
  readonly callerId: string | undefined
  readonly failure: Failure | undefined
  /** The ids of what upstream answered, where the route knows them. */
  readonly support?: Support | undefined
  /** Node's answer, where there is a socket. */
  readonly outgoing?: Outgoing | undefined
}

/** Is told of every request once its answer is known; a stream's is known when it begins. */
export const Observer = Context.Reference<(served: Served) => Effect.Effect<void>>(
  "@orderwatch/gateway/Observer",
  { defaultValue: () => () => Effect.void }
)

/** What every path needs, whatever it answers. */
export type Needs = Access | GatewaySettings | Limits | Pulse

/** What a socket tells of a request; nothing where there is none. */
export interface Bindings {
  readonly incoming?: {
    readonly rawHeaders?: ReadonlyArray<string>
    /** The request's target as it was sent. */
    readonly url?: string | undefined
    readonly socket?: { readonly remoteAddress?: string | undefined }
  }
  readonly outgoing?: Outgoing
}
type Door = HonoContext<{ Bindings: Bindings }>

// What an id may look like that goes into logs and back to who sent it.
const sane = /^[A-Za-z0-9._:+/=-]{1,128}$/

const requestIdOf = (header: string | undefined): string =>
  header !== undefined && sane.test(header) ? header : guidUnsafe()

// Where a span was made says nothing that its name does not.
const untraced = { captureStackTrace: false } as const

type Fields = Readonly<Record<string, string>>

/** What is known of a request while it is answered. */
interface State {
  caller: Caller | undefined
  /** What the answer says of pages that may read it, and of what is left to the caller. */
  cors: Fields
  quota: Fields
  failure: Failure | undefined
  traceId: string | undefined
}

// A look that takes too long says so itself, with the ids of what was asked, if it is let.
const margin = Duration.seconds(2)

const verbs = [...named(everyMethod), "PUT", "PATCH", "OPTIONS"]

// A word that somebody made up must not become the name of anything.
const verbOf = (method: string): string => (verbs.includes(method) ? method : "_OTHER")

const routeOf = <R>({ methods, path }: Path<R>, method: string): Route<R> => {
  const wanted = method === "HEAD" ? "GET" : method
  // Where nothing is, no method is the right one.
  const found = path === "*" ? methods.GET : isMethod(wanted) ? methods[wanted] : undefined
  if (found !== undefined) return found
  const allow = named(Object.keys(methods))
  return { run: () => Effect.fail(new MethodNotAllowed({ allow })) }
}

const requestOf = <R>(c: Door, { isUpstreams }: Path<R>, clock: Clock.Clock): Request => {
  const { raw } = c.req
  // Without a socket there is no env at all.
  const { incoming } = c.env ?? {}
  const headers =
    incoming?.rawHeaders === undefined ? raw.headers : sentHeaders(incoming.rawHeaders)
  const header = (name: string) => headers.get(name) ?? undefined
  return {
    raw,
    headers,
    header,
    param: (name) => c.req.param(name) ?? "",
    address: incoming?.socket?.remoteAddress ?? "",
    clock,
    asked: { requestId: requestIdOf(header("x-request-id")), path: pathOf(raw.url), isUpstreams }
  }
}

const parentOf = ({ header }: Request) => {
  const traceparent = header("traceparent")
  return traceparent === undefined
    ? undefined
    : Option.getOrUndefined(HttpTraceContext.w3c(Headers.fromInput({ traceparent })))
}

// Where nobody collects traces, log lines of one request still belong together by its trace.
const unsampled = (traceId: string): Tracer.ExternalSpan =>
  Tracer.externalSpan({ traceId, spanId: traceId.slice(0, 16), sampled: false })

const traceIdUnsafe = (): string => {
  const guid = guidUnsafe()
  return `${guid.slice(0, 8)}${guid.slice(9, 13)}${guid.slice(14, 18)}${guid.slice(19, 23)}${guid.slice(24)}`
}

// Outside of a fiber nobody else catches what is thrown.
const attempt = <A, E, R>(begin: () => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  try {
    return begin()
  } catch (defect) {
    return Exit.die(defect)
  }
}

const isDone = <A, E, R>(effect: Effect.Effect<A, E, R>): effect is Exit.Exit<A, E> =>
  Exit.isExit(effect)

// Node's answer is closed before it was given where nobody is left to read it; without one, the request says it.
const onHangUp = ({ env, req }: Door, then: () => void): (() => void) => {
  const outgoing = env?.outgoing
  if (outgoing !== undefined) {
    if (outgoing.closed) then()
    else outgoing.once("close", then)
    return () => outgoing.off("close", then)
  }
  const { signal } = req.raw
  if (signal.aborted) then()
  else signal.addEventListener("abort", then, { once: true })
  return () => signal.removeEventListener("abort", then)
}

const nothing: Fields = {}

/** All that an answer carries. Two may say on what it depends. */
const carried = ({ cors, quota }: State, { headers }: Answer.Answer, requestId: string): Fields => {
  const all: Record<string, string> = { ...securityHeaders, ...cors, ...quota, ...headers }
  all["x-request-id"] = requestId
  if (cors["vary"] !== undefined && headers["vary"] !== undefined) {
    all["vary"] = `${headers["vary"]}, ${cors["vary"]}`
  }
  return all
}

/** Answers a path. All that its routes may fail with is rendered; another failure does not compile. */
export const handler =
  <R>(context: Context.Context<Needs | R>) =>
  (path: Path<R>): ((c: Door) => Promise<Response>) => {
    const access = Context.get(context, Access)
    const limits = Context.get(context, Limits)
    const pulse = Context.get(context, Pulse)
    const settings = Context.get(context, GatewaySettings)
    const observe = Context.get(context, Observer)
    const clock = Context.get(context, Clock.Clock)
    const fork = Effect.runForkWith(context)
    const isTraced = Context.get(context, Tracer.Tracer) !== Tracer.nativeTracer
    const rules = rulesOf(settings)
    const allowance = Duration.sum(settings.deadline, margin)

    const pay = (state: State, { headers, refused }: Spent): CallerThrottled | undefined => {
      state.quota = headers
      return refused
    }

    // In steps that go on at once: an answer that is at hand needs no fiber.
    const answering = (
      request: Request,
      route: Route<R>,
      state: State
    ): Effect.Effect<Answer.Answer, Failure, R> => {
      if (path.isOpen) return route.run({ ...request, ...nobody }, context)
      const { headers, raw } = request
      const sent = { method: raw.method, url: raw.url, headers }
      const refused = refusal(sent, rules)
      if (refused !== undefined) return Exit.fail(refused)
      state.cors = corsHeaders(sent, rules)
      const asked = preflight(sent, rules)
      if (asked !== undefined) return Exit.succeed(Answer.empty(204, asked))
      const known = Effect.catchEager(access.identify(headers), (failure) =>
        Exit.fail(pay(state, limits.spendUnknown(request.address)) ?? failure)
      )
      return Effect.flatMapEager(known, (caller) => {
        state.caller = caller
        const throttled = pay(state, limits.spend(caller))
        if (throttled !== undefined) return Exit.fail(throttled)
        const payFor = (count: number) => pay(state, limits.spendRest(caller, count))
        return route.run({ ...request, caller, payFor }, context)
      })
    }

    const answerOf = (
      request: Request,
      state: State,
      exit: Exit.Exit<Answer.Answer, Failure>
    ): Answer.Answer => {
      if (Exit.isSuccess(exit)) return exit.value
      state.failure = state.failure ?? Option.getOrUndefined(Cause.findErrorOption(exit.cause))
      if (state.failure !== undefined) return toAnswer(state.failure, request.asked)
      // Nobody is left to read it.
      if (Cause.hasInterruptsOnly(exit.cause)) return Answer.empty(499)
      fork(
        Effect.logError("an error of the gateway's own", exit.cause).pipe(
          Effect.annotateLogs({ requestId: request.asked.requestId, route: path.path })
        )
      )
      return toInternalAnswer(request.asked)
    }

    return (c) => {
      const request = requestOf(c, path, clock)
      const { method } = request.raw
      const verb = verbOf(method)
      const route = routeOf(path, method)
      const state: State = {
        caller: undefined,
        cors: nothing,
        quota: nothing,
        failure: undefined,
        traceId: undefined
      }
      const startedAt = steadyMillisOf(clock)

      const respond = (exit: Exit.Exit<Answer.Answer, Failure>): Response => {
        try {
          return rendered(exit)
        } catch (defect) {
          return Answer.toResponse(
            answerOf(request, { ...state, failure: undefined }, Exit.die(defect))
          )
        }
      }

      const answered = (exit: Exit.Exit<Answer.Answer, Failure>): Promise<Response> =>
        new Promise((resolve) => atEndOfTurn(() => resolve(respond(exit))))

      const rendered = (exit: Exit.Exit<Answer.Answer, Failure>): Response => {
        const answer = answerOf(request, state, exit)
        const told = observe({
          method: verb,
          route: path.path,
          path: request.asked.path,
          status: answer.status,
          millis: steadyMillisOf(clock) - startedAt,
          requestId: request.asked.requestId,
          traceId: state.traceId,
          callerId: state.caller?.id,
          failure: state.failure,
          support: answer.support,
          outgoing: c.env?.outgoing
        })
        if (!Exit.isExit(told)) fork(told)
        const { body, status } = answer
        const headers = carried(state, answer, request.asked.requestId)
        return Answer.toResponse({ status, headers, body })
      }

      const parent = parentOf(request)
      let fiber: Fiber.Fiber<Answer.Answer, Failure>
      if (isTraced) {
        const attributes = { "http.request.method": verb, "http.route": path.path }
        const span = { kind: "server", parent, attributes } as const
        fiber = fork(
          Effect.useSpan(`${verb} ${path.path}`, span, (span) => {
            state.traceId = span.traceId
            const begun = Effect.suspend(() => answering(request, route, state))
            return Effect.withParentSpan(begun, span, untraced)
          })
        )
      } else {
        const traceId = parent?.traceId ?? traceIdUnsafe()
        state.traceId = traceId
        const begun = attempt(() => answering(request, route, state))
        if (isDone(begun)) return answered(begun)
        const span = parent ?? unsampled(traceId)
        fiber = fork(Effect.withParentSpan(begun, span, untraced))
      }
      const done = fiber.pollUnsafe()
      // Without a timer, and without asking whether somebody waits.
      if (done !== undefined) return answered(done)

      const limit = Duration.sum(allowance, route.patience?.(request) ?? Duration.zero)
      const unlimited = pulse.limit(Duration.toMillis(limit), () => {
        state.failure = new DeadlinePassed()
        fiber.interruptUnsafe()
      })
      const forget = onHangUp(c, () => fiber.interruptUnsafe())
      return new Promise((resolve) => {
        fiber.addObserver((exit) => {
          unlimited()
          forget()
          // It may have come to its end just as the time was over.
          if (Exit.isSuccess(exit)) state.failure = undefined
          atEndOfTurn(() => resolve(respond(exit)))
        })
      })
    }
  }

/** Asks for what is open to everybody, which costs nothing. */
const nobody: Pick<Call, "caller" | "payFor"> = {
  caller: { id: "nobody", customers: new Set(), ended: Effect.never },
  payFor: () => undefined
}
