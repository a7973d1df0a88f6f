// `orderwatch --demo` alone: every sample order on a terminal, the document's order elsewhere.
import type { Order } from "@orderwatch/core/Order"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { isNotFound, title } from "@orderwatch/core/PartnerCenterError"
import { plain } from "@orderwatch/core/text"
import { Tracker } from "@orderwatch/core/Tracker"
import { Effect, Option, Result, Stream } from "effect"
import { isCustomerId, isOrderId } from "../arguments.ts"
import { print, Streams, view } from "../output.ts"
import { Json } from "../flags.ts"
import { contents, placedAgo } from "../render/order.ts"
import { table } from "../render/text.ts"
import type { Cell } from "../render/text.ts"
import { withServices } from "../session.ts"
import { shown } from "../theme.ts"
import { look } from "./status.ts"

/** What the demo shows to who gives no command. */
export const demo = Effect.gen(function* () {
  const { out } = yield* Streams
  if (out.isTerminal && !(yield* Json)) return yield* withServices(overview)
  const { sample } = yield* Effect.promise(() => import("../demo.ts"))
  return yield* withServices(
    look({
      customerId: sample.customerId,
      customerName: Option.none(),
      orderIds: [sample.orderId],
      isExitStatus: false
    })
  )
})

// Who came by a package script has no command of that name.
const command =
  process.env["npm_lifecycle_event"] === undefined ? "orderwatch" : "npx -y pnpm@12 orderwatch"

const overview = Effect.gen(function* () {
  const partnerCenter = yield* PartnerCenter
  const found = yield* Stream.runCollect(partnerCenter.customers())
  const listed = yield* Effect.forEach(
    found,
    (customer) =>
      isCustomerId(customer.id)
        ? partnerCenter.orders(customer.id).pipe(
            Effect.map(({ value }) => value.items ?? []),
            // A customer without a relationship has its place among the samples.
            Effect.orElseSucceed(() => []),
            Effect.map((orders) => orders.map((order) => ({ customer, order })))
          )
        : Effect.succeed([]),
    { concurrency: 8 }
  )
  const rows = yield* Effect.forEach(
    listed.flat(),
    ({ customer, order }) =>
      Effect.map(row(customer.id, order), (cells) => [
        { text: plain(customer.companyProfile?.companyName ?? "—") },
        ...cells
      ]),
    { concurrency: 8 }
  )
  const shownView = yield* view
  yield* print([
    shownView.theme.strong("Sample orders of the simulator"),
    "",
    ...table(
      [
        { title: "Customer", isFlexible: true },
        { title: "Order" },
        { title: "State" },
        { title: "Units", isRight: true },
        { title: "Placed", isRight: true, isOptional: true },
        { title: "Contents", isFlexible: true, least: 16, isOptional: true }
      ],
      rows,
      shownView
    ),
    "",
    `Look closer:  ${command} status --demo contoso.onmicrosoft.com 5cf72f146967`,
    `All commands: ${command} --help`
  ])
})

const row = Effect.fnUntraced(function* (customerId: string, order: Order) {
  const { now } = yield* view
  const placed = placedAgo(order, now)
  const cells = (state: Cell, units: string): ReadonlyArray<Cell> => [
    { text: plain(order.id) },
    state,
    { text: units },
    { text: placed },
    { text: contents(order) }
  ]
  const tracker = yield* Tracker
  if (!isCustomerId(customerId) || !isOrderId(order.id)) {
    return cells({ text: "? no id", style: "unsure" }, "—")
  }
  return Result.match(yield* Effect.result(tracker.report(customerId, order.id)), {
    onFailure: ({ reason }) =>
      isNotFound(reason)
        ? cells({ text: "… not visible yet", style: "wait" }, "—")
        : cells({ text: `✖ ${title(reason)}`, style: "bad" }, "—"),
    onSuccess: ({ units, verdict }) => {
      const { glyph, style, word } = shown(verdict)
      return cells({ text: `${glyph} ${word}`, style }, `${units.fulfilled}/${units.total}`)
    }
  })
})
