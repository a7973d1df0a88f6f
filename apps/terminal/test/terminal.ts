// A person at a terminal: starts a program in a pseudo-terminal and reads all that it showed.
import { EventEmitter } from "node:events"
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

/** A program on a terminal, under way. */
export interface Terminal {
  readonly press: (keys: string) => void
  readonly resize: (cols: number, rows: number) => void
  /** The rows of the screen as they are now, the empty ones at the end left out. */
  readonly screen: () => ReadonlyArray<string>
  /** Waits until a row of the screen is so, or the program ended without. */
  readonly sees: (row: RegExp) => Promise<ReadonlyArray<string>>
  /** The same for all that was sent. */
  readonly sends: (text: RegExp) => Promise<unknown>
  readonly ended: Promise<Shown>
}

/** How a line is taken back to be written anew. */
export const rewriting = "\r\u001b[2K"

/** Starts a program of Node's, which ends within 30 seconds. */
export const open = (
  args: ReadonlyArray<string>,
  { cols, env }: { readonly env: Record<string, string>; readonly cols: number }
): Terminal => {
  const rows = 24
  const screen = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 1000 })
  const name = env["TERM"] ?? "xterm-256color"
  const child = pty.spawn(process.execPath, [...args], { name, cols, rows, env })
  const heard = new EventEmitter()
  let sent = ""
  child.onData((text) => {
    sent += text
    screen.write(text, () => heard.emit("more"))
  })
  const bound = setTimeout(() => child.kill("SIGKILL"), 30_000)

  const rowsFrom = (first: number) =>
    Array.from({ length: screen.buffer.active.length - first }, (_, y) =>
      screen.buffer.active.getLine(first + y)
    )
  const textFrom = (first: number) =>
    rowsFrom(first)
      .map((line) => line?.translateToString(true) ?? "")
      .join("\n")
      .trimEnd()
      .split("\n")

  const ended = new Promise<number>((resolve) => {
    child.onExit((exit) => screen.write("", () => resolve(exit.exitCode)))
  }).then((exitCode): Shown => {
    clearTimeout(bound)
    const isWrapped = rowsFrom(0).some((line) => line?.isWrapped)
    return { exitCode, lines: textFrom(0), isWrapped, sent }
  })

  const until = <A>(look: () => A | undefined): Promise<A> =>
    new Promise((resolve, reject) => {
      const lookAgain = () => {
        const found = look()
        if (found === undefined) return
        heard.off("more", lookAgain)
        resolve(found)
      }
      heard.on("more", lookAgain)
      lookAgain()
      ended.then((shown) => reject(new Error(`it ended before: ${shown.lines.join("\n")}`)), reject)
    })

  const now = () => textFrom(screen.buffer.active.baseY)
  return {
    press: (keys) => child.write(keys),
    resize: (cols, rows) => {
      screen.resize(cols, rows)
      child.resize(cols, rows)
    },
    screen: now,
    sees: (row) => until(() => (now().some((line) => row.test(line)) ? now() : undefined)),
    sends: (text) => until(() => (text.test(sent) ? true : undefined)),
    ended
  }
}

/** Presses keys once it has asked for them; it may end before. */
export const pressAfter = ({ press, sends }: Terminal, { after, press: keys }: Keys): void => {
  sends(after).then(
    () => press(keys),
    () => {}
  )
}

/** Runs a program of Node's to its end. */
export const show = (
  args: ReadonlyArray<string>,
  {
    keys,
    ...options
  }: { readonly env: Record<string, string>; readonly cols: number; readonly keys?: Keys }
): Promise<Shown> => {
  const terminal = open(args, options)
  if (keys !== undefined) pressAfter(terminal, keys)
  return terminal.ended
}
