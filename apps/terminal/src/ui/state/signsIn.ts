// Which failures end by signing in again.
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"

const reasons: ReadonlyArray<string> = ["SignInRequired", "MfaRequired"]

/** Whether signing in again is what helps. */
export const isSignIn = ({ reason }: PartnerCenterError): boolean => reasons.includes(reason._tag)
