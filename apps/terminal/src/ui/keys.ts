// The one table of keys: where a key works, what it does, and in which words. The help screen, the footer and
// the test that presses every key are made from it.

/** Where a key works. `lists` and `texts` are all screens of that kind. */
export type Room =
  | "everywhere"
  | "lists"
  | "texts"
  | "welcome"
  | "signIn"
  | "customers"
  | "orders"
  | "order"
  | "watchlist"
  | "problem"
  | "prompt"

export type Action =
  | "accept"
  | "back"
  | "bottom"
  | "browser"
  | "cancel"
  | "command"
  | "copy"
  | "demo"
  | "deviceCode"
  | "down"
  | "erase"
  | "eraseAll"
  | "explain"
  | "faults"
  | "halfDown"
  | "halfUp"
  | "help"
  | "notify"
  | "open"
  | "pageDown"
  | "pageUp"
  | "pause"
  | "quit"
  | "raw"
  | "refresh"
  | "search"
  | "support"
  | "suspend"
  | "top"
  | "up"
  | "watch"
  | "watchlist"

export interface Binding {
  readonly room: Room
  /** As `named` in keyboard.ts calls them; the first is shown in the footer. */
  readonly keys: readonly [string, ...ReadonlyArray<string>]
  readonly action: Action
  /** What it does, for the help screen. */
  readonly words: string
  /** The same in a word, for the footer; without, it is not there. */
  readonly hint?: string
}

export const bindings: ReadonlyArray<Binding> = [
  {
    room: "welcome",
    keys: ["s"],
    action: "deviceCode",
    words: "sign in by a code, on any device",
    hint: "sign in"
  },
  {
    room: "welcome",
    keys: ["b"],
    action: "browser",
    words: "sign in in the browser on this machine",
    hint: "browser"
  },
  {
    room: "welcome",
    keys: ["d"],
    action: "demo",
    words: "try the demo: sample orders, nothing is kept",
    hint: "demo"
  },

  {
    room: "signIn",
    keys: ["y", "c"],
    action: "copy",
    words: "copy the code, or the address for the browser",
    hint: "copy"
  },
  {
    room: "signIn",
    keys: ["R", "ctrl-r"],
    action: "refresh",
    words: "begin again, with a new code",
    hint: "again"
  },

  {
    room: "customers",
    keys: ["enter", "l", "right"],
    action: "open",
    words: "open the customer's orders",
    hint: "orders"
  },
  {
    room: "customers",
    keys: ["/"],
    action: "search",
    words: "search by name, domain or id: just type",
    hint: "search"
  },
  { room: "customers", keys: ["y"], action: "copy", words: "copy the customer's id" },

  {
    room: "orders",
    keys: ["enter", "l", "right"],
    action: "open",
    words: "open the order",
    hint: "open"
  },
  {
    room: "orders",
    keys: ["/"],
    action: "search",
    words: "search by order id or contents: just type",
    hint: "search"
  },
  {
    room: "orders",
    keys: ["space"],
    action: "watch",
    words: "watch the order, or no longer",
    hint: "watch"
  },
  { room: "orders", keys: ["f"], action: "faults", words: "faults only, or all", hint: "faults" },
  { room: "orders", keys: ["y"], action: "copy", words: "copy the order's id", hint: "copy id" },

  {
    room: "order",
    keys: ["space"],
    action: "watch",
    words: "watch the order, or no longer",
    hint: "watch"
  },
  { room: "order", keys: ["y"], action: "copy", words: "copy the order's id", hint: "copy id" },
  {
    room: "order",
    keys: ["v"],
    action: "raw",
    words: "show upstream's own words, or not",
    hint: "raw words"
  },
  {
    room: "order",
    keys: ["c"],
    action: "support",
    words: "copy the ids that Microsoft's support asks for",
    hint: "support ids"
  },

  {
    room: "watchlist",
    keys: ["enter", "l", "right"],
    action: "open",
    words: "open the order",
    hint: "open"
  },
  {
    room: "watchlist",
    keys: ["space"],
    action: "watch",
    words: "watch the order no longer",
    hint: "unwatch"
  },
  {
    room: "watchlist",
    keys: ["f"],
    action: "faults",
    words: "faults only, or all",
    hint: "faults"
  },
  {
    room: "watchlist",
    keys: ["n"],
    action: "notify",
    words: "notify of changes, or not",
    hint: "notify"
  },
  {
    room: "watchlist",
    keys: ["/"],
    action: "search",
    words: "search by customer or order id: just type"
  },
  { room: "watchlist", keys: ["y"], action: "copy", words: "copy the order's id", hint: "copy id" },

  {
    room: "problem",
    keys: ["y", "c"],
    action: "copy",
    words: "copy all of this, for a support request",
    hint: "copy all"
  },
  {
    room: "problem",
    keys: ["s"],
    action: "deviceCode",
    words: "sign in again",
    hint: "sign in"
  },

  { room: "lists", keys: ["j", "down"], action: "down", words: "the next one" },
  { room: "lists", keys: ["k", "up"], action: "up", words: "the one before" },
  { room: "lists", keys: ["g", "home"], action: "top", words: "the first" },
  { room: "lists", keys: ["G", "end"], action: "bottom", words: "the last" },
  { room: "lists", keys: ["pagedown", "ctrl-f"], action: "pageDown", words: "a page on" },
  { room: "lists", keys: ["pageup", "ctrl-b"], action: "pageUp", words: "a page back" },
  { room: "lists", keys: ["ctrl-d"], action: "halfDown", words: "half a page on" },
  { room: "lists", keys: ["ctrl-u"], action: "halfUp", words: "half a page back" },

  { room: "texts", keys: ["j", "down"], action: "down", words: "scroll down" },
  { room: "texts", keys: ["k", "up"], action: "up", words: "scroll up" },
  { room: "texts", keys: ["g", "home"], action: "top", words: "to the beginning" },
  { room: "texts", keys: ["G", "end"], action: "bottom", words: "to the end" },
  { room: "texts", keys: ["pagedown", "ctrl-f"], action: "pageDown", words: "a page on" },
  { room: "texts", keys: ["pageup", "ctrl-b"], action: "pageUp", words: "a page back" },
  { room: "texts", keys: ["ctrl-d"], action: "halfDown", words: "half a page on" },
  { room: "texts", keys: ["ctrl-u"], action: "halfUp", words: "half a page back" },

  {
    room: "everywhere",
    keys: ["w"],
    action: "watchlist",
    words: "the watchlist",
    hint: "watchlist"
  },
  {
    room: "everywhere",
    keys: [":"],
    action: "command",
    words: "go to: customers, orders DOMAIN, order CUSTOMER ORDER, watchlist, help, quit"
  },
  { room: "everywhere", keys: ["R", "ctrl-r"], action: "refresh", words: "ask again now" },
  { room: "everywhere", keys: ["p"], action: "pause", words: "pause all looking, or go on" },
  { room: "everywhere", keys: ["e"], action: "explain", words: "what is wrong, in full" },
  {
    room: "everywhere",
    keys: ["esc", "h", "left", "backspace"],
    action: "back",
    words: "back; or clear the search",
    hint: "back"
  },
  { room: "everywhere", keys: ["?"], action: "help", words: "these keys", hint: "help" },
  { room: "everywhere", keys: ["ctrl-z"], action: "suspend", words: "suspend; fg brings it back" },
  { room: "everywhere", keys: ["q", "ctrl-c"], action: "quit", words: "leave", hint: "quit" },

  { room: "prompt", keys: ["enter"], action: "accept", words: "take it", hint: "take it" },
  { room: "prompt", keys: ["esc"], action: "cancel", words: "leave it", hint: "leave it" },
  { room: "prompt", keys: ["backspace"], action: "erase", words: "erase a character" },
  { room: "prompt", keys: ["ctrl-u"], action: "eraseAll", words: "erase all" },
  { room: "prompt", keys: ["down"], action: "down", words: "the next one found" },
  { room: "prompt", keys: ["up"], action: "up", words: "the one before" },
  { room: "prompt", keys: ["ctrl-c"], action: "quit", words: "leave" }
]

/** What the key does in the first of the rooms that knows it. */
export const bound = (rooms: ReadonlyArray<Room>, key: string): Action | undefined => {
  for (const room of rooms) {
    const found = bindings.find((binding) => binding.room === room && binding.keys.includes(key))
    if (found !== undefined) return found.action
  }
  return undefined
}

/** How the rooms are called on the help screen, in its order. */
export const rooms = {
  everywhere: "Everywhere",
  lists: "In lists",
  texts: "In texts",
  customers: "Customers",
  orders: "Orders",
  order: "An order",
  watchlist: "Watchlist",
  problem: "A problem",
  prompt: "While typing",
  welcome: "Welcome",
  signIn: "Signing in"
} satisfies Record<Room, string>
