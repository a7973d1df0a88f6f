// The people who may sign in, and what a test may change about each.
import { tenantId } from "./tenant.ts"

export const mfas = ["always", "whenAsked", "never"] as const
export const consents = ["granted", "missing", "adminOnly"] as const

export interface User {
  readonly upn: string
  readonly name: string
  readonly oid: string
  readonly tenantId: string
  /** What there is to see with this user. */
  readonly shows: string
  /** Done at each sign-in, only where the client asks for it, or impossible. */
  readonly mfa: (typeof mfas)[number]
  /** To the apps: given, to be given at the next sign-in, or an administrator's to give. */
  readonly consent: (typeof consents)[number]
  readonly isAdminAgent: boolean
  readonly isDisabled: boolean
}

const user = (name: string, oid: string, shows: string, more: Partial<User> = {}): User => ({
  upn: `${name.toLowerCase().replace(" ", ".")}@orderwatch-partner.onmicrosoft.com`,
  name,
  oid,
  tenantId,
  shows,
  mfa: "always",
  consent: "granted",
  isAdminAgent: true,
  isDisabled: false,
  ...more
})

/** To whom the refresh tokens belong that every simulator knows. */
export const avery = user(
  "Avery Howard",
  "5d2b4c3e-7a51-4f0e-9a57-31f2a2b6d6aa",
  "Admin agent, multi-factor at each sign-in"
)

const everybody: ReadonlyArray<User> = [
  avery,
  user(
    "Blake Singh",
    "1f6e8d0a-2b3c-4d5e-8f90-a1b2c3d4e5f6",
    "Admin agent, multi-factor only where the app asks for it",
    { mfa: "whenAsked" }
  ),
  user(
    "Casey Ortiz",
    "2a7f9e1b-3c4d-4e6f-90a1-b2c3d4e5f607",
    "Admin agent, never enrolled for multi-factor",
    { mfa: "never" }
  ),
  user(
    "Dana Weiss",
    "3b80af2c-4d5e-4f70-a1b2-c3d4e5f60718",
    "multi-factor, but no Admin agent role",
    { isAdminAgent: false }
  ),
  user("Erin Novak", "4c91b03d-5e6f-4081-b2c3-d4e5f6071829", "of another tenant, Fabrikam's", {
    upn: "erin.novak@fabrikam.onmicrosoft.com",
    tenantId: "9f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a"
  })
]

/** What a test may change about a user. */
export type UserChange = Partial<Pick<User, "mfa" | "consent" | "isAdminAgent" | "isDisabled">>

export const makeUsers = () => {
  const known = new Map(everybody.map((user) => [user.upn, user]))
  const find = (upn: string) => known.get(upn.toLowerCase())
  return {
    list: () => [...known.values()],
    find,
    change: (upn: string, change: UserChange) => {
      const user = find(upn)
      if (user === undefined) return undefined
      const changed = { ...user, ...change }
      known.set(user.upn, changed)
      return changed
    }
  }
}

export type Users = ReturnType<typeof makeUsers>
