import { assert, describe, it } from "@effect/vitest"
import { shown, theme } from "../src/theme.ts"

interface Case {
  readonly when: string
  readonly environment?: Readonly<Record<string, string>>
  readonly flag?: boolean
  readonly isTerminal?: boolean
}

const isColoured = ({ environment = {}, flag, isTerminal = false }: Case) =>
  theme({ environment, flag, isTerminal }).bad("x") !== "x"

describe("theme", () => {
  const coloured: ReadonlyArray<Case> = [
    { when: "on a terminal", isTerminal: true },
    { when: "by --color elsewhere", flag: true },
    { when: "by --color against NO_COLOR", flag: true, environment: { NO_COLOR: "1" } },
    { when: "by FORCE_COLOR elsewhere", environment: { FORCE_COLOR: "1" } },
    { when: "by FORCE_COLOR on a dumb terminal", environment: { FORCE_COLOR: "3", TERM: "dumb" } },
    { when: "with an empty NO_COLOR", isTerminal: true, environment: { NO_COLOR: "" } },
    { when: "with an empty FORCE_COLOR", isTerminal: true, environment: { FORCE_COLOR: "" } }
  ]
  it.each(coloured)("is coloured $when", (when) => {
    assert.isTrue(isColoured(when))
  })

  const plain: ReadonlyArray<Case> = [
    { when: "without a terminal" },
    { when: "on a dumb terminal", isTerminal: true, environment: { TERM: "dumb" } },
    { when: "by NO_COLOR", isTerminal: true, environment: { NO_COLOR: "1" } },
    { when: "by NO_COLOR against FORCE_COLOR", environment: { NO_COLOR: "1", FORCE_COLOR: "1" } },
    { when: "by --no-color on a terminal", flag: false, isTerminal: true },
    { when: "by --no-color against FORCE_COLOR", flag: false, environment: { FORCE_COLOR: "1" } },
    { when: "by FORCE_COLOR=0", isTerminal: true, environment: { FORCE_COLOR: "0" } },
    { when: "by FORCE_COLOR=false", isTerminal: true, environment: { FORCE_COLOR: "false" } }
  ]
  it.each(plain)("is plain $when", (when) => {
    assert.isFalse(isColoured(when))
  })

  it("ends each colour that it begins, and colours no nothing", () => {
    const { bad, dim } = theme({ environment: {}, flag: true, isTerminal: true })
    assert.strictEqual(bad(dim("x")), "\u001b[31m\u001b[2mx\u001b[22m\u001b[39m")
    assert.strictEqual(bad(""), "")
  })

  it("tells every state by a glyph and a word of its own", () => {
    const looks = (
      ["fulfilled", "partiallyFulfilled", "pending", "unfulfilled", "unknown"] as const
    ).map((state) => shown(state))
    assert.strictEqual(new Set(looks.map(({ glyph }) => glyph)).size, 5)
    assert.strictEqual(new Set(looks.map(({ word }) => word)).size, 5)
  })
})
