// Text without secrets, for everything that tells of this process.
import { plain } from "@orderwatch/core/text"

// Anything that has the look of a token, whatever brought it here.
const token =
  /\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}|\b(?:Bearer|bearer)\s+[\w.~+/=-]{8,}|\bowk_[0-9a-z]{8}_[0-9A-Za-z]{8,}/g

/** The text with everything that looks like a token taken out. */
export const withoutTokens = (text: string): string => text.replace(token, "<redacted>")

// Whatever one of the rules could mean: most lines hold nothing of it, and are what they are. Searched for one
// by one, which takes a fraction of what it takes a pattern of them all.
const unusual = /[^ -~]/
const marks: ReadonlyArray<string> = ["eyJ", "earer", "owk_"]

const isSuspicious = (line: string): boolean =>
  unusual.test(line) ||
  marks.some((mark) => line.includes(mark)) ||
  line.startsWith(" ") ||
  line.endsWith(" ")

/** One line, fit for a terminal and free of tokens. */
export const safeLine = (line: string): string =>
  isSuspicious(line) ? plain(withoutTokens(line)) : line
