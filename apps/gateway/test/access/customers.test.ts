import { assert, describe, it } from "@effect/vitest"
import { CustomerId } from "@orderwatch/core/Customer"
import { Effect, Schema } from "effect"
import { mayAsk } from "../../src/access.ts"
import { fromList, isSame } from "../../src/access/customers.ts"
import { customersOf } from "../../src/access/tokens.ts"
import { contoso, fabrikam } from "./fixtures.ts"

const only = (...ids: ReadonlyArray<string>) => new Set(ids)

describe("a list of customers", () => {
  it.each([
    { list: [], allows: only() },
    { list: ["*"], allows: "all" },
    { list: [contoso, "*"], allows: "all" },
    { list: [contoso.toUpperCase()], allows: only(contoso) },
    { list: ["**", "all", "contoso.com", ` ${contoso}`, "", "Orders.Read"], allows: only() }
  ] as const)("$list allows what it says and nothing else", ({ allows, list }) => {
    assert.deepStrictEqual(fromList(list), allows)
  })

  it("is the same as another by what it allows", () => {
    assert.isTrue(isSame(fromList([contoso, fabrikam]), fromList([fabrikam, contoso])))
    assert.isTrue(isSame("all", "all"))
    assert.isFalse(isSame("all", fromList([contoso])))
    assert.isFalse(isSame(fromList([contoso]), fromList([fabrikam])))
    assert.isFalse(isSame(fromList([contoso]), fromList([contoso, fabrikam])))
  })

  it("is asked by a customer's id in either case", () => {
    const caller = { id: "a", customers: fromList([contoso]), ended: Effect.never }
    const id = Schema.decodeSync(CustomerId)
    assert.isTrue(mayAsk(caller, id(contoso)))
    assert.isTrue(mayAsk(caller, id(contoso.toUpperCase())))
    assert.isFalse(mayAsk(caller, id(fabrikam)))
    assert.isTrue(mayAsk({ ...caller, customers: "all" }, id(fabrikam)))
    assert.isFalse(mayAsk({ ...caller, customers: only() }, id(contoso)))
  })
})

describe("the customers of a claim", () => {
  it.each([
    { claim: undefined, allows: only() },
    {
      claim: [contoso, fabrikam.toUpperCase(), "Orders.Read", 7, null],
      allows: only(contoso, fabrikam)
    },
    { claim: `${contoso} ${fabrikam}`, allows: only(contoso, fabrikam) },
    { claim: `${contoso},${fabrikam}`, allows: only(contoso, fabrikam) },
    { claim: ` ${contoso} , ${fabrikam} `, allows: only(contoso, fabrikam) },
    { claim: "*", allows: "all" },
    { claim: ["*"], allows: "all" },
    { claim: true, allows: only() },
    { claim: 1, allows: only() },
    { claim: null, allows: only() },
    { claim: { "*": true }, allows: only() },
    { claim: "", allows: only() }
  ] as const)("$claim are those it names", ({ allows, claim }) => {
    assert.deepStrictEqual(customersOf({ customers: claim }, "customers"), allows)
  })

  it("are none where the claim only seems to be there", () => {
    for (const name of ["constructor", "__proto__", "toString"]) {
      assert.deepStrictEqual(customersOf({}, name), only())
    }
  })
})
