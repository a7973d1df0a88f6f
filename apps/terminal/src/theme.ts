// How states look: a glyph and a word always, colour where it is welcome.
import type { Verdict } from "@orderwatch/core/OrderReport"
import type { ProvisioningState } from "@orderwatch/core/ProvisioningStatus"

type Style = (text: string) => string

export interface Theme {
  readonly ok: Style
  readonly wait: Style
  readonly bad: Style
  readonly unsure: Style
  readonly dim: Style
  readonly strong: Style
  /** What can be acted on: keys, titles. */
  readonly accent: Style
  /** What is selected. */
  readonly inverse: Style
}

const sgr =
  (code: number, end: number): Style =>
  (text) =>
    text === "" ? "" : `\u001b[${code}m${text}\u001b[${end}m`
const none: Style = (text) => text

const coloured: Theme = {
  ok: sgr(32, 39),
  wait: sgr(33, 39),
  bad: sgr(31, 39),
  unsure: sgr(35, 39),
  dim: sgr(2, 22),
  strong: sgr(1, 22),
  accent: sgr(36, 39),
  inverse: sgr(7, 27)
}

/** Without any colour. */
export const uncoloured: Theme = {
  ok: none,
  wait: none,
  bad: none,
  unsure: none,
  dim: none,
  strong: none,
  accent: none,
  inverse: none
}

interface Surroundings {
  /** What `--color` or `--no-color` said. */
  readonly flag: boolean | undefined
  readonly isTerminal: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The flag first, then `NO_COLOR` and `FORCE_COLOR` (non-empty), then whether a terminal shows it. */
export const theme = ({ environment, flag, isTerminal }: Surroundings): Theme => {
  const force = environment["FORCE_COLOR"] ?? ""
  const wanted =
    flag ??
    (environment["NO_COLOR"]
      ? false
      : force === ""
        ? isTerminal && environment["TERM"] !== "dumb"
        : force !== "0" && force !== "false")
  return wanted ? coloured : uncoloured
}

interface Look {
  readonly glyph: string
  readonly word: string
  readonly style: keyof Theme
}

const looks = {
  fulfilled: { glyph: "✔", word: "fulfilled", style: "ok" },
  partiallyFulfilled: { glyph: "◐", word: "partially fulfilled", style: "bad" },
  pending: { glyph: "…", word: "pending", style: "wait" },
  unfulfilled: { glyph: "✖", word: "unfulfilled", style: "bad" },
  unknown: { glyph: "?", word: "unknown", style: "unsure" }
} satisfies Record<ProvisioningState | Verdict, Look>

/** A state as a person reads it, such as `✔ fulfilled`. */
export const shown = (state: ProvisioningState | Verdict): Look => looks[state]
