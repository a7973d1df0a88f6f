// Every reason, driven through a process by the simulator's faults: its headline, its JSON, its exit code.
import { assert, describe, it } from "@effect/vitest"
import type { ReasonTag } from "@orderwatch/core/PartnerCenterError"
import { byReason } from "../src/exitCode.ts"
import { lines, samples, simulation } from "./harness.ts"
import type { Environment } from "./harness.ts"

const { fault, orderId, run } = await simulation()

for (const form of ["seconds", "date", "body"]) {
  await fault({
    match: { orderId: `throttled-${form}` },
    // Beyond any deadline here, so that nobody waits for it.
    fault: { kind: "throttled", retryAfter: 100, form },
    times: 0
  })
}

interface Case {
  readonly orderId?: string
  readonly customerId?: string
  readonly env?: Environment
  readonly code?: string
}

const refresh = (token: string): Environment => ({ PARTNER_CENTER_REFRESH_TOKEN: token })
const cases = {
  // These two are tried five times, for as long as chance has it.
  OrderInProgress: [{ orderId: "fault-status-409-in-progress", code: "800060" }],
  Unavailable: [{ orderId: "fault-status-503", code: "900192" }],
  InvalidRequest: [{ orderId: "fault-400", code: "800002" }],
  SignInRequired: [
    { env: refresh("refresh-revoked"), code: "AADSTS50173" },
    { env: refresh("refresh-expired"), code: "AADSTS700082" },
    { env: refresh("refresh-consent-missing"), code: "AADSTS65001" },
    { env: refresh("no-such-token"), code: "AADSTS70000" },
    { env: { PARTNER_CENTER_REFRESH_TOKEN: "" } },
    { env: { PARTNER_CENTER_CLIENT_SECRET: "no-such-secret" }, code: "AADSTS7000215" },
    { env: { PARTNER_CENTER_REFRESH_TOKEN: "", PARTNER_CENTER_ACCESS_TOKEN: "no-such-token" } },
    { orderId: "fault-403-entra", code: "90000" }
  ],
  MfaRequired: [
    { env: refresh("refresh-mfa-required"), code: "AADSTS50076" },
    { env: refresh("refresh-without-mfa"), code: "900421" },
    { orderId: "fault-401-mfa", code: "900421" },
    { orderId: "fault-401-mfa-old", code: "10001" }
  ],
  WrongAudience: [{ env: refresh("refresh-wrong-audience"), code: "900420" }],
  NoRelationship: [{ customerId: "d1e2f3a4-b5c6-4d7e-8f90-a1b2c3d4e5f6", code: "20002" }],
  ConditionalAccess: [{ orderId: "fault-403-conditional-access", code: "900309" }],
  AppOnlyNotSupported: [{ orderId: "fault-403-app-only", code: "900329" }],
  InsufficientPrivileges: [{ orderId: "fault-403", code: "900308" }],
  CustomerNotFound: [{ customerId: "00000000-0000-4000-8000-000000000000", code: "60003" }],
  OrderNotFound: [{ orderId: "no-such-order", code: "20000" }],
  ProvisioningStatusNotFound: [{ orderId: "fault-status-404-status", code: "800007" }],
  Conflict: [{ orderId: "fault-409", code: "800014" }],
  Throttled: [
    { orderId: "throttled-seconds" },
    { orderId: "throttled-date" },
    { orderId: "throttled-body" }
  ],
  TimedOut: [{ orderId: "fault-hang", env: { PARTNER_CENTER_DEADLINE: "2s" } }],
  UnexpectedResponse: [{ orderId: "fault-status-html-200" }]
} satisfies Record<ReasonTag, ReadonlyArray<Case>>

const isReason = (tag: string): tag is ReasonTag => Object.hasOwn(cases, tag)

describe.concurrent("a look that fails", () => {
  const all = Object.entries(cases).flatMap(([reason, each]) =>
    isReason(reason)
      ? each.map((one: Case) => ({
          reason,
          exitCode: byReason[reason],
          by: one.orderId ?? one.code ?? one.customerId ?? "no credential",
          ...one
        }))
      : []
  )

  it.each(all)("as $reason ends with $exitCode ($by)", async (one) => {
    const { exitCode, stderr, stdout } = await run(
      [
        "status",
        one.customerId ?? samples.contoso,
        one.orderId ?? orderId,
        "--json",
        "--log-level",
        "all"
      ],
      one.env
    )
    const { problem } = JSON.parse(stdout)
    assert.strictEqual(problem.reason, one.reason)
    assert.strictEqual(problem.upstreamCode, one.code)
    assert.strictEqual(exitCode, one.exitCode)
    const [headline, ...rest] = lines(stderr).filter((line) => !line.startsWith("timestamp="))
    assert.strictEqual(headline, `✖ ${problem.title}`)
    const next =
      one.reason === "Throttled" ? `Ask again in ${problem.retryAfter} s.` : problem.remedy
    assert.include(rest, `  → ${next}`)
  })

  it("as Throttled says when to ask again", async () => {
    const args = ["status", samples.contoso, "throttled-seconds", "--json"]
    const { stderr, stdout } = await run(args)
    assert.strictEqual(JSON.parse(stdout).problem.retryAfter, 100)
    assert.include(lines(stderr), "  → Ask again in 100 s.")
  })

  it.each(["reset", "cut"])(
    "by a connection that is %s is tried again, and told as what it was",
    async (name) => {
      const ran = await run(["status", samples.contoso, `fault-order-${name}`], {
        PARTNER_CENTER_DEADLINE: "2s"
      })
      assert.strictEqual(ran.exitCode, 1)
      // Where the second try or the last was cut off by the deadline, that is the reason.
      assert.match(ran.stderr, /^✖ (?:Partner Center could not be reached|No answer in time)/m)
      // Without a connection for the order, its status is not asked.
      assert.strictEqual(ran.stdout, "")
    }
  )
})
