// An order of a list as a person reads it: when it was placed, and what it is of.
import { createdAt } from "@orderwatch/core/Order"
import type { Order } from "@orderwatch/core/Order"
import { plain } from "@orderwatch/core/text"
import { Option } from "effect"
import type { DateTime } from "effect"
import { ago } from "./text.ts"

/** When an order was placed, in milliseconds since the epoch; long ago where nobody knows. */
export const placedAt = (order: Order): number =>
  Option.match(createdAt(order), {
    onNone: () => Number.NEGATIVE_INFINITY,
    onSome: (at) => at.epochMilliseconds
  })

/** How long ago an order was placed. */
export const placedAgo = (order: Order, now: DateTime.Utc): string =>
  Option.match(createdAt(order), {
    onNone: () => "—",
    onSome: (at) => ago(at.epochMilliseconds, now.epochMilliseconds)
  })

/** What an order is of: its first line's name, and how many more there are. */
export const contents = ({ lineItems }: Order): string => {
  const [first, ...others] = lineItems ?? []
  if (first === undefined) return "no lines"
  const name = plain(first.friendlyName ?? first.offerId ?? "—")
  return others.length === 0 ? name : `${name} and ${others.length} more`
}
