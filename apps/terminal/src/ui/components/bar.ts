// Units as a bar: what has come, what is waited for, what will not come. Told apart without colour.
import type { Units } from "@orderwatch/core/OrderReport"

const glyphs = [
  ["fulfilled", "█"],
  ["pending", "░"],
  ["unfulfilled", "x"],
  ["unknown", "?"]
] as const

/** The bar, exactly that wide; whatever is there at all has a place in it. */
export const bar = (units: Units, width: number): string => {
  if (units.total <= 0 || width <= 0) return ""
  const parts = glyphs.flatMap(([state, glyph]) => {
    const amount = units[state]
    return amount <= 0
      ? []
      : [{ glyph, size: Math.max(1, Math.round((amount / units.total) * width)) }]
  })
  const off = parts.reduce((sum, { size }) => sum + size, 0) - width
  const largest = parts.toSorted((a, b) => b.size - a.size)[0]
  return parts
    .map(({ glyph, size }, at) =>
      glyph.repeat(Math.max(0, parts[at] === largest ? size - off : size))
    )
    .join("")
    .slice(0, width)
}
