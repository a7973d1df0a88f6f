// A caller's quota, and how it is told (draft-ietf-httpapi-ratelimit-headers-11).
import type { Take } from "./buckets.ts"

/** What is left of a quota after a request. Times are in whole seconds. */
export interface Quota {
  readonly limit: number
  readonly remaining: number
  /** Until the quota is whole again; where too little was left, until there is as much as was asked for. */
  readonly reset: number
  readonly isExceeded: boolean
}

const window = 60_000

/**
 * Takes from the key's bucket of a minute's requests, which is filled as time goes: whoever was quiet
 * may ask for all of them at once, and after that goes on at the rate. So a minute may see up to twice the
 * limit, which costs nothing upstream: that has a budget of its own, smoothed more strictly.
 */
export const take = (
  from: Take,
  key: string,
  limit: number,
  tokens: number,
  now: number
): Quota => {
  const { isTaken, remaining, wait } = from(key, { limit, window }, tokens, now)
  const reset = Math.ceil(wait / 1000)
  return isTaken
    ? { limit, remaining, reset, isExceeded: false }
    : { limit, remaining, reset: Math.max(1, reset), isExceeded: true }
}

/** The quota as headers. Where it was not enough, `t` is what `Retry-After` says. */
export const headersOf = ({ limit, remaining, reset }: Quota) => ({
  ratelimit: `"default";r=${remaining};t=${reset}`,
  "ratelimit-policy": `"default";q=${limit};w=${window / 1000}`
})
