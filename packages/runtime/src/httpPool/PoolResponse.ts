// An answer whose body is gathered as it comes: bodies here are small, and a stream for each costs more than they do.
import { Effect, Inspectable, Option, Stream } from "effect"
import * as Headers from "effect/http/Headers"
import type { HttpClientError } from "effect/http/HttpClientError"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import { pipeArguments } from "effect/Pipeable"

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
  readonly #bytes: Effect.Effect<Buffer, HttpClientError>

  /** `bytes` are the whole body, once it has come. */
  constructor(
    request: HttpClientRequest,
    status: number,
    headers: Sent,
    bytes: (self: PoolResponse) => Effect.Effect<Buffer, HttpClientError>
  ) {
    super()
    this.request = request
    this.status = status
    this.headers = isPlain(headers) ? Headers.fromRecordUnsafe(headers) : Headers.fromInput(headers)
    this.#bytes = Effect.suspend(() => bytes(this))
  }

  get url(): string {
    return this.#web(null).url
  }

  get text() {
    return Effect.map(this.#bytes, (bytes) => bytes.toString("utf8"))
  }

  get json() {
    return Effect.flatMap(this.#whole, ({ json }) => json)
  }

  get arrayBuffer() {
    return Effect.flatMap(this.#whole, ({ arrayBuffer }) => arrayBuffer)
  }

  get urlParamsBody() {
    return Effect.flatMap(this.#whole, ({ urlParamsBody }) => urlParamsBody)
  }

  get formData() {
    return Effect.flatMap(this.#whole, ({ formData }) => formData)
  }

  get stream() {
    return Stream.unwrap(Effect.map(this.#whole, ({ stream }) => stream))
  }

  get cookies() {
    return this.#web(null).cookies
  }

  get upgrade() {
    return this.#web(null).upgrade
  }

  // What nobody here asks for costs nothing until somebody does.
  get #whole() {
    return Effect.map(this.#bytes, (bytes) => this.#web(bytes.length === 0 ? null : bytes))
  }

  #web(body: Buffer | null): HttpClientResponse.HttpClientResponse {
    const { headers, status } = this
    const made = new Response(body === null ? null : new Uint8Array(body), { status, headers })
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
