import { assert, describe, it } from "@effect/vitest"
import { byReason, byVerdict, worst } from "../src/exitCode.ts"
import type { ExitCode } from "../src/exitCode.ts"

describe("the exit codes of the contract", () => {
  it("by reason", () => {
    const reasons = (code: ExitCode) =>
      Object.entries(byReason)
        .flatMap(([reason, found]) => (found === code ? [reason] : []))
        .toSorted()
    const failed = ["Conflict", "Throttled", "TimedOut", "Unavailable", "UnexpectedResponse"]
    assert.deepStrictEqual(reasons(1), failed)
    assert.deepStrictEqual(reasons(2), ["InvalidRequest"])
    assert.deepStrictEqual(reasons(4), [
      "AppOnlyNotSupported",
      "ConditionalAccess",
      "InsufficientPrivileges",
      "MfaRequired",
      "NoRelationship",
      "SignInRequired",
      "WrongAudience"
    ])
    assert.deepStrictEqual(reasons(5), [
      "CustomerNotFound",
      "OrderNotFound",
      "ProvisioningStatusNotFound"
    ])
    assert.deepStrictEqual(reasons(8), ["OrderInProgress"])
    assert.lengthOf(Object.keys(byReason), 17)
  })

  it("by verdict", () => {
    assert.deepStrictEqual(byVerdict, {
      fulfilled: 0,
      partiallyFulfilled: 3,
      unfulfilled: 3,
      pending: 8,
      unknown: 8
    })
  })
})

describe("worst", () => {
  const order: ReadonlyArray<ExitCode> = [130, 2, 4, 1, 5, 124, 8, 3, 0]

  it("of two codes it is the one that comes first in the contract, in either order", () => {
    for (const [at, first] of order.entries()) {
      for (const second of order.slice(at)) {
        assert.strictEqual(worst([first, second]), first)
        assert.strictEqual(worst([second, first]), first)
      }
    }
  })

  it("of none it is 0", () => {
    assert.strictEqual(worst([]), 0)
  })
})
