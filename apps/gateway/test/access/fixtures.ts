// Settings, files and keys that the tests of access have in common.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DateTime, Duration, Effect, Option, Redacted } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type { Key } from "../../src/access/keyFile.ts"
import { digestOf, make } from "../../src/access/keyText.ts"
import type { GatewaySettingsShape } from "../../src/settings.ts"

export const contoso = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
export const fabrikam = "b9c8a7d6-1111-4222-8333-444455556666"

export const settings = (changed: Partial<GatewaySettingsShape> = {}): GatewaySettingsShape => ({
  host: "127.0.0.1",
  port: 8780,
  freshFor: Duration.seconds(10),
  settledFreshFor: Duration.minutes(5),
  hosts: [],
  origins: [],
  keysFile: Option.none(),
  oidc: Option.none(),
  callerRequestsPerMinute: 600,
  maxStreams: 5000,
  deadline: Duration.seconds(60),
  shutdownWithin: Duration.seconds(10),
  publicUrl: Option.none(),
  ...changed
})

/** A directory of the test's own, gone when it ends. */
export const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "orderwatch-keys-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export const time = (text: string): DateTime.Utc => DateTime.makeUnsafe(text)

/** A key and its text. */
export const aKey = Effect.fnUntraced(function* (changed: Partial<Key> = {}) {
  const { id, text } = yield* Effect.provide(make, SecureRandom.layerWebCrypto)
  const key: Key = {
    id,
    name: "desk",
    sha256: digestOf(Redacted.value(text)).toString("hex"),
    customers: ["*"],
    created: time("2026-01-01T00:00:00Z"),
    ...changed
  }
  return { key, text: Redacted.value(text) }
})

export const bearing = (text: string) => new Headers({ authorization: `Bearer ${text}` })
