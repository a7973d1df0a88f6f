// What may be typed after `:`, and what a paste may hold. Pure.
import { plain } from "@orderwatch/core/text"
import { isCustomerId, isOrderId, parseCustomer } from "../../arguments.ts"
import type { CustomerText } from "../../arguments.ts"
import type { OrderId } from "@orderwatch/core/Order"
import { Effect, Result } from "effect"

export type Jump =
  | { readonly _tag: "Customers" }
  | { readonly _tag: "Watchlist" }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Quit" }
  | { readonly _tag: "Orders"; readonly customer: CustomerText }
  | { readonly _tag: "Order"; readonly customer: CustomerText; readonly orderId: OrderId }
  | { readonly _tag: "Unclear"; readonly message: string }

const unclear = (message: string): Jump => ({ _tag: "Unclear", message })

const customerOf = (text: string): CustomerText | undefined =>
  Result.getOrUndefined(Effect.runSync(Effect.result(parseCustomer(text))))

const orderOf = (customer: string, order: string): Jump => {
  const whose = customerOf(customer)
  if (whose === undefined) return unclear(`“${short(customer)}” is no customer id or domain`)
  return isOrderId(order)
    ? { _tag: "Order", customer: whose, orderId: order }
    : unclear(`“${short(order)}” is no order id`)
}

const ordersOf = (customer: string): Jump => {
  const whose = customerOf(customer)
  return whose === undefined
    ? unclear(`“${short(customer)}” is no customer id or domain`)
    : { _tag: "Orders", customer: whose }
}

const short = (text: string): string => plain(text.slice(0, 200)).slice(0, 40)

const places = {
  customers: "Customers",
  c: "Customers",
  watchlist: "Watchlist",
  w: "Watchlist",
  help: "Help",
  "?": "Help",
  quit: "Quit",
  q: "Quit"
} as const
const isPlace = (word: string): word is keyof typeof places => Object.hasOwn(places, word)

/** Where the line leads. `order` and `orders` may be left out before what is clearly one. */
export const parse = (line: string): Jump => {
  const words = line.trim().split(/[\s,;]+/)
  const [first = "", second, third, ...rest] = words
  if (rest.length > 0) return unclear("too many words: order CUSTOMER ORDER")
  const word = first.toLowerCase()
  if (isPlace(word) && second === undefined) return { _tag: places[word] }
  if (word === "orders" || word === "order") {
    if (second === undefined)
      return unclear(`${word === "order" ? "order CUSTOMER ORDER" : "orders DOMAIN"}: which?`)
    return third === undefined ? ordersOf(second) : orderOf(second, third)
  }
  if (third !== undefined) return unclear(`there is no “${short(first)}”`)
  if (second !== undefined) return orderOf(first, second)
  return isCustomerId(first) || first.includes(".")
    ? ordersOf(first)
    : unclear(`there is no “${short(first)}”: customers, orders, order, watchlist, help, quit`)
}

// Nothing that one means to go to is longer.
const longest = 1000

/** A line to type, of what was pasted: its first one, without what a terminal acts on. */
export const pastedLine = (text: string): string =>
  plain(
    text
      .slice(0, longest)
      .trim()
      .split(/[\r\n]/, 1)[0] ?? ""
  ).slice(0, 400)

/** Where a paste leads, if it names an order or a customer. */
export const pasted = (text: string): Jump | undefined => {
  const line = pastedLine(text)
  const found = parse(line)
  const isOne = found._tag === "Order" || found._tag === "Orders"
  return isOne ? found : undefined
}
