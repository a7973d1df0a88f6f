// A list of orders from elsewhere: lines of `customer order`, CSV, or JSON. Finds out which it is.
import { isGuid } from "@orderwatch/core/Order"
import type { OrderId } from "@orderwatch/core/Order"
import { Effect, Stdio, Stream } from "effect"
import { parseCustomer, parseOrder } from "./arguments.ts"
import type { CustomerText } from "./arguments.ts"
import { UsageError } from "./failure.ts"
import { decode } from "./orderList/decode.ts"
import { isJson, objects } from "./orderList/json.ts"
import { rows } from "./orderList/rows.ts"
import type { Malformed, Written } from "./orderList/written.ts"
import { printError } from "./output.ts"

/** An order, and the line of the list that first names it; lines count from 1. */
export interface Listed {
  readonly line: number
  readonly customer: CustomerText
  readonly orderId: OrderId
}

export interface OrderList {
  /** Each order once, in the list's order. */
  readonly orders: ReadonlyArray<Listed>
  /** By line; the messages can be shown as they are. */
  readonly malformed: ReadonlyArray<Malformed>
}

/** Whether the list names nothing at all, not even something malformed. */
export const isEmpty = ({ malformed, orders }: OrderList): boolean =>
  orders.length === 0 && malformed.length === 0

const folded = (id: string): string => (isGuid(id) ? id.toLowerCase() : id)

/** The same text for the same order: customers and GUIDs compare without case, all else exactly. */
export const orderKey = (customer: string, orderId: OrderId): string =>
  `${customer.toLowerCase()} ${folded(orderId)}`

const named = (customer: CustomerText): string =>
  customer._tag === "Id" ? customer.id : customer.domain

const listed = ({ customer, line, order }: Written) =>
  parseCustomer(customer).pipe(
    Effect.flatMap((customer) =>
      Effect.map(parseOrder(order), (orderId): Listed => ({ line, customer, orderId }))
    ),
    Effect.mapError(({ message }): Malformed => ({ line, message }))
  )

/** The orders of a list, in UTF-8 or UTF-16. A domain and the id of its customer are two customers here. */
export const parse = Effect.fnUntraced(function* (bytes: Uint8Array) {
  const text = decode(bytes)
  const found = isJson(text) ? objects(text) : yield* rows(text)
  const [all, malformed] = yield* Effect.partition(found.written, listed)
  const orders = new Map<string, Listed>()
  for (const one of all) {
    const key = orderKey(named(one.customer), one.orderId)
    if (!orders.has(key)) orders.set(key, one)
  }
  return {
    orders: [...orders.values()],
    malformed: [...found.malformed, ...malformed].toSorted((a, b) => a.line - b.line)
  } satisfies OrderList
})

const most = 16 * 1024 * 1024

/** All of stdin. Fails where it is larger than 16 MiB or cannot be read. */
export const readStdin = Effect.gen(function* () {
  const stdio = yield* Stdio.Stdio
  if (yield* stdio.stdinIsTerminal) {
    yield* printError([
      "Reading orders from the terminal, one `customer order` a line; Ctrl-D ends."
    ])
  }
  const chunks: Array<Uint8Array> = []
  let size = 0
  yield* stdio.stdin.pipe(
    Stream.mapError(() => new UsageError({ message: "the orders cannot be read from stdin." })),
    Stream.runForEach((chunk) => {
      size += chunk.length
      chunks.push(chunk)
      return size <= most
        ? Effect.void
        : Effect.fail(
            new UsageError({ message: "stdin has more than 16 MiB: give the orders in parts." })
          )
    }),
    // Whoever still writes would keep this process alive.
    Effect.onError(() => Effect.sync(() => process.stdin.destroy()))
  )
  return new Uint8Array(Buffer.concat(chunks))
})
