// The way out of a process that lives long and sends much: undici's pool, which takes a third of what Node's own
// HTTP takes for a request, and longer to load.
import { Effect, Layer, Option } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import { EncodeError, HttpClientError, TransportError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { Agent } from "undici"
import type { Dispatcher } from "undici"
import * as Http from "./Http.ts"
import { PoolBody } from "./httpPool/PoolBody.ts"
import { PoolResponse } from "./httpPool/PoolResponse.ts"
import type { SettingsError } from "./SettingsError.ts"

// HTTP/1.1, as the command speaks. Milliseconds: a connection is found dead sooner by its owner. One that is not made
// goes on being tried when nobody waits for it any more, so it must not be tried for long.
const options: Agent.Options = {
  allowH2: false,
  keepAliveTimeout: 30_000,
  connect: { timeout: 10_000 }
}

// Who asks says how long it may take. Milliseconds: only of what nobody reads, the pool itself grows tired.
const patience = { headersTimeout: 0, bodyTimeout: 300_000 } as const

const bodyOf = ({
  body
}: HttpClientRequest.HttpClientRequest): string | Uint8Array | null | undefined => {
  if (body._tag === "Empty") return null
  return body._tag === "Uint8Array" ? body.body : undefined
}

interface Target {
  readonly origin: string
  readonly path: string
}

const targetOf = ({ origin, pathname, search }: URL): Target => ({
  origin,
  path: pathname + search
})

// What is the same once it was parsed. Dots are not, percent-encoded ones included.
const plainPath = /^\/[\w/-]*$/

/** Parses addresses; of the host that was asked last, only paths that say more than they show. */
const makeTargets = () => {
  let latest = { start: "", origin: "" }
  return (request: HttpClientRequest.HttpClientRequest): Target | undefined => {
    const { hash, url, urlParams } = request
    const at = url.indexOf("/", url.indexOf("//") + 2)
    const start = url.slice(0, at)
    const path = url.slice(at)
    const isPlain = urlParams.params.length === 0 && Option.isNone(hash) && plainPath.test(path)
    if (isPlain && start === latest.start) return { origin: latest.origin, path }
    const parsed = HttpClientRequest.toUrl(request)
    if (Option.isNone(parsed)) return undefined
    const target = targetOf(parsed.value)
    if (isPlain && target.path === path) latest = { start, origin: target.origin }
    return target
  }
}

const send = (
  agent: Agent,
  request: HttpClientRequest.HttpClientRequest,
  { origin, path }: Target
) =>
  Effect.callback<PoolResponse, HttpClientError>((resume) => {
    let controller: Dispatcher.DispatchController | undefined
    let left: Error | undefined
    let isAnswered = false
    const leave = (error: Error) => {
      left ??= error
      controller?.abort(left)
    }
    const sent = bodyOf(request)
    if (sent === undefined) {
      const description = "only a body that is at hand can be sent"
      const reason = new EncodeError({ request, description })
      return resume(Effect.fail(new HttpClientError({ reason })))
    }
    const body = new PoolBody(leave)
    const { headers, method } = request
    agent.dispatch(
      { origin, path, method, headers, body: sent, ...patience },
      {
        onRequestStart: (started) => {
          controller = started
          if (left !== undefined) started.abort(left)
        },
        onResponseStart: (_, status, headers) => {
          // What comes before the answer itself.
          if (status < 200) return
          isAnswered = true
          const response = new PoolResponse(request, status, headers, body)
          // A small body comes with the headers: then nobody has to wait twice.
          queueMicrotask(() => resume(Effect.succeed(response)))
        },
        onResponseData: (_, chunk) => body.add(chunk),
        onResponseEnd: () => body.end(),
        onResponseError: (_, error) => {
          if (isAnswered) return body.fail(error)
          const reason = new TransportError({ request, cause: error })
          resume(Effect.fail(new HttpClientError({ reason })))
        }
      }
    )
    return Effect.sync(() => leave(new Error("nobody waits for the answer any more")))
  })

const clientOf = (agent: Agent): HttpClient.HttpClient => {
  const traced = HttpClient.make((request, url) => send(agent, request, targetOf(url)))
  const targetFor = makeTargets()
  // Effect's own maker has a span for each request, and watches over each answer for who forgets to read it:
  // mostly nobody collects spans, and here answers are read.
  return HttpClient.makeWith<HttpClientError, never, HttpClientError, never>(
    (preprocessed) =>
      Effect.flatMap(preprocessed, (request) =>
        Effect.withFiber((fiber) => {
          const isUntraced = fiber.getRef(HttpClient.TracerDisabledWhen)(request)
          const target = isUntraced ? targetFor(request) : undefined
          return target === undefined ? traced.execute(request) : send(agent, request, target)
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
