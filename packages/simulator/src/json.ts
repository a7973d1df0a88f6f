// JSON text: its value, or where it stops being JSON, which `JSON.parse` does not always say.
import { Invalid } from "./reader.ts"

/** Throws `Invalid` with line and column. */
export const parseJson = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""))
    return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Invalid(`not JSON at ${place(text, end(text))}`)
  }
}

/** Line and column of a position, both from 1. */
const place = (text: string, position: number) => {
  const before = text.slice(0, position).split("\n")
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

const blank = /[\uFEFF \t\n\r]*/y
const scalar =
  /"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][+-]?\d+)?|true|false|null/y
const name = /"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y

const deepest = 1000

/** How far a text is JSON. */
const end = (text: string): number => {
  let position = 0
  const skip = (pattern: RegExp) => {
    pattern.lastIndex = position
    const found = pattern.test(text)
    if (found) position = pattern.lastIndex
    return found
  }
  const sees = (char: string) => {
    skip(blank)
    if (text[position] !== char) return false
    position++
    return true
  }
  const members = (close: string, member: () => boolean) => {
    if (sees(close)) return true
    do {
      if (!member()) return false
    } while (sees(","))
    return sees(close)
  }
  const value = (depth: number): boolean => {
    if (depth > deepest) return false
    if (sees("[")) return members("]", () => value(depth + 1))
    if (sees("{"))
      return members("}", () => {
        skip(blank)
        return skip(name) && sees(":") && value(depth + 1)
      })
    return skip(scalar)
  }
  if (value(0)) skip(blank)
  return position
}
