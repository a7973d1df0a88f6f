// Settings that are malformed where the full-screen interface would open: told before the screen is another.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { vi } from "vitest"
import { makeHome, sit } from "./person.ts"
import type { Seat } from "./person.ts"

vi.setConfig({ testTimeout: 60_000 })

const named = { PARTNER_CENTER_TENANT_ID: "a.example", PARTNER_CENTER_CLIENT_ID: "b" }

const at = (seat: Seat, config?: string) => {
  const home = makeHome()
  if (config !== undefined) writeFileSync(join(home, "config.toml"), config)
  const env = { HOME: home, ORDERWATCH_CONFIG_DIR: home, ...seat.env }
  return sit({ args: [], cols: 400, ...seat, env })
}

const refuses = async (me: ReturnType<typeof sit>, setting: string) => {
  assert.strictEqual(await me.ended, 2)
  assert.match(me.read(), new RegExp(`^orderwatch: ${setting} [^\n]*$`))
  assert.notInclude(me.sent(), "\u001b[?1049h")
  assert.deepStrictEqual(me.remains(), [])
}

describe.concurrent("a malformed setting is one line, and the screen stays as it was", () => {
  it.each([
    [{ PARTNER_CENTER_CLOUD: "mars" }],
    [{ PARTNER_CENTER_DEADLINE: "soon" }],
    [{ PARTNER_CENTER_API_URL: "http://api.example" }],
    [{ ORDERWATCH_VAULT: "cloud" }],
    [{ ORDERWATCH_PROFILE: "nobody" }],
    [{ ORDERWATCH_LOG_LEVEL: "loud" }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere" }],
    [{ HTTPS_PROXY: "socks5://proxy:1080" }]
  ])("%j, whether or not somebody is named yet", async (wrong) => {
    const setting = Object.keys(wrong).join("")
    await Promise.all([
      refuses(at({ env: wrong }), setting),
      refuses(at({ env: { ...named, ...wrong } }), setting)
    ])
  })

  it("a profile that there is not, named by a flag", () =>
    refuses(at({ args: ["--profile", "nobody"] }), "--profile"))

  it("a broken config.toml", async () => {
    const me = at({}, "[profiles.fab\n")
    assert.strictEqual(await me.ended, 2)
    assert.match(me.read(), /^orderwatch: [^\n]*config\.toml[^\n]*$/)
    assert.notInclude(me.sent(), "\u001b[?1049h")
  })

  it("even the demo refuses what is malformed of logs, and minds nothing else", async () => {
    await refuses(
      at({ args: ["--demo"], env: { ORDERWATCH_LOG_LEVEL: "loud" } }),
      "ORDERWATCH_LOG_LEVEL"
    )
    const me = at({
      args: ["--demo"],
      env: { ORDERWATCH_LOG_LEVEL: "debug", PARTNER_CENTER_CLOUD: "mars" }
    })
    await me.sees("Alpine Ski House")
    me.press("q")
    assert.strictEqual(await me.ended, 0)
  })
})

describe.concurrent("where nothing is wrong but that nobody is named", () => {
  it.each([
    ["no profile", undefined],
    ["a profile that names nobody", 'default_profile = "fab"\n[profiles.fab]\ncloud = "global"\n']
  ])("%s, the interface says how to begin", async (_, config) => {
    const me = at({}, config)
    await me.sees("orderwatch profiles add NAME")
    me.press("q")
    assert.strictEqual(await me.ended, 0)
  })
})
