// One HTTP exchange: sent once, never redirected, its body read whole and in time.
import { Context, Data, Duration, Effect } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import type { Limited } from "./limited.ts"

/** A complete answer, whatever its status. `body` is its text as it was sent. */
export interface Exchange {
  readonly status: number
  readonly headers: Headers.Headers
  readonly body: string
}

/** No complete answer came. `headers` are there when the answer had begun. */
export class NoAnswer extends Data.TaggedError("NoAnswer")<{
  readonly description: string
  /** `deadline`: the operation's time was over before the attempt's. */
  readonly why: "connection" | "certificate" | "silence" | "cut" | "request" | "deadline"
  readonly headers?: Headers.Headers
}> {}

/** Whether another attempt can end otherwise. */
export const canRepeat = ({ why }: NoAnswer): boolean =>
  why !== "certificate" && why !== "request" && why !== "deadline"

/** What helps where the server's certificate was not accepted. */
export const untrustedRemedy =
  "Check who answers there; behind a proxy that inspects traffic, name its authority in NODE_EXTRA_CA_CERTS."

const unfollowed = { redirect: "manual" } as const

/**
 * Sends the request once and reads the answer whole, within the `timeout` or what the operation has left,
 * whichever is less. A redirect is an answer like any other. What it fails with quotes no header.
 */
export const exchange = (
  client: HttpClient.HttpClient,
  request: HttpClientRequest,
  options: {
    readonly timeout: Duration.Duration
    /** Milliseconds that the operation has left. */
    readonly left: number
    readonly limited: Limited
    readonly propagateTrace: boolean
  }
): Effect.Effect<Exchange, NoAnswer> =>
  Effect.suspend(() => {
    let headers: Headers.Headers | undefined
    const noAnswer = (description: string, why: NoAnswer["why"]) =>
      new NoAnswer({ description, why, ...(headers !== undefined && { headers }) })
    const answered = client.execute(request).pipe(
      // Some clients throw at what they cannot send, and their words may quote it.
      Effect.catchDefect(() => Effect.fail(noAnswer("the request could not be sent", "request"))),
      Effect.flatMap((response) => {
        headers = response.headers
        return Effect.map(response.text, (body) => ({
          status: response.status,
          headers: response.headers,
          body
        }))
      }),
      Effect.mapError((error) => {
        if (error._tag === "NoAnswer") return error
        const found = system(error.reason.cause)
        const isUntrusted = found !== undefined && untrusted.test(found.code)
        const how = headers === undefined ? "connection" : "cut"
        return noAnswer(describe(found, headers !== undefined), isUntrusted ? "certificate" : how)
      }),
      Effect.updateContext((context: Context.Context<never>) =>
        context.pipe(
          Context.add(FetchHttpClient.RequestInit, unfollowed),
          Context.add(HttpClient.TracerPropagationEnabled, options.propagateTrace)
        )
      )
    )
    const timeout = Duration.toMillis(options.timeout)
    return options.limited(answered, Math.min(timeout, options.left), () =>
      Effect.fail(
        options.left <= timeout
          ? noAnswer("the time was over", "deadline")
          : noAnswer(`no complete answer within ${Duration.format(options.timeout)}`, "silence")
      )
    )
  })

// The text of other errors can quote a header, so only what carries a system code is repeated.
const describe = (found: SystemError | undefined, responded: boolean): string => {
  const what = responded ? "the answer was cut short" : "no connection"
  if (found === undefined) return responded ? what : "the request could not be sent"
  return found.message.includes(found.code)
    ? `${what}: ${found.message}`
    : `${what}: ${[found.message, found.code].filter((part) => part !== "").join(", ")}`
}

// What Node calls a certificate that it does not accept.
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|^ERR_TLS_/

interface SystemError {
  readonly code: string
  readonly message: string
}

const system = (cause: unknown, depth = 0): SystemError | undefined => {
  if (!(cause instanceof Error) || depth > 3) return undefined
  return "code" in cause && typeof cause.code === "string" && /^[A-Z][A-Z0-9_]+$/.test(cause.code)
    ? { code: cause.code, message: cause.message }
    : system(cause.cause, depth + 1)
}
