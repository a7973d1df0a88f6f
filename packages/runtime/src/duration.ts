// Durations as users write them: 500ms, 10s, 30m, 2h.
import { Duration, Option } from "effect"

const form = /^(?<amount>\d{1,9}(?:\.\d{1,3})?)(?<unit>ms|s|m|h)$/
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** The duration that was written, or none. `0` needs no unit. */
export const parseDuration = (text: string): Option.Option<Duration.Duration> => {
  if (text === "0") return Option.some(Duration.zero)
  const groups = form.exec(text)?.groups
  const unit = units[groups?.["unit"] ?? ""]
  return unit === undefined
    ? Option.none()
    : Option.some(Duration.millis(Number(groups?.["amount"]) * unit))
}
