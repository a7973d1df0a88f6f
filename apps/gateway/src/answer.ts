// An answer before it becomes a Response: plain headers, so that the adapter can add its own cheaply.

import type { Support } from "@orderwatch/core/Support"

/** What is answered, whoever renders it. */
export interface Answer {
  readonly status: number
  /** Names are lower-case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | ReadableStream<Uint8Array> | null
  /** The ids of what upstream answered, for the log. */
  readonly support?: Support | undefined
}

/** Of JSON. */
export const contentType = "application/json; charset=utf-8"

/** 200 with a body that is JSON already. */
export const json = (body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  headers: { "content-type": contentType, ...headers },
  body
})

/** 200 with a page, in UTF-8. */
export const html = (body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  headers: { "content-type": "text/html; charset=utf-8", ...headers },
  body
})

/** An answer without a body. */
export const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers,
  body: null
})

/** A `Response` of the answer. Throws a `RangeError` or a `TypeError` where the status or a header is none. */
export const toResponse = ({ body, headers, status }: Answer): Response =>
  new Response(body, { status, headers })
