// JSON that may stand on a terminal.

// What `JSON.stringify` leaves as it is and a terminal acts on: DEL and C1 controls, and the marks that
// hide text or turn it around.
const acting = /[\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** The same JSON, with every such character as an escape. */
export const escaped = (json: string): string =>
  json.replace(acting, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** A value as JSON for a person and a program. */
export const json = (value: unknown): string => escaped(JSON.stringify(value, null, 2))
