// Copies by way of the terminal (OSC 52), which works over SSH too. Whether it took it, no terminal says.
import type { Writable } from "node:stream"

// What terminals take at most, as far as is known.
const most = 50_000

const sequence = (text: string): string =>
  `\u001b]52;c;${Buffer.from(text).toString("base64")}\u0007`

/** Inside tmux the terminal outside is meant, which tmux passes on when told so. */
const wrapped = (text: string, isInTmux: boolean): string =>
  isInTmux ? `\u001bPtmux;${text.replaceAll("\u001b", "\u001b\u001b")}\u001b\\` : text

/** Asks the terminal to keep the text; false where it is too long or cannot be sent. */
export const copy = (
  text: string,
  terminal: Pick<Writable, "write">,
  environment: Readonly<Record<string, string | undefined>>
): boolean => {
  if (text.length > most) return false
  try {
    const asked = sequence(text)
    const isInTmux = Boolean(environment["TMUX"])
    // tmux answers the plain sequence itself where it is set to; others need the wrapped one.
    terminal.write(isInTmux ? asked + wrapped(asked, true) : asked)
    return true
  } catch {
    return false
  }
}
