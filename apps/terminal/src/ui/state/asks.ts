// What is asked of Partner Center for the screens, and only while one of them shows it.
import type { CustomerId } from "@orderwatch/core/Customer"
import type { Order } from "@orderwatch/core/Order"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { Tracker } from "@orderwatch/core/Tracker"
import type { KnownOrder, Look } from "@orderwatch/core/Tracker"
import { Cause, Duration, Effect, Option, Result, Schedule, Semaphore, Stream } from "effect"
import * as AsyncResult from "effect/reactivity/AsyncResult"
import * as Atom from "effect/reactivity/Atom"
import type * as AtomRegistry from "effect/reactivity/AtomRegistry"
import { isCustomerId } from "../../arguments.ts"
import { orderKey } from "../../orderList.ts"
import { placedAt } from "../../render/order.ts"
import { after, unseen } from "./following.ts"
import type { Following, News } from "./following.ts"
import type { Target, Whom } from "./screen.ts"
import type { Store } from "./store.ts"

export const keyOf = ({ customer, orderId }: Target): string => orderKey(customer.id, orderId)

/** A row that is only passed by is not asked about. */
const rest = Duration.millis(250)
const later = Duration.seconds(60)
const pageSize = 100
const searchRest = Duration.millis(300)

// One atom for each key, made when it is first wanted.
const byKey = <Arg, A>(key: (arg: Arg) => string, make: (arg: Arg) => A) => {
  const made = new Map<string, A>()
  return (arg: Arg): A => {
    const name = key(arg)
    const known = made.get(name)
    if (known !== undefined) return known
    const fresh = make(arg)
    made.set(name, fresh)
    return fresh
  }
}

export interface Listed {
  readonly orders: ReadonlyArray<Order>
  readonly observedAt: KnownOrder["observedAt"]
}

export const makeAsks = (store: Store) => {
  const services = Atom.runtime((get) => get(store.session).layer)
  const few = Effect.runSync(Semaphore.make(4))

  const heed = (cause: Cause.Cause<unknown>): void => {
    if (Cause.hasDies(cause)) store.escape(Cause.squash(cause))
  }
  /** The result; an error of our own in it goes to who ends the program. */
  const sound = <A, E>(result: AsyncResult.AsyncResult<A, E>): AsyncResult.AsyncResult<A, E> => {
    if (AsyncResult.isFailure(result)) heed(result.cause)
    return result
  }

  /** All customers, a page at a time: setting it asks for the next page. */
  const customers = Atom.keepAlive(
    services.pull(
      Stream.unwrap(Effect.map(PartnerCenter, (center) => center.customers({ size: pageSize })))
    )
  )

  /** Customers whose name or domain begins so, for those that are on no page yet. */
  const found = byKey(
    (text: string) => text,
    (text) =>
      services.atom(
        Effect.gen(function* () {
          yield* Effect.sleep(searchRest)
          const center = yield* PartnerCenter
          const pages = yield* Effect.forEach(["CompanyName", "Domain"] as const, (field) =>
            center.customersPage({ size: 50, filter: { field, startsWith: text } })
          )
          return pages.flatMap(({ value }) => value.items ?? [])
        })
      )
  )

  /** The customer's orders, the newest first. */
  const orders = byKey(
    (customer: CustomerId) => customer.toLowerCase(),
    (customer) =>
      Atom.setIdleTTL(
        services.atom(
          Effect.gen(function* () {
            const center = yield* PartnerCenter
            const { observedAt, value } = yield* center.orders(customer)
            const dated = (value.items ?? []).map((order) => ({ order, at: placedAt(order) }))
            const sorted = dated.toSorted((a, b) => (a.at === b.at ? 0 : b.at - a.at))
            return { orders: sorted.map(({ order }) => order), observedAt } satisfies Listed
          })
        ),
        "10 minutes"
      )
  )

  /** The order as it was last seen, by whichever screen. */
  const seen = byKey(keyOf, (_: Target) =>
    Atom.keepAlive(Atom.make<Result.Result<Look, PartnerCenterError> | undefined>(undefined))
  )
  /** Another number whenever one of them has changed. */
  const sightings = Atom.keepAlive(Atom.make(0))
  const known = new Map<string, KnownOrder>()

  const remember = (
    get: Atom.AtomContext,
    target: Target,
    look: Result.Result<Look, PartnerCenterError>
  ) => {
    get.set(seen(target), look)
    get.set(sightings, get.once(sightings) + 1)
  }

  /** One look, for a row that stays in sight; and again while it has not settled. */
  const look = byKey(keyOf, (target: Target) =>
    services.atom((get) => {
      const last = get.once(seen(target))
      if (get(store.isPaused)) return Stream.never
      if (last !== undefined && Result.isSuccess(last) && last.success.report.settled)
        return Stream.succeed(last)
      const once = Effect.gen(function* () {
        yield* Effect.sleep(rest)
        const tracker = yield* Tracker
        const order = known.get(keyOf(target))
        const asked = tracker.look(target.customer.id, target.orderId, { order })
        return yield* Effect.result(few.withPermits(1)(asked))
      }).pipe(Effect.tapCause((cause) => Effect.sync(() => heed(cause))))
      return Stream.fromEffectSchedule(once, Schedule.spaced(later)).pipe(
        Stream.takeUntil((one) => Result.isSuccess(one) && one.success.report.settled),
        Stream.tap((one) => Effect.sync(() => remember(get, target, one)))
      )
    })
  )

  /** What is known of those that are or were followed, by key. */
  const followed = new Map<string, Following>()

  /** The order, followed for as long as somebody wants to know. */
  const follow = byKey(keyOf, (target: Target) =>
    services.atom((get) => {
      const key = keyOf(target)
      const { interval } = get.once(store.session)
      if (get(store.isPaused)) return Stream.never
      const news = Stream.unwrap(
        Effect.map(Tracker, (tracker) =>
          tracker.follow(target.customer.id, target.orderId, { interval })
        )
      ).pipe(Stream.catch((error) => Stream.succeed<News>({ _tag: "Failed", error })))
      return news.pipe(
        Stream.scan(() => followed.get(key) ?? unseen, after),
        Stream.tap((now) =>
          Effect.sync(() => {
            const before = followed.get(key)
            followed.set(key, now)
            if (now.latest !== undefined && now.latest !== before?.latest)
              remember(get, target, Result.succeed(now.latest))
          })
        )
      )
    })
  )

  const following = byKey(keyOf, (target: Target) =>
    Atom.readable((get): Following =>
      AsyncResult.getOrElse(sound(get(follow(target))), () => followed.get(keyOf(target)) ?? unseen)
    )
  )

  /** The order, looked at anew. */
  const again = (registry: AtomRegistry.AtomRegistry, target: Target): void => {
    const key = keyOf(target)
    const known = followed.get(key)
    if (known !== undefined) followed.set(key, { ...known, error: undefined, next: undefined })
    registry.refresh(follow(target))
  }

  /** The customers that are on a page so far. */
  const customersKnown = Atom.readable((get): ReadonlyArray<Whom> => {
    const pages = AsyncResult.getOrElse(get(customers), () => undefined)
    return (pages?.items ?? []).flatMap(({ companyProfile, id }) =>
      isCustomerId(id)
        ? [{ id, name: companyProfile?.companyName, domain: companyProfile?.domain }]
        : []
    )
  })

  /** The customer with that domain, as upstream knows it. */
  const lookUp = (
    registry: AtomRegistry.AtomRegistry,
    domain: string,
    done: (found: Result.Result<Whom, PartnerCenterError>) => void
  ): void => {
    const asked = services.atom(
      Effect.gen(function* () {
        const center = yield* PartnerCenter
        const { companyProfile, id } = yield* center.customerByDomain(domain)
        return isCustomerId(id)
          ? Option.some<Whom>({ id, name: companyProfile?.companyName, domain })
          : Option.none<Whom>()
      }).pipe(Effect.result)
    )
    const stop = registry.subscribe(
      asked,
      (result) => {
        sound(result)
        if (!AsyncResult.isSuccess(result) || result.waiting) return
        queueMicrotask(() => stop())
        const found = result.value
        if (Result.isFailure(found)) done(Result.fail(found.failure))
        else if (Option.isSome(found.success)) done(Result.succeed(found.success.value))
      },
      { immediate: true }
    )
  }

  return {
    services,
    sound,
    again,
    customersKnown,
    lookUp,
    customers,
    found,
    orders,
    seen,
    sightings,
    known,
    look,
    follow,
    following,
    followed
  }
}

export type Asks = ReturnType<typeof makeAsks>
