// The names of what the simulator is asked to do; faults, scripts and the request log use them.

const login = ["token", "deviceCode", "deviceLogin", "authorize", "discovery", "keys"] as const

const api = [
  "customers",
  "orders",
  "order",
  "provisioningStatus",
  "subscriptionProvisioningStatus"
] as const

export const operations = [...login, ...api]

export type Operation = (typeof operations)[number]

const logins: ReadonlySet<string> = new Set(login)
const all: ReadonlySet<string> = new Set(operations)

export const isOperation = (name: string) => all.has(name)

/** Whether the login answers it, not Partner Center. */
export const isLogin = (operation: Operation) => logins.has(operation)
