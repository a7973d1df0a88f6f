import { assert, describe, it } from "@effect/vitest"
import { Duration, Option, Schema } from "effect"
import { parseDuration } from "../src/duration.ts"

const millis = (text: string) =>
  Option.getOrUndefined(Option.map(parseDuration(text), Duration.toMillis))

describe("parseDuration", () => {
  it.each([
    ["500ms", 500],
    ["10s", 10_000],
    ["30m", 1_800_000],
    ["2h", 7_200_000],
    ["1.5s", 1500],
    ["0", 0],
    ["0s", 0]
  ])("%s is %i ms", (text, expected) => {
    assert.strictEqual(millis(text), expected)
  })

  it.each([
    "",
    "10",
    "s",
    "10 s",
    " 10s",
    "-1s",
    "+1s",
    "1e3s",
    "10S",
    "10sec",
    "10s30",
    "1d",
    "Infinity",
    "1_000ms",
    "٣s",
    "9999999999s"
  ])("%j is no duration", (text) => {
    assert.isUndefined(millis(text))
  })

  it.prop(
    "whatever is written, it is a finite duration that is not negative, or none",
    { text: Schema.String },
    ({ text }) => {
      const found = millis(text)
      assert.isTrue(found === undefined || (Number.isFinite(found) && found >= 0))
    },
    { arbitrary: { seed: "duration", runs: 300 } }
  )
})
