// The log of what was asked: enough for a test to check manners, and no secret.
import type { Operation } from "./operation.ts"
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

const most = 10_000

export const makeRequestLog = () => {
  let records: Array<RequestRecord> = []
  return {
    list: (): ReadonlyArray<RequestRecord> => records,
    clear: () => {
      records = []
    },
    /** Records a request; the answer's status follows by the returned function. */
    add: async (
      request: Request,
      at: number,
      operation?: Operation,
      form?: URLSearchParams
    ): Promise<(status: number) => void> => {
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
        ...(token ? { token: await fingerprint(token) } : {}),
        ...(form === undefined ? {} : { form: [...form.keys()] })
      }
      records.push(record)
      if (records.length > most) records.shift()
      return (status) => {
        record.status = status
      }
    }
  }
}

export type RequestLog = ReturnType<typeof makeRequestLog>
