// When to look at an order again, and why then: what was seen so far decides. Pure.
import { Schema } from "effect"

/**
 * Why the next look is when it is.
 *
 * - `changed`: something was new, so more may follow soon
 * - `unchanged`: nothing was new; the longer so, the longer the wait
 * - `notVisible`: the order or its status is not there yet
 * - `failed`: the last look failed in a way that passes
 * - `throttled`: upstream asked to wait
 * - `budget`: more orders are followed than the tenant's requests a minute allow; its turn comes then
 */
export const Why = Schema.Literals([
  "changed",
  "unchanged",
  "notVisible",
  "failed",
  "throttled",
  "budget"
])
export type Why = typeof Why.Type

/** How a look ended, as far as the next one depends on it. */
export type Outcome = Exclude<Why, "throttled" | "budget">

export interface PollPlan {
  readonly last: Outcome
  /** How many looks in a row brought nothing new. */
  readonly quiet: number
}

/** Milliseconds until the next look, and the reason. */
export interface Next {
  readonly wait: number
  readonly why: Why
}

/** Milliseconds: the shortest wait unless somebody says otherwise, and the longest that it grows to. */
export const interval = { floor: 30_000, ceiling: 300_000 } as const

const growth = 1.5
const jitter = 0.2

/** The plan before the first look. */
export const start: PollPlan = { last: "changed", quiet: 0 }

/** The plan after a look that ended so. */
export const after = (plan: PollPlan, outcome: Outcome): PollPlan => ({
  last: outcome,
  quiet: outcome === "unchanged" || outcome === "failed" ? plan.quiet + 1 : 0
})

/**
 * The next look: `floor` milliseconds at least, half as much again for every look that brought nothing
 * new, five minutes at most, up to a fifth of it by chance (`random`, 0 to 1); and never before upstream's
 * own wait (`asked`, milliseconds) is over.
 */
export const next = (
  plan: PollPlan,
  options: { readonly floor: number; readonly random: number; readonly asked?: number | undefined }
): Next => {
  const { asked = 0, floor, random } = options
  // So that chance does not lead beyond the ceiling, nor the ceiling below the floor.
  const most = Math.max(floor, interval.ceiling / (1 + jitter))
  const planned = Math.min(floor * growth ** plan.quiet, most) * (1 + jitter * random)
  return asked > planned ? { wait: asked, why: "throttled" } : { wait: planned, why: plan.last }
}
