// How a command ends, told by a number. Scripts rely on every one of these.
import type { Verdict } from "@orderwatch/core/OrderReport"
import type { ReasonTag } from "@orderwatch/core/PartnerCenterError"

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 8 | 124 | 130

/** The exit code of a failed operation. */
export const byReason = {
  Conflict: 1,
  Throttled: 1,
  Unavailable: 1,
  TimedOut: 1,
  UnexpectedResponse: 1,
  InvalidRequest: 2,
  SignInRequired: 4,
  MfaRequired: 4,
  WrongAudience: 4,
  NoRelationship: 4,
  InsufficientPrivileges: 4,
  ConditionalAccess: 4,
  AppOnlyNotSupported: 4,
  CustomerNotFound: 5,
  OrderNotFound: 5,
  ProvisioningStatusNotFound: 5,
  OrderInProgress: 8
} satisfies Record<ReasonTag, ExitCode>

/** The exit code of where an order stands, for `status --exit-status`. */
export const byVerdict = {
  fulfilled: 0,
  partiallyFulfilled: 3,
  unfulfilled: 3,
  pending: 8,
  unknown: 8
} satisfies Record<Verdict, ExitCode>

const precedence: ReadonlyArray<ExitCode> = [130, 2, 4, 1, 5, 124, 8, 3]

/** Of several orders' codes, the one that counts. */
export const worst = (codes: ReadonlyArray<ExitCode>): ExitCode =>
  precedence.find((code) => codes.includes(code)) ?? 0
