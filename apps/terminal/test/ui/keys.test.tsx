import { assert, describe, it } from "@effect/vitest"
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import { make, PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { DateTime, Duration, Redacted } from "effect"
import { render } from "ink-testing-library"
import { App } from "../../src/ui/App.tsx"
import { Registry } from "../../src/ui/bridge.ts"
import { bindings } from "../../src/ui/keys.ts"
import type { Binding, Room } from "../../src/ui/keys.ts"
import { begin, change, screen } from "../../src/ui/state/screen.ts"
import type { Screen } from "../../src/ui/state/screen.ts"
import { uncoloured } from "../../src/theme.ts"
import { helpLines } from "../../src/ui/views/help.ts"
import { samples } from "../harness.ts"
import { makeStage, nobody } from "./stage.ts"
import type { Setting } from "./stage.ts"

const escape = "\u001b"
const bytes: Readonly<Record<string, string>> = {
  enter: "\r",
  esc: escape,
  space: " ",
  backspace: "\u007f",
  up: `${escape}[A`,
  down: `${escape}[B`,
  right: `${escape}[C`,
  left: `${escape}[D`,
  home: `${escape}[H`,
  end: `${escape}[F`,
  pageup: `${escape}[5~`,
  pagedown: `${escape}[6~`
}
const sent = (key: string): string =>
  bytes[key] ?? (key.startsWith("ctrl-") ? String.fromCharCode(key.charCodeAt(5) - 96) : key)

const customer = { id: CustomerId.make(samples.contoso), name: "Contoso" }
const target = { customer, orderId: OrderId.make(samples.fulfilled[1]) }
const error = new PartnerCenterError({
  operation: "orders",
  reason: make({ _tag: "SignInRequired" }),
  support: { requestId: "r" }
})
const watched = [
  { customerId: customer.id, orderId: target.orderId },
  { customerId: customer.id, orderId: OrderId.make("5cf72f146967") },
  { customerId: customer.id, orderId: OrderId.make("YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1") }
]
const kept = { watched, recent: [], isNotifying: true }
const code = {
  _tag: "Code" as const,
  code: {
    userCode: "ABCD",
    verificationUri: "https://example.com",
    deviceCode: Redacted.make("secret"),
    expiresAt: DateTime.makeUnsafe("2099-01-01T00:00:00Z"),
    interval: Duration.seconds(5),
    message: ""
  }
}

const customers: Screen = screen({ _tag: "Customers" })
const settings: Record<Room, Setting> = {
  everywhere: { stack: [customers, screen({ _tag: "Order", target, isRaw: false })] },
  lists: { stack: [customers] },
  texts: { stack: [customers, screen({ _tag: "Help" })] },
  welcome: { stack: [screen({ _tag: "Welcome", said: undefined })], session: nobody },
  signIn: {
    stack: [
      screen({ _tag: "Welcome", said: undefined }),
      screen({ _tag: "SignIn", way: "deviceCode", turn: 0 })
    ],
    session: nobody,
    step: code
  },
  customers: { stack: [customers] },
  orders: { stack: [customers, screen({ _tag: "Orders", customer })] },
  order: { stack: [customers, screen({ _tag: "Order", target, isRaw: false })] },
  watchlist: { stack: [customers, screen({ _tag: "Watchlist" })], kept },
  problem: {
    stack: [
      screen({ _tag: "Welcome", said: undefined }),
      screen({ _tag: "Problem", error, what: "orders" })
    ],
    session: nobody
  },
  prompt: { stack: [customers] }
}

const small = { columns: 80, rows: 12 }

const stageFor = async ({ action, room }: Binding) => {
  const stage = makeStage({ ...settings[room], size: small })
  const { registry, rows, store, until } = stage
  await until(() => registry.get(rows.all).rows.length > 0, `rows for ${room}`)
  await until(() => !registry.get(rows.all).loading.isWaiting, "rest")
  if (room === "order" || room === "everywhere") {
    await until(() => registry.get(rows.all).rows.length > 10, "an order")
  }
  // In the middle, so that there is a way in every direction.
  const place = { ...begin, at: 1, ...(action === "back" && { filter: "" }) }
  registry.update(store.stack, (stack) => change(stack, (one) => ({ ...one, place })))
  if (room === "prompt") registry.set(store.prompt, { kind: "search", text: "o" })
  if (room === "prompt") {
    registry.update(store.stack, (stack) =>
      change(stack, (one) => ({ ...one, place: { ...begin, filter: "o", at: 1 } }))
    )
  }
  return stage
}

describe.concurrent("every key of the help screen", () => {
  const all = bindings.flatMap((binding) => binding.keys.map((key) => ({ ...binding, key })))
  it.each(all)("$room: $key does what it says ($words)", async (binding) => {
    const stage = await stageFor(binding)
    const { actions, asks, notes, registry, rows, signIns, store, until } = stage
    const state = () =>
      JSON.stringify([
        registry.get(store.stack),
        registry.get(store.prompt),
        registry.get(store.message),
        registry.get(store.kept),
        registry.get(store.isPaused),
        registry.get(store.session).kind,
        notes
      ])
    const screen = render(
      <Registry value={registry}>
        <App {...{ actions, asks, rows, signIns, store }} onSuspend={() => {}} />
      </Registry>
    )
    const before = state()
    screen.stdin.write(sent(binding.key))
    await until(() => state() !== before, `what ${binding.key} does`)
    screen.unmount()
    stage.end()
  })

  it("is in the table once for each place", () => {
    for (const { keys, room } of bindings) {
      for (const key of keys) {
        const same = bindings.filter((other) => other.room === room && other.keys.includes(key))
        assert.strictEqual(same.length, 1, `${room} ${key}`)
      }
    }
  })

  it("is on the help screen, with its words", () => {
    const help = helpLines({ columns: 200, theme: uncoloured }).join("\n")
    for (const { words } of bindings) assert.include(help, words)
  })
})
