// The customers and orders that there are: the demo's, and those that scripts added.
import { isWithin } from "./course.ts"
import { type Customer, customers as demoCustomers } from "./customers.ts"
import { demoOrders } from "./demo.ts"
import type { Target } from "./faultPlan.ts"
import type { Fault } from "./faults.ts"
import { idKey, isGuid } from "./guid.ts"
import { isLogin } from "./operation.ts"
import type { Answer, Line, Order, Placed } from "./orders.ts"
import type { Reader } from "./reader.ts"
import { type OrderRow, readScript } from "./readScript.ts"
import type { Time } from "./time.ts"

interface Subscribed {
  readonly placed: Placed
  readonly line: Line
}

export const makeOrderBook = (time: Time) => {
  const startedAt = time.now()
  const demo = () => {
    const empty: Shelf = {
      customers: new Map(demoCustomers.map((each) => [idKey(each.id), each])),
      orders: new Map(),
      ofCustomer: new Map(),
      subscriptions: new Map(),
      answers: []
    }
    for (const order of demoOrders)
      put(empty, { order, beganAt: 0, createdAt: startedAt - order.age })
    return empty
  }
  let shelf = demo()

  const find = (customerId: string, orderId: string) => shelf.orders.get(key(customerId, orderId))

  const findSubscription = (customerId: string, subscriptionId: string) =>
    shelf.subscriptions.get(key(customerId, subscriptionId))

  const ownerOf = ({ customerId, orderId, subscriptionId }: Target) => {
    if (customerId === undefined) return undefined
    if (orderId !== undefined) return find(idKey(customerId), orderId)
    return findSubscription(idKey(customerId), subscriptionId ?? "")?.placed
  }

  return {
    customers: (): ReadonlyArray<Customer> => [...shelf.customers.values()],
    customer: (id: string) => shelf.customers.get(idKey(id)),
    find,
    findSubscription,
    ofCustomer: (customerId: string): ReadonlyArray<Placed> =>
      shelf.ofCustomer.get(customerId) ?? [],

    /** The fault that a script has for a request: its order's own, else everybody's. */
    faultOf: (target: Target): Fault | undefined => {
      const owner = ownerOf(target)
      const elapsed = time.elapsed()
      const own = owner?.order.answers?.find(
        (answer) => isMet(answer, target) && isWithin(answer, elapsed - owner.beganAt)
      )
      const met =
        own ??
        shelf.answers.find(
          ({ answer, beganAt }) => isMet(answer, target) && isWithin(answer, elapsed - beganAt)
        )?.answer
      return met?.fault
    },

    /** Adds all of a script and says how many orders, or throws `Invalid` and adds nothing. */
    add: (script: Reader): number => {
      const read = readScript(script, [...shelf.customers.values()])
      const beganAt = time.elapsed()
      const now = time.now()
      const added: Array<Placed> = []
      const ids = new Set<string>()
      for (const row of read.orders)
        for (const [index, order] of ordersOf(row).entries()) {
          refuseKnown(row, order, shelf, ids)
          const later = index * row.every
          added.push({
            order,
            beganAt: beganAt + later,
            createdAt: now + later - order.age
          })
        }
      for (const each of read.customers) shelf.customers.set(idKey(each.id), each)
      for (const placed of added) put(shelf, placed)
      shelf.answers.push(...read.answers.map((answer) => ({ answer, beganAt })))
      return added.length
    },

    /** Forgets what scripts added. */
    clear: () => {
      shelf = demo()
    }
  }
}

export type OrderBook = ReturnType<typeof makeOrderBook>

interface Shelf {
  readonly customers: Map<string, Customer>
  readonly orders: Map<string, Placed>
  readonly ofCustomer: Map<string, Array<Placed>>
  readonly subscriptions: Map<string, Subscribed>
  readonly answers: Array<{ readonly answer: Answer; readonly beganAt: number }>
}

/** The customer's id as the book writes it, and an id of the customer's. */
const key = (customerId: string, id: string) => `${customerId}/${idKey(id)}`

const put = ({ orders, ofCustomer, subscriptions }: Shelf, placed: Placed) => {
  const { customerId, id, lines } = placed.order
  orders.set(key(customerId, id), placed)
  const others = ofCustomer.get(customerId)
  if (others === undefined) ofCustomer.set(customerId, [placed])
  else others.push(placed)
  for (const line of lines)
    if (line.subscription !== undefined)
      subscriptions.set(key(customerId, line.subscription.id), { placed, line })
}

const refuseKnown = (row: OrderRow, order: Order, shelf: Shelf, added: Set<string>) => {
  const refuse = (name: string, id: string, known: "orders" | "subscriptions") => {
    const itself = key(order.customerId, id)
    if (shelf[known].has(itself) || added.has(`${known}/${itself}`))
      throw row.invalid(name, `${id} is there already`)
    added.add(`${known}/${itself}`)
  }
  refuse("id", order.id, "orders")
  for (const [index, { subscription }] of order.lines.entries())
    if (subscription !== undefined)
      refuse(`lines[${index}].subscription`, subscription.id, "subscriptions")
}

const ordersOf = ({ order, repeat }: OrderRow): ReadonlyArray<Order> =>
  repeat === undefined
    ? [order]
    : Array.from({ length: repeat }, (_, index) => likeness(order, index + 1))

/** The same order under ids of its own; what it can share, it shares. */
const likeness = (order: Order, count: number): Order => ({
  ...order,
  id: derived(order.id, count),
  lines: order.lines.some((line) => line.subscription !== undefined)
    ? order.lines.map((line) => lineLikeness(line, count))
    : order.lines
})

const lineLikeness = (line: Line, count: number): Line => {
  const { subscription } = line
  if (subscription === undefined) return line
  const id = derived(subscription.id, count)
  return { ...line, subscription: { ...subscription, id, linked: id } }
}

/** A GUID counted up in its last block; any other id with a number at its end. */
const derived = (id: string, count: number) => {
  if (!isGuid(id)) return `${id}-${count}`
  const next = (Number.parseInt(id.slice(24), 16) + count) % 16 ** 12
  const guid = id.slice(0, 24) + next.toString(16).padStart(12, "0")
  return id === id.toUpperCase() ? guid.toUpperCase() : guid
}

const isMet = ({ on }: Answer, { operation }: Target) =>
  on === undefined ? !isLogin(operation) : on === operation
