// How much was asked: by operation, by second, and in the busiest minute. By the real clock.
import { isLogin, type Operation } from "./operation.ts"

/** The operation, or `other` for a path that is none. */
export type Counted = Operation | "other"

export interface RequestCounts {
  /** Since the start, or since it was emptied. */
  readonly total: number
  readonly operations: Readonly<Partial<Record<Counted, number>>>
  /** The most requests to Partner Center, the login's left out, in any sixty seconds on end. */
  readonly busiestMinute: number
  /** The last ten minutes; seconds in which nothing was asked are left out. */
  readonly seconds: ReadonlyArray<{
    /** Epoch seconds. */
    readonly at: number
    readonly operations: Readonly<Partial<Record<Counted, number>>>
  }>
}

type Tally = Map<Counted, number>

const keptSeconds = 600
const minute = 60_000

export const makeRequestCounts = (now: () => number) => {
  let operations: Tally = new Map()
  let seconds = new Map<number, Tally>()
  let busiest = 0
  // When Partner Center was asked in the last minute: those from `head` on.
  let asked: Array<number> = []
  let head = 0

  const forgetBefore = (second: number) => {
    for (const at of seconds.keys()) {
      if (at >= second) return
      seconds.delete(at)
    }
  }

  return {
    add: (operation: Counted) => {
      const at = now()
      const second = Math.floor(at / 1000)
      const bucket = seconds.get(second) ?? new Map()
      seconds.set(second, bucket)
      increase(bucket, operation)
      increase(operations, operation)
      forgetBefore(second - keptSeconds + 1)
      if (operation === "other" || isLogin(operation)) return
      asked.push(at)
      while ((asked[head] ?? at) <= at - minute) head++
      if (head > asked.length / 2) {
        asked = asked.slice(head)
        head = 0
      }
      busiest = Math.max(busiest, asked.length - head)
    },
    tell: (): RequestCounts => {
      forgetBefore(Math.floor(now() / 1000) - keptSeconds + 1)
      return {
        total: [...operations.values()].reduce((sum, count) => sum + count, 0),
        operations: Object.fromEntries(operations),
        busiestMinute: busiest,
        seconds: Array.from(seconds, ([at, tally]) => ({
          at,
          operations: Object.fromEntries(tally)
        }))
      }
    },
    clear: () => {
      operations = new Map()
      seconds = new Map()
      asked = []
      head = 0
      busiest = 0
    }
  }
}

const increase = (tally: Tally, operation: Counted) => {
  tally.set(operation, (tally.get(operation) ?? 0) + 1)
}
