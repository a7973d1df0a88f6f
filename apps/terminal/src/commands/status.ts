// `orderwatch status`: one look at each order.
import type { CustomerId } from "@orderwatch/core/Customer"
import { createdAt } from "@orderwatch/core/Order"
import type { OrderId } from "@orderwatch/core/Order"
import { OrderReport } from "@orderwatch/core/OrderReport"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { toProblem } from "@orderwatch/core/PartnerCenterError"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { Tracker } from "@orderwatch/core/Tracker"
import type { Look } from "@orderwatch/core/Tracker"
import { Effect, Option, Result, Schema } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as args from "../arguments.ts"
import { byReason, byVerdict, worst } from "../exitCode.ts"
import type { ExitCode } from "../exitCode.ts"
import { end, report as reportFailure, UsageError } from "../failure.ts"
import { Json } from "../flags.ts"
import { errorTheme, print, printError, printJson, Streams, view } from "../output.ts"
import { escaped } from "../render/json.ts"
import { problem } from "../render/problem.ts"
import { report } from "../render/report.ts"
import { withServices } from "../session.ts"

const encode = Schema.encodeSync(OrderReport)

interface Seen {
  readonly orderId: OrderId
  readonly look: Result.Result<Look, PartnerCenterError>
}

const jsonOf = (customerId: CustomerId, { look, orderId }: Seen): unknown =>
  Result.match(look, {
    onSuccess: (seen) => encode(seen.report),
    onFailure: (error) => ({ customerId, orderId, problem: toProblem(error) })
  })

/** Looks at the orders, prints what was seen, and ends with what that means. */
export const look = Effect.fnUntraced(function* (options: {
  readonly customerId: CustomerId
  readonly customerName: Option.Option<string>
  readonly orderIds: ReadonlyArray<OrderId>
  readonly isExitStatus: boolean
}) {
  const { customerId, customerName, isExitStatus, orderIds } = options
  const tracker = yield* Tracker
  const seen = yield* Effect.forEach(
    orderIds,
    (orderId) =>
      Effect.map(Effect.result(tracker.look(customerId, orderId)), (look) => ({ orderId, look })),
    { concurrency: 4 }
  )
  if (yield* Json) {
    const all = seen.map((one) => jsonOf(customerId, one))
    yield* printJson(all.length === 1 ? all[0] : all)
  }
  const codes = yield* Effect.forEach(seen, (one, at) =>
    shown(one, { customerName, isFirst: at === 0, isExitStatus, isAlone: seen.length === 1 })
  )
  return yield* end(worst(codes))
})

const shown = Effect.fnUntraced(function* (
  { look, orderId }: Seen,
  options: {
    readonly customerName: Option.Option<string>
    readonly isFirst: boolean
    readonly isAlone: boolean
    readonly isExitStatus: boolean
  }
) {
  if (Result.isFailure(look)) {
    const what = options.isAlone ? undefined : orderId
    yield* printError(problem(look.failure, what, yield* errorTheme))
    return byReason[look.failure.reason._tag] satisfies ExitCode
  }
  const { order, report: found } = look.success
  if (!(yield* Json)) {
    const extra = {
      createdAt: Option.flatMap(order, createdAt),
      customerName: options.customerName
    }
    const lines = report(found, extra, yield* view)
    yield* print(options.isFirst ? lines : ["", ...lines])
  }
  return options.isExitStatus ? byVerdict[found.verdict] : 0
})

const raw = Effect.fnUntraced(function* (customerId: CustomerId, orderId: OrderId) {
  const partnerCenter = yield* PartnerCenter
  const { body } = yield* partnerCenter.provisioningStatus(customerId, orderId)
  const { out } = yield* Streams
  // As it was sent, except where a terminal would act on what is in it.
  yield* print([(out.isTerminal ? escaped(body) : body).replace(/\r?\n$/, "")])
})

export const status = Command.make(
  "status",
  {
    customer: args.customer,
    orders: args.orders,
    exitStatus: Flag.Boolean("exit-status").pipe(
      Flag.withoutNegation,
      Flag.withDescription("End with 0 only when fulfilled: 3 unfulfilled, 8 pending or unknown"),
      Flag.withDefault(false)
    ),
    raw: Flag.Boolean("raw").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Print the body as Partner Center sent it; one order"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* (input) {
    const customer = yield* args.parseCustomer(input.customer)
    const orderIds = yield* Effect.forEach(input.orders, args.parseOrder)
    if (input.raw && (input.exitStatus || (yield* Json))) {
      return yield* new UsageError({ message: "--raw goes without --json and --exit-status." })
    }
    const [first, ...others] = orderIds
    if (input.raw && others.length > 0) {
      return yield* new UsageError({ message: "--raw takes one order." })
    }
    yield* withServices(
      Effect.gen(function* () {
        const { id, name } = yield* args.resolve(customer)
        if (input.raw && first !== undefined) return yield* raw(id, first)
        return yield* look({
          customerId: id,
          customerName: name,
          orderIds,
          isExitStatus: input.exitStatus
        })
      })
    )
  }, Effect.catch(reportFailure))
).pipe(
  Command.withDescription("Look once at where an order's provisioning stands, line by line."),
  Command.withShortDescription("Where an order stands"),
  Command.withExamples([
    {
      command:
        "orderwatch status fabrikam.onmicrosoft.com 9qg-ErcO-4MPbPqq_3MIQaS7bn8W6HfG1 --exit-status",
      description: "Ask a script's question"
    }
  ])
)
