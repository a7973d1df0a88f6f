// What was used most lately, within a number and a weight.

export interface Kept<A> {
  readonly get: (key: string) => A | undefined
  /** Keeps it as the latest; what was used least lately goes where there are too many, or too heavy ones. */
  readonly set: (key: string, value: A, weight: number) => void
  readonly size: () => number
}

export const make = <A>(most: {
  readonly entries: number
  /** In characters of JSON, roughly. */
  readonly weight: number
}): Kept<A> => {
  // In the order of use, the least lately used first.
  const kept = new Map<string, { readonly value: A; readonly weight: number }>()
  // What was used last need not be put there again.
  let latest: string | undefined
  let total = 0

  const remove = (key: string) => {
    total -= kept.get(key)?.weight ?? 0
    kept.delete(key)
  }

  return {
    get: (key) => {
      const found = kept.get(key)
      if (found === undefined || key === latest) return found?.value
      latest = key
      kept.delete(key)
      kept.set(key, found)
      return found.value
    },
    set: (key, value, weight) => {
      remove(key)
      latest = key
      kept.set(key, { value, weight })
      total += weight
      for (const oldest of kept.keys()) {
        if (kept.size <= most.entries && total <= most.weight) break
        // One that is too heavy by itself is kept alone.
        if (oldest === key) break
        remove(oldest)
      }
    },
    size: () => kept.size
  }
}
