// Does to an answer what a fault says.
import { usualCode } from "./errors.ts"
import type { Fault } from "./faults.ts"
import { loginFailure, secretWrong, transient } from "./loginErrors.ts"
import { isLogin, type Operation } from "./operation.ts"
import { documentStatus } from "./document.ts"
import type { Clock } from "./time.ts"
import { answer, type Exchange, fail, jsonType, ok, okText } from "./wire.ts"

export interface Struck {
  readonly operation: Operation
  readonly at: Exchange
  readonly signal: AbortSignal
  readonly clientId: string
  /** Drops the connection, where there is one. */
  readonly hangUp: (() => void) | undefined
}

/** The answer under a fault. A reset is `Response.error()`: the doors make a dead socket of it. */
export const inflict = async (
  fault: Fault,
  struck: Struck,
  clock: Clock,
  next: () => Promise<Response>
): Promise<Response> => {
  const { at, signal } = struck
  const byLogin = isLogin(struck.operation)
  switch (fault.kind) {
    case "latency":
      await clock.sleep(fault.ms, signal)
      return next()
    case "slowBody": {
      const wait = () => clock.sleep(fault.ms / 8, signal)
      return piecemeal(await next(), (body) => slice(body, 8), wait, struck.hangUp)
    }
    case "reset":
      return Response.error()
    case "cut": {
      // Long enough for what was written to leave before the socket goes.
      const half = (body: Uint8Array<ArrayBuffer>) => slice(body, 2).slice(0, 1)
      const wait = async () => {
        await clock.sleep(20, signal)
        throw cutOff()
      }
      return piecemeal(await next(), half, wait, struck.hangUp)
    }
    case "throttled":
      return throttled(fault, at, byLogin)
    case "status":
      if (byLogin) return withRetryAfter(loginFailure(transient(fault.status), at.now), fault)
      return withRetryAfter(fail(at, fault.code ?? usualCode(fault.status), fault), fault)
    case "html":
      return answer(at, fault.status, "text/html", html(fault.status))
    case "truncated": {
      const whole = await (await next()).text()
      return okText(at, whole.slice(0, Math.ceil(whole.length * 0.6)))
    }
    case "wrongJson":
      return wrongJson(fault.as, struck)
    case "redirect":
      return answer(at, fault.status, "text/html", "", { Location: fault.location })
    case "empty":
      return answer(at, fault.status, jsonType, "")
    case "unauthorized":
      if (byLogin) return loginFailure(secretWrong(struck.clientId), at.now)
      return fail(at, fault.code, { ...fault, status: 401 })
    case "body":
      return answer(at, fault.status, fault.contentType, fault.body)
    case "login":
      return loginFailure({ ...fault, text: fault.description }, at.now)
  }
}

const throttled = (
  { form, retryAfter }: Fault & { readonly kind: "throttled" },
  at: Exchange,
  byLogin: boolean
) => {
  const until = new Date(at.now + retryAfter * 1000).toUTCString()
  const header = { seconds: String(retryAfter), date: until, body: undefined }[form]
  const headers: Record<string, string> = header === undefined ? {} : { "Retry-After": header }
  if (byLogin) {
    const failure = loginFailure(transient(429), at.now)
    for (const [name, value] of Object.entries(headers)) failure.headers.set(name, value)
    return failure
  }
  const description = `Rate limit is exceeded. Try again in ${retryAfter} seconds.`
  return fail(at, 429, { status: 429, form: "C", description, headers })
}

const withRetryAfter = (response: Response, { retryAfter }: { readonly retryAfter?: number }) => {
  if (retryAfter !== undefined) response.headers.set("Retry-After", String(retryAfter))
  return response
}

const wrongJson = (as: "resource" | "array" | "error", { operation, at }: Struck) => {
  if (as === "array") return ok(at, [{ lineItemNumber: 0, status: "fulfilled" }])
  if (as === "error")
    return ok(at, { code: 400072, description: "The item is not available.", data: [] })
  if (operation === "subscriptionProvisioningStatus") return okText(at, documentStatus)
  return ok(at, {
    skuId: "6FD2C87F-B296-42F0-B197-1E91E994B900",
    status: "success",
    quantity: 5,
    endDate: "2018-05-10T00:00:00Z",
    attributes: { objectType: "SubscriptionProvisioningStatus" }
  })
}

const html = (status: number) =>
  `<html>\r\n<head><title>${status} Bad Gateway</title></head>\r\n<body>\r\n<center><h1>${status} Bad Gateway</h1></center>\r\n<hr><center>Microsoft-Azure-Application-Gateway/v2</center>\r\n</body>\r\n</html>\r\n`

const slice = (body: Uint8Array<ArrayBuffer>, pieces: number) => {
  const length = Math.max(1, Math.ceil(body.length / pieces))
  return Array.from({ length: Math.ceil(body.length / length) }, (_, index) =>
    body.slice(index * length, (index + 1) * length)
  )
}

// As Node's fetch words it when the other side goes away in the middle of a body.
const cutOff = () =>
  new TypeError("terminated", {
    cause: Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" })
  })

/** The same answer with its body sent bit by bit, Content-Length kept; a failed wait ends it. */
const piecemeal = async (
  whole: Response,
  divide: (body: Uint8Array<ArrayBuffer>) => Array<Uint8Array<ArrayBuffer>>,
  wait: () => Promise<void>,
  hangUp: (() => void) | undefined
) => {
  const pieces = divide(new Uint8Array(await whole.arrayBuffer()))
  let isFirst = true
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: async (controller) => {
        try {
          if (!isFirst) await wait()
          isFirst = false
          const piece = pieces.shift()
          if (piece === undefined) controller.close()
          else controller.enqueue(piece)
        } catch (error) {
          // The server would log a stream's error, so where there is a connection it is dropped.
          if (hangUp === undefined) return controller.error(error)
          hangUp()
          controller.close()
        }
      }
    },
    { highWaterMark: 0 }
  )
  return new Response(body, { status: whole.status, headers: whole.headers })
}
