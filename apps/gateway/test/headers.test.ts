import { assert, describe, it } from "@effect/vitest"
import { accepts, entityTags, isNamed, oldest, preferredWait } from "../src/headers.ts"

describe("entity tags", () => {
  it("are read from lists, compared weakly", () => {
    assert.deepStrictEqual(entityTags('W/"a", "b,c" ,"d"'), ['"a"', '"b,c"', '"d"'])
    assert.strictEqual(entityTags(" * "), "*")
    assert.isUndefined(entityTags(undefined))
    assert.deepStrictEqual(entityTags("a"), [])
    assert.isTrue(isNamed('W/"b,c"', entityTags('W/"a", "b,c"')))
    assert.isFalse(isNamed('W/"c"', entityTags('"b,c"')))
  })
})

describe("Prefer: wait", () => {
  it("is the first whole number of seconds, 60 at most", () => {
    assert.strictEqual(preferredWait("wait=10"), 10)
    assert.strictEqual(preferredWait('respond-async, Wait = "5" ; x=1, wait=9'), 5)
    assert.strictEqual(preferredWait("wait=999999999"), 60)
    for (const none of [undefined, "", "wait", "wait=", "wait=-1", "wait=1.5", "await=3"]) {
      assert.isUndefined(preferredWait(none), String(none))
    }
  })
})

describe("Cache-Control of a request", () => {
  it("says how old an answer may be", () => {
    assert.strictEqual(oldest("no-cache", undefined), 0)
    assert.strictEqual(oldest(undefined, "no-cache"), 0)
    assert.strictEqual(oldest("max-stale, No-Store", undefined), 0)
    assert.strictEqual(oldest("max-age=7", "no-cache"), 7)
    assert.isUndefined(oldest("no-cachet", undefined))
    assert.isUndefined(oldest(undefined, undefined))
  })
})

describe("Accept", () => {
  it("takes what a range names, the more exact one deciding", () => {
    const json = "application/json"
    for (const header of [
      undefined,
      "",
      "*/*",
      "application/*",
      "text/html, application/json;q=0.1"
    ])
      assert.isTrue(accepts(header, json), header)
    for (const header of ["text/html", "application/json;q=0, */*", "text/*"])
      assert.isFalse(accepts(header, json), header)
  })
})
