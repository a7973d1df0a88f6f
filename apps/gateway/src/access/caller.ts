// Who asks, and about whom it may.
import type { CustomerId } from "@orderwatch/core/Customer"
import { Clock, Duration, Effect } from "effect"
import type { Customers } from "./customers.ts"

export interface Caller {
  /** The same for every request of one key, or of one issuer's subject. Fit for logs. */
  readonly id: string
  readonly customers: Customers
  /**
   * Completes when what the caller has proved is true no longer: its key was revoked, changed or has
   * expired, or its token has. Never otherwise.
   */
  readonly ended: Effect.Effect<void>
}

/** Whether the caller may ask about that customer. */
export const mayAsk = ({ customers }: Caller, customer: CustomerId): boolean =>
  customers === "all" || customers.has(customer.toLowerCase())

/** Whoever asks where no callers are told apart, which is on loopback only. */
export const local: Caller = { id: "local", customers: "all", ended: Effect.never }

const longest = Duration.toMillis("1 hour")

/** Completes at that time, in milliseconds since the epoch, also where the clock is set meanwhile. */
export const until = Effect.fnUntraced(function* (millis: number): Effect.fn.Return<void> {
  for (;;) {
    const left = millis - (yield* Clock.currentTimeMillis)
    if (left <= 0) return
    yield* Effect.sleep(Math.min(left, longest))
  }
})
