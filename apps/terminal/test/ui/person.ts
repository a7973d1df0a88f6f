// Somebody who sits at the full-screen interface: presses keys, looks at the screen, makes the window larger.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import pty from "@lydell/node-pty"
import xterm from "@xterm/headless"
import { afterAll, assert } from "@effect/vitest"

const bundle = fileURLToPath(new URL("../../dist/orderwatch.js", import.meta.url))

export interface Seat {
  readonly cols?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
  readonly args?: ReadonlyArray<string>
  /** For Node itself. */
  readonly flags?: ReadonlyArray<string>
  /** Sits down at a shell with job control instead. */
  readonly isAtShell?: boolean
}

/** What the shell of `isAtShell` says when it waits for a command. */
export const prompt = "at-the-shell$ "

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** A home that is gone when the tests are. */
export const makeHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), "orderwatch-ui-"))
  afterAll(() => rmSync(home, { recursive: true, force: true }))
  return home
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Sits down and starts `orderwatch`; whoever is still there after two minutes is sent home. */
export const sit = ({
  args = ["--demo"],
  cols = 80,
  env = {},
  flags = [],
  isAtShell = false,
  rows = 24
}: Seat = {}) => {
  const screen = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 1000 })
  const name = env["TERM"] ?? "xterm-256color"
  const command = [process.execPath, ...flags, bundle, ...args]
  const [program = "sh", ...words] = isAtShell ? ["sh", "-i"] : command
  const child = pty.spawn(program, words, {
    name,
    cols,
    rows,
    env: {
      HOME: "/nonexistent",
      PATH: process.env["PATH"] ?? "",
      LANG: "en_US.UTF-8",
      ...(isAtShell && { PS1: prompt }),
      ...env
    }
  })
  const said: Array<string> = []
  child.onData((data) => {
    said.push(data)
    screen.write(data)
  })
  // What a terminal answers to the questions of a program.
  screen.onData((answer) => child.write(answer))
  const bound = setTimeout(() => child.kill("SIGKILL"), 120_000)
  const ended = new Promise<number>((resolve) => {
    child.onExit(({ exitCode }) => {
      clearTimeout(bound)
      screen.write("", () => resolve(exitCode))
    })
  })
  const lines = () => {
    const { active } = screen.buffer
    return Array.from(
      { length: screen.rows },
      (_, y) => active.getLine(active.viewportY + y)?.translateToString(true) ?? ""
    )
  }
  const read = () => lines().join("\n").trimEnd()
  const until = async (what: string, isSo: () => boolean, within: number) => {
    for (const end = Date.now() + within; Date.now() < end; await wait(15)) if (isSo()) return
    assert.fail(`never ${what} on:\n${read()}`)
  }
  return {
    /** What the shell is to be told so that it starts it. */
    command: command.map(quoted).join(" "),
    press: (keys: string) => child.write(keys),
    pid: child.pid,
    signal: (signal: string) => child.kill(signal),
    resize: (columns: number, height: number) => {
      screen.resize(columns, height)
      child.resize(columns, height)
    },
    /** Closes the window with all that is in it. */
    close: () => {
      assert.isTrue("destroy" in child && typeof child.destroy === "function")
      if ("destroy" in child && typeof child.destroy === "function") child.destroy()
    },
    /** Waits until there is no such process any more. */
    isGone: () => until("ended", () => !isRunning(child.pid), 15_000),
    ended,
    lines,
    read,
    /** All that was sent to the terminal. */
    sent: () => said.join(""),
    isAlternate: () => screen.buffer.active.type === "alternate",
    /** What the terminal was switched to that a shell would not have it switched to. */
    remains: (): ReadonlyArray<string> => [
      ...(screen.buffer.active.type === "alternate" ? ["the other screen"] : []),
      ...(screen.modes.bracketedPasteMode ? ["pastes are marked"] : []),
      ...(screen.modes.mouseTrackingMode === "none" ? [] : ["the mouse is reported"]),
      ...(screen.modes.applicationCursorKeysMode ? ["arrows are others"] : []),
      ...(screen.modes.synchronizedOutputMode ? ["drawing is held back"] : []),
      ...(said.join("").lastIndexOf("\u001b[?25l") > said.join("").lastIndexOf("\u001b[?25h")
        ? ["no cursor"]
        : [])
    ],
    /** Waits until the screen shows that. */
    sees: async (text: string | RegExp, within = 15_000) => {
      const isThere = () => (typeof text === "string" ? read().includes(text) : text.test(read()))
      await until(`saw ${text}`, isThere, within)
      return read()
    },
    /** Waits until the lines of the screen are so. */
    comesTo: (what: string, isSo: (lines: ReadonlyArray<string>) => boolean, within = 15_000) =>
      until(what, () => isSo(lines()), within),
    /** Waits until the screen has not changed for a while, and reads it. */
    rests: async (quiet = 150) => {
      let before = ""
      for (let calm = 0; calm < quiet; calm += 15) {
        if (read() !== before) calm = 0
        before = read()
        await wait(15)
      }
      return before
    }
  }
}

/** The screen without what is another each time: ids, times, ages. */
export const still = (text: string): string =>
  text
    .replaceAll(/\d{2}:\d{2}:\d{2}/g, "hh:mm:ss")
    .replaceAll(/(request id: |correlation id: )[0-9a-f-]{36}/g, "$1…")
    .replaceAll(/(MS-CV: )\S+/g, "$1…")
    .replaceAll(/(server id: )\S+/g, "$1…")
    .replaceAll(/ {1,6}\d+ (?:s|min) ago/g, " … ago")
    .replaceAll(/next look in \d+ s(?: \([^)]*\))?|looking$/gm, "next look in …")
    .replaceAll(/in <1 min|in 1 min/g, "in …")
    .replaceAll(/pending for \d+ (?:s|min)/g, "pending for …")
    .replaceAll(/(after|for) \d+ (?:s|min)/g, "$1 …")
    .replaceAll(/(?:[45]|<1) min/g, (age) => "~".repeat(age.length))
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
