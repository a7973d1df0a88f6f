// What every request passes before and after its answer: log, method, faults.
import type { Context } from "hono"
import type { Target } from "./faultPlan.ts"
import type { Fault } from "./faults.ts"
import { inflict } from "./inflict.ts"
import { either } from "./login/clients.ts"
import type { Operation } from "./operation.ts"
import type { RequestLog } from "./requests.ts"
import type { Clock } from "./time.ts"
import { type Exchange, exchange, fail, type FailOptions } from "./wire.ts"

/** What a door may lend to the app: a socket's can be dropped. */
export interface Door {
  readonly Bindings: { readonly hangUp?: () => void }
}

export interface Call {
  readonly request: Request
  readonly at: Exchange
  /** Where the request arrived: scheme, host and port. */
  readonly origin: string
  readonly query: URLSearchParams
  /** Empty unless the request is a form. */
  readonly form: URLSearchParams
  /** A part of the path, decoded. */
  readonly param: (name: string) => string
}

export interface GateOptions {
  readonly clock: Clock
  readonly faultOf: (target: Target) => Fault | undefined
  readonly log: RequestLog
}

export const makeGate =
  ({ clock, faultOf, log }: GateOptions) =>
  (
    operation: Operation,
    methods: ReadonlyArray<"GET" | "POST">,
    reply: (call: Call) => Response | Promise<Response>
  ) =>
  async (context: Context<Door>): Promise<Response> => {
    const request = context.req.raw
    const at = exchange(request, clock.now())
    const url = new URL(request.url)
    const form = methods.includes("POST") ? await readForm(request) : undefined
    const done = await log.add(request, at.now, operation, form)
    const respond = async () => {
      if (!methods.some((method) => method === request.method))
        return fail(at, 0, notAllowed(methods))
      const call: Call = {
        request,
        at,
        origin: url.origin,
        query: url.searchParams,
        form: form ?? new URLSearchParams(),
        param: (name) => context.req.param(name) ?? ""
      }
      const fault = faultOf({
        operation,
        path: url.pathname + url.search,
        customerId: context.req.param("customer"),
        orderId: context.req.param("order"),
        subscriptionId: context.req.param("subscription")
      })
      const next = async () => reply(call)
      if (fault === undefined) return next()
      const struck = {
        operation,
        at,
        signal: request.signal,
        clientId: either.id,
        hangUp: context.env.hangUp
      }
      return inflict(fault, struck, clock, next)
    }
    const response = await respond()
    done(response.status)
    return response
  }

const notAllowed = (methods: ReadonlyArray<string>): FailOptions => ({
  status: 405,
  form: "C",
  description: "The requested resource does not support this method.",
  headers: { Allow: methods.join(", ") }
})

const readForm = async (request: Request) => {
  const isForm = request.headers
    .get("content-type")
    ?.toLowerCase()
    .startsWith("application/x-www-form-urlencoded")
  return new URLSearchParams(isForm ? await request.text() : "")
}
