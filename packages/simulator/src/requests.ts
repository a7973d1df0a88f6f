// The log of what was asked: enough for a test to check manners, and no secret.
import type { Operation } from "./operation.ts"
import { makeRequestCounts } from "./requestCounts.ts"
import { fingerprint } from "./token.ts"

export interface RequestRecord {
  /** Epoch ms of the simulator's clock. */
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: string
  readonly operation?: Operation
  readonly headers: Readonly<Record<string, string>>
  /** A short hash of the bearer token: equal tokens, equal hashes. */
  readonly token?: string
  /** Names of the form's fields, never their values. */
  readonly form?: ReadonlyArray<string>
  /** What was answered; 0 for a reset; absent while it is being answered. */
  readonly status?: number
}

const kept = [
  "accept",
  "content-type",
  "host",
  "ms-continuationtoken",
  "ms-correlationid",
  "ms-partnercenter-application",
  "ms-requestid",
  "traceparent",
  "user-agent",
  "x-locale"
]

export const makeRequestLog = (now: () => number, firstKeep = 10_000) => {
  const counts = makeRequestCounts(now)
  let keep = firstKeep
  let records: Array<RequestRecord> = []
  const newest = () => (keep === 0 ? [] : records.slice(-keep))

  // Clients seldom change their token: one hash serves for many requests.
  let last = { token: "", hash: "" }
  const hashOf = async (token: string) => {
    if (last.token === token) return last.hash
    const hash = await fingerprint(token)
    last = { token, hash }
    return hash
  }

  return {
    list: (): ReadonlyArray<RequestRecord> => newest(),
    counts: () => counts.tell(),
    /** How many of the newest are kept; with 0 they are only counted. */
    setKept: (most: number) => {
      keep = most
      records = newest()
    },
    clear: () => {
      records = []
      counts.clear()
    },
    /** Records a request; the answer's status follows by the returned function. */
    add: async (
      request: Request,
      at: number,
      operation?: Operation,
      form?: URLSearchParams
    ): Promise<(status: number) => void> => {
      counts.add(operation ?? "other")
      if (keep === 0) return ignore
      const { pathname, search } = new URL(request.url)
      const authorization = request.headers.get("authorization")
      const token = authorization?.replace(/^bearer +/i, "")
      const record: { -readonly [Key in keyof RequestRecord]: RequestRecord[Key] } = {
        at,
        method: request.method,
        path: pathname,
        query: search,
        headers: Object.fromEntries(
          kept.flatMap((name) => {
            const value = request.headers.get(name)
            return value === null ? [] : [[name, value]]
          })
        ),
        ...(operation === undefined ? {} : { operation }),
        ...(token ? { token: await hashOf(token) } : {}),
        ...(form === undefined ? {} : { form: [...form.keys()] })
      }
      records.push(record)
      if (records.length > 2 * keep) records = newest()
      return (status) => {
        record.status = status
      }
    }
  }
}

const ignore = () => {}

export type RequestLog = ReturnType<typeof makeRequestLog>
