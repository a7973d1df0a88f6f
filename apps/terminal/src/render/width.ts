// How wide text is, and text of just that width. Without Effect, so that a first frame needs none of it.

const simple = /^[\u0020-\u007e]*$/
// Marks of our own, each of them one column wide: nearly every line has one.
const ours = /^[\u0020-\u007e◇●›…·—↵↑↓←→✔◐✖★█░]*$/

// Until the tables of Unicode are there, only our own words are shown.
let measure = (text: string): number => text.length

/** From now on the width of all other text is found out so. */
export const measureBy = (exact: (text: string) => number): void => {
  measure = exact
}

/** How many columns a terminal gives to the text. */
// Loading the tables of Unicode takes longer than most tables take to print.
export const displayWidth = (text: string): number =>
  ours.test(text) ? text.length : measure(text)

/** The text in that many columns at most, its end cut off where it is longer. */
export const fit = (text: string, width: number): string => {
  if (displayWidth(text) <= width) return text
  if (simple.test(text)) return `${text.slice(0, Math.max(0, width - 1))}…`
  let kept = ""
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (displayWidth(kept + segment) > width - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** The text with blanks up to that many columns. */
export const pad = (text: string, width: number, isRight = false): string => {
  const space = " ".repeat(Math.max(0, width - displayWidth(text)))
  return isRight ? space + text : text + space
}

/** `1 unit`, `2 units`. */
export const count = (amount: number, noun: string): string =>
  `${amount} ${noun}${amount === 1 ? "" : "s"}`
