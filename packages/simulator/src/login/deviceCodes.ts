// Device codes (RFC 8628): which are out, what their users answered, how often they are asked about.
import { type LoginError, loginError } from "../loginErrors.ts"
import type { Clock } from "../time.ts"
import type { SignedIn } from "./signIn.ts"

interface DeviceCode {
  readonly deviceCode: string
  readonly userCode: string
  readonly clientId: string
  readonly scope: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
  /** Seconds; more after each poll that came too soon. */
  interval: number
  polledAt?: number
  answer?: SignedIn | "declined"
  isRedeemed?: true
}

const refused = (error: string, code: number, text: string) => loginError(400, error, code, text)

const pending = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
const errors = {
  pending: refused("authorization_pending", 70016, pending),
  // Entra documents no number for it.
  slowDown: refused("slow_down", 70016, `${pending} Poll less often.`),
  declined: refused("authorization_declined", 65004, "User declined to consent to access the app."),
  expired: refused(
    "expired_token",
    70020,
    "The provided value for the input parameter 'device_code' is not valid. This device code has expired."
  ),
  unknown: refused(
    "bad_verification_code",
    70018,
    "The provided value for the input parameter 'device_code' is not valid."
  ),
  redeemed: refused(
    "invalid_grant",
    54005,
    "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."
  ),
  userCodeWrong: refused(
    "invalid_request",
    70018,
    "That code didn't work. Check it and try again."
  ),
  userCodeExpired: refused("expired_token", 70019, "Verification code expired."),
  userCodeUsed: refused("invalid_request", 90120, "The request was already authorized or declined.")
}

export interface DeviceCodeSettings {
  /** Seconds between two polls; 0 lets anybody poll as often as they like. */
  readonly interval: number
  /** Seconds. */
  readonly expiresIn: number
}

/** Letters and digits that nobody takes for one another. */
const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
const newUserCode = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => alphabet[byte % 32]).join("")

export const makeDeviceCodes = (clock: Clock) => {
  let settings: DeviceCodeSettings = { interval: 5, expiresIn: 900 }
  const known = new Map<string, DeviceCode>()

  /** The code that somebody typed, while it waits for an answer. */
  const find = (typed: string): DeviceCode | LoginError => {
    const userCode = typed.toUpperCase().replaceAll(/[\s-]/g, "")
    const found = [...known.values()].find((each) => each.userCode === userCode)
    if (found === undefined) return errors.userCodeWrong
    if (found.answer !== undefined) return errors.userCodeUsed
    return found.expiresAt <= clock.now() ? errors.userCodeExpired : found
  }

  return {
    settings: () => settings,
    configure: (change: Partial<DeviceCodeSettings>) => {
      settings = { ...settings, ...change }
    },
    start: (clientId: string, scope: string) => {
      const now = clock.now()
      const isForgotten = (each: DeviceCode) => each.expiresAt < now - 3_600_000
      for (const each of known.values()) if (isForgotten(each)) known.delete(each.deviceCode)
      const started: DeviceCode = {
        deviceCode: `simulator-device-${crypto.randomUUID()}`,
        userCode: newUserCode(),
        clientId,
        scope,
        expiresAt: now + settings.expiresIn * 1000,
        interval: settings.interval
      }
      known.set(started.deviceCode, started)
      return started
    },
    find,
    answer: (userCode: string, answer: SignedIn | "declined") => {
      const found = find(userCode)
      if ("error" in found) return found
      found.answer = answer
      return undefined
    },
    /** What the device is told that asks how it went. */
    redeem: (deviceCode: string, clientId: string) => {
      const found = known.get(deviceCode)
      if (found === undefined || found.clientId !== clientId) return errors.unknown
      if (found.isRedeemed) return errors.redeemed
      if (found.answer === "declined") return errors.declined
      const now = clock.now()
      if (found.expiresAt <= now) return errors.expired
      // A timer that rang a little early is forgiven.
      const isTooSoon = found.polledAt !== undefined && now - found.polledAt < found.interval * 900
      found.polledAt = now
      if (isTooSoon) {
        found.interval += 5
        return errors.slowDown
      }
      if (found.answer === undefined) return errors.pending
      found.isRedeemed = true
      return { ...found.answer, scope: found.scope }
    }
  }
}

export type DeviceCodes = ReturnType<typeof makeDeviceCodes>
