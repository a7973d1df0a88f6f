import { assert, describe, it } from "@effect/vitest"
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import { make, PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { DateTime, Duration, Redacted } from "effect"
import { render } from "ink-testing-library"
import { vi } from "vitest"
import { App } from "../../src/ui/App.tsx"
import { Registry } from "../../src/ui/bridge.ts"
import { bindings } from "../../src/ui/keys.ts"
import type { Action, Binding, Room } from "../../src/ui/keys.ts"
import { frameOf } from "../../src/ui/state/frame.ts"
import { begin, change, screen, topOf } from "../../src/ui/state/screen.ts"
import type { Screen, Way } from "../../src/ui/state/screen.ts"
import { uncoloured } from "../../src/theme.ts"
import { helpLines } from "../../src/ui/views/help.ts"
import { samples } from "../harness.ts"
import { makeStage, nobody } from "./stage.ts"
import type { Setting } from "./stage.ts"

vi.setConfig({ testTimeout: 120_000 })

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

const small = { columns: 100, rows: 12 }
const typed = "o"

// Far enough from both ends that each way to move comes to another place.
const startOf = ({ action, room }: Binding, rows: number): number => {
  const goesBack = ["up", "halfUp", "pageUp", "top"].includes(action)
  return goesBack && room !== "prompt" ? rows - 2 : 1
}

const stageFor = async (binding: Binding) => {
  const { room } = binding
  const stage = makeStage({ ...settings[room], size: small })
  const { actions, asks, registry, rows, signIns, store, until } = stage
  const shown = render(
    <Registry value={registry}>
      <App {...{ actions, asks, rows, signIns, store }} onSuspend={() => {}} />
    </Registry>
  )
  Object.assign(shown.stdout, { rows: small.rows }).emit("resize")
  await until(() => registry.get(store.size).rows === small.rows, "a small window")
  await until(() => registry.get(rows.all).rows.length > 0, `rows for ${room}`)
  await until(() => !registry.get(rows.all).loading.isWaiting, "rest")
  if (room === "order" || room === "everywhere") {
    await until(() => registry.get(rows.all).rows.length > 10, "an order")
  }
  if (room === "prompt") registry.set(store.prompt, { kind: "search", text: typed })
  const filter = room === "prompt" ? typed : ""
  const { length } = registry.get(rows.all).rows
  const height = frameOf(small, topOf(registry.get(store.stack))).height
  const last = room === "texts" ? length - height : length - 1
  const place = { ...begin, filter, at: startOf(binding, last + 1) }
  registry.update(store.stack, (stack) => change(stack, (one) => ({ ...one, place })))
  return { ...stage, start: place.at, last, height, shown }
}

/** What each action comes to, from where `stageFor` begins. */
const did = (
  { height, last, notes, registry, rows, start, store }: Awaited<ReturnType<typeof stageFor>>,
  { room }: Binding
) => {
  const top = () => topOf(registry.get(store.stack))
  const row = registry.get(rows.all).rows[start]
  const isAt = (at: number) => () => top().place.at === Math.max(0, Math.min(last, at))
  const isOn = (tag: Screen["_tag"]) => () => top()._tag === tag
  const says = (text: string) => () => registry.get(store.message) === text
  const noted = (note: string) => () => notes.includes(note)
  const signsIn = (way: Way) => () => {
    const here = top()
    return here._tag === "SignIn" && here.way === way && notes.includes(`sign in ${way}`)
  }
  const depth = registry.get(store.stack).length
  const { isNotifying, watched: before } = registry.get(store.kept)
  const page = height - 1
  const half = Math.floor(height / 2)
  const orderIds = before.map(({ orderId }) => orderId)
  const ids: ReadonlyArray<string> =
    row?._tag === "Customer"
      ? [row.whom?.id ?? ""]
      : row?._tag === "Order"
        ? [row.target?.orderId ?? ""]
        : room === "signIn"
          ? ["ABCD"]
          : room === "order"
            ? [target.orderId]
            : orderIds
  return {
    accept: () => registry.get(store.prompt) === undefined && isOn("Orders")(),
    back: () => registry.get(store.stack).length === depth - 1,
    bottom: isAt(last),
    browser: signsIn("browser"),
    cancel: () => registry.get(store.prompt) === undefined && top().place.filter === "",
    command: () => registry.get(store.prompt)?.kind === "command",
    copy:
      room === "problem"
        ? () => notes.some((note) => /^copy [^]*SignInRequired/.test(note))
        : () => ids.some((id) => notes.includes(`copy ${id}`)),
    demo: () => registry.get(store.session).kind === "demo" && isOn("Customers")(),
    deviceCode: signsIn("deviceCode"),
    down: isAt(start + 1),
    erase: () => registry.get(store.prompt)?.text === "",
    eraseAll: () => registry.get(store.prompt)?.text === "",
    explain: says("nothing is wrong here"),
    faults: () => top().place.isFaultsOnly,
    halfDown: isAt(start + half),
    halfUp: isAt(start - half),
    help: isOn("Help"),
    notify: () => registry.get(store.kept).isNotifying !== isNotifying,
    open: () => {
      const here = top()
      return room === "customers"
        ? here._tag === "Orders" && ids.includes(here.customer.id)
        : here._tag === "Order" && ids.includes(here.target.orderId)
    },
    pageDown: isAt(start + page),
    pageUp: isAt(start - page),
    pause: () => registry.get(store.isPaused),
    quit: noted("quit"),
    raw: () => {
      const here = top()
      return here._tag === "Order" && here.isRaw
    },
    refresh: () => {
      const here = top()
      return says("asking again")() && (here._tag !== "SignIn" || here.turn === 1)
    },
    search: () => registry.get(store.prompt)?.kind === "search",
    support: () => notes.some((note) => /^copy \{[^]*"requestId"/.test(note)),
    suspend: noted("suspend"),
    top: isAt(0),
    up: isAt(start - 1),
    watch: () => {
      const { watched: now } = registry.get(store.kept)
      const [few, many] = now.length < before.length ? [now, before] : [before, now]
      const changed = many.filter(({ orderId }) => !few.some((one) => one.orderId === orderId))
      return changed.length === 1 && ids.includes(changed[0]?.orderId ?? "")
    },
    watchlist: isOn("Watchlist")
  } satisfies Record<Action, () => boolean>
}

describe.concurrent("every key of the help screen", () => {
  const all = bindings.flatMap((binding) => binding.keys.map((key) => ({ ...binding, key })))
  it.each(all)("$room: $key does what it says ($words)", async (binding) => {
    const stage = await stageFor(binding)
    const { shown, until } = stage
    const isDone = did(stage, binding)[binding.action]
    assert.isFalse(isDone())
    shown.stdin.write(sent(binding.key))
    await until(isDone, `what ${binding.key} does`)
    shown.unmount()
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
