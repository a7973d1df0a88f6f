// What no process of ours may ever print: a secret, a token, a stack, a control character.

const stack = /(?:^|\s)at (?:async )?[^\n]{0,200}?\(?(?:file:\/\/|node:|\/)[^\s()]+:\d+:\d+/
const tokens = [/eyJ[\w-]{8,}/, /\bbearer\s+(?!<redacted>)[\w.~+/=-]{8,}/i, /simulator-refresh-/]
/** The colours of our own theme. */
const colours = /\u001b\[(?:1|2|7|22|27|31|32|33|35|36|39)m/g
const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/

const spellings = (secret: string): ReadonlyArray<string> => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  new URLSearchParams({ secret }).toString().slice("secret=".length),
  btoa(encodeURIComponent(secret))
]

/** What is wrong with the output, or nothing. */
export const wrong = (output: string, secrets: ReadonlyArray<string>): string | undefined => {
  const leaked = secrets.find((secret) => spellings(secret).some((text) => output.includes(text)))
  if (leaked !== undefined) return `the secret ${leaked}`
  if (tokens.some((token) => token.test(output))) return "a token"
  if (stack.test(output)) return "a stack trace"
  if (acting.test(output.replaceAll(colours, ""))) return "a control character"
  return undefined
}
