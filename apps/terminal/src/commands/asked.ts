// Which orders `wait` and `watch` are to follow: those of the command line, or a list on stdin.
import type { CustomerId } from "@orderwatch/core/Customer"
import { Effect, Result } from "effect"
import * as args from "../arguments.ts"
import type { CustomerText } from "../arguments.ts"
import type { ExitCode } from "../exitCode.ts"
import { UsageError } from "../failure.ts"
import { begin } from "../following.ts"
import type { Standing } from "../following.ts"
import { isEmpty, orderKey, parse, readStdin } from "../orderList.ts"
import type { Listed } from "../orderList.ts"
import { printError } from "../output.ts"

/** What was written for customer and orders, and whether the rest of a faulty list is followed. */
export interface Written {
  readonly customer: string
  readonly orders: ReadonlyArray<string>
  readonly keepGoing: boolean
}

export interface Asked {
  /** Without a line where it comes from the command line. */
  readonly orders: ReadonlyArray<Pick<Listed, "customer" | "orderId"> & Partial<Listed>>
  /** What the faults of the list add to the exit code. */
  readonly codes: ReadonlyArray<ExitCode>
  readonly keepGoing: boolean
}

// So many that one reads them; a file of another kind has thousands.
const mostNamed = 50

const sayLine = (line: number, message: string) =>
  printError([`orderwatch: line ${line}: ${message}`])

const fromStdin = Effect.fnUntraced(function* ({ keepGoing, orders }: Written) {
  if (orders.length > 0) {
    return yield* new UsageError({ message: "- reads all orders from stdin: give no others." })
  }
  const list = yield* parse(yield* readStdin)
  if (isEmpty(list)) return yield* new UsageError({ message: "stdin names no order." })
  const { malformed } = list
  yield* Effect.forEach(malformed.slice(0, mostNamed), ({ line, message }) =>
    sayLine(line, message)
  )
  if (malformed.length > mostNamed) {
    yield* printError([`orderwatch: and ${malformed.length - mostNamed} more`])
  }
  if (list.orders.length === 0) {
    return yield* new UsageError({ message: "no line of stdin names an order." })
  }
  if (malformed.length > 0 && !keepGoing) {
    return yield* new UsageError({
      message: "nothing is followed: mend the list, or follow the rest of it with --keep-going."
    })
  }
  const asked: Asked = { orders: list.orders, codes: malformed.length > 0 ? [2] : [], keepGoing }
  return asked
})

const fromArguments = Effect.fnUntraced(function* ({ keepGoing, ...written }: Written) {
  const customer = yield* args.parseCustomer(written.customer)
  if (written.orders.length === 0) {
    return yield* new UsageError({ message: "which order? Give its id after the customer." })
  }
  const ids = yield* Effect.forEach(written.orders, args.parseOrder)
  const asked: Asked = {
    orders: ids.map((orderId) => ({ customer, orderId })),
    codes: [],
    keepGoing
  }
  return asked
})

/** The orders as they were written. */
export const asked = (written: Written) =>
  written.customer === "-" ? fromStdin(written) : fromArguments(written)

const nameOf = (customer: CustomerText): string =>
  customer._tag === "Id" ? customer.id : customer.domain.toLowerCase()

/** Each order once, its customer looked up where a domain was written. */
export const resolved = Effect.fnUntraced(function* ({ codes, keepGoing, orders }: Asked) {
  const customers = new Map<string, CustomerId | undefined>()
  const standings = new Map<string, Standing>()
  let isSomeLost = false
  for (const { customer, line, orderId } of orders) {
    const name = nameOf(customer)
    if (!customers.has(name)) {
      const found = yield* Effect.result(args.resolve(customer))
      if (Result.isFailure(found)) {
        const { failure } = found
        const isUnknown =
          failure._tag === "PartnerCenterError" && failure.reason._tag === "CustomerNotFound"
        if (line === undefined || !keepGoing || !isUnknown) return yield* failure
      }
      customers.set(name, Result.isSuccess(found) ? found.success.id : undefined)
    }
    const customerId = customers.get(name)
    if (customerId === undefined) {
      isSomeLost = true
      if (line !== undefined) yield* sayLine(line, `no customer has the domain ${name}`)
      continue
    }
    const key = orderKey(customerId, orderId)
    if (!standings.has(key)) standings.set(key, begin({ customerId, orderId }))
  }
  const all: ReadonlyArray<ExitCode> = isSomeLost ? [...codes, 5] : codes
  return { standings: [...standings.values()], codes: all }
})
