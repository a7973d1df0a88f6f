// The names of what the simulator is asked to do; faults and the request log use them.

export type Operation =
  | "token"
  | "customers"
  | "orders"
  | "order"
  | "provisioningStatus"
  | "subscriptionProvisioningStatus"

const names: ReadonlySet<string> = new Set<Operation>([
  "token",
  "customers",
  "orders",
  "order",
  "provisioningStatus",
  "subscriptionProvisioningStatus"
])

export const isOperation = (name: string) => names.has(name)
