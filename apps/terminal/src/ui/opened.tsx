// Opens the screen: at once in the demo, for all else of the interface to come after; or for the interface itself.
import { render } from "ink"
import type { Instance } from "ink"
import type { ReactNode } from "react"
import { theme, uncoloured } from "../theme.ts"
import type { Theme } from "../theme.ts"
import { demo } from "./demoShown.ts"
import { makeEarly } from "./early.ts"
import type { Early, Hear } from "./early.ts"
import { heedEarly } from "./earlyEvents.ts"
import { Opening } from "./Opening.tsx"
import { unwrapped } from "./unwrapped.ts"

/** Whether a screen reader reads it. */
export const isSpoken = (): boolean => process.env["INK_SCREEN_READER"] === "true"

/** How it looks, by what `--color` or `--no-color` said: colours are nothing to be read aloud. */
export const themeOf = (flag: boolean | undefined): Theme =>
  isSpoken() ? uncoloured : theme({ flag, isTerminal: true, environment: process.env })

const stdout = unwrapped(process.stdout)

const shown = (node: ReactNode): Instance =>
  render(node, {
    stdout,
    alternateScreen: true,
    exitOnCtrlC: false,
    incrementalRendering: true,
    interactive: true,
    isScreenReaderEnabled: isSpoken(),
    maxFps: 60
  })

let early:
  | { readonly ui: Instance; readonly keys: Early; readonly giveOver: () => void }
  | undefined

/** The first frame of the demo, before there is anything else. */
export const openEarly = async (color: boolean | undefined): Promise<void> => {
  const keys = makeEarly()
  const ui = shown(
    <Opening session={demo} theme={themeOf(color)} isSpoken={isSpoken()} early={keys} />
  )
  early = { ui, keys, giveOver: heedEarly(ui.unmount) }
  // The keyboard is taken before what follows takes its time.
  await ui.waitUntilRenderFlush()
}

/** Whether there is a first frame, on which somebody may have typed. */
export const isEarly = (): boolean => early !== undefined

/** Shows that; in place of a first frame where there is one, and with what was typed there. */
export const open = (node: ReactNode, hear: Hear): Instance => {
  if (early === undefined) return shown(node)
  early.ui.rerender(node)
  early.keys.give(hear)
  early.giveOver()
  return early.ui
}

/** Leaves the screen where nothing has come in place of the first frame. */
export const leaveEarly = (): void => early?.ui.unmount()
