// Durations as orderwatch's users write them: 500ms, 10s, 30m, 2h.

const form = /^(?<amount>\d{1,9}(?:\.\d{1,3})?)(?<unit>ms|s|m|h)$/
const units: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000]
])

/** Thirty years: enough to outlive anything, and no date that JavaScript cannot write. */
export const longestDuration = 946_080_000_000

/** Milliseconds of a written duration, or of a number of seconds. */
export const parseDuration = (value: unknown): number | undefined => {
  const ms = typeof value === "number" ? value * 1000 : millisOf(value)
  return ms !== undefined && ms >= 0 ? ms : undefined
}

const millisOf = (value: unknown) => {
  if (value === "0") return 0
  const groups = typeof value === "string" ? form.exec(value)?.groups : undefined
  const unit = units.get(groups?.["unit"] ?? "")
  return unit === undefined ? undefined : Number(groups?.["amount"]) * unit
}
