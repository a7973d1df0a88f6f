// One question on the wire: headers, ids, budget, token, attempts, breaker, and the answer decoded.
import {
  Clock,
  Context,
  Data,
  DateTime,
  Duration,
  Effect,
  Layer,
  Option,
  Redacted,
  Result,
  Tracer
} from "effect"
import type { Schema } from "effect"
import * as Headers from "effect/http/Headers"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as UrlParams from "effect/http/UrlParams"
import type { CircuitBreakerStore } from "effect/persistence/CircuitBreaker"
import { AccessToken } from "./AccessToken.ts"
import type { Token } from "./AccessToken.ts"
import { Budget } from "./Budget.ts"
import { Cloud } from "./Cloud.ts"
import {
  askedWait,
  AttemptFailed,
  attempts,
  isTransientStatus,
  seconds
} from "./internal/attempts.ts"
import { decodeBody } from "./internal/body.ts"
import { breakerStoreMemory, makeBreaker } from "./internal/breaker.ts"
import { debug } from "./internal/debug.ts"
import { canRepeat, exchange, untrustedRemedy } from "./internal/exchange.ts"
import type { Exchange } from "./internal/exchange.ts"
import { makeLimited } from "./internal/limited.ts"
import { steadyMillis } from "./internal/steady.ts"
import { plain } from "./text.ts"
import { withoutByteOrderMark } from "./internal/wire.ts"
import * as Metrics from "./Metrics.ts"
import * as Operation from "./Operation.ts"
import { fromAnswer, make, parseErrorBody, PartnerCenterError } from "./PartnerCenterError.ts"
import type { Operation as OperationName, Reason } from "./PartnerCenterError.ts"
import type { Support } from "./Support.ts"
import { version } from "./version.ts"

export interface TransportOptions {
  /** `X-Locale`. Default `en-US`. */
  readonly locale?: string | undefined
  /** How long one attempt may take, its body included. Default 10 seconds. */
  readonly attemptTimeout?: Duration.Input | undefined
  /** How long a logical operation may take, with all its attempts and waits. Default 60 seconds. */
  readonly deadline?: Duration.Input | undefined
  /** Sent as `User-Agent`. Default `orderwatch/VERSION`. */
  readonly userAgent?: string | undefined
  /** Whether `traceparent` is sent to Microsoft. Default false. */
  readonly propagateTrace?: boolean | undefined
}

/** One read of the API. `path` begins with `/v1/`, its segments are percent-encoded. */
export interface Question<S> {
  readonly operation: OperationName
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly schema: S
}

/** What was answered, decoded and as it was sent (without a byte order mark), and when. */
export interface Answer<A> {
  readonly value: A
  readonly body: string
  readonly observedAt: DateTime.Utc
  readonly support: Support
  /** The answer's headers; their names are lower-case. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

/**
 * Reads from Partner Center with the one policy that everything shares. The bearer token goes to the
 * cloud's API address only; redirects are not followed.
 */
export class Transport extends Context.Service<
  Transport,
  {
    readonly ask: <S extends Schema.ConstraintDecoder<unknown>>(
      question: Question<S>
    ) => Effect.Effect<Answer<S["Type"]>, PartnerCenterError>
    /** How long a logical operation may take. */
    readonly deadline: Duration.Duration
    /** How long asking is suspended after repeated failures; zero while it is not. */
    readonly suspendedFor: Effect.Effect<Duration.Duration>
  }
>()("@orderwatch/core/Transport") {
  /** With a circuit breaker whose state can be shared. */
  static readonly layerNoDeps = (
    options: TransportOptions = {}
  ): Layer.Layer<
    Transport,
    never,
    AccessToken | Budget | CircuitBreakerStore | Cloud | HttpClient.HttpClient
  > => Layer.effect(Transport, makeTransport(options))

  static readonly layer = (
    options: TransportOptions = {}
  ): Layer.Layer<Transport, never, AccessToken | Budget | Cloud | HttpClient.HttpClient> =>
    Transport.layerNoDeps(options).pipe(Layer.provide(breakerStoreMemory))
}

interface State {
  /** Spent by any response; the same again only after an attempt that ended without one. */
  requestId: string
  /** Whether a request was sent before. */
  isRepeated: boolean
  /** Whether this operation has had its one new token. */
  isRenewed: boolean
  /** What is being waited for, and how the attempt before ended: said when the time is over. */
  waitingFor: keyof typeof waits
  before: string | undefined
  /** The ids of the request that was sent last. */
  sent: Support
  /** When the operation's time is over, by the steady clock. */
  readonly endsAt: number
  readonly correlationId: string
}

/** An answer of status 200, and what it was asked with. */
interface Answered {
  readonly answer: Exchange
  readonly support: Support
  readonly bearer: Redacted.Redacted
}

class TokenRefused extends Data.TaggedError("TokenRefused")<{ readonly token: Token }> {}

const makeTransport = Effect.fnUntraced(function* (options: TransportOptions) {
  const client = yield* HttpClient.HttpClient
  const cloud = yield* Cloud
  const tokens = yield* AccessToken
  const budget = yield* Budget
  const { guard, suspendedFor } = yield* makeBreaker(cloud.apiUrl)
  const timeout = Duration.fromInputUnsafe(options.attemptTimeout ?? "10 seconds")
  const deadline = Duration.fromInputUnsafe(options.deadline ?? "60 seconds")
  const propagateTrace = options.propagateTrace ?? false
  const limited = yield* makeLimited
  const fixed = {
    accept: "application/json",
    "x-locale": options.locale ?? "en-US",
    "ms-partnercenter-application": "orderwatch",
    "user-agent": options.userAgent ?? `orderwatch/${version}`
  }

  const request = (question: Question<unknown>, state: State, bearer: string) =>
    HttpClientRequest.makeWith(
      "GET",
      cloud.apiUrl + question.path,
      question.query === undefined ? UrlParams.empty : UrlParams.fromInput(question.query),
      Option.none(),
      Headers.fromRecordUnsafe({
        ...(question.headers !== undefined && Headers.fromInput(question.headers)),
        ...fixed,
        authorization: `Bearer ${bearer}`,
        "ms-requestid": state.requestId,
        "ms-correlationid": state.correlationId
      }),
      HttpBody.empty
    )

  const send = Effect.fnUntraced(function* (
    question: Question<unknown>,
    state: State,
    token: Token
  ) {
    const { operation } = question
    const bearer = Redacted.value(token.value)
    const sent = { requestId: state.requestId, correlationId: state.correlationId }
    state.sent = sent
    yield* annotated(sent)
    const again = state.isRepeated
    state.isRepeated = true
    const answer = yield* exchange(client, request(question, state, bearer), {
      timeout,
      left: yield* left(state),
      limited,
      propagateTrace
    }).pipe(
      Metrics.sent(operation, again),
      Effect.mapError((none) => {
        const { description, headers, why } = none
        if (why === "deadline") return isOver(operation, state)
        state.before = description
        if (headers !== undefined) state.requestId = Operation.guidUnsafe()
        const reason = make({
          _tag: "Unavailable",
          description,
          ...(why !== "request" && { noAnswer: why }),
          ...(why === "certificate" && { remedy: untrustedRemedy })
        })
        const support = { ...sent, ...answeredIds(headers) }
        const error = new PartnerCenterError({ operation, reason, support })
        return new AttemptFailed({ error, again: canRepeat(none) })
      })
    )
    const support = { ...sent, ...answeredIds(answer.headers) }
    yield* annotated(support)
    yield* debug("answered", () => ({ operation, status: answer.status, ...support }))
    state.before = `HTTP ${answer.status}`
    if (answer.status === 200) return { answer, support, bearer: token.value }

    state.requestId = Operation.guidUnsafe()
    const floor = askedWait(answer, yield* Clock.currentTimeMillis)
    const reason = reasonOf(operation, answer, floor, bearer)
    if (reason._tag === "SignInRequired" && answer.status === 401 && !state.isRenewed) {
      state.isRenewed = true
      return yield* new TokenRefused({ token })
    }
    if (answer.status === 429 && floor !== undefined) yield* budget.pause(floor)
    return yield* new AttemptFailed({
      error: new PartnerCenterError({ operation, reason, support }),
      again: isTransientStatus(answer.status) || reason._tag === "OrderInProgress",
      floor
    })
  })

  const signIn = Effect.mapError(tokens.get, (error) => new AttemptFailed({ error, again: false }))

  // A token and the right to send one request.
  const admitted = Effect.fnUntraced(function* (operation: OperationName, state: State) {
    // Before the budget: requests that have theirs and wait for a sign-in would all go at its end.
    state.waitingFor = "signIn"
    yield* signIn
    state.waitingFor = "turn"
    yield* Effect.mapError(budget.take, ({ wait }) => {
      const reason = make({
        _tag: "Throttled",
        retryAfter: seconds(wait),
        description: "this tenant's requests are held back, and the wait would pass the deadline"
      })
      // Nothing was sent, so there is nothing that support could find.
      const error = new PartnerCenterError({ operation, reason, support: {} })
      return new AttemptFailed({ error, again: false })
    })
    return yield* signIn
  })

  const attempt = Effect.fnUntraced(function* (question: Question<unknown>, state: State) {
    const { operation } = question
    const token = yield* limited(admitted(operation, state), yield* left(state), () =>
      Effect.fail(isOver(operation, state))
    )
    state.waitingFor = "answer"
    return yield* send(question, state, token)
  })

  const exchanged = Effect.fnUntraced(function* (question: Question<unknown>) {
    const { operation } = question
    const current = yield* Operation.Current
    const correlationId = current?.correlationId ?? Operation.guidUnsafe()
    const state: State = {
      requestId: Operation.guidUnsafe(),
      isRepeated: false,
      isRenewed: false,
      waitingFor: "signIn",
      before: undefined,
      sent: {},
      endsAt: (yield* steadyMillis) + (yield* Operation.remaining),
      correlationId
    }
    const rest = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.flatMap(left(state), (millis) =>
        limited(effect, millis, () => Effect.fail(timedOut(operation, state)))
      )
    const once = Effect.catchTag(attempt(question, state), "TokenRefused", ({ token }) =>
      Effect.andThen(
        tokens.invalidate(token),
        Effect.catchTag(attempt(question, state), "TokenRefused", Effect.die)
      )
    )
    return yield* attempts(once, rest)
  })

  const answered = <S extends Schema.ConstraintDecoder<unknown>>(
    question: Question<S>,
    { answer, bearer, support }: Answered
  ) =>
    Effect.flatMap(DateTime.now, (observedAt) => {
      const body = withoutByteOrderMark(answer.body)
      const decoded = decodeBody(question.schema, body)
      if (Result.isSuccess(decoded)) {
        return Effect.succeed({
          value: decoded.success,
          body,
          observedAt,
          support,
          headers: answer.headers
        })
      }
      const said = parseErrorBody(body, [Redacted.value(bearer)])
      return Effect.fail(
        new PartnerCenterError({
          operation: question.operation,
          support,
          reason: make({
            _tag: "UnexpectedResponse",
            httpStatus: answer.status,
            ...decoded.failure,
            // With a code it is an error of upstream's own, such as 400072.
            ...(said.code !== undefined && said)
          })
        })
      )
    })

  const ask = <S extends Schema.ConstraintDecoder<unknown>>(question: Question<S>) =>
    exchanged(question).pipe(
      guard(question.operation),
      Operation.within(deadline),
      Effect.flatMap((given) => answered(question, given))
    )

  return Transport.of({ ask, deadline, suspendedFor })
})

const waits = {
  signIn: "signing in",
  turn: "waiting for its turn",
  answer: "waiting for an answer"
} as const

const timedOut = (operation: OperationName, state: State): PartnerCenterError => {
  const { before, sent, waitingFor } = state
  const what = `the time was over while ${waits[waitingFor]}`
  return new PartnerCenterError({
    operation,
    reason: make({
      _tag: "TimedOut",
      waitingFor,
      description: before === undefined ? what : `${what} (before: ${before})`
    }),
    support: sent
  })
}

// Milliseconds that are left.
const left = ({ endsAt }: State) => Effect.map(steadyMillis, (now) => endsAt - now)

const isOver = (operation: OperationName, state: State) =>
  new AttemptFailed({ error: timedOut(operation, state), again: false })

// What a trace and Microsoft's support have in common; of several attempts, the last one's.
const annotated = (support: Support) =>
  Effect.withFiber((fiber) => {
    // Nobody but a collector's tracer looks at it.
    if (fiber.getRef(Tracer.Tracer) === Tracer.nativeTracer) return Effect.void
    return Effect.annotateCurrentSpan(
      Object.fromEntries(
        Object.entries(support).map(([name, value]) => [`partnercenter.${name}`, value])
      )
    )
  })

const answeredIds = (headers: Headers.Headers | undefined): Support => {
  const msCv = headers?.["ms-cv"]
  const serverId = headers?.["ms-serverid"]
  return {
    ...(msCv !== undefined && { msCv: plain(msCv) }),
    ...(serverId !== undefined && { serverId: plain(serverId) })
  }
}

const reasonOf = (
  operation: OperationName,
  answer: Exchange,
  floor: Duration.Duration | undefined,
  bearer: string
): Reason => {
  const said = parseErrorBody(withoutByteOrderMark(answer.body), [bearer])
  return fromAnswer(operation, {
    status: answer.status,
    ...(isRedirect(answer.status) && { description: "a redirect, which is never followed" }),
    ...said,
    retryAfter: floor === undefined ? undefined : seconds(floor)
  })
}

// In a browser a redirect that is not followed has the status 0.
const isRedirect = (status: number): boolean => status === 0 || (status >= 300 && status <= 399)
