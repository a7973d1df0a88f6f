// Moving in a list of which only a window is shown. Pure, and as fast for 20,000 rows as for 20.
import type { Place } from "./screen.ts"

export interface Keyed {
  readonly key: string
}

export interface Extent {
  readonly rows: ReadonlyArray<Keyed>
  /** How many rows are shown at a time. */
  readonly height: number
  /** Whether a row is selected, rather than the text scrolled. */
  readonly isList: boolean
}

const clamp = (value: number, most: number): number => Math.max(0, Math.min(value, most))

/** Where the selected one is now: in its place, or wherever the list has put it. */
export const indexOf = ({ at, key }: Place, rows: ReadonlyArray<Keyed>): number => {
  if (key === undefined || rows[at]?.key === key) return clamp(at, rows.length - 1)
  const moved = rows.findIndex((row) => row.key === key)
  return moved >= 0 ? moved : clamp(at, rows.length - 1)
}

/** The first row that is shown, so that the selected one is in sight. */
export const topFor = (top: number, at: number, { height, rows }: Extent): number =>
  clamp(Math.max(Math.min(top, at), at - height + 1), Math.max(0, rows.length - height))

/** What of the list is shown, and which of it is selected. */
export const windowOf = (
  place: Place,
  extent: Extent
): { readonly from: number; readonly to: number; readonly at: number } => {
  const { height, isList, rows } = extent
  const at = isList ? indexOf(place, rows) : place.at
  const from = isList
    ? topFor(place.top, at, extent)
    : clamp(place.at, Math.max(0, rows.length - height))
  return { from, to: Math.min(rows.length, from + height), at }
}

/** The place that many rows further, or at an end. */
export const move = (place: Place, by: number, extent: Extent): Place => {
  const { at, from } = windowOf(place, extent)
  if (!extent.isList) {
    return { ...place, at: clamp(from + by, Math.max(0, extent.rows.length - extent.height)) }
  }
  const next = clamp(at + by, extent.rows.length - 1)
  return { ...place, at: next, key: extent.rows[next]?.key, top: topFor(from, next, extent) }
}
