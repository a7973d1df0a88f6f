// The interface: what the registry holds as a screen, and what comes from the keyboard to the actions.
import { Box, useApp, useInput, usePaste, useWindowSize } from "ink"
import { useContext, useEffect } from "react"
import { Registry, useAtomValue } from "./bridge.ts"
import { footer } from "./components/footer.ts"
import { header } from "./components/header.ts"
import { Line } from "./components/lines.tsx"
import { Body } from "./Body.tsx"
import { named } from "./keyboard.ts"
import { rooms, topOf } from "./state/screen.ts"
import type { Actions } from "./state/actions.ts"
import { frameOf } from "./state/frame.ts"
import { pasted } from "./state/command.ts"
import type { Asks } from "./state/asks.ts"
import type { Rows } from "./state/rows.ts"
import type { SignIns } from "./state/signIn.ts"
import type { Store } from "./state/store.ts"
import type { Suspend } from "./suspend.ts"
import { noticeLine, pathOf, titleLine } from "./views/frame.ts"

export interface AppProps {
  readonly store: Store
  readonly asks: Asks
  readonly rows: Rows
  readonly signIns: SignIns
  readonly actions: Actions
  /** Gets what hands the terminal over for a while. */
  readonly onSuspend: (suspend: Suspend) => void
}

// Some consoles scroll when their last cell is written.
const spare = process.platform === "win32" ? 1 : 0

export const App = ({ actions, asks, onSuspend, rows, signIns, store }: AppProps) => {
  const registry = useContext(Registry)
  const { columns, rows: lines } = useWindowSize()
  const size = useAtomValue(store.size)
  useEffect(() => {
    const now = registry.get(store.size)
    const height = Math.max(1, lines - spare)
    if (now.columns !== columns || now.rows !== height)
      registry.set(store.size, { columns, rows: height })
  }, [registry, store, columns, lines])
  const { suspendTerminal } = useApp()
  useEffect(() => onSuspend(suspendTerminal), [onSuspend, suspendTerminal])
  useInput((input, key) => {
    // A terminal that does not mark what is pasted.
    if (
      input.length > 12 &&
      registry.get(store.prompt) === undefined &&
      pasted(input) !== undefined
    )
      return actions.paste(input)
    for (const name of named(input, key)) actions.press(name)
  })
  usePaste(actions.paste)

  const screen = topOf(useAtomValue(store.stack))
  const session = useAtomValue(store.session)
  const prompt = useAtomValue(store.prompt)
  const message = useAtomValue(store.message)
  const isPaused = useAtomValue(store.isPaused)
  const kept = useAtomValue(store.kept)
  const { loading, rows: all } = useAtomValue(rows.all)
  useSignedIn(screen, signIns, actions)

  const { isRoomy, height } = frameOf(size, screen)
  const { theme } = store
  const look = { columns: size.columns, theme }
  const notice = noticeLine({ prompt, message, isPaused, loading, ...look })
  const keys = footer(prompt === undefined ? rooms(screen) : ["prompt"], look)
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
      <Line text={header(pathOf(screen), session, look)} />
      {isRoomy && (
        <Line text={titleLine({ screen, count: all.length, loading, isPaused, kept, ...look })} />
      )}
      <Body
        screen={screen}
        rows={all}
        loading={loading}
        height={height}
        isRoomy={isRoomy}
        store={store}
        asks={asks}
      />
      {isRoomy && <Line text={notice} />}
      <Line text={!isRoomy && notice !== "" ? notice : keys} />
    </Box>
  )
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
