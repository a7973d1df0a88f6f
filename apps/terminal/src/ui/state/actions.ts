// What keys do. Everything is read from the registry when a key comes, so that keys may come faster than frames.
import { plain } from "@orderwatch/core/text"
import { Effect } from "effect"
import * as Atom from "effect/reactivity/Atom"
import { bound } from "../keys.ts"
import type { Action } from "../keys.ts"
import { character } from "../keyboard.ts"
import { makeCopying } from "./actions/copying.ts"
import { makeHere } from "./actions/here.ts"
import type { Parts } from "./actions/here.ts"
import { makeJump } from "./actions/jump.ts"
import { makeRefresh } from "./actions/refresh.ts"
import { makeWatch } from "./actions/watch.ts"
import { parse, pasted, pastedLine } from "./command.ts"
import type { Entered } from "./machine.ts"
import { move } from "./place.ts"
import { begin, change, pop, popSignIn, rooms, screen } from "./screen.ts"
import type { Stack, Way } from "./screen.ts"
import type { Session } from "./session.ts"

const mostTyped = 400

export const makeActions = (parts: Parts) => {
  const { machine, registry, store } = parts
  const here = makeHere(parts)
  const { extent, go, place, say, top, trouble } = here
  const { jumpTo, open } = makeJump(parts, here)
  const { copy, support } = makeCopying(parts, here)
  const refresh = makeRefresh(parts, here)
  const watch = makeWatch(parts, here)

  const enter = ({ kept, notice, session }: Entered) =>
    Atom.batch(() => {
      const { keptAs, kind } = registry.get(store.session)
      const isSame = kind === "tenant" && keptAs !== undefined && keptAs === session.keptAs
      registry.set(store.session, session)
      registry.set(store.kept, kept)
      registry.set(store.prompt, undefined)
      registry.update(store.stack, (stack): Stack =>
        isSame ? popSignIn(stack) : [screen({ _tag: "Customers" })]
      )
      say(notice)
    })
  const back = () => {
    if (top().place.filter !== "")
      return place((one) => ({ ...begin, isFaultsOnly: one.isFaultsOnly }))
    if (registry.get(store.stack).length === 1) return say("q leaves")
    registry.update(store.stack, pop)
  }

  const signIn = (way: Way) => {
    if (registry.get(store.session).kind === "demo") return say("the demo needs no sign-in")
    go(screen({ _tag: "SignIn", way, turn: registry.get(store.turns) }))
    registry.update(store.turns, (turns) => turns + 1)
  }

  const scroll = (by: number) => place((one) => move(one, by, extent()))

  const type = (text: string) => {
    const prompt = registry.get(store.prompt)
    if (prompt === undefined) return
    Atom.batch(() => {
      registry.set(store.prompt, { ...prompt, text })
      if (prompt.kind === "search")
        place((one) => ({ ...begin, filter: text, isFaultsOnly: one.isFaultsOnly }))
    })
  }

  const accept = () => {
    const prompt = registry.get(store.prompt)
    registry.set(store.prompt, undefined)
    if (prompt?.kind === "command") {
      if (prompt.text.trim() !== "") jumpTo(parse(prompt.text))
    } else open()
  }

  // A line of the page before stays in sight.
  const page = () => Math.max(1, extent().height - 1)
  const half = () => Math.max(1, Math.floor(extent().height / 2))
  const actions: Record<Action, () => void> = {
    accept,
    back,
    bottom: () => scroll(Number.MAX_SAFE_INTEGER),
    browser: () => signIn("browser"),
    cancel: () => {
      if (registry.get(store.prompt)?.kind === "search") type("")
      registry.set(store.prompt, undefined)
    },
    command: () => registry.set(store.prompt, { kind: "command", text: "" }),
    copy,
    demo: () => void Effect.runFork(Effect.map(machine.demo, enter)),
    deviceCode: () => {
      signIn("deviceCode")
    },
    down: () => scroll(1),
    erase: () => {
      const text = registry.get(store.prompt)?.text ?? ""
      if (text === "") registry.set(store.prompt, undefined)
      else type([...text].slice(0, -1).join(""))
    },
    eraseAll: () => type(""),
    explain: () => {
      const found = trouble()
      if (found === undefined) say("nothing is wrong here")
      else go(screen({ _tag: "Problem", ...found }))
    },
    faults: () =>
      place((one) => ({ ...begin, filter: one.filter, isFaultsOnly: !one.isFaultsOnly })),
    halfDown: () => scroll(half()),
    halfUp: () => scroll(-half()),
    help: () => go(screen({ _tag: "Help" })),
    notify: () => {
      registry.update(store.kept, (kept) => ({ ...kept, isNotifying: !kept.isNotifying }))
      say(
        registry.get(store.kept).isNotifying ? "changes are notified" : "changes are not notified"
      )
    },
    open,
    pageDown: () => scroll(page()),
    pageUp: () => scroll(-page()),
    pause: () => {
      registry.update(store.isPaused, (isPaused) => !isPaused)
      say(registry.get(store.isPaused) ? "paused: nothing is asked until p" : "going on")
    },
    quit: machine.quit,
    raw: () =>
      registry.update(store.stack, (stack) =>
        change(stack, (one) => (one._tag === "Order" ? { ...one, isRaw: !one.isRaw } : one))
      ),
    refresh: () => {
      say("asking again")
      refresh()
    },
    search: () => registry.set(store.prompt, { kind: "search", text: top().place.filter }),
    support,
    suspend: machine.suspend,
    top: () => scroll(-Number.MAX_SAFE_INTEGER),
    up: () => scroll(-1),
    watch,
    watchlist: () => jumpTo({ _tag: "Watchlist" })
  }

  /** Does what the key is for. */
  const press = (key: string): void => {
    const prompt = registry.get(store.prompt)
    if (prompt === undefined) {
      const action = bound(rooms(top()), key)
      if (action === undefined) return
      say(undefined)
      return actions[action]()
    }
    const action = bound(["prompt"], key)
    if (action !== undefined) return actions[action]()
    const text = character(key)
    if (text !== "") type((prompt.text + plain(`x${text}x`).slice(1, -1)).slice(0, mostTyped))
  }

  /** Takes what was pasted: into the line that is being typed, or to where it leads. */
  const paste = (text: string): void => {
    const prompt = registry.get(store.prompt)
    if (prompt !== undefined) return type((prompt.text + pastedLine(text)).slice(0, mostTyped))
    const jump = pasted(text)
    if (jump === undefined) return say("that names no customer and order")
    jumpTo(jump)
  }

  const signedIn = (session: Session) =>
    void Effect.runFork(Effect.map(machine.entered(session), enter))

  return { press, paste, signedIn }
}

export type Actions = ReturnType<typeof makeActions>
