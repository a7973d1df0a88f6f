import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { Cloud } from "../src/Cloud.ts"

const accepted = (url: string) =>
  Result.map(Cloud.make("global", { apiUrl: url }), (cloud) => cloud.apiUrl)

describe("Cloud", () => {
  it.each([
    [
      "global",
      "https://api.partnercenter.microsoft.com",
      "https://login.microsoftonline.com",
      "https://api.partnercenter.microsoft.com"
    ],
    [
      "us-government",
      "https://api.partnercenter.microsoft.com",
      "https://login.microsoftonline.us",
      "https://api.partnercenter.microsoft.com"
    ],
    [
      "china",
      "https://partner.partnercenterapi.microsoftonline.cn",
      "https://login.partner.microsoftonline.cn",
      "https://partner.partnercenterapi.microsoftonline.cn"
    ]
  ] as const)("the %s cloud has the vendor's hosts", (name, apiUrl, loginUrl, audience) => {
    assert.deepStrictEqual(Cloud.make(name), Result.succeed({ name, apiUrl, loginUrl, audience }))
  })

  it("an override changes where requests go, not for whom the token must be", () => {
    const cloud = Result.getOrThrow(
      Cloud.make("china", { apiUrl: "https://proxy.example", loginUrl: "http://localhost:4000/" })
    )
    assert.strictEqual(cloud.apiUrl, "https://proxy.example")
    assert.strictEqual(cloud.loginUrl, "http://localhost:4000")
    assert.strictEqual(cloud.audience, "https://partner.partnercenterapi.microsoftonline.cn")
  })

  it.each([
    ["https://proxy.example", "https://proxy.example"],
    ["https://proxy.example:8443/partner-center/", "https://proxy.example:8443/partner-center"],
    ["http://localhost:3000", "http://localhost:3000"],
    ["http://127.0.0.1:3000", "http://127.0.0.1:3000"],
    ["http://[::1]:3000", "http://[::1]:3000"],
    [" https://proxy.example ", "https://proxy.example"]
  ])("the address %s is accepted", (url, kept) => {
    assert.deepStrictEqual(accepted(url), Result.succeed(kept))
  })

  it.each([
    "http://api.partnercenter.microsoft.com",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://10.0.0.1"
  ])("plain http outside of loopback is refused: %s", (url) => {
    const refused = Result.getFailure(accepted(url))
    assert.include(JSON.stringify(refused), "must be https")
  })

  it.each([
    "",
    "proxy.example",
    "ftp://proxy.example",
    "https://user:password@proxy.example",
    "https://proxy.example?token=1",
    "https://proxy.example#top",
    "https://proxy.example/a b"
  ])("what is no plain address is refused: '%s'", (url) => {
    const refused = Result.getFailure(accepted(url))
    assert.include(JSON.stringify(refused), "is not an address")
  })

  it.effect("a refused host names its setting and makes no layer", () =>
    Effect.gen(function* () {
      const refused = yield* Cloud.pipe(
        Effect.provide(Cloud.layer("global", { loginUrl: "http://login.example" })),
        Effect.flip
      )
      assert.strictEqual(refused._tag, "HostRefused")
      assert.strictEqual(refused.setting, "loginUrl")
    })
  )
})
