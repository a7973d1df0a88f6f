// `orderwatch orders`: a customer's orders, newest first.
import { createdAt } from "@orderwatch/core/Order"
import type { Order } from "@orderwatch/core/Order"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { plain } from "@orderwatch/core/text"
import { DateTime, Effect, Option } from "effect"
import * as Command from "effect/cli/Command"
import * as args from "../arguments.ts"
import { report } from "../failure.ts"
import { result, view } from "../output.ts"
import { contents, placedAgo, placedAt } from "../render/order.ts"
import { table } from "../render/text.ts"
import { withServices } from "../session.ts"

export const orders = Command.make(
  "orders",
  { customer: args.customer },
  Effect.fnUntraced(function* (input) {
    const customer = yield* args.parseCustomer(input.customer)
    yield* withServices(
      Effect.gen(function* () {
        const partnerCenter = yield* PartnerCenter
        const { id } = yield* args.resolve(customer)
        const { value } = yield* partnerCenter.orders(id)
        const found = (value.items ?? []).toSorted((a, b) => placedAt(b) - placedAt(a))
        yield* result(
          () => found.map((order) => json(id, order)),
          Effect.map(view, (view) =>
            found.length === 0
              ? ["No orders. A new one can take 15 minutes to be listed."]
              : table(
                  [
                    { title: "Order" },
                    { title: "Placed", isRight: true },
                    { title: "Order status" },
                    { title: "Contents", isFlexible: true }
                  ],
                  found.map((order) => [
                    { text: plain(order.id) },
                    { text: placedAgo(order, view.now) },
                    { text: plain(order.status ?? "—") },
                    { text: contents(order) }
                  ]),
                  view
                )
          )
        )
      })
    )
  }, Effect.catch(report))
).pipe(
  Command.withDescription(
    "List a customer's orders, newest first. The order status says nothing of provisioning: ask `status`."
  ),
  Command.withShortDescription("A customer's orders")
)

const json = (customerId: string, order: Order) => ({
  customerId,
  orderId: order.id,
  orderStatus: order.status,
  orderedAt: Option.getOrUndefined(Option.map(createdAt(order), DateTime.formatIso)),
  lines: (order.lineItems ?? []).map((line, position) => ({
    lineItemNumber: line.lineItemNumber ?? position,
    name: line.friendlyName,
    offerId: line.offerId,
    ordered: line.quantity
  }))
})
