import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { partyOf } from "../../src/limits/address.ts"

describe("an address", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::6", "2001:db8:1:2"],
    ["2001:0db8:0001:0002::", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["::1", "0:0:0:0"],
    ["::", "0:0:0:0"],
    ["", ""],
    ["unknown", "unknown"]
  ])("%s counts as %s", (address, party) => {
    assert.strictEqual(partyOf(address), party)
  })

  it.prop(
    "that is none counts as something short",
    { address: Schema.String },
    ({ address }) => assert.isAtMost(partyOf(address).length, 64),
    { arbitrary: { seed: "address", runs: 200 } }
  )
})
