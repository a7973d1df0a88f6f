// Tells a person that what was waited for is over: a bell, what the terminal makes of it, and the desktop.
//
// Without a library: `node-notifier` and `toasted-notifier` bring others' programs for macOS and Windows and,
// on Linux, call `notify-send` as this does. Windows shows a notification only for an application that is
// installed; there the bell and the terminal are all.
import { spawn } from "node:child_process"
import { plain } from "@orderwatch/core/text"
import { Context, Effect, Stdio, Stream } from "effect"
import { Streams } from "./output.ts"

/** The machine, as far as a desktop may be on it. */
export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The machine that this process runs on. */
export const Surroundings = Context.Reference<Surroundings>(
  "@orderwatch/terminal/notify/Surroundings",
  { defaultValue: () => ({ platform: process.platform, environment: process.env }) }
)

export interface Notification {
  readonly title: string
  readonly body: string
}

const longest = 200
const short = (text: string): string => plain(text.slice(0, longest * 4)).slice(0, longest)

// OSC 9 with a number first is a command in some terminals: ConEmu runs programs by `9;7;`.
const spoken = ({ body, title }: Notification): string => {
  const text = [title, body].filter((part) => part !== "").join(": ")
  return /^\d/.test(text) ? `orderwatch: ${text}` : text
}

const ring = Effect.fnUntraced(function* (notification: Notification) {
  const { err } = yield* Streams
  const { environment } = yield* Surroundings
  if (!err.isTerminal || environment["TERM"] === "dumb") return
  const stdio = yield* Stdio.Stdio
  yield* Stream.make(`\u0007\u001b]9;${spoken(notification)}\u0007`).pipe(
    Stream.run(stdio.stderr()),
    Effect.ignore
  )
})

// A desktop may read the body as markup, and notify-send reads backslashes in it.
const marked = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\\", "\\\\")

// The texts are arguments, never a part of the script.
const script = [
  "on run argv",
  "display notification (item 3 of argv) with title (item 1 of argv) subtitle (item 2 of argv)",
  "end run"
].flatMap((line) => ["-e", line])

const isRemote = (environment: Surroundings["environment"]): boolean =>
  ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].some((name) => Boolean(environment[name]))

const program = (
  { body, title }: Notification,
  { environment, platform }: Surroundings
): readonly [command: string, ...args: ReadonlyArray<string>] | undefined => {
  if (isRemote(environment)) return undefined
  // What is not a flag comes first, so that a text that begins with - is none either.
  if (platform === "darwin") return ["osascript", ...script, "orderwatch", title, body]
  const isDesktop = Boolean(environment["DISPLAY"] || environment["WAYLAND_DISPLAY"])
  return platform === "linux" && isDesktop
    ? ["notify-send", "--app-name=orderwatch", "--", title, marked(body)]
    : undefined
}

// What a program needs to find the desktop, and nothing that could hold a secret.
const wanted =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_.*|TMPDIR|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS)$/

const show = Effect.fnUntraced(function* (notification: Notification) {
  const surroundings = yield* Surroundings
  const [command, ...args] = program(notification, surroundings) ?? []
  if (command === undefined) return
  const env = Object.fromEntries(
    Object.entries(surroundings.environment).filter(([name]) => wanted.test(name))
  )
  yield* Effect.ignore(
    Effect.try(() => {
      const child = spawn(command, args, { detached: true, env, stdio: "ignore" })
      // A desktop without the program is none.
      child.once("error", () => {})
      child.unref()
    })
  )
})

/** Tells whoever waits, by all that is here to tell it. Never fails, and waits for nobody. */
export const notify = Effect.fnUntraced(function* (notification: Notification) {
  const safe = { title: short(notification.title), body: short(notification.body) }
  yield* ring(safe)
  yield* show(safe)
})
