// Text in columns, measured as a terminal measures it.
import * as CliOutput from "effect/cli/CliOutput"
import type { Theme } from "../theme.ts"
import { count, displayWidth, fit, measureBy, pad } from "./width.ts"

measureBy(CliOutput.displayWidth)

export { count, displayWidth, fit, pad }

/** The line broken between words into lines of that many columns, which keep its indent. */
export const wrap = (line: string, width: number): ReadonlyArray<string> => {
  if (displayWidth(line) <= width) return [line]
  const indent = /^ */.exec(line)?.[0] ?? ""
  const lines: Array<string> = []
  let current = ""
  for (const word of line.slice(indent.length).split(" ")) {
    const longer = current === "" ? word : `${current} ${word}`
    if (current !== "" && displayWidth(indent + longer) > width) {
      lines.push(indent + current)
      current = word
    } else current = longer
  }
  return [...lines, indent + current]
}

export interface Cell {
  readonly text: string
  readonly style?: keyof Theme
}

export interface Column {
  readonly title: string
  /** Numbers stand at the right. */
  readonly isRight?: boolean
  /** Gives way when the table is wider than the terminal, down to 8 columns or what is said here. */
  readonly isFlexible?: boolean
  readonly least?: number
  /** Left out where the table does not fit even so; the last one first. */
  readonly isOptional?: boolean
}

const gap = 2
const leastOf = (column: Column | undefined, natural: number): number =>
  column?.isFlexible ? (column.least ?? 8) : natural

const total = (widths: ReadonlyArray<number>): number =>
  widths.reduce((sum, width) => sum + width + gap, -gap)

/** Rows under their titles, in that many columns at most where the flexible ones allow it. */
export const table = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>,
  options: { readonly width: number; readonly theme: Theme }
): ReadonlyArray<string> => {
  const natural = columns.map((column, at) =>
    Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(row[at]?.text ?? "")))
  )
  const smallest = natural.map((width, at) => Math.min(width, leastOf(columns[at], width)))
  const spare = columns.findLastIndex((column) => column.isOptional)
  if (spare >= 0 && total(smallest) > options.width) {
    const isKept = (_: unknown, at: number) => at !== spare
    return table(
      columns.filter(isKept),
      rows.map((row) => row.filter(isKept)),
      options
    )
  }
  const widths = shrunk(columns, natural, total(natural) - options.width)
  const line = (cells: ReadonlyArray<Cell>) =>
    columns
      .map((column, at) => {
        const { style, text } = cells[at] ?? { text: "" }
        const width = widths[at] ?? 0
        const fitted = fit(text, width)
        // Blanks at the end would wrap where the terminal is narrower still.
        const isLast = at === columns.length - 1 && column.isRight !== true
        const padded = isLast ? fitted : pad(fitted, width, column.isRight === true)
        return style === undefined ? padded : options.theme[style](padded)
      })
      .join(" ".repeat(gap))
      .trimEnd()
  return [line(columns.map(({ title }) => ({ text: title, style: "dim" }))), ...rows.map(line)]
}

// The widest flexible column gives way first.
const shrunk = (
  columns: ReadonlyArray<Column>,
  natural: ReadonlyArray<number>,
  excess: number
): ReadonlyArray<number> => {
  const widths = [...natural]
  for (let left = excess; left > 0; left--) {
    let widest = -1
    for (const [at, column] of columns.entries()) {
      const width = widths[at] ?? 0
      if (width > leastOf(column, width) && width > (widths[widest] ?? 0)) widest = at
    }
    if (widest < 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

/** How long ago, in the largest unit that fits: `12 s`, `5 min`, `3 h`, `9 d`. */
export const ago = (from: number, now: number): string => {
  const seconds = Math.max(0, Math.round((now - from) / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}
