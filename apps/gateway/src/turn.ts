// The end of a turn of Node's loop: once all that has come meanwhile was read. Answers that are written one by one wake
// whoever waits for each, and the process is put aside as often; together they cost up to a third less.
import { setImmediate } from "node:timers"

let waiting: Array<() => void> = []

const end = () => {
  const taken = waiting
  waiting = []
  for (const then of taken) then()
}

/** Does it at the end of this turn. It must not throw. */
export const atEndOfTurn = (then: () => void): void => {
  if (waiting.push(then) === 1) setImmediate(end)
}
