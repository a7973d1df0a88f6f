// The time of a simulator: everything that tells or spends time asks it.

export interface Clock {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Ends after `ms`, or rejects with the signal's reason. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

/** Where the time stands, as control tells it. */
export interface TimeTold {
  /** What the servers believe, ISO 8601. */
  readonly now: string
  /** How far orders and their faults have come since the start. */
  readonly elapsedSeconds: number
  readonly advancedSeconds: number
  readonly speed: number
  readonly skewSeconds: number
}

/**
 * One given clock, and what is made of it. Advancing moves everything; speed hurries orders and
 * their faults alone; skew makes the servers alone go wrong. Waits are never shortened.
 */
export interface Time {
  /** What the servers tell and go by: advanced and skewed. */
  readonly servers: Clock
  /** Epoch milliseconds without the skew: when an order was placed. */
  readonly now: () => number
  /** Milliseconds since the start that orders and their faults have lived through. */
  readonly elapsed: () => number
  readonly advance: (ms: number) => void
  /** How many seconds of an order pass in one; 0 holds all orders still. */
  readonly setSpeed: (speed: number) => void
  readonly setSkew: (seconds: number) => void
  readonly tell: () => TimeTold
}

export const makeTime = (given: Clock, firstSpeed = 1): Time => {
  let skew = 0
  let advanced = 0
  let speed = firstSpeed
  let lived = 0
  let since = given.now()
  const elapsed = () => lived + (given.now() - since) * speed
  const now = () => given.now() + advanced
  const serversNow = () => now() + skew * 1000
  return {
    servers: { now: serversNow, sleep: given.sleep },
    now,
    elapsed,
    advance: (ms) => {
      advanced += ms
      lived += ms
    },
    setSpeed: (changed) => {
      lived = elapsed()
      since = given.now()
      speed = changed
    },
    setSkew: (seconds) => {
      skew = seconds
    },
    tell: () => ({
      now: new Date(serversNow()).toISOString(),
      elapsedSeconds: elapsed() / 1000,
      advancedSeconds: advanced / 1000,
      speed,
      skewSeconds: skew
    })
  }
}

export const realNow = () => Date.now()

export const realSleep = (ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort)
      resolve()
    }, ms)
    signal?.addEventListener("abort", onAbort, { once: true })
  })
