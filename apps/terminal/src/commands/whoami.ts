// `orderwatch whoami`: who is signed in, how well, and for how long.
import { CredentialHealth, Health } from "@orderwatch/core/CredentialHealth"
import type { Finding } from "@orderwatch/core/CredentialHealth"
import { CredentialVault } from "@orderwatch/core/CredentialVault"
import { plain } from "@orderwatch/core/text"
import { Effect, Schema } from "effect"
import * as Command from "effect/cli/Command"
import { end, report } from "../failure.ts"
import { result, view } from "../output.ts"
import type { View } from "../render/report.ts"
import { ago, wrap } from "../render/text.ts"
import { withServices } from "../session.ts"

const encode = Schema.encodeSync(Health)

type Vault = Pick<CredentialVault["Service"], "isDurable" | "kind">

const levels = {
  ok: { glyph: "✔", style: "ok" },
  warn: { glyph: "!", style: "wait" },
  fail: { glyph: "✖", style: "bad" }
} as const

/** A finding as a person reads it, with what to do about it. */
export const found = (
  { level, message, remedy }: Omit<Finding, "code">,
  { theme, width }: Pick<View, "theme" | "width">
): ReadonlyArray<string> => {
  const { glyph, style } = levels[level]
  const marked = (mark: string, indent: string, text: string) =>
    wrap(`${indent}${plain(text)}`, width).map((line, at) =>
      at === 0 ? `${mark}${line.slice(indent.length)}` : line
    )
  return [
    ...marked(`${theme[style](glyph)} `, "  ", message),
    ...(remedy === undefined ? [] : marked("  → ", "    ", remedy))
  ]
}

const facts = (health: Health, vault: Vault, { now }: View): ReadonlyArray<[string, string]> => {
  const { epochMilliseconds } = now
  const token = health.tokenExpiresAt
  const lived = health.refreshedAt
  return [
    ["Tenant", health.tenantId ?? "—"],
    ["Application", health.app ?? "—"],
    ...(health.roles.length > 0
      ? [["Roles", health.roles.join(", ")] satisfies [string, string]]
      : []),
    ["Multi-factor", health.mfa],
    [
      "Access token",
      token === undefined
        ? "—"
        : token.epochMilliseconds > epochMilliseconds
          ? `for another ${ago(epochMilliseconds, token.epochMilliseconds)}`
          : "expired"
    ],
    [
      "Refresh token",
      lived === undefined
        ? "—"
        : `exchanged ${ago(lived.epochMilliseconds, epochMilliseconds)} ago; good for 90 days without use`
    ],
    [
      "Kept in",
      vault.isDurable ? `the ${vault.kind} vault` : "the environment, and renewed for this run only"
    ]
  ]
}

const isNobody = ({ findings }: Health): boolean =>
  findings.some(({ code }) => code === "no-credential")

/** Prints the health of a credential; ends with 4 where it cannot be used. */
export const showHealth = Effect.fnUntraced(function* (
  health: Health,
  vault: Vault,
  headline: string
) {
  yield* result(
    () => ({ ...encode(health), vault: { kind: vault.kind, isDurable: vault.isDurable } }),
    Effect.map(view, (view) => [
      ...(health.user === undefined && !health.appOnly
        ? []
        : [`${headline} ${view.theme.strong(plain(health.user ?? "the application itself"))}`]),
      ...(isNobody(health) ? [] : facts(health, vault, view)).map(
        ([name, value]) => `  ${view.theme.dim(name.padEnd(15))}${plain(value)}`
      ),
      ...health.findings.flatMap((finding) => (finding.level === "ok" ? [] : found(finding, view)))
    ])
  )
  yield* end(health.findings.some(({ level }) => level === "fail") ? 4 : 0)
})

export const whoami = Command.make(
  "whoami",
  {},
  Effect.fnUntraced(function* () {
    yield* withServices(
      Effect.gen(function* () {
        const health = yield* CredentialHealth
        yield* showHealth(yield* health.check, yield* CredentialVault, "Signed in as")
      })
    )
  }, Effect.catch(report))
).pipe(
  Command.withDescription(
    "Show who is signed in: tenant, user, app, roles, multi-factor authentication, and how long the tokens last."
  ),
  Command.withShortDescription("Who is signed in")
)
