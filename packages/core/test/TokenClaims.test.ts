import { assert, describe, it } from "@effect/vitest"
import { Option, Redacted } from "effect"
import * as Base64Url from "effect/encoding/Base64Url"
import { claimsOf } from "../src/TokenClaims.ts"
import { claims, jwt } from "./fixtures.ts"

const read = (token: string) => Option.getOrUndefined(claimsOf(Redacted.make(token)))

describe("TokenClaims", () => {
  it("are read out of a token as it comes, what we do not know left out", () => {
    const { acr: _acr, nbf: _nbf, ver: _ver, ...known } = claims
    assert.deepStrictEqual(read(jwt(claims)), known)
  })

  it("names in any script are read", () => {
    assert.strictEqual(read(jwt({ name: "Zoë Łukasz 愛" }))?.name, "Zoë Łukasz 愛")
  })

  it("an audience may be a list", () => {
    assert.deepStrictEqual(read(jwt({ aud: ["a", "b"] }))?.aud, ["a", "b"])
  })

  it.each([
    ["nothing", ""],
    ["an opaque token", "0.AXoA8Q~abc-def"],
    ["two parts", "eyJhbGciOiJub25lIn0.e30"],
    ["five parts, as an encrypted one has", "a.b.c.d.e"],
    ["what is no base64url", "a.!!!.c"],
    ["what is no JSON", `a.${Base64Url.encode("hello")}.c`],
    ["JSON that is no object", `a.${Base64Url.encode("[1]")}.c`],
    ["claims of other types", jwt({ exp: "soon" })]
  ])("%s has none", (_, token) => {
    assert.isUndefined(read(token))
  })
})
