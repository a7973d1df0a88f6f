// An answer of the pool. Its body is gathered as it comes: bodies here are small, and Node's stream for each costs
// more than they do.
import { Effect, Inspectable, Option, Stream } from "effect"
import * as Headers from "effect/http/Headers"
import { DecodeError, HttpClientError } from "effect/http/HttpClientError"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import { pipeArguments } from "effect/Pipeable"
import type { PoolBody } from "./PoolBody.ts"

type Sent = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

// Nearly all are; names are lower-case already.
const isPlain = (headers: Sent): headers is Readonly<Record<string, string>> => {
  for (const name in headers) if (typeof headers[name] !== "string") return false
  return true
}

/** An answer of the pool. `headers` are named in lower-case. */
export class PoolResponse
  extends Inspectable.Class
  implements HttpClientResponse.HttpClientResponse
{
  readonly [HttpIncomingMessage.TypeId]: typeof HttpIncomingMessage.TypeId =
    HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: typeof HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly remoteAddress = Option.none()
  readonly request: HttpClientRequest
  readonly status: number
  readonly headers: Headers.Headers
  readonly #body: PoolBody

  constructor(request: HttpClientRequest, status: number, headers: Sent, body: PoolBody) {
    super()
    this.request = request
    this.status = status
    this.headers = isPlain(headers) ? Headers.fromRecordUnsafe(headers) : Headers.fromInput(headers)
    this.#body = body
  }

  get url(): string {
    return this.#web(null).url
  }

  get text() {
    return Effect.map(this.#whole, (bytes) => bytes.toString("utf8"))
  }

  get json() {
    return Effect.flatMap(this.#whole, (bytes) => this.#web(bytes).json)
  }

  get arrayBuffer() {
    return Effect.flatMap(this.#whole, (bytes) => this.#web(bytes).arrayBuffer)
  }

  get urlParamsBody() {
    return Effect.flatMap(this.#whole, (bytes) => this.#web(bytes).urlParamsBody)
  }

  get formData() {
    return Effect.flatMap(this.#whole, (bytes) => this.#web(bytes).formData)
  }

  get stream() {
    return Stream.mapError(this.#body.pieces, (cause) => this.#cut(cause))
  }

  get cookies() {
    return this.#web(null).cookies
  }

  get upgrade() {
    return this.#web(null).upgrade
  }

  get #whole() {
    return Effect.mapError(this.#body.whole, (cause) => this.#cut(cause))
  }

  #cut(cause: Error): HttpClientError {
    return new HttpClientError({
      reason: new DecodeError({ request: this.request, response: this, cause })
    })
  }

  // What nobody here asks for costs nothing until somebody does. Not every status may have a body there.
  #web(body: Buffer | null): HttpClientResponse.HttpClientResponse {
    const headers = new globalThis.Headers(this.headers)
    const made = new Response(body === null ? null : new Uint8Array(body), { headers })
    return HttpClientResponse.fromWeb(this.request, made)
  }

  toJSON(): unknown {
    return HttpIncomingMessage.inspect(this, {
      _id: "HttpClientResponse",
      request: this.request.toJSON(),
      status: this.status
    })
  }

  pipe() {
    return pipeArguments(this, arguments)
  }
}
