// What a path of the gateway is: who may ask, and what answers it by method.
import type { Clock, Context, Duration, Effect } from "effect"
import type { Caller } from "./access.ts"
import type { Answer } from "./answer.ts"
import type { Asked, CallerThrottled, Failure } from "./problem.ts"
import type { SentHeaders } from "./sent.ts"

/** The methods that a path may take. DELETE is for the watches to come; until then every path refuses it. */
export const everyMethod = ["GET", "POST", "DELETE"] as const
export type Method = (typeof everyMethod)[number]

const known: ReadonlyArray<string> = everyMethod

/** Whether a path may take the method; letter case counts, as it does in HTTP. */
export const isMethod = (text: string): text is Method => known.includes(text)

/** Those methods as headers name them: HEAD goes with GET. */
export const named = (methods: ReadonlyArray<string>): ReadonlyArray<string> =>
  methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))

/** A request as routes see it. */
export interface Request {
  readonly raw: globalThis.Request
  /** A segment of the path, percent-decoded; one that cannot be decoded as it was sent. */
  readonly param: (name: string) => string
  readonly header: (name: string) => string | undefined
  readonly headers: SentHeaders
  readonly asked: Asked
  /** From where it comes, as far as the socket says. */
  readonly address: string
  readonly clock: Clock.Clock
}

/** One request, once it is known who asks. */
export interface Call extends Request {
  readonly caller: Caller
  /** Takes the rest of what a batch of so many orders is worth; the answer tells what is left after it. */
  readonly payFor: (count: number) => CallerThrottled | undefined
}

/** How one method of a path is answered. It cannot fail with what nobody can render. */
export interface Route<R> {
  /**
   * The answer, from the services that the adapter was given. An `Exit`, where nothing has to be waited for,
   * is answered with at once: no fiber, no timer.
   */
  readonly run: (call: Call, services: Context.Context<R>) => Effect.Effect<Answer, Failure, R>
  /** How much longer than others this request may take, where it is a long poll. */
  readonly patience?: (request: Request) => Duration.Duration
}

/** A path, as Hono writes it, and what it answers by method. HEAD goes with GET. */
export interface Path<R> {
  readonly path: string
  /** Whether the path is upstream's own, whose clients look for `code` and `description`. */
  readonly isUpstreams: boolean
  /** Whether everybody is answered, without being asked who they are. */
  readonly isOpen: boolean
  readonly methods: Readonly<Partial<Record<Method, Route<R>>>>
}
