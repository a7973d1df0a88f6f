// The interface: what the registry holds as a screen, and what comes from the keyboard to the actions.
import { useApp, useInput, usePaste } from "ink"
import type { AtomRegistry } from "effect/reactivity/AtomRegistry"
import { useContext, useEffect } from "react"
import { Registry, useAtomValue } from "./bridge.ts"
import { footer } from "./components/footer.ts"
import { header } from "./components/header.ts"
import { unbroken } from "./components/spoken.ts"
import { Body } from "./Body.tsx"
import type { Hear } from "./early.ts"
import { Frame, roomOf, useSize } from "./Frame.tsx"
import { makeHear } from "./hearing.ts"
import { rooms, topOf } from "./state/screen.ts"
import type { Actions } from "./state/actions.ts"
import { frameOf } from "./state/frame.ts"
import type { Asks } from "./state/asks.ts"
import type { Rows } from "./state/rows.ts"
import type { SignIns } from "./state/signIn.ts"
import type { Size, Store } from "./state/store.ts"
import type { Offer } from "./suspend.ts"
import { pathOf, titleLine } from "./views/frame.ts"
import { idleKeys } from "./views/idle.ts"
import { noticeLine } from "./views/notice.ts"

export interface AppProps {
  readonly store: Store
  readonly asks: Asks
  readonly rows: Rows
  readonly signIns: SignIns
  readonly actions: Actions
  /** Gets what hands the terminal over for a while. */
  readonly onSuspend: (offer: Offer) => void
  /** Gets what is typed and pasted, where that is not to reach the actions at once. */
  readonly onHeard?: Hear
}

export const App = ({ actions, asks, onHeard, onSuspend, rows, signIns, store }: AppProps) => {
  const registry = useContext(Registry)
  const { columns, rows: lines } = useSize(store.isSpoken)
  const size = useAtomValue(store.size)
  useEffect(() => fit(registry, store, { columns, rows: lines }), [registry, store, columns, lines])
  const { suspendTerminal: suspend } = useApp()
  useEffect(() => {
    const { stdout } = process
    onSuspend({ suspend, fit: () => fit(registry, store, roomOf(stdout, store.isSpoken)) })
  }, [onSuspend, suspend, registry, store])
  const hear = onHeard ?? makeHear(registry, store, actions)
  useInput((input, key) => hear({ _tag: "Input", input, key }))
  usePaste((text) => hear({ _tag: "Paste", text }))

  const stack = useAtomValue(store.stack)
  const screen = topOf(stack)
  const session = useAtomValue(store.session)
  const prompt = useAtomValue(store.prompt)
  const message = useAtomValue(store.message)
  const isPaused = useAtomValue(store.isPaused)
  const kept = useAtomValue(store.kept)
  const { loading, rows: all } = useAtomValue(rows.all)
  const step = useAtomValue(signIns.stepOn(screen))
  useSignedIn(screen, signIns, actions)

  const { isRoomy, height } = frameOf(size, screen)
  const { theme } = store
  const look = { columns: size.columns, theme }
  const count = all.length
  const title = titleLine({ screen, count, height, loading, isPaused, kept, ...look })
  const notice = noticeLine({ prompt, message, isPaused, loading, ...look })
  const keys =
    prompt === undefined
      ? footer(rooms(screen), { ...look, without: idleKeys({ stack, session, step }) })
      : footer(["prompt"], look)
  const { isSpoken } = store
  const whom = header(pathOf(screen), session, { ...look, ...(isSpoken && { columns: unbroken }) })
  return (
    <Frame header={whom} {...{ size, isRoomy, isSpoken, title, notice, keys }}>
      <Body {...{ screen, rows: all, loading, height, isRoomy, store, asks }} />
    </Frame>
  )
}

const fit = (registry: AtomRegistry, { size }: Store, { columns, rows }: Size): void => {
  const now = registry.get(size)
  if (now.columns !== columns || now.rows !== rows) registry.set(size, { columns, rows })
}

// The screen on which somebody signs in is left as soon as they have.
const useSignedIn = (
  screen: ReturnType<typeof topOf>,
  signIns: SignIns,
  { signedIn }: Actions
): void => {
  const registry = useContext(Registry)
  useEffect(() => {
    if (screen._tag !== "SignIn") return
    return registry.subscribe(
      signIns.step(screen),
      (step) => {
        if (step._tag === "Done") signedIn(step.session)
      },
      { immediate: true }
    )
  }, [registry, screen, signIns, signedIn])
}
