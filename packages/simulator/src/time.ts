// The one clock of a simulator: everything that tells or spends time asks it.

export interface Clock {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Ends after `ms`, or rejects with the signal's reason. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

export interface Skew {
  readonly seconds: () => number
  readonly set: (seconds: number) => void
}

/** A clock that a test can put fast or slow. */
export const makeSkew = (steady: Clock): { readonly clock: Clock; readonly skew: Skew } => {
  let seconds = 0
  return {
    clock: { now: () => steady.now() + seconds * 1000, sleep: steady.sleep },
    skew: {
      seconds: () => seconds,
      set: (changed) => {
        seconds = changed
      }
    }
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
