import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { parse, pasted, pastedLine } from "../../src/ui/state/command.ts"
import { samples } from "../harness.ts"

const [customer, order] = samples.fulfilled

describe("a line after the colon", () => {
  it.each([
    ["customers", "Customers"],
    ["watchlist", "Watchlist"],
    ["help", "Help"],
    ["?", "Help"],
    ["q", "Quit"],
    ["quit", "Quit"],
    ["orders contoso.onmicrosoft.com", "Orders"],
    [`orders ${customer}`, "Orders"],
    ["contoso.onmicrosoft.com", "Orders"],
    [`order ${customer} ${order}`, "Order"],
    [`${customer} ${order}`, "Order"],
    [`  ${customer}, ${order}  `, "Order"],
    ["contoso.onmicrosoft.com\t-k3Jt9wQz_XhN2rB7vLsM5yTgC8dPfUa1", "Order"],
    ["", "Unclear"],
    ["order", "Unclear"],
    ["order contoso", "Unclear"],
    [`order ${customer} no/order`, "Unclear"],
    ["jump somewhere else", "Unclear"],
    ["customers now please thank you", "Unclear"]
  ])("%j is %s", (line, tag) => {
    assert.strictEqual(parse(line)._tag, tag)
  })

  it.prop("never fails, and what it says can be shown", [Schema.String], ([line]) => {
    const found = parse(line)
    if (found._tag === "Unclear") assert.notMatch(found.message, /[\u0000-\u001f\u007f-\u009f]/)
  })
})

describe("a paste", () => {
  it("leads to the order that it names, with whatever is after it", () => {
    assert.strictEqual(pasted(`${customer}\t${order}\r\nmore of a table\r\n`)?._tag, "Order")
  })

  it("leads nowhere when it names none", () => {
    assert.isUndefined(pasted("watchlist"))
    assert.isUndefined(pasted("x ".repeat(500_000)))
  })

  it("is one line to type, without what a terminal acts on", () => {
    assert.strictEqual(pastedLine("  a\u001b[2J b\nc"), "a [2J b")
  })
})
