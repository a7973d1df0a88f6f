// A person at a terminal: starts a program in a pseudo-terminal and reads all that it showed.
import pty from "@lydell/node-pty"
import xterm from "@xterm/headless"

export interface Shown {
  readonly exitCode: number
  /** Every line of screen and scrollback, without blanks at the end. */
  readonly lines: ReadonlyArray<string>
  /** Whether a line was longer than the terminal is wide. */
  readonly isWrapped: boolean
  /** What was sent to the terminal. */
  readonly sent: string
}

/** Keys that somebody presses once the terminal has shown that. */
export interface Keys {
  readonly after: RegExp
  readonly press: string
}

/** Runs a program of Node's to its end, which comes within 30 seconds. */
export const show = async (
  args: ReadonlyArray<string>,
  {
    cols,
    env,
    keys
  }: { readonly env: Record<string, string>; readonly cols: number; readonly keys?: Keys }
): Promise<Shown> => {
  const rows = 24
  const screen = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 1000 })
  const name = env["TERM"] ?? "xterm-256color"
  const child = pty.spawn(process.execPath, [...args], { name, cols, rows, env })
  let sent = ""
  let isPressed = keys === undefined
  child.onData((text) => {
    sent += text
    screen.write(text)
    if (isPressed || !keys?.after.test(sent)) return
    isPressed = true
    child.write(keys.press)
  })
  const bound = setTimeout(() => child.kill("SIGKILL"), 30_000)
  const exitCode = await new Promise<number>((resolve) => {
    child.onExit((exit) => screen.write("", () => resolve(exit.exitCode)))
  })
  clearTimeout(bound)
  const { active } = screen.buffer
  const found = Array.from({ length: active.length }, (_, y) => active.getLine(y))
  const isWrapped = found.some((line) => line?.isWrapped)
  const text = found.map((line) => line?.translateToString(true) ?? "").join("\n")
  screen.dispose()
  return { exitCode, lines: text.trimEnd().split("\n"), isWrapped, sent }
}
