import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { read, root } from "./files.ts"

const sources = globSync(["packages/runtime/src/**/*.ts", "apps/gateway/src/**/*.ts"], {
  cwd: root
})
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n")

const isKnown = (name: string): boolean => {
  const whole = name.replace(/_FILE$/, "")
  const [, own] = /^ORDERWATCH_GATEWAY_(.+)$/.exec(name) ?? []
  return (
    [name, whole, own ?? name].some((text) => sources.includes(`"${text}"`)) ||
    new RegExp(`\\b${whole}: \\{`).test(sources)
  )
}

describe("what is deployed", () => {
  it.each([
    "Containerfile",
    "healthcheck.mjs",
    "orderwatch-gateway.service",
    "orderwatch-gateway.yaml"
  ])("names only variables in %s that there are", (file) => {
    const named = read(file).match(/\b(?:ORDERWATCH|PARTNER_CENTER|OTEL)_[A-Z_]+[A-Z]\b/g) ?? []
    assert.isNotEmpty(named)
    assert.deepEqual(
      [...new Set(named)].filter((name) => !isKnown(name)),
      []
    )
  })

  it("would notice one that there is not", () => {
    assert.isFalse(isKnown("ORDERWATCH_GATEWAY_HOSTNAMES"))
    assert.isFalse(isKnown("PARTNER_CENTER_TENANT"))
  })
})
