// What came from the keyboard before there was anybody to hear it: kept in its order, and given on then.
import type { Key } from "ink"

/** A piece of input, or a paste. */
export type Heard =
  | { readonly _tag: "Input"; readonly input: string; readonly key: Key }
  | { readonly _tag: "Paste"; readonly text: string }

export type Hear = (heard: Heard) => void

export const makeEarly = () => {
  const waiting: Array<Heard> = []
  let hear: Hear | undefined
  return {
    hear: (heard: Heard): void => {
      if (hear === undefined) waiting.push(heard)
      else hear(heard)
    },
    /** What waits goes there now, and what comes after it at once. */
    give: (to: Hear): void => {
      hear = to
      waiting.splice(0).forEach(to)
    }
  }
}

export type Early = ReturnType<typeof makeEarly>
