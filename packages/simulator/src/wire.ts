// Answers as Partner Center sends them: its headers, a BOM on 200 bodies, none on errors.
import { errorBody, errorRow, type Form } from "./errors.ts"

/** What of a request comes back in the headers of its answer. */
export interface Exchange {
  readonly requestId: string
  readonly correlationId: string
  readonly locale: string
  readonly now: number
}

export const exchange = (request: Request, now: number): Exchange => ({
  requestId: request.headers.get("MS-RequestId") ?? crypto.randomUUID(),
  correlationId: request.headers.get("MS-CorrelationId") ?? crypto.randomUUID(),
  locale: request.headers.get("X-Locale") ?? "en-US",
  now
})

const encoder = new TextEncoder()
const bodiless: ReadonlySet<number> = new Set([204, 205, 304])
const bom = "\uFEFF"

/** Any body under Partner Center's headers. */
export const answer = (
  at: Exchange,
  status: number,
  contentType: string,
  text: string,
  more: Readonly<Record<string, string>> = {}
) => {
  const body = encoder.encode(text)
  return new Response(bodiless.has(status) ? null : body, {
    status,
    headers: {
      "Content-Type": contentType,
      ...(bodiless.has(status) ? {} : { "Content-Length": String(body.length) }),
      "MS-RequestId": at.requestId,
      "MS-CorrelationId": at.correlationId,
      "MS-CV": `${at.requestId.replace(/[^A-Za-z0-9]/g, "").slice(0, 16)}.0`,
      "MS-ServerId": "030020344",
      "X-Locale": at.locale,
      "Request-Context": "appId=cid-v1:03ce8ca8-8373-4021-8f25-d5dd45c7b12f",
      Date: new Date(at.now).toUTCString(),
      ...more
    }
  })
}

export const jsonType = "application/json; charset=utf-8"

/** A 200 with exactly this JSON text behind a BOM. */
export const okText = (at: Exchange, text: string) => answer(at, 200, jsonType, bom + text)

export const ok = (at: Exchange, value: unknown) => okText(at, JSON.stringify(value))

/** What a failed answer may say otherwise than the row of its code. */
export interface FailOptions {
  readonly status?: number | undefined
  readonly form?: Form | undefined
  readonly description?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export const fail = (at: Exchange, code: number, options: FailOptions = {}) => {
  const row = errorRow(code)
  const words = { ...row, description: options.description ?? row.description }
  const status = options.status ?? row.status
  const body = errorBody(options.form ?? row.form, status, code, words)
  const challenge: Record<string, string> =
    status === 401
      ? { "WWW-Authenticate": "OAuth realm=urn:cpsvc:cpid:03ce8ca8-8373-4021-8f25-d5dd45c7b12f" }
      : {}
  return answer(at, status, jsonType, JSON.stringify(body), { ...challenge, ...options.headers })
}
