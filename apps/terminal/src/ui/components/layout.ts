// Columns of a list: measured once for a width, so that nothing jumps while one scrolls. Pure.
import { fit, pad } from "../../render/text.ts"

export interface Column {
  readonly title: string
  readonly least: number
  /** As wide as it can use; the same as the least unless given. */
  readonly most?: number
  readonly isRight?: boolean
  /** Left out where there is no room; the last one first. */
  readonly isOptional?: boolean
}

export interface Layout {
  readonly columns: ReadonlyArray<Column>
  readonly widths: ReadonlyArray<number>
}

const gap = 2

const total = (widths: ReadonlyArray<number>): number =>
  widths.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, widths.length - 1)

/** The columns that fit, each as wide as it may be. A column without room is 0 wide. */
export const layout = (columns: ReadonlyArray<Column>, width: number): Layout => {
  const shown = columns.map(() => true)
  const least = () => columns.map((column, at) => (shown[at] === true ? column.least : 0))
  const sizes = () => total(least().filter((_, at) => shown[at] === true))
  while (sizes() > width) {
    const spare = columns.findLastIndex((column, at) => column.isOptional === true && shown[at])
    if (spare < 0) break
    shown[spare] = false
  }
  const widths = [...least()]
  let left = width - sizes()
  // Too narrow even so: the widest gives way.
  while (left < 0) {
    const widest = widths.indexOf(Math.max(...widths))
    const size = widths[widest] ?? 0
    if (size <= 4) break
    widths[widest] = size - 1
    left++
  }
  // One more for each in turn, so that none takes all.
  for (let isGiven = true; isGiven && left > 0;) {
    isGiven = false
    for (const [at, column] of columns.entries()) {
      const width = widths[at] ?? 0
      if (shown[at] !== true || left <= 0 || width >= (column.most ?? column.least)) continue
      widths[at] = width + 1
      left--
      isGiven = true
    }
  }
  return { columns, widths }
}

export interface Cell {
  readonly text: string
  readonly style?: ((text: string) => string) | undefined
}

/** The cells in their columns. */
export const row = ({ columns, widths }: Layout, cells: ReadonlyArray<Cell>): string =>
  columns
    .flatMap((column, at) => {
      const width = widths[at] ?? 0
      if (width === 0) return []
      const { style, text } = cells[at] ?? { text: "" }
      const padded = pad(fit(text, width), width, column.isRight === true)
      return style === undefined ? [padded] : [style(padded)]
    })
    .join(" ".repeat(gap))

/** The titles of the columns. */
export const head = (made: Layout, style: (text: string) => string): string =>
  style(
    row(
      made,
      made.columns.map(({ title }) => ({ text: title }))
    )
  )
