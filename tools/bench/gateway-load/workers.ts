// Those who go on doing something until it is over, and can be held meanwhile.
import { setTimeout as sleep } from "node:timers/promises"

export type Workers = ReturnType<typeof startWorkers>

/** Starts so many; what they do must not reject. */
export const startWorkers = (count: number, act: () => Promise<unknown>, isOver: () => boolean) => {
  const begun = new Set<Promise<unknown>>()
  let isHeld = false
  const work = async () => {
    while (!isOver()) {
      if (isHeld) {
        await sleep(50)
        continue
      }
      const acting = act()
      begun.add(acting)
      await acting
      begun.delete(acting)
      await sleep(Math.random() * 40)
    }
  }
  return {
    ended: Promise.all(Array.from({ length: count }, work)),
    /** Begins nothing else, and waits for what was begun, half a minute at most. */
    hold: async () => {
      isHeld = true
      await Promise.race([Promise.all(begun), sleep(30_000)])
    },
    release: () => {
      isHeld = false
    }
  }
}
