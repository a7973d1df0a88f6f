// Strings that come from elsewhere, made fit to be read and shown.

/**
 * What a terminal acts on instead of showing it: controls, and the marks that hide text or turn it
 * around. The two joiners stay: scripts and emoji need them.
 */
export const acting = /[[\p{Cc}\p{Cf}\u2028\u2029]--[\u200c\u200d]]+/gv

/** The text without control characters, so that it can neither move a cursor nor forge a log line. */
export const plain = (text: string): string => text.replace(acting, " ").trim()

const mark = /^\uFEFF/

/** The text without the byte order mark that upstream's answers, and what some editors write, begin with. */
export const withoutByteOrderMark = (text: string): string => text.replace(mark, "")

/** Visible ASCII and at least some of it: what any header can carry as one word. */
export const visible = /^[\u0021-\u007e]+$/

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
