// A person at a terminal: starts the command in a pseudo-terminal and reads all that it showed.
import pty from "@lydell/node-pty"
import { assert } from "@effect/vitest"
import xterm from "@xterm/headless"
import { bundle, secretsOf, surroundings } from "./harness.ts"
import type { Environment } from "./harness.ts"
import { wrong } from "./safety.ts"

export interface Shown {
  readonly exitCode: number
  /** Every line of screen and scrollback, without blanks at the end. */
  readonly lines: ReadonlyArray<string>
  /** Whether a line was longer than the terminal is wide. */
  readonly isWrapped: boolean
  /** What was sent to the terminal. */
  readonly sent: string
}

/** Runs `orderwatch` on a terminal of that size to its end, which comes within 30 seconds. */
export const show = async (
  args: ReadonlyArray<string>,
  {
    env = {},
    cols = 80,
    rows = 24
  }: { readonly env?: Environment; readonly cols?: number; readonly rows?: number } = {}
): Promise<Shown> => {
  const screen = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 1000 })
  const child = pty.spawn(process.execPath, [bundle, ...args], {
    name: env["TERM"] ?? "xterm-256color",
    cols,
    rows,
    env: surroundings(env)
  })
  let sent = ""
  child.onData((text) => {
    sent += text
    screen.write(text)
  })
  const bound = setTimeout(() => child.kill("SIGKILL"), 30_000)
  const exitCode = await new Promise<number>((resolve) => {
    child.onExit((exit) => screen.write("", () => resolve(exit.exitCode)))
  })
  clearTimeout(bound)
  assert.isUndefined(wrong(sent.replaceAll("\r\n", "\n"), secretsOf(env)), sent)
  const { active } = screen.buffer
  const found = Array.from({ length: active.length }, (_, y) => active.getLine(y))
  const isWrapped = found.some((line) => line?.isWrapped)
  const text = found.map((line) => line?.translateToString(true) ?? "").join("\n")
  screen.dispose()
  return { exitCode, lines: text.trimEnd().split("\n"), isWrapped, sent }
}
