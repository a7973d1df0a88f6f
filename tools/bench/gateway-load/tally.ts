// What was asked and how it was answered, counted, and what must not have been.

export const makeTally = () => {
  const statuses = new Map<string, number>()
  const faults: Array<string> = []
  return {
    requests: 0,
    streams: 0,
    events: 0,
    /** Requests whose client left before the answer. */
    left: 0,
    polls: 0,
    statuses,
    /** The gateway's own faults, the first fifty. */
    faults,
    note: (what: string): void => {
      statuses.set(what, (statuses.get(what) ?? 0) + 1)
    },
    complain: (what: string): void => {
      if (faults.length < 50) faults.push(what)
    }
  }
}

export type Tally = ReturnType<typeof makeTally>
