// Reads a script: new customers, orders, and what requests meet.
import { always, type Window } from "./course.ts"
import { type Customer, stranger } from "./customers.ts"
import { longestDuration } from "./duration.ts"
import { readFaultOrder } from "./faultOrders.ts"
import { readFault } from "./faults.ts"
import { idKey, isGuid } from "./guid.ts"
import { operations } from "./operation.ts"
import type { Answer, Order } from "./orders.ts"
import type { Reader } from "./reader.ts"
import { need, readCourse, readLine } from "./readLine.ts"

export interface Script {
  readonly customers: ReadonlyArray<Customer>
  readonly orders: ReadonlyArray<OrderRow>
  readonly answers: ReadonlyArray<Answer>
}

/** An order, or the pattern of many. */
export interface OrderRow {
  readonly order: Order
  /** Undefined: only this one. */
  readonly repeat: number | undefined
  /** ms between the beginnings of two. */
  readonly every: number
  /** To say what is wrong with it. */
  readonly invalid: Reader["invalid"]
}

/** Throws `Invalid` at the first mistake. */
export const readScript = (script: Reader, known: ReadonlyArray<Customer>): Script => {
  const customers: Array<Customer> = []
  for (const each of script.list("customers") ?? [])
    customers.push(readCustomer(each, [...known, ...customers]))
  const find = customerFinder([...known, ...customers])
  const orders = (script.list("orders") ?? []).map((order) => readOrder(order, find))
  const answers = (script.list("answers") ?? []).map(readAnswer)
  script.end()
  return { customers, orders, answers }
}

const readCustomer = (customer: Reader, known: ReadonlyArray<Customer>): Customer => {
  const id = need(customer, "id")
  if (!isGuid(id)) throw customer.invalid("id", "must be a GUID")
  if (idKey(id) === stranger)
    throw customer.invalid("id", "is the tenant that has no relationship to the partner")
  const same = known.find((each) => idKey(each.id) === idKey(id))
  if (same !== undefined) throw customer.invalid("id", `is ${same.name} already`)
  const name = need(customer, "name")
  const slug = name.toLowerCase().replaceAll(/[^a-z\d]/g, "")
  const domain = customer.text("domain") ?? `${slug}.onmicrosoft.com`
  if (!/^[a-z\d-]+(\.[a-z\d-]+)+$/i.test(domain))
    throw customer.invalid("domain", "must be a domain such as contoso.onmicrosoft.com")
  const owner = known.find((each) => each.domain.toLowerCase() === domain.toLowerCase())
  if (owner !== undefined)
    throw customer.invalid("domain", `${domain} is ${owner.name}'s already; give another`)
  customer.end()
  return { id: id.toLowerCase(), name, domain }
}

type Find = (idOrDomain: string) => Customer | undefined

const customerFinder = (customers: ReadonlyArray<Customer>): Find => {
  const byName = new Map(
    customers.flatMap((each) => [
      [each.id.toLowerCase(), each],
      [each.domain.toLowerCase(), each]
    ])
  )
  return (idOrDomain) => byName.get(idOrDomain.toLowerCase())
}

const billingCycles = ["monthly", "annual", "one_time"] as const
const mostRepeated = 100_000
const longestId = 64

const readOrder = (order: Reader, find: Find): OrderRow => {
  const id = need(order, "id")
  const repeat = order.integer("repeat", 1, mostRepeated)
  if (!/^[\w-]+$/.test(id)) throw order.invalid("id", "must be of letters, digits, - and _")
  const longest = repeat === undefined || isGuid(id) ? id.length : `${id}-${repeat}`.length
  if (longest > longestId) throw order.invalid("id", `must be at most ${longestId} characters`)
  if (readFaultOrder(id) !== undefined)
    throw order.invalid("id", "is the name of a fault, which every customer has")
  const named = need(order, "customer")
  const customer = find(named)
  if (customer === undefined)
    throw order.invalid(
      "customer",
      `"${named}" is no id or domain of a customer; new ones go into customers`
    )
  const every = order.duration("every")
  if (every !== undefined && repeat === undefined)
    throw order.invalid("every", "goes with repeat only")
  if ((every ?? 0) * (repeat ?? 1) > longestDuration)
    throw order.invalid("every", "is too long for so many")
  const missing = readWindows(order, "missing")
  const statusMissing = readWindows(order, "statusMissing")
  const attributed = order.flag("attributed")
  const pacific = order.flag("pacific")
  const answers = order.list("answers")?.map(readAnswer)
  const read: Order = {
    id,
    customerId: customer.id,
    shows: order.text("shows") ?? "an order of a script",
    age: order.duration("age") ?? 0,
    status: readCourse(order, (status) => status) ?? always("completed"),
    billingCycle: order.oneOf("billingCycle", billingCycles) ?? "one_time",
    linked: order.flag("linked") ?? true,
    lines: (order.list("lines") ?? []).map(readLine),
    ...(attributed === undefined ? {} : { attributed }),
    ...(pacific === undefined ? {} : { pacific }),
    ...(missing === undefined ? {} : { missing }),
    ...(statusMissing === undefined ? {} : { statusMissing }),
    ...(answers === undefined ? {} : { answers })
  }
  order.end()
  return { order: read, repeat, every: every ?? 0, invalid: order.invalid }
}

const readWindow = (window: Reader): Window => {
  const from = window.duration("from") ?? 0
  const until = window.duration("until") ?? Number.POSITIVE_INFINITY
  if (until <= from) throw window.invalid("until", "must be after from")
  return { from, until }
}

const readWindows = (order: Reader, name: string) =>
  order.list(name)?.map((each) => {
    const window = readWindow(each)
    each.end()
    return window
  })

const readAnswer = (answer: Reader): Answer => {
  const on = answer.oneOf("on", operations)
  const window = readWindow(answer)
  const fault = answer.object("fault")
  if (fault === undefined) throw answer.invalid("fault", "is missing")
  answer.end()
  return { ...window, ...(on === undefined ? {} : { on }), fault: readFault(fault) }
}
