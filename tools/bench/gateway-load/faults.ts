// Faults in Partner Center, a few of each kind, for as long as it lasts.
import { setTimeout as sleep } from "node:timers/promises"
import { chance, oneOf } from "./chance.ts"
import type { Upstream } from "./upstream.ts"

// Each with how many requests meet it.
const faults: ReadonlyArray<readonly [object, number]> = [
  [{ kind: "status", status: 500 }, 3],
  [{ kind: "status", status: 503, retryAfter: 1 }, 1],
  [{ kind: "status", status: 409, code: 800060 }, 1],
  [{ kind: "reset" }, 3],
  [{ kind: "cut" }, 3],
  [{ kind: "latency", ms: 700 }, 5],
  [{ kind: "latency", ms: 3000 }, 1],
  [{ kind: "slowBody", ms: 1500 }, 3],
  [{ kind: "truncated" }, 1],
  [{ kind: "html", status: 502 }, 2],
  [{ kind: "wrongJson", as: "error" }, 1],
  [{ kind: "unauthorized", code: 400 }, 1],
  [{ kind: "redirect", status: 302 }, 1]
]
const operations = [
  "order",
  "orders",
  "customers",
  "provisioningStatus",
  "subscriptionProvisioningStatus"
]

/** Adds faults several times a second until it is over, then takes them all away. */
export const makeTrouble = async ({ control }: Upstream, isOver: () => boolean): Promise<void> => {
  const add = (match: object, fault: object, times: number) =>
    control("/faults", { method: "POST", body: JSON.stringify({ match, fault, times }) })
  while (!isOver()) {
    const [fault, times] = oneOf(faults)
    await add({ path: oneOf(operations) }, fault, times)
    // All that is asked of the tenant waits for one of these.
    if (chance(0.03)) {
      await add(
        {},
        { kind: "throttled", retryAfter: 1, form: oneOf(["seconds", "body", "date"]) },
        1
      )
    }
    if (chance(0.02)) await add({ path: "token" }, { kind: "status", status: 503 }, 2)
    // What nobody met must not gather, and the log of what was asked not either.
    if (chance(0.02)) await control("/faults", { method: "DELETE" })
    if (chance(0.01)) await control("/requests", { method: "DELETE" })
    await sleep(150 + Math.random() * 200)
  }
  await control("/faults", { method: "DELETE" })
}
