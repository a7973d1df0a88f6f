// What the screen that is shown has in its list, or as its text: everything of it, of which a window is drawn.
import type { Customer } from "@orderwatch/core/Customer"
import type { Order } from "@orderwatch/core/Order"
import { make, PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { plain } from "@orderwatch/core/text"
import { SettingsError } from "@orderwatch/runtime/SettingsError"
import { Result } from "effect"
import * as AsyncResult from "effect/reactivity/AsyncResult"
import * as Atom from "effect/reactivity/Atom"
import { isCustomerId, isOrderId } from "../../arguments.ts"
import { contents } from "../../render/order.ts"
import { wrap } from "../../render/text.ts"
import { spoken, unbroken } from "../components/spoken.ts"
import { helpLines } from "../views/help.ts"
import { orderLines } from "../views/order.ts"
import { problemLines } from "../views/problem.ts"
import { signInLines } from "../views/signIn.ts"
import { welcomeLines } from "../views/welcome.ts"
import type { Kept } from "../watchlistFile.ts"
import { keyOf } from "./asks.ts"
import type { Asks, Listed } from "./asks.ts"
import { isFault } from "./following.ts"
import type { Following } from "./following.ts"
import { topOf } from "./screen.ts"
import type { Screen, Target, Whom } from "./screen.ts"
import type { SignIns } from "./signIn.ts"
import type { Store } from "./store.ts"

export interface CustomerRow {
  readonly _tag: "Customer"
  readonly key: string
  /** Absent where the customer's id cannot be asked for. */
  readonly whom: Whom | undefined
  readonly name: string
  readonly domain: string
  readonly isRecent: boolean
}

export interface OrderRow {
  readonly _tag: "Order"
  readonly key: string
  readonly target: Target | undefined
  readonly order: Order
}

export interface WatchedRow {
  readonly _tag: "Watched"
  readonly key: string
  readonly target: Target
  readonly following: Following
}

export interface TextRow {
  readonly _tag: "Text"
  readonly key: string
  readonly text: string
}

export type Row = CustomerRow | OrderRow | WatchedRow | TextRow

/** Whether it is still coming, and why it does not. */
export interface Loading {
  readonly isWaiting: boolean
  readonly error: PartnerCenterError | undefined
  /** Whether there is more to ask for than what is here. */
  readonly isMore: boolean
}

const idle: Loading = { isWaiting: false, error: undefined, isMore: false }
const empty: ReadonlyArray<never> = []

// The same answer for the same question: a list of thousands is not made anew for every key.
const lastly = <Args extends ReadonlyArray<unknown>, A>(f: (...args: Args) => A) => {
  let known: { readonly args: Args; readonly value: A } | undefined
  return (...args: Args): A => {
    if (known === undefined || !known.args.every((arg, at) => Object.is(arg, args[at])))
      known = { args, value: f(...args) }
    return known.value
  }
}

const customerRow = (customer: Customer, isRecent: boolean): CustomerRow => {
  const { companyProfile, id } = customer
  const name = companyProfile?.companyName
  const domain = companyProfile?.domain
  return {
    _tag: "Customer",
    key: id.toLowerCase(),
    whom: isCustomerId(id) ? { id, name, domain } : undefined,
    name: plain(name ?? "—"),
    domain: plain(domain ?? "—"),
    isRecent
  }
}

const has = (filter: string, ...texts: ReadonlyArray<string>): boolean =>
  texts.some((text) => text.toLowerCase().includes(filter))

const customerRows = (
  loaded: ReadonlyArray<Customer>,
  found: ReadonlyArray<Customer>,
  recent: Kept["recent"],
  filter: string
): ReadonlyArray<CustomerRow> => {
  const wanted = filter.trim().toLowerCase()
  const first = recent.map(({ domain, id, name }) =>
    customerRow(
      {
        id,
        companyProfile: {
          ...(name !== undefined && { companyName: name }),
          ...(domain !== undefined && { domain })
        }
      },
      true
    )
  )
  const rows = new Map(first.map((row) => [row.key, row]))
  for (const customer of [...loaded, ...found]) {
    const row = customerRow(customer, false)
    if (!rows.has(row.key)) rows.set(row.key, row)
  }
  const all = [...rows.values()]
  return wanted === "" ? all : all.filter((row) => has(wanted, row.name, row.domain, row.key))
}

const orderRows = (
  { observedAt, orders }: Listed,
  customer: Whom,
  known: Asks["known"]
): ReadonlyArray<OrderRow> =>
  orders.map((order, at) => {
    const target = isOrderId(order.id) ? { customer, orderId: order.id } : undefined
    const key = target === undefined ? `${at} ${order.id}` : keyOf(target)
    known.set(key, { value: order, observedAt })
    return { _tag: "Order", key, target, order }
  })

const errorOf = (
  result: AsyncResult.AsyncResult<unknown, unknown>
): PartnerCenterError | undefined => {
  const error = AsyncResult.error(result)
  if (error._tag === "None") return undefined
  if (error.value instanceof PartnerCenterError) return error.value
  return error.value instanceof SettingsError
    ? new PartnerCenterError({
        operation: "customers",
        reason: make({
          _tag: "Unavailable",
          description: error.value.message,
          remedy: "Mend the setting, and start again."
        }),
        support: {}
      })
    : undefined
}

const concern = ({ error, latest }: Following): number => {
  if (error !== undefined) return 0
  if (latest === undefined) return 2
  return isFault(latest.report) ? 0 : latest.report.settled ? 3 : 1
}

export const makeRows = (store: Store, asks: Asks, signIns: SignIns) => {
  const customersOf = lastly(customerRows)
  const ordersOf = lastly(orderRows)
  const narrowed = lastly((rows: ReadonlyArray<OrderRow>, filter: string) => {
    const wanted = filter.trim().toLowerCase()
    return wanted === ""
      ? rows
      : rows.filter(({ order }) => has(wanted, order.id, contents(order), order.status ?? ""))
  })

  const customers = (get: Atom.AtomContext, filter: string) => {
    const pages = asks.sound(get(asks.customers))
    const loaded = AsyncResult.getOrElse(pages, () => undefined)
    const isDone = loaded?.done === true
    const text = filter.trim().toLowerCase()
    // What is on no page yet, only upstream can find.
    const asked = text.length >= 2 && loaded !== undefined && !isDone ? asks.found(text) : undefined
    const found = asked === undefined ? undefined : asks.sound(get(asked))
    const rows = customersOf(
      loaded?.items ?? empty,
      found === undefined ? empty : AsyncResult.getOrElse(found, () => empty),
      get(store.kept).recent,
      filter
    )
    const isWaiting =
      AsyncResult.isWaiting(pages) || (found !== undefined && AsyncResult.isWaiting(found))
    const error = errorOf(pages) ?? (found === undefined ? undefined : errorOf(found))
    return { rows, loading: { isWaiting, error, isMore: !isDone && loaded !== undefined } }
  }

  const orders = (
    get: Atom.AtomContext,
    { customer, place }: Extract<Screen, { _tag: "Orders" }>
  ) => {
    const result = asks.sound(get(asks.orders(customer.id)))
    const listed = AsyncResult.getOrElse(result, () => undefined)
    const loading = {
      isWaiting: AsyncResult.isWaiting(result),
      error: errorOf(result),
      isMore: false
    }
    if (listed === undefined) return { rows: empty, loading }
    const all = narrowed(ordersOf(listed, customer, asks.known), place.filter)
    if (!place.isFaultsOnly) return { rows: all, loading }
    get(asks.sightings)
    // Those that nobody has seen yet may be faults, too.
    const rows = all.filter(({ target }) => {
      const seen = target === undefined ? undefined : get.once(asks.seen(target))
      return seen === undefined || Result.isFailure(seen) || isFault(seen.success.report)
    })
    return { rows, loading }
  }

  const watched = (get: Atom.AtomContext, { filter, isFaultsOnly }: Screen["place"]) => {
    const wanted = filter.trim().toLowerCase()
    const rows = get(store.kept).watched.map(
      ({ customerId, customerName, orderId }): WatchedRow => {
        const target = { customer: { id: customerId, name: customerName }, orderId }
        return {
          _tag: "Watched",
          key: keyOf(target),
          target,
          following: get(asks.following(target))
        }
      }
    )
    return rows
      .filter(
        ({ following, target }) =>
          has(wanted, target.orderId, target.customer.name ?? "", target.customer.id) &&
          (!isFaultsOnly || concern(following) === 0)
      )
      .toSorted((a, b) => concern(a.following) - concern(b.following))
  }

  const order = (get: Atom.AtomContext, { isRaw, target }: Extract<Screen, { _tag: "Order" }>) => {
    const seen = get(asks.seen(target))
    return orderLines({
      target,
      following: get(asks.following(target)),
      look: seen !== undefined && Result.isSuccess(seen) ? seen.success : undefined,
      isRaw,
      isPaused: get(store.isPaused),
      isWatched: get(store.kept).watched.some(
        (one) => keyOf({ customer: { id: one.customerId }, orderId: one.orderId }) === keyOf(target)
      ),
      isSpoken: store.isSpoken,
      columns: store.isSpoken ? unbroken : get(store.size).columns,
      // Read aloud, it would be begun anew every second.
      now: get(store.isSpoken ? store.minutes : store.seconds),
      theme: store.theme
    })
  }

  const textOf = (lines: ReadonlyArray<string>, columns: number): ReadonlyArray<TextRow> =>
    (store.isSpoken ? lines.flatMap((line) => wrap(spoken(line), columns)).filter(Boolean) : lines)
      // Nothing to read is no line to stop at.
      .map((line, at) => ({ _tag: "Text", key: String(at), text: line }))

  const made = Atom.readable(
    (get): { readonly rows: ReadonlyArray<Row>; readonly loading: Loading } => {
      const screen = topOf(get(store.stack))
      const { theme } = store
      const size = get(store.size)
      const columns = store.isSpoken ? unbroken : size.columns
      const text = (lines: ReadonlyArray<string>) => textOf(lines, size.columns)
      switch (screen._tag) {
        case "Customers":
          return customers(get, screen.place.filter)
        case "Orders":
          return orders(get, screen)
        case "Watchlist":
          return { rows: watched(get, screen.place), loading: idle }
        case "Order":
          return { rows: text(order(get, screen)), loading: idle }
        case "Help":
          return { rows: text(helpLines({ columns, theme })), loading: idle }
        case "Problem":
          return {
            rows: text(problemLines(screen.error, screen.what, { columns, theme })),
            loading: idle
          }
        case "Welcome":
          return { rows: text(welcomeLines({ columns, theme, said: screen.said })), loading: idle }
        case "SignIn": {
          const step = get(signIns.step(screen))
          return {
            rows: text(
              signInLines(step, {
                columns,
                theme,
                isSpoken: store.isSpoken,
                now: get(store.isSpoken ? store.minutes : store.seconds)
              })
            ),
            loading: idle
          }
        }
      }
    }
  )
  const all = Atom.readable((get) => {
    try {
      return get(made)
    } catch (error) {
      store.escape(error)
      throw error
    }
  })
  return { all }
}

export type Rows = ReturnType<typeof makeRows>
