// A line of the screen as it should be read aloud: words for glyphs, commas for columns, and no frames or bars.

/** As wide as no screen is: what is read aloud is not cut off. */
export const unbroken = 400

const words: ReadonlyArray<readonly [RegExp, string]> = [
  [/[┌┐└┘─│]/g, " "],
  [/^ *→ /, "What to do: "],
  [/^! /, "Warning: "],
  [/↵/g, "enter"],
  [/↑/g, "up"],
  [/↓/g, "down"],
  [/←/g, "left"],
  [/→/g, "right"],
  // A bar, which is as wide as that in lists.
  [/(^| )[█░x?]{12}(?= |$)/g, " "],
  [/(^| {2})·(?= |$)/g, "$1not looked at yet"],
  [/[✔✖◐◇●★]/g, " "],
  [/(^| )(?:…(?= [a-z])|\?(?= (?:unknown|no id)))/g, "$1 "],
  [/(^| )(\d+)\/(\d+)(?=[ ,]|$)/g, "$1$2 of $3"],
  [/ [·›] /g, "  "]
]

/** The line in words; nothing where there is nothing to say. */
export const spoken = (line: string): string =>
  words
    .reduce((text, [glyph, word]) => text.replaceAll(new RegExp(glyph, "g"), word), line)
    .trim()
    .replaceAll(/([:,]?) {2,}/g, (_, end: string) => (end === "" ? ", " : `${end} `))
