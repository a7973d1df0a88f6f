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
import type { Fiber, Schema } from "effect"
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
import type { Exchange, NoAnswer } from "./internal/exchange.ts"
import { makeLimited } from "./internal/limited.ts"
import { steadyMillisOf } from "./internal/steady.ts"
import { plain, withoutByteOrderMark } from "./text.ts"
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
    Transport.layerNoDeps(options).pipe(Layer.provide(Layer.fresh(breakerStoreMemory)))
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

  const send = (question: Question<unknown>, state: State, token: Token) =>
    Effect.withFiber<Answered, AttemptFailed | TokenRefused>((fiber) => {
      const { operation } = question
      const sent = { requestId: state.requestId, correlationId: state.correlationId }
      state.sent = sent
      annotate(fiber, sent)
      const again = state.isRepeated
      state.isRepeated = true
      return exchange(client, request(question, state, Redacted.value(token.value)), {
        timeout,
        left: left(fiber, state),
        limited,
        propagateTrace
      }).pipe(
        Metrics.sent(operation, again),
        Effect.mapError((none) => notAnswered(operation, state, none)),
        Effect.flatMap((answer) => {
          const support = { ...sent, ...answeredIds(answer.headers) }
          annotate(fiber, support)
          state.before = `HTTP ${answer.status}`
          return Effect.andThen(
            debug("answered", () => ({ operation, status: answer.status, ...support })),
            answer.status === 200
              ? Effect.succeed({ answer, support, bearer: token.value })
              : refused(operation, state, token, answer, support)
          )
        })
      )
    })

  const refused = Effect.fnUntraced(function* (
    operation: OperationName,
    state: State,
    token: Token,
    answer: Exchange,
    support: Support
  ) {
    state.requestId = Operation.guidUnsafe()
    const floor = askedWait(answer, yield* Clock.currentTimeMillis)
    const reason = reasonOf(operation, answer, floor, Redacted.value(token.value))
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

  const turn = (operation: OperationName) =>
    Effect.mapError(budget.take, ({ wait }) => {
      const reason = make({
        _tag: "Throttled",
        retryAfter: seconds(wait),
        description: "this tenant's requests are held back, and the wait would pass the deadline"
      })
      // Nothing was sent, so there is nothing that support could find.
      const error = new PartnerCenterError({ operation, reason, support: {} })
      return new AttemptFailed({ error, again: false })
    })

  // A token and the right to send one request.
  const admitted = (operation: OperationName, state: State) => {
    // Before the budget: requests that have theirs and wait for a sign-in would all go at its end.
    state.waitingFor = "signIn"
    return Effect.flatMap(signIn, () => {
      state.waitingFor = "turn"
      return Effect.andThen(turn(operation), signIn)
    })
  }

  const attempt = (question: Question<unknown>, state: State) =>
    Effect.withFiber<Answered, AttemptFailed | TokenRefused>((fiber) => {
      const { operation } = question
      const admitting = limited(admitted(operation, state), left(fiber, state), () =>
        Effect.fail(isOver(operation, state))
      )
      return Effect.flatMap(admitting, (token) => {
        state.waitingFor = "answer"
        return send(question, state, token)
      })
    })

  const exchanged = (question: Question<unknown>) =>
    Effect.withFiber<Answered, PartnerCenterError>((fiber) => {
      const { operation } = question
      const current = fiber.getRef(Operation.Current)
      const now = steadyMillisOf(fiber.getRef(Clock.Clock))
      const state: State = {
        requestId: Operation.guidUnsafe(),
        isRepeated: false,
        isRenewed: false,
        waitingFor: "signIn",
        before: undefined,
        sent: {},
        endsAt: now + Operation.remainingIn(fiber.context),
        correlationId: current?.correlationId ?? Operation.guidUnsafe()
      }
      const once = Effect.catchTag(attempt(question, state), "TokenRefused", ({ token }) =>
        Effect.andThen(
          tokens.invalidate(token),
          Effect.catchTag(attempt(question, state), "TokenRefused", Effect.die)
        )
      )
      return attempts(once, (rest) =>
        limited(rest, left(fiber, state), () => Effect.fail(timedOut(operation, state)))
      )
    })

  const answered = <S extends Schema.ConstraintDecoder<unknown>>(
    question: Question<S>,
    { answer, bearer, support }: Answered
  ) =>
    Effect.withFiber<Answer<S["Type"]>, PartnerCenterError>((fiber) => {
      const now = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
      const observedAt = DateTime.makeUnsafe(now)
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
const left = (fiber: Fiber.Fiber<unknown, unknown>, { endsAt }: State): number =>
  endsAt - steadyMillisOf(fiber.getRef(Clock.Clock))

const isOver = (operation: OperationName, state: State) =>
  new AttemptFailed({ error: timedOut(operation, state), again: false })

const notAnswered = (operation: OperationName, state: State, none: NoAnswer) => {
  const { description, headers, why } = none
  if (why === "deadline") return isOver(operation, state)
  state.before = description
  const support = { ...state.sent, ...answeredIds(headers) }
  if (headers !== undefined) state.requestId = Operation.guidUnsafe()
  const reason = make({
    _tag: "Unavailable",
    description,
    ...(why !== "request" && { noAnswer: why }),
    ...(why === "certificate" && { remedy: untrustedRemedy })
  })
  const error = new PartnerCenterError({ operation, reason, support })
  return new AttemptFailed({ error, again: canRepeat(none) })
}

// What a trace and Microsoft's support have in common; of several attempts, the last one's.
const annotate = (fiber: Fiber.Fiber<unknown, unknown>, support: Support): void => {
  const { span } = fiber.cache
  // Of the default tracer's spans nobody sees any.
  if (span?._tag !== "Span" || fiber.getRef(Tracer.Tracer) === Tracer.nativeTracer) return
  for (const [name, value] of Object.entries(support))
    span.attribute(`partnercenter.${name}`, value)
}

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
