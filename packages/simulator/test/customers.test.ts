import { assert, describe, it } from "vitest"
import { harness } from "./harness.ts"

interface Page {
  readonly totalCount: number
  readonly items: ReadonlyArray<{
    readonly id: string
    readonly companyProfile: { readonly companyName: string; readonly domain: string }
  }>
  readonly links: {
    readonly self: { readonly uri: string }
    readonly next?: {
      readonly uri: string
      readonly headers: ReadonlyArray<{ readonly key: string; readonly value: string }>
    }
  }
}

const page = (text: string): Page => JSON.parse(text)
const filter = (Field: string, Value: string, Operator = "starts_with") =>
  `filter=${encodeURIComponent(JSON.stringify({ Field, Value, Operator }))}`

describe("customers", () => {
  it("are all listed without a size", async () => {
    const { get, simulator } = harness()
    for (const path of ["/v1/customers", "/v1/customers?size=0"]) {
      const all = page((await get(path)).text)
      assert.strictEqual(all.totalCount, 12)
      assert.deepEqual(
        all.items.map(({ id, companyProfile }) => ({
          id,
          name: companyProfile.companyName,
          domain: companyProfile.domain
        })),
        simulator.customers
      )
      assert.isUndefined(all.links.next)
    }
  })

  it("page by a relative link without /v1 whose header must be sent", async () => {
    const { get } = harness()
    const seen: Array<string> = []
    let path = "/customers?size=5"
    let headers: Record<string, string> = {}
    for (let pages = 0; pages < 3; pages++) {
      const current = page((await get(`/v1${path}`, headers)).text)
      seen.push(...current.items.map(({ id }) => id))
      const next = current.links.next
      if (next === undefined) break
      assert.isTrue(next.uri.startsWith("/customers?"))
      assert.include(next.uri, "seekOperation=Next")
      path = next.uri
      headers = Object.fromEntries(next.headers.map(({ key, value }) => [key, value]))
      assert.deepEqual(Object.keys(headers), ["MS-ContinuationToken"])
    }
    assert.strictEqual(new Set(seen).size, 12)
    assert.strictEqual(seen.length, 12)
  })

  it("start over when the next link is followed without its header", async () => {
    const { get, simulator } = harness()
    const again = page((await get("/v1/customers?size=5&seekOperation=First")).text)
    assert.strictEqual(again.items[0]?.id, simulator.customers[0]?.id)
  })

  it("seek back, to the first and to the last page", async () => {
    const { get } = harness()
    const names = async (query: string, token?: string) => {
      const headers: Record<string, string> = token ? { "MS-ContinuationToken": token } : {}
      const current = page((await get(`/v1/customers?size=5${query}`, headers)).text)
      return {
        first: current.items[0]?.companyProfile.companyName,
        token: current.links.next?.headers[0]?.value
      }
    }
    const first = await names("")
    const second = await names("&seekOperation=next", first.token)
    assert.strictEqual(second.first, "Proseware, Inc.")
    assert.strictEqual((await names("&seekOperation=Previous", second.token)).first, "Contoso")
    assert.strictEqual((await names("&seekOperation=First", second.token)).first, "Contoso")
    assert.strictEqual((await names("&seekOperation=Last")).first, "Alpine Ski House")
  })

  it("are filtered by the beginning of name or domain, in any case", async () => {
    const { get } = harness()
    const byName = page((await get(`/v1/customers?${filter("CompanyName", "wing")}`)).text)
    assert.deepEqual(
      byName.items.map((item) => item.companyProfile.companyName),
      ["Wingtip Toys"]
    )
    const byDomain = page((await get(`/v1/customers?size=1&${filter("Domain", "FABRIKAM.")}`)).text)
    assert.strictEqual(byDomain.items[0]?.companyProfile.companyName, "Fabrikam, Inc.")
    assert.isUndefined(byDomain.links.next)
    assert.strictEqual(
      page((await get(`/v1/customers?${filter("Domain", "zzz")}`)).text).totalCount,
      0
    )
  })

  it("take the parameters' names in any case", async () => {
    const { get } = harness()
    const sized = page((await get("/v1/customers?Size=5")).text)
    assert.strictEqual(sized.totalCount, 5)
    assert.include(sized.links.self.uri, "?Size=5")
    assert.include(sized.links.next?.uri ?? "", "size=5")
    const found = page((await get(`/v1/customers?F${filter("Domain", "wing").slice(1)}`)).text)
    assert.strictEqual(found.totalCount, 1)
    assert.strictEqual((await get("/v1/customers?SEEKOPERATION=PageIndex")).status, 400)
    const orders = `/v1/customers/${found.items[0]?.id}/orders`
    assert.strictEqual((await get(`${orders}?BillingType=one_time`)).status, 400)
    const priced = async (query: string) => (await get(orders + query)).text.includes("totalPrice")
    assert.deepEqual([await priced(""), await priced("?Include_Price=true")], [false, true])
  })

  it.each([
    ["size=-1", 800002],
    ["size=many", 800002],
    ["size=501", 800002],
    ["seekOperation=PageIndex", 900126],
    ["filter=nonsense", 800002],
    ["filter=[]", 800002],
    [filter("CompanyName", "a", "substring"), 900126],
    [filter("IndirectReseller", "a"), 900126]
  ])("refuse ?%s", async (query, code) => {
    const { get } = harness()
    const { status, json } = await get(`/v1/customers?${query}`)
    assert.strictEqual(status, 400)
    assert.strictEqual(json["code"], code)
  })

  it("refuse a continuation token that is not theirs", async () => {
    const { get } = harness()
    for (const token of ["AQAAAA==", "%%%", "é".normalize("NFD").slice(0, 1)])
      assert.strictEqual(
        (await get("/v1/customers?size=5", { "MS-ContinuationToken": token })).json["code"],
        800002
      )
  })
})
