// The demo's orders: one for each state and turn that a reader of the product should see.
import { hostile } from "./demo/hostile.ts"
import { licences } from "./demo/licences.ts"
import { moving } from "./demo/moving.ts"
import { settled } from "./demo/settled.ts"
import type { Order } from "./orders.ts"

export const demoOrders: ReadonlyArray<Order> = [...settled, ...moving, ...licences, ...hostile]
