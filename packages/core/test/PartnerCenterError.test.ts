import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  fromAnswer,
  isNotFound,
  isRetryable,
  make,
  Operation,
  parseErrorBody,
  PartnerCenterError,
  title,
  toProblem
} from "../src/PartnerCenterError.ts"
import type { Reason, ReasonTag } from "../src/PartnerCenterError.ts"
import { formA, formB, formC, formD } from "./fixtures.ts"

const reasons: ReadonlyArray<Reason> = [
  make({ _tag: "InvalidRequest" }),
  make({ _tag: "SignInRequired" }),
  make({ _tag: "MfaRequired" }),
  make({ _tag: "WrongAudience" }),
  make({ _tag: "NoRelationship" }),
  make({ _tag: "ConditionalAccess" }),
  make({ _tag: "AppOnlyNotSupported" }),
  make({ _tag: "InsufficientPrivileges" }),
  make({ _tag: "CustomerNotFound" }),
  make({ _tag: "OrderNotFound" }),
  make({ _tag: "ProvisioningStatusNotFound" }),
  make({ _tag: "OrderInProgress" }),
  make({ _tag: "Conflict" }),
  make({ _tag: "Throttled", retryAfter: 7 }),
  make({ _tag: "Unavailable" }),
  make({ _tag: "TimedOut" }),
  make({ _tag: "UnexpectedResponse" })
]

const withTags = (holds: (reason: Reason) => boolean): ReadonlyArray<ReasonTag> =>
  reasons.filter(holds).map(({ _tag }) => _tag)

describe("reasons", () => {
  it.each(reasons)("$_tag has a title and a remedy of one line", (reason) => {
    for (const text of [title(reason), reason.remedy]) {
      assert.isAbove(text.length, 10)
      assert.notInclude(text, "\n")
    }
  })

  it("a given remedy is kept", () => {
    assert.strictEqual(make({ _tag: "SignInRequired", remedy: "Do this." }).remedy, "Do this.")
  })

  it("only what passes on its own is retryable", () => {
    assert.deepStrictEqual(withTags(isRetryable), [
      "OrderInProgress",
      "Throttled",
      "Unavailable",
      "TimedOut"
    ])
  })

  it("three reasons say that there is no such thing", () => {
    assert.deepStrictEqual(withTags(isNotFound), [
      "CustomerNotFound",
      "OrderNotFound",
      "ProvisioningStatusNotFound"
    ])
  })
})

describe("error bodies", () => {
  it.each([
    ["form A, its code a number", formA(20000, "No such order."), "20000", "No such order."],
    ["form A, its code a string", formA("20000", "No such order."), "20000", "No such order."],
    ["form B", formB(600061, "Already there."), "600061", "Already there."],
    ["form B without a description", { code: 1, message: "Only this." }, "1", "Only this."],
    ["form C", formC(429, "Rate limit is exceeded."), undefined, "Rate limit is exceeded."],
    ["code 0", formA(0, "Not a status."), "0", "Not a status."],
    ["nulls", { code: null, description: null, message: null }, undefined, undefined],
    ["an error in an error", { error: { code: "900421", message: "MFA." } }, "900421", "MFA."],
    ["a description of another kind", { code: 900421, description: {} }, "900421", undefined],
    ["a code of another kind", { code: {}, message: "Only this." }, undefined, "Only this."],
    ["another shape", { errors: [{ code: "x" }] }, undefined, undefined]
  ])("%s", (_, body, code, description) => {
    const said = parseErrorBody(JSON.stringify(body))
    assert.deepStrictEqual([said.code, said.description], [code, description])
  })

  it.each(["", formD, "null", "[]", "{", "Service Unavailable"])(
    "form D says nothing, and is no failure: '%s'",
    (body) => {
      assert.deepStrictEqual(parseErrorBody(body), {})
    }
  )

  it("control characters are stripped from what upstream said", () => {
    const said = parseErrorBody(
      JSON.stringify(formA("20\u0000000", "\u001b[2Jbad\r\nINFO forged\u009b1m \u202eend\u2028"))
    )
    assert.strictEqual(said.description, "[2Jbad INFO forged 1m  end")
    assert.strictEqual(said.code, "20 000")
  })

  it("long descriptions are cut at the length that is documented", () => {
    assert.strictEqual(
      parseErrorBody(JSON.stringify(formA(1, "x".repeat(5000)))).description?.length,
      1024
    )
  })
})

describe("from an answer", () => {
  it.each([
    [429, undefined, "Throttled"],
    [501, undefined, "Unavailable"],
    [599, undefined, "Unavailable"],
    [405, undefined, "UnexpectedResponse"],
    [406, undefined, "UnexpectedResponse"],
    [412, undefined, "UnexpectedResponse"],
    [201, undefined, "UnexpectedResponse"],
    [204, undefined, "UnexpectedResponse"],
    [0, undefined, "UnexpectedResponse"],
    // A code means what it means under its own status only.
    [400, "20000", "InvalidRequest"],
    [403, "900421", "InsufficientPrivileges"],
    [409, "800014", "Conflict"],
    [500, "800003", "Unavailable"]
  ] as const)("%i with code %s is %s", (status, code, tag) => {
    const reason = fromAnswer("order", { status, ...(code !== undefined && { code }) })
    assert.strictEqual(reason._tag, tag)
    assert.strictEqual(reason.httpStatus, status)
  })

  it.each([
    ["customers", "CustomerNotFound"],
    ["orders", "CustomerNotFound"],
    ["order", "OrderNotFound"],
    ["provisioningStatus", "ProvisioningStatusNotFound"],
    ["subscriptionProvisioningStatus", "ProvisioningStatusNotFound"]
  ] as const)(
    "a 404 that gives no known code is told by the operation: %s, %s",
    (operation, tag) => {
      for (const code of [undefined, "1000"]) {
        const reason = fromAnswer(operation, { status: 404, ...(code !== undefined && { code }) })
        assert.strictEqual(reason._tag, tag)
      }
    }
  )

  it("a wait is kept where the reason knows one", () => {
    assert.deepInclude(fromAnswer("order", { status: 429, retryAfter: 57 }), { retryAfter: 57 })
    assert.deepInclude(fromAnswer("order", { status: 503, retryAfter: 57 }), { retryAfter: 57 })
    assert.notProperty(fromAnswer("order", { status: 403, retryAfter: 57 }), "retryAfter")
  })
})

describe("PartnerCenterError", () => {
  const error = new PartnerCenterError({
    operation: "order",
    reason: make({
      _tag: "Throttled",
      retryAfter: 57,
      httpStatus: 429,
      code: "1",
      description: "Wait."
    }),
    support: { requestId: "r", correlationId: "c", msCv: "cv", serverId: "s" }
  })

  it("its message is a headline, what upstream said, and where from", () => {
    assert.strictEqual(error.message, "Too many requests · Wait. · (HTTP 429, code 1)")
  })

  it("its message leaves out what is not known", () => {
    const bare = new PartnerCenterError({
      operation: Operation.literals[0],
      reason: make({ _tag: "TimedOut" }),
      support: {}
    })
    assert.strictEqual(bare.message, "No answer in time")
  })

  it("as a problem it has the fields that every door shows", () => {
    assert.deepStrictEqual(toProblem(error), {
      reason: "Throttled",
      title: "Too many requests",
      detail: "Wait.",
      remedy: "Ask again later, and less often.",
      requestId: "r",
      correlationId: "c",
      upstreamStatus: 429,
      upstreamCode: "1",
      retryAfter: 57
    })
  })

  it.effect("a reason is handled by its tag", () =>
    Effect.gen(function* () {
      const waited = yield* Effect.fail(error).pipe(
        Effect.catchReason("PartnerCenterError", "Throttled", ({ retryAfter }) =>
          Effect.succeed(retryAfter)
        )
      )
      assert.strictEqual(waited, 57)
    })
  )
})
