// Strings that come from elsewhere, made fit to be shown.

// C0 and C1 controls, and the marks that hide text or turn it around.
const control = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g

/** The text without control characters, so that it can neither move a cursor nor forge a log line. */
export const plain = (text: string): string => text.replace(control, " ").trim()

/** The text with every occurrence of the secrets taken out, as they are and as a form writes them. */
export const without = (text: string, secrets: ReadonlyArray<string>): string =>
  secrets
    .flatMap((secret) => (secret === "" ? [] : [secret, asInForm(secret)]))
    .reduce((safe, secret) => safe.replaceAll(secret, "<redacted>"), text)

const asInForm = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  )
