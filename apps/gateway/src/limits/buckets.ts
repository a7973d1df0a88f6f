// Token buckets by key, not more than so many: keys come from strangers, and Effect's own store forgets none.
// Plain numbers, since every request passes here, before anything is known of it that could take time.

interface Bucket {
  readonly tokens: number
  readonly at: number
  readonly fullAt: number
}

/** A bucket of that many tokens, filled again in that many milliseconds, steadily. */
export interface Size {
  readonly limit: number
  readonly window: number
}

/** What became of the tokens that were asked for. Times are in milliseconds. */
export interface Taken {
  readonly isTaken: boolean
  readonly remaining: number
  /** Until the bucket is full; where there were too few, until there are as many as were asked for. */
  readonly wait: number
}

export type Take = (key: string, size: Size, tokens: number, now: number) => Taken

/**
 * Takes tokens from the key's bucket, all of them or none. A bucket that is full again is as good as none,
 * and is forgotten first. Beyond `most` the one that was begun first goes, full or not. `now` never goes back.
 */
export const make = (most: number): Take => {
  const buckets = new Map<string, Bucket>()

  const forget = (now: number) => {
    for (const [key, { fullAt }] of buckets) if (fullAt <= now) buckets.delete(key)
    for (const key of buckets.keys()) {
      if (buckets.size < most) return
      buckets.delete(key)
    }
  }

  return (key, { limit, window }, tokens, now) => {
    const each = window / limit
    const found = buckets.get(key)
    const refills = found === undefined ? 0 : Math.max(0, Math.floor((now - found.at) / each))
    const had = found === undefined ? limit : Math.min(limit, found.tokens + refills)
    const at = found === undefined || had >= limit ? now : found.at + refills * each
    const isTaken = had >= tokens
    const remaining = isTaken ? had - tokens : had
    const untilFull = (limit - remaining) * each - (now - at)
    if (found === undefined && buckets.size >= most) forget(now)
    buckets.set(key, { tokens: remaining, at, fullAt: now + untilFull })
    return {
      isTaken,
      remaining,
      wait: isTaken ? untilFull : (tokens - remaining) * each - (now - at)
    }
  }
}
