// An answer before it becomes a Response: plain headers, so that the adapter can add its own cheaply.

import type { Support } from "@orderwatch/core/Support"

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

export const json = (body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  headers: { "content-type": contentType, ...headers },
  body
})

export const html = (body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  headers: { "content-type": "text/html; charset=utf-8", ...headers },
  body
})

export const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers,
  body: null
})

export const toResponse = ({ body, headers, status }: Answer): Response =>
  new Response(body, { status, headers })
