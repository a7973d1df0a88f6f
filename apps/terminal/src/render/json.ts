// JSON that may stand on a terminal.
import { acting } from "@orderwatch/core/text"

const escape = (char: string): string =>
  char === "\n" ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`

/** The same JSON, with everything that a terminal acts on as an escape; its own line breaks stay. */
export const escaped = (json: string): string =>
  json.replace(acting, (run) => run.split("").map(escape).join(""))

/** A value as JSON for a person and a program. */
export const json = (value: unknown): string => escaped(JSON.stringify(value, null, 2))
