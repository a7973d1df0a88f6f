// Which fault meets which request, of those set through control.
import type { Fault } from "./faults.ts"
import { idKey } from "./guid.ts"
import { isOperation, type Operation } from "./operation.ts"

export interface Match {
  /** An operation's name, or a part of path and query. */
  readonly path?: string
  readonly orderId?: string
}

export interface Planned {
  readonly id: number
  readonly match: Match
  readonly fault: Fault
  /** How many more requests it meets; 0 is until cleared. */
  readonly times: number
}

/** What of a request is matched. */
export interface Target {
  readonly operation: Operation
  readonly path: string
  readonly customerId: string | undefined
  readonly orderId: string | undefined
  readonly subscriptionId: string | undefined
}

const matches = ({ path, orderId }: Match, target: Target) =>
  (path === undefined ||
    (isOperation(path) ? target.operation === path : target.path.includes(path))) &&
  (orderId === undefined ||
    (target.orderId !== undefined && idKey(target.orderId) === idKey(orderId)))

export const makeFaultPlan = () => {
  let planned: ReadonlyArray<Planned> = []
  let last = 0
  return {
    add: (match: Match, fault: Fault, times: number): Planned => {
      const added = { id: ++last, match, fault, times }
      planned = [...planned, added]
      return added
    },
    clear: () => {
      planned = []
    },
    list: () => planned,
    /** The oldest fault that matches; counts as met. */
    take: (target: Target): Fault | undefined => {
      const met = planned.find(({ match }) => matches(match, target))
      if (met === undefined) return undefined
      if (met.times > 0)
        planned = planned.flatMap((each) => {
          if (each !== met) return [each]
          return each.times === 1 ? [] : [{ ...each, times: each.times - 1 }]
        })
      return met.fault
    }
  }
}

export type FaultPlan = ReturnType<typeof makeFaultPlan>
