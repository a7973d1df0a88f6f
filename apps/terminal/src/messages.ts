// What `wait` and `watch` say to a program: one JSON object a line, the version first, the result last.
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import { OrderHistory } from "@orderwatch/core/OrderHistory"
import { OrderReport, Verdict } from "@orderwatch/core/OrderReport"
import { Problem, toProblem } from "@orderwatch/core/PartnerCenterError"
import { Why } from "@orderwatch/core/PollPlan"
import { version } from "@orderwatch/core/version"
import { Console, Schema } from "effect"
import type { ExitCode } from "./exitCode.ts"
import type { News, Standing } from "./following.ts"
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
  /** It is no longer followed; the others are. */
  notice("failed", { problem: Problem }),
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

/** News of an order as a message. */
export const fromNews = (
  { customerId, orderId }: Pick<Standing, "customerId" | "orderId">,
  news: News
): Message => {
  const about = { type: "notice", customerId, orderId } as const
  switch (news._tag) {
    case "Changed":
      return { type: "report", ...news.report, customerId, orderId, history: news.history }
    case "NextLook":
      return { ...about, notice: "nextLook", at: news.at, why: news.why }
    case "Failed":
      return { ...about, notice: "failed", problem: toProblem(news.error) }
    case "Retrying":
      return { ...about, notice: "retrying", problem: toProblem(news.error) }
    case "Throttled":
      return {
        ...about,
        notice: "throttled",
        until: news.until,
        problem: toProblem(news.error)
      }
    case "NotVisibleYet":
      return {
        ...about,
        notice: "notVisibleYet",
        until: news.until,
        problem: toProblem(news.error)
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
