// What `wait` and `watch` say to a program: one JSON object a line, the version first, the result last.
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import { OrderHistory } from "@orderwatch/core/OrderHistory"
import { OrderReport, Verdict } from "@orderwatch/core/OrderReport"
import { Problem, toProblem } from "@orderwatch/core/PartnerCenterError"
import { Why } from "@orderwatch/core/PollPlan"
import type { FollowEvent } from "@orderwatch/core/Tracker"
import { version } from "@orderwatch/core/version"
import { Console, Schema } from "effect"
import type { ExitCode } from "./exitCode.ts"
import type { Standing } from "./following.ts"
import { escaped } from "./render/json.ts"

const which = { customerId: CustomerId, orderId: OrderId }
const time = Schema.DateTimeUtcFromString

const notice = <const Name extends string, Fields extends Schema.Struct.Fields>(
  name: Name,
  fields: Fields
) =>
  Schema.Struct({
    type: Schema.Literal("notice"),
    notice: Schema.Literal(name),
    ...which,
    ...fields
  })

/** Fields may be added, and kinds of notices: whoever reads this ignores what it does not know. */
export const Message = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("version"),
    orderwatch: Schema.String,
    /** Another number only where a field has changed its meaning. */
    schema: Schema.Literal(1)
  }),
  /** Where an order stands: at first, and whenever that has changed. */
  Schema.Struct({ type: Schema.Literal("report"), ...OrderReport.fields, history: OrderHistory }),
  notice("nextLook", { at: time, why: Why }),
  notice("retrying", { problem: Problem }),
  notice("throttled", { until: time, problem: Problem }),
  notice("notVisibleYet", { until: time, problem: Problem }),
  Schema.Struct({
    type: Schema.Literal("result"),
    exitCode: Schema.Int,
    /** An order that was never seen is `unknown`. */
    orders: Schema.Array(
      Schema.Union([
        Schema.Struct({ ...which, problem: Problem }),
        Schema.Struct({ ...which, verdict: Verdict })
      ])
    )
  })
])
export type Message = typeof Message.Type

const encode = Schema.encodeSync(Message)

/** Prints the message as one line. */
export const printMessage = (message: Message) =>
  Console.log(escaped(JSON.stringify(encode(message))))

/** What is said before everything else. */
export const first: Message = { type: "version", orderwatch: version, schema: 1 }

/** An event of an order as a message. */
export const fromEvent = (
  { customerId, orderId }: Pick<Standing, "customerId" | "orderId">,
  event: FollowEvent
): Message => {
  const about = { type: "notice", customerId, orderId } as const
  switch (event._tag) {
    case "Changed":
      return { type: "report", ...event.report, customerId, orderId, history: event.history }
    case "NextLook":
      return { ...about, notice: "nextLook", at: event.at, why: event.why }
    case "Retrying":
      return { ...about, notice: "retrying", problem: toProblem(event.error) }
    case "Throttled":
      return {
        ...about,
        notice: "throttled",
        until: event.until,
        problem: toProblem(event.error)
      }
    case "NotVisibleYet":
      return {
        ...about,
        notice: "notVisibleYet",
        until: event.until,
        problem: toProblem(event.error)
      }
  }
}

/** What is said last. */
export const result = (standings: ReadonlyArray<Standing>, exitCode: ExitCode): Message => ({
  type: "result",
  exitCode,
  orders: standings.map(({ customerId, error, latest, orderId }) =>
    error === undefined
      ? { customerId, orderId, verdict: latest?.report.verdict ?? "unknown" }
      : { customerId, orderId, problem: toProblem(error) }
  )
})
