// An HttpClient for tests: answers from a script, records what it was asked. No network, no clock of
// its own.
import { Context, Effect, Layer } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"

/** A request as it was sent. Header names are lower-case; `form` are the fields of a form body. */
export interface Recorded {
  readonly method: string
  readonly url: string
  /** The path without query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
}

/**
 * What a request is answered with: a status (default 200), headers and a body (a string as it is,
 * anything else as JSON) — or what can happen instead: no connection, a server whose certificate is
 * not accepted, an answer whose body is cut short after its headers, or silence.
 */
export type Scripted =
  | {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: unknown
    }
  | "reset"
  | "untrusted"
  | "cut"
  | "silence"

/** Answers a request; an Effect may wait first. */
export type Handler = (
  request: Recorded,
  /** How many requests to this path came before. */
  count: number
) => Scripted | Effect.Effect<Scripted>

/** The requests that a `layer` of this module was asked, in order. */
export class Requests extends Context.Service<
  Requests,
  { readonly all: Effect.Effect<ReadonlyArray<Recorded>> }
>()("@orderwatch/core/testing/Requests") {}

/** An `HttpClient` that answers by the handler, and the `Requests` that it was asked. */
export const layer = (handler: Handler): Layer.Layer<HttpClient.HttpClient | Requests> =>
  Layer.unwrap(
    Effect.sync(() => {
      const requests: Array<Recorded> = []
      const client = HttpClient.make((request, url) =>
        Effect.gen(function* () {
          const recorded = record(request, url)
          const count = requests.filter(({ path }) => path === recorded.path).length
          requests.push(recorded)
          const scripted = handler(recorded, count)
          return yield* answer(request, Effect.isEffect(scripted) ? yield* scripted : scripted)
        })
      )
      return Layer.mergeAll(
        Layer.succeed(HttpClient.HttpClient, client),
        Layer.succeed(Requests, { all: Effect.sync(() => [...requests]) })
      )
    })
  )

/** A handler that answers each path by a list, whose last entry stays. Unlisted paths are a 404. */
export const script =
  (paths: Readonly<Record<string, ReadonlyArray<Scripted>>>): Handler =>
  ({ path }, count) => {
    const answers = paths[path] ?? []
    return answers[Math.min(count, answers.length - 1)] ?? { status: 404, body: {} }
  }

// The global of every runtime that has `fetch`; core's own types know no DOM.
declare const Response: new (
  body: string | null,
  init: { readonly status: number; readonly headers: Readonly<Record<string, string>> }
) => Parameters<typeof HttpClientResponse.fromWeb>[1]
declare const URLSearchParams: new (text: string) => Iterable<[string, string]>

const withoutBody: ReadonlyArray<number> = [101, 204, 205, 304]

const answer = (
  request: HttpClientRequest,
  scripted: Scripted
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> => {
  if (scripted === "silence") return Effect.never
  if (scripted === "reset" || scripted === "untrusted") {
    const cause =
      scripted === "reset"
        ? Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })
        : Object.assign(new Error("self-signed certificate"), {
            code: "DEPTH_ZERO_SELF_SIGNED_CERT"
          })
    const reason = new HttpClientError.TransportError({ request, cause })
    return Effect.fail(new HttpClientError.HttpClientError({ reason }))
  }
  const { body, headers, status } =
    scripted === "cut" ? { body: "{", headers: {}, status: 200 } : scripted
  const text = body === undefined || typeof body === "string" ? (body ?? "") : JSON.stringify(body)
  const code = status ?? 200
  const response = HttpClientResponse.fromWeb(
    request,
    new Response(withoutBody.includes(code) ? null : text, { status: code, headers: headers ?? {} })
  )
  if (scripted !== "cut") return Effect.succeed(response)
  const cause = Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" })
  const reason = new HttpClientError.DecodeError({ request, response, cause })
  return Effect.succeed(
    Object.create(response, {
      text: { get: () => Effect.fail(new HttpClientError.HttpClientError({ reason })) }
    })
  )
}

const record = (
  request: HttpClientRequest,
  url: {
    readonly href: string
    readonly pathname: string
    readonly searchParams: Iterable<[string, string]>
  }
): Recorded => {
  const { body } = request
  const text = body._tag === "Uint8Array" ? decode(body.body) : ""
  const isForm = body._tag === "Uint8Array" && body.contentType.includes("urlencoded")
  return {
    method: request.method,
    url: url.href,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...request.headers },
    form: isForm ? Object.fromEntries(new URLSearchParams(text)) : {}
  }
}

declare const TextDecoder: new () => { readonly decode: (bytes: Uint8Array) => string }
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
