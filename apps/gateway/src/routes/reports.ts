// `POST /v1/reports`: many orders at once, each with its own report or its own problem.
import { Duration, Effect, Schema } from "effect"
import { mayAsk } from "../access.ts"
import type { Caller } from "../access.ts"
import { json } from "../answer.ts"
import { atMostOf } from "../fresh.ts"
import { readText } from "../body.ts"
import { Looks } from "../looks.ts"
import { CallerNotAllowed, DeadlinePassed, toProblem } from "../problem.ts"
import type { Call, Path } from "../route.ts"
import { GatewaySettings } from "../settings.ts"
import { steadyMillis } from "../steady.ts"
import { accepting, decodeCustomer, decodeOrder, FailedReport, reportsRequestOf } from "../wire.ts"
import type { Wanted } from "../wire.ts"

const atOnce = 8

const encodeFailed = Schema.encodeSync(Schema.fromJsonString(FailedReport))

const look = Effect.fnUntraced(function* (
  caller: Caller,
  { customerId, orderId }: Wanted,
  atMost: number
) {
  const customer = yield* decodeCustomer(customerId)
  const order = yield* decodeOrder(orderId)
  if (!mayAsk(caller, customer)) return yield* new CallerNotAllowed()
  const looks = yield* Looks
  return (yield* looks.now(customer, order, atMost)).body
})

// One that takes long must not cost the others their answer.
const one = (caller: Caller, wanted: Wanted, atMost: number, until: number) =>
  Effect.flatMap(steadyMillis, (now) =>
    Effect.timeoutOrElse(look(caller, wanted, atMost), {
      duration: Duration.millis(Math.max(0, until - now)),
      orElse: () => Effect.fail(new DeadlinePassed())
    })
  ).pipe(
    Effect.catch((failure) =>
      Effect.succeed(encodeFailed({ ...wanted, problem: toProblem(failure) }))
    )
  )

const reports = Effect.fnUntraced(function* (call: Call) {
  yield* accepting(call, "application/json")
  const { orders } = yield* reportsRequestOf(yield* readText(call.raw))
  const refused = call.payFor(orders.length)
  if (refused !== undefined) return yield* refused
  const { deadline } = yield* GatewaySettings
  const until = (yield* steadyMillis) + Duration.toMillis(deadline)
  const atMost = atMostOf(call)
  const results = yield* Effect.forEach(
    orders,
    (wanted) => one(call.caller, wanted, atMost, until),
    { concurrency: atOnce }
  )
  return json(`{"results":[${results.join(",")}]}`, {
    "cache-control": "no-store",
    vary: "Authorization"
  })
})

export const path: Path<GatewaySettings | Looks> = {
  path: "/v1/reports",
  isUpstreams: false,
  isOpen: false,
  methods: { POST: { run: reports } }
}
