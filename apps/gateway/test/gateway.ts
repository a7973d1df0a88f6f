// A gateway over a Partner Center that a test owns: what it answers, how long it takes, what it was asked.
import { Budget } from "@orderwatch/core/Budget"
import type { CustomersPage } from "@orderwatch/core/Customer"
import type { Order, Orders } from "@orderwatch/core/Order"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { make as reasonOf, PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import type { Operation, Reason, ReasonTag } from "@orderwatch/core/PartnerCenterError"
import type { OrderProvisioningStatus } from "@orderwatch/core/ProvisioningStatus"
import type { Support } from "@orderwatch/core/Support"
import type { Answer } from "@orderwatch/core/Transport"
import { Context, DateTime, Duration, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { Access } from "../src/access.ts"
import type { Caller } from "../src/access.ts"
import { app } from "../src/app.ts"
import { Closing } from "../src/closing.ts"
import { Limits } from "../src/limits.ts"
import { Looks } from "../src/looks.ts"
import { Unauthenticated } from "../src/problem.ts"
import { Pulse } from "../src/pulse.ts"
import { GatewaySettings } from "../src/settings.ts"
import type { GatewaySettingsShape } from "../src/settings.ts"

export const customer = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
export const other = "b0d70a69-4c42-4b27-b17b-91a835d8686a"
export const order = "34828C05-C16C-4D6F-9CFC-4D2650EF19A1"
export const base = `/v1/customers/${customer}/orders/${order}`

export const settings: GatewaySettingsShape = {
  host: "127.0.0.1",
  port: 8780,
  freshFor: Duration.seconds(10),
  settledFreshFor: Duration.minutes(5),
  hosts: [],
  origins: [],
  keysFile: Option.none(),
  oidc: Option.none(),
  callerRequestsPerMinute: 1_000_000,
  maxStreams: 100,
  deadline: Duration.seconds(60),
  shutdownWithin: Duration.seconds(10),
  publicUrl: Option.none()
}

export const failing = (operation: Operation, reason: Exclude<ReasonTag, "Throttled"> | Reason) =>
  new PartnerCenterError({
    operation,
    reason: typeof reason === "string" ? reasonOf({ _tag: reason }) : reason,
    support: { requestId: "upstream-request", correlationId: "upstream-correlation" }
  })

/** What upstream answers. A test changes it as it likes. */
export interface Upstream {
  /** The document's line by its word, or a failure. */
  status: OrderProvisioningStatus | PartnerCenterError
  order: Order | PartnerCenterError
  orders: Orders | PartnerCenterError
  /** The words of older licence orders' subscriptions, by their ids. */
  subscriptions: Readonly<Record<string, string>>
  customers: (token: string | undefined) => CustomersPage | PartnerCenterError
  /** What an answer says of its exchange, beside its ids. */
  support?: Support
  /** How long every answer takes. */
  takes: Duration.Input
  readonly asked: Array<string>
  /** How many are being answered now. */
  busy: number
}

export const statusOf = (word: string, quantity = 1): OrderProvisioningStatus => ({
  totalCount: 1,
  items: [
    {
      orderLineItemId: 0,
      lineItemNumber: 0,
      status: word,
      quantityProvisioningInformation: [{ quantity, status: word }]
    }
  ],
  attributes: { objectType: "Collection" }
})

export const orderOf = (id: string = order): Order => ({
  id,
  referenceCustomerId: customer,
  status: "completed",
  creationDate: "1970-01-01T00:00:00Z",
  lineItems: [{ lineItemNumber: 0, offerId: "offer", friendlyName: "A licence", quantity: 1 }],
  links: {
    provisioningStatus: {
      uri: `/customers/${customer}/orders/${id}/provisioningstatus`,
      method: "GET",
      headers: []
    }
  },
  attributes: { objectType: "Order" }
})

/** An older licence order, whose lines are answered by their subscriptions. */
export const olderOrderOf = (subscriptions: ReadonlyArray<string>): Order => {
  const { links: _, ...unlinked } = orderOf()
  return {
    ...unlinked,
    lineItems: subscriptions.map((id, lineItemNumber) => ({
      lineItemNumber,
      friendlyName: "A licence",
      quantity: 1,
      links: {
        provisioningStatus: { uri: `/subscriptions/${id}/provisioningstatus`, method: "GET" }
      }
    }))
  }
}

export const upstream = (): Upstream => ({
  status: statusOf("prefulfillmentPending"),
  order: orderOf(),
  orders: { totalCount: 1, items: [orderOf()], attributes: { objectType: "Collection" } },
  subscriptions: {},
  customers: () => ({
    totalCount: 2,
    items: [
      { id: customer, companyProfile: { tenantId: customer, domain: "a.example" } },
      { id: other, companyProfile: { tenantId: other, domain: "b.example" } }
    ],
    attributes: { objectType: "Collection" }
  }),
  takes: 0,
  asked: [],
  busy: 0
})

const asked = (name: string, query: object = {}) =>
  Object.keys(query).length === 0 ? name : `${name} ${JSON.stringify(query)}`

const partnerCenter = (up: Upstream) => {
  const answer = <A extends object>(
    name: string,
    value: () => A | PartnerCenterError
  ): Effect.Effect<Answer<A>, PartnerCenterError> =>
    Effect.gen(function* () {
      up.asked.push(name)
      up.busy += 1
      yield* Effect.ensuring(
        Effect.sleep(up.takes),
        Effect.sync(() => {
          up.busy -= 1
        })
      )
      const found = value()
      if (found instanceof PartnerCenterError) return yield* found
      return {
        value: found,
        body: JSON.stringify(found),
        observedAt: yield* DateTime.now,
        support: {
          requestId: "upstream-request",
          correlationId: "upstream-correlation",
          ...up.support
        },
        headers: {}
      }
    })
  return Layer.mock(PartnerCenter)({
    order: (_customer, _order, query) => answer(asked("order", query), () => up.order),
    provisioningStatus: () => answer("status", () => up.status),
    subscriptionProvisioningStatus: (_customer, id) =>
      answer(`subscription ${id}`, () => ({ status: up.subscriptions[id] ?? "pending" })),
    orders: (_customer, query) => answer(asked("orders", query), () => up.orders),
    customersPage: (query) =>
      answer(`customers ${JSON.stringify(query ?? {})}`, () =>
        up.customers(query?.continuationToken)
      )
  })
}

/** Callers by the word after `Bearer`; without any, everybody is one caller. */
const access = ({ access, callers }: Options) =>
  Layer.succeed(
    Access,
    access ??
      Access.of({
        isOpen: callers === undefined,
        identify: (headers) => {
          if (callers === undefined) {
            return Effect.succeed({ id: "local", customers: "all", ended: Effect.never })
          }
          const sent = headers.get("authorization")
          const found = callers[sent?.replace("Bearer ", "") ?? ""]
          return found === undefined
            ? Effect.fail(new Unauthenticated({ wasTried: sent !== null }))
            : Effect.succeed(found)
        }
      })
  )

export interface Options {
  readonly settings?: Partial<GatewaySettingsShape>
  readonly callers?: Readonly<Record<string, Caller>>
  /** Instead of them: what tells callers from one another in earnest. */
  readonly access?: Access["Service"]
}

/** The services of a gateway over that upstream, by the test's own clock. */
export const services = (up: Upstream, options: Options = {}) =>
  Effect.gen(function* () {
    const layer = Layer.mergeAll(
      Looks.layer({ deadline: "60 seconds" }),
      access(options),
      Limits.layer,
      Closing.layer,
      Pulse.layer
    ).pipe(
      Layer.provideMerge(partnerCenter(up)),
      Layer.provideMerge(Budget.layer({ key: "tenant", requestsPerMinute: 10_000 })),
      Layer.provideMerge(Layer.succeed(GatewaySettings, { ...settings, ...options.settings }))
    )
    const ours = yield* Effect.context<never>()
    return Context.merge(ours, yield* Layer.build(layer))
  })

/** What a test asks with: `ask("/v1/…")`, answered by the app without a socket. */
export const gateway = Effect.fnUntraced(function* (up: Upstream, options: Options = {}) {
  const context = yield* services(up, options)
  const made = app(context)
  const ask = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (!headers.has("host")) headers.set("host", "127.0.0.1:8780")
    return made.request(path, { ...init, headers })
  }
  return {
    context,
    ask: (path: string, init?: RequestInit) => Effect.promise(async () => ask(path, init)),
    /** Without waiting for the answer. */
    begin: ask
  }
})

export const jsonOf = (response: Response): Effect.Effect<Record<string, unknown>> =>
  Effect.promise(async () => (await response.json()) as Record<string, unknown>)

/** Lets everything happen that can without time going on. */
export const settle: Effect.Effect<void> = Effect.repeat(
  Effect.andThen(
    TestClock.adjust(0),
    Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
  ),
  { times: 5 }
).pipe(Effect.asVoid)

/** Reads a stream as it comes, without waiting for more than there is. */
export const reading = (response: Response) => {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ""
  let isDone = reader === undefined
  const pump = async () => {
    for (;;) {
      if (reader === undefined) break
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value)
    }
    isDone = true
  }
  void pump()
  return {
    /** What has come since it was asked last. */
    read: Effect.map(settle, () => {
      const read = text
      text = ""
      return read
    }),
    isDone: () => isDone,
    cancel: Effect.promise(async () => reader?.cancel())
  }
}
