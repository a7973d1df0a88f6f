// Rows of CSV, each with the line that it begins on.
import { Effect, Predicate } from "effect"
import { saysSomething } from "./decode.ts"
import type { Malformed } from "./written.ts"

export type Delimiter = "\t" | ";" | ","

export interface Row {
  readonly line: number
  readonly cells: ReadonlyArray<string>
}

const breaks = (text: string): number => text.split("\n").length - 1

const unclosed = (start: number, end: number): string =>
  end > start
    ? `its quotation marks do not match, so lines ${start} to ${end} could not be read.`
    : "its quotation marks do not match."

/** The rows of a text whose lines end with `\n`; blank lines and comments are none. */
export const read = Effect.fnUntraced(function* (text: string, delimiter: Delimiter) {
  // Loaded only where there is CSV to read.
  const { parse } = yield* Effect.promise(() => import("csv-parse/sync"))
  const lines = text.split("\n")
  const rows: Array<Row> = []
  const malformed: Array<Malformed> = []
  let last = 0
  parse(text, {
    delimiter,
    record_delimiter: "\n",
    comment: "#",
    comment_no_infix: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    trim: delimiter !== "\t",
    on_record: (cells, context) => {
      last = context.lines
      rows.push({ line: last - cells.reduce((sum, cell) => sum + breaks(cell), 0), cells })
      return null
    },
    on_skip: (error) => {
      const end = Predicate.isNumber(error?.["lines"]) ? error["lines"] : last + 1
      const isNext = (line: string, at: number) => at >= last && saysSomething(line)
      const start = Math.min(lines.findIndex(isNext) + 1, end)
      malformed.push({ line: start, message: unclosed(start, end) })
      last = end
      return undefined
    }
  })
  return { rows, malformed }
})
