// A list as a table: CSV with commas, semicolons or tabs, or words with blanks between them.
import { Effect } from "effect"
import { isCustomerId, parseCustomer, parseOrder } from "../arguments.ts"
import { columns } from "./columns.ts"
import type { Columns } from "./columns.ts"
import { read } from "./csv.ts"
import type { Delimiter, Row } from "./csv.ts"
import { saysSomething } from "./decode.ts"
import type { Found, Malformed, Written } from "./written.ts"

const positions: Columns = { customers: [0], order: 1 }

const words = (line: string): ReadonlyArray<string> => line.trim().split(/\s+/)

const wordRows = (text: string): ReadonlyArray<Row> =>
  text
    .split("\n")
    .flatMap((line, at) => (saysSomething(line) ? [{ line: at + 1, cells: words(line) }] : []))

const cellOf = (cells: ReadonlyArray<string>, at: number): string => cells[at]?.trim() ?? ""

const customerOf = ({ customers }: Columns, cells: ReadonlyArray<string>): string =>
  customers.map((at) => cellOf(cells, at)).find((cell) => cell !== "") ?? ""

const isUnderstood = Effect.fnUntraced(function* ({ cells }: Row) {
  if (columns(cells) !== undefined) return true
  const pair = Effect.andThen(parseCustomer(cellOf(cells, 0)), parseOrder(cellOf(cells, 1)))
  return yield* Effect.isSuccess(pair)
})

const delimiters: ReadonlyArray<Delimiter> = ["\t", ";", ","]

// A company's name may have a comma in it: what counts is what makes sense of one of the first lines.
const delimiterOf = Effect.fnUntraced(function* (text: string) {
  const sample: Array<string> = []
  for (const line of text.slice(0, 100_000).split("\n")) {
    if (sample.length < 20 && saysSomething(line)) sample.push(line)
  }
  const possible = delimiters.filter((delimiter) => sample.some((line) => line.includes(delimiter)))
  for (const delimiter of possible) {
    const { rows } = yield* read(sample.join("\n"), delimiter)
    for (const row of rows) if (yield* isUnderstood(row)) return delimiter
  }
  for (const line of sample) {
    if (yield* isUnderstood({ line: 0, cells: words(line) })) return undefined
  }
  return possible[0]
})

const missing = (customer: string, order: string, at: Columns): string => {
  const what = customer === "" ? (order === "" ? "customer and no order" : "customer") : "order"
  return at === positions ? `no ${what}: a line is \`customer order\`.` : `no ${what}.`
}

/** The orders of the table, by its header where it has one, else by the first two columns. */
export const rows = Effect.fnUntraced(function* (text: string) {
  const delimiter = yield* delimiterOf(text)
  const table =
    delimiter === undefined ? { rows: wordRows(text), malformed: [] } : yield* read(text, delimiter)
  const written: Array<Written> = []
  const malformed: Array<Malformed> = [...table.malformed]
  let at = positions
  for (const row of table.rows) {
    const cells = row.cells.length === 1 && at === positions ? words(row.cells[0] ?? "") : row.cells
    const customer = customerOf(at, cells)
    const order = cellOf(cells, at.order)
    const { line } = row
    const header = isCustomerId(customer) ? undefined : columns(cells)
    if (header !== undefined) at = header
    else if (cells.every((cell) => cell.trim() === "")) continue
    // A comment that is indented, which with tabs would be a cell.
    else if (row.cells.length === 1 && !saysSomething(row.cells[0] ?? "")) continue
    else if (customer === "" || order === "") {
      malformed.push({ line, message: missing(customer, order, at) })
    } else if (delimiter === undefined && cells.length > 2) {
      const message = `${cells.length} words: a line is \`customer order\`.`
      malformed.push({ line, message })
    } else written.push({ line, customer, order })
  }
  return { written, malformed } satisfies Found
})
