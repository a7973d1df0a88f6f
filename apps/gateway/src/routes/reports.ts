// `POST /v1/reports`: many orders at once, each with its own report or its own problem.
import { Effect, Schema } from "effect"
import { mayAsk } from "../access.ts"
import type { Caller } from "../access.ts"
import { json } from "../answer.ts"
import { asFreshAs } from "../fresh.ts"
import { readText } from "../body.ts"
import { Looks } from "../looks.ts"
import { CallerNotAllowed, toProblem } from "../problem.ts"
import type { Call, Path } from "../route.ts"
import { accepting, decodeCustomer, decodeOrder, FailedReport, reportsRequestOf } from "../wire.ts"
import type { Wanted } from "../wire.ts"

const atOnce = 8

const encodeFailed = Schema.encodeSync(Schema.fromJsonString(FailedReport))

const look = Effect.fnUntraced(function* (caller: Caller, { customerId, orderId }: Wanted) {
  const customer = yield* decodeCustomer(customerId)
  const order = yield* decodeOrder(orderId)
  if (!mayAsk(caller, customer)) return yield* new CallerNotAllowed()
  const looks = yield* Looks
  return (yield* looks.now(customer, order)).body
})

const one = (caller: Caller, wanted: Wanted) =>
  look(caller, wanted).pipe(
    Effect.catch((failure) =>
      Effect.succeed(encodeFailed({ ...wanted, problem: toProblem(failure) }))
    )
  )

const reports = Effect.fnUntraced(function* (call: Call) {
  yield* accepting(call, "application/json")
  const { orders } = yield* reportsRequestOf(yield* readText(call.raw))
  const results = yield* asFreshAs(call)(
    Effect.forEach(orders, (wanted) => one(call.caller, wanted), { concurrency: atOnce })
  )
  return json(`{"results":[${results.join(",")}]}`, {
    "cache-control": "no-store",
    vary: "Authorization"
  })
})

export const path: Path<Looks> = {
  path: "/v1/reports",
  isUpstreams: false,
  isOpen: false,
  methods: { POST: { run: reports } }
}
