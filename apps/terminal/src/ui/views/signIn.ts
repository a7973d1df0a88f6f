// Signing in: the code in large, and how long it is good for; or the address for the browser.
import { plain } from "@orderwatch/core/text"
import { DateTime } from "effect"
import { stamp } from "../../render/standing.ts"
import { displayWidth, wrap } from "../../render/text.ts"
import type { Theme } from "../../theme.ts"
import type { Step } from "../state/signIn.ts"

const spaced = (code: string): string => [...code].join(" ")

// A frame, so that it is found at once; where it fits.
const framed = (text: string, columns: number, theme: Theme): ReadonlyArray<string> => {
  const wide = displayWidth(text)
  return wide + 10 > columns
    ? [`  ${theme.strong(text)}`]
    : [
        `  ┌${"─".repeat(wide + 6)}┐`,
        `  │   ${theme.strong(text)}   │`,
        `  └${"─".repeat(wide + 6)}┘`
      ]
}

/** Minutes and seconds. */
const countdown = (millis: number): string => {
  // The clock on the screen is late rather than early.
  const seconds = Math.floor(millis / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

export const signInLines = (
  step: Step,
  {
    columns,
    isSpoken,
    now,
    theme
  }: {
    readonly columns: number
    readonly isSpoken: boolean
    readonly now: number
    readonly theme: Theme
  }
): ReadonlyArray<string> => {
  const fits = (lines: ReadonlyArray<string>) => lines.flatMap((line) => wrap(line, columns))
  switch (step._tag) {
    case "Asking":
      return [theme.dim("… asking Microsoft's login")]
    case "Code": {
      const left = Math.max(0, step.code.expiresAt.epochMilliseconds - now)
      const code = plain(step.code.userCode)
      return [
        ...fits([`Open ${theme.strong(plain(step.code.verificationUri))} on any device and enter`]),
        "",
        ...framed(columns >= 40 ? spaced(code) : code, columns, theme),
        "",
        ...fits([
          `${theme.accent("y")} copies the code. It is good ${
            isSpoken
              ? `until ${stamp(DateTime.toUtc(step.code.expiresAt), true)}`
              : `for ${theme.strong(countdown(left))} more`
          }.`,
          theme.dim("This screen goes on by itself as soon as you have signed in there.")
        ])
      ]
    }
    case "Address":
      return [
        ...fits([
          step.isOpen
            ? "Sign in in the browser that has just opened. If none has, open this address:"
            : "Open this address in a browser on this machine, and sign in there:",
          ""
        ]),
        // Whole, however long, for who marks it with the mouse.
        ...chunks(step.url, columns),
        "",
        ...fits([`${theme.accent("y")} copies it.`])
      ]
    case "Failed": {
      const [first = "", ...more] = wrap(`  ${plain(step.message)}`, columns)
      return fits([
        `${theme.bad("✖")} ${theme.strong(first.trim())}`,
        ...more.map((line) => `  ${theme.strong(line.trim())}`),
        ...(step.remedy === undefined ? [] : [`  → ${plain(step.remedy)}`]),
        "",
        `${theme.accent("R")} begins again.`
      ])
    }
    case "Done":
      return ["Signed in."]
  }
}

const chunks = (text: string, size: number): ReadonlyArray<string> =>
  text.match(new RegExp(`.{1,${Math.max(1, size)}}`, "g")) ?? []
