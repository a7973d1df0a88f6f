// What was used most lately, within a number and a weight.
import { LRUCache } from "lru-cache"

/** What is kept by keys. */
export interface Kept<A> {
  readonly get: (key: string) => A | undefined
  /** Keeps it as the latest, by a weight of 1 or more; what was used least lately goes where there are too many, or too heavy ones. */
  readonly set: (key: string, value: A, weight: number) => void
  readonly delete: (key: string) => void
  readonly size: () => number
}

/** Keeps that much. */
export const make = <A extends NonNullable<unknown>>(most: {
  readonly entries: number
  /** In characters of JSON, roughly. */
  readonly weight: number
}): Kept<A> => {
  const cache = new LRUCache<string, A>({ max: most.entries, maxSize: most.weight })
  return {
    get: (key) => cache.get(key),
    // One that is too heavy by itself is kept alone.
    set: (key, value, weight) => {
      cache.set(key, value, { size: Math.min(weight, most.weight) })
    },
    delete: (key) => {
      cache.delete(key)
    },
    size: () => cache.size
  }
}
