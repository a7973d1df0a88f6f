// What came from the keyboard, as the key table calls it.
import type { Key } from "ink"

const special = {
  upArrow: "up",
  downArrow: "down",
  leftArrow: "left",
  rightArrow: "right",
  pageDown: "pagedown",
  pageUp: "pageup",
  home: "home",
  end: "end",
  return: "enter",
  escape: "esc",
  tab: "tab",
  backspace: "backspace",
  delete: "backspace"
} as const satisfies Partial<Record<keyof Key, string>>

const bytes: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  " ": "space",
  "\t": "tab",
  "\u007f": "backspace",
  "\b": "backspace"
}

const isSpecial = (name: string): name is keyof typeof special => Object.hasOwn(special, name)

/** One character that was typed. */
const typed = (char: string): string => {
  const known = bytes[char]
  if (known !== undefined) return known
  const code = char.charCodeAt(0)
  return code > 0 && code < 27 ? `ctrl-${String.fromCharCode(code + 96)}` : char
}

/**
 * The keys of one piece of input. Several that were typed faster than they were read come in one piece, in
 * their order.
 */
export const named = (input: string, key: Key): ReadonlyArray<string> => {
  for (const name of Object.keys(special)) {
    if (isSpecial(name) && key[name] === true && input.length <= 1) return [special[name]]
  }
  if (input === "") return []
  // Nothing here takes Alt: it was escape, and the next key right after it.
  if (key.meta) return ["esc", ...[...input].map(typed)]
  if (key.ctrl) return [`ctrl-${input}`]
  return [...input].map(typed)
}

/** What a key adds to a line that is being typed. */
export const character = (name: string): string =>
  name === "space" ? " " : [...name].length === 1 ? name : ""
