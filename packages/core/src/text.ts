// Strings that come from elsewhere, made fit to be shown.

// C0 and C1 controls, and the marks that hide text or turn it around.
const control = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g

/** The text without control characters, so that it can neither move a cursor nor forge a log line. */
export const plain = (text: string): string => text.replace(control, " ").trim()

/** The text with every occurrence of the secrets taken out. */
export const without = (text: string, secrets: ReadonlyArray<string>): string =>
  secrets.reduce(
    (safe, secret) => (secret === "" ? safe : safe.replaceAll(secret, "<redacted>")),
    text
  )
