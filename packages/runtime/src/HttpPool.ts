// The way out of a process that lives long and sends much: undici's pool, which takes a third of what Node's own
// HTTP takes for a request, and longer to load.
import { Effect, Layer, Option } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import {
  DecodeError,
  EncodeError,
  HttpClientError,
  TransportError
} from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { Agent } from "undici"
import type { Dispatcher } from "undici"
import * as Http from "./Http.ts"
import { PoolResponse } from "./httpPool/PoolResponse.ts"
import type { SettingsError } from "./SettingsError.ts"

// HTTP/1.1, as the command speaks. Milliseconds: a connection is found dead sooner by its owner.
const options: Agent.Options = { allowH2: false, keepAliveTimeout: 30_000 }

// Who asks says how long it may take.
const unlimited = { headersTimeout: 0, bodyTimeout: 0 } as const

/** How far an exchange is. */
interface Exchange {
  controller: Dispatcher.DispatchController | undefined
  readonly chunks: Array<Buffer>
  response: PoolResponse | undefined
  /** Why nobody waits for it any more, or why no more comes. */
  error: Error | undefined
  isWhole: boolean
  /** Called when the body is whole, or will never be. */
  ended: (() => void) | undefined
}

const bodyOf = ({
  body
}: HttpClientRequest.HttpClientRequest): string | Uint8Array | null | undefined => {
  if (body._tag === "Empty") return null
  return body._tag === "Uint8Array" ? body.body : undefined
}

/** The body as far as it is known: all of it, or why there is none. */
const bytesOf = (
  exchange: Exchange,
  response: PoolResponse
): Effect.Effect<Buffer, HttpClientError> | undefined => {
  const { chunks, error, isWhole } = exchange
  const [first] = chunks
  if (isWhole) {
    return Effect.succeed(
      chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
    )
  }
  const { request } = response
  return error === undefined
    ? undefined
    : Effect.fail(
        new HttpClientError({ reason: new DecodeError({ request, response, cause: error }) })
      )
}

const awaited = (exchange: Exchange) => (response: PoolResponse) =>
  bytesOf(exchange, response) ??
  Effect.callback<Buffer, HttpClientError>((resume) => {
    exchange.ended = () => {
      const bytes = bytesOf(exchange, response)
      if (bytes !== undefined) resume(bytes)
    }
    return Effect.sync(() => abandon(exchange))
  })

const abandon = (exchange: Exchange) => {
  exchange.error ??= new Error("nobody waits for the answer any more")
  exchange.controller?.abort(exchange.error)
}

const send = (agent: Agent, request: HttpClientRequest.HttpClientRequest, url: URL) =>
  Effect.callback<PoolResponse, HttpClientError>((resume) => {
    const exchange: Exchange = {
      controller: undefined,
      chunks: [],
      response: undefined,
      error: undefined,
      isWhole: false,
      ended: undefined
    }
    const body = bodyOf(request)
    if (body === undefined) {
      const description = "only a body that is at hand can be sent"
      const reason = new EncodeError({ request, description })
      return resume(Effect.fail(new HttpClientError({ reason })))
    }
    const { headers, method } = request
    const asked = { origin: url.origin, path: url.pathname + url.search, method, headers, body }
    agent.dispatch(
      { ...asked, ...unlimited },
      {
        onRequestStart: (controller) => {
          exchange.controller = controller
          if (exchange.error !== undefined) controller.abort(exchange.error)
        },
        onResponseStart: (_, status, headers) => {
          // What comes before the answer itself.
          if (status < 200) return
          const response = new PoolResponse(request, status, headers, awaited(exchange))
          exchange.response = response
          // A small body comes with the headers: then nobody has to wait twice.
          queueMicrotask(() => resume(Effect.succeed(response)))
        },
        onResponseData: (_, chunk) => {
          exchange.chunks.push(chunk)
        },
        onResponseEnd: () => {
          exchange.isWhole = true
          exchange.ended?.()
        },
        onResponseError: (_, error) => {
          exchange.error ??= error
          if (exchange.response !== undefined) return exchange.ended?.()
          const reason = new TransportError({ request, cause: error })
          resume(Effect.fail(new HttpClientError({ reason })))
        }
      }
    )
    return Effect.sync(() => abandon(exchange))
  })

const clientOf = (agent: Agent): HttpClient.HttpClient => {
  const traced = HttpClient.make((request, url) => send(agent, request, url))
  // Effect's own maker has a span for each request, and watches over each answer for who forgets to read it:
  // here nothing is held for an answer, and mostly nobody collects spans.
  return HttpClient.makeWith<HttpClientError, never, HttpClientError, never>(
    (preprocessed) =>
      Effect.flatMap(preprocessed, (request) =>
        Effect.withFiber((fiber) => {
          const url = HttpClientRequest.toUrl(request)
          return Option.isSome(url) && fiber.getRef(HttpClient.TracerDisabledWhen)(request)
            ? send(agent, request, url.value)
            : traced.execute(request)
        })
      ),
    Effect.succeed
  )
}

const pooled = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new Agent(options)),
      (agent) => Effect.promise(() => agent.destroy())
    ),
    clientOf
  )
)

/**
 * As `Http.layer`, for bodies that are at hand when they are sent. Through a proxy they are one, so that
 * `NO_PROXY` means the same everywhere.
 */
export const layer: Layer.Layer<HttpClient.HttpClient, SettingsError> = Layer.unwrap(
  Effect.map(Http.hasProxy, (isProxied) => (isProxied ? Http.layer : pooled))
)
