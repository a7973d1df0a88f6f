// The names of what the simulator is asked to do; faults and the request log use them.

export type Operation = LoginOperation | ApiOperation

type LoginOperation = "token" | "deviceCode" | "deviceLogin" | "authorize" | "discovery" | "keys"

type ApiOperation =
  | "customers"
  | "orders"
  | "order"
  | "provisioningStatus"
  | "subscriptionProvisioningStatus"

const login: ReadonlySet<string> = new Set<LoginOperation>([
  "token",
  "deviceCode",
  "deviceLogin",
  "authorize",
  "discovery",
  "keys"
])

const api: ReadonlySet<string> = new Set<ApiOperation>([
  "customers",
  "orders",
  "order",
  "provisioningStatus",
  "subscriptionProvisioningStatus"
])

export const isOperation = (name: string) => login.has(name) || api.has(name)

/** Whether the login answers it, not Partner Center. */
export const isLogin = (operation: Operation) => login.has(operation)
