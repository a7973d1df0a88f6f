// Writes what is kept, one at a time and the latest only; whoever leaves waits for it.
import { Effect, Semaphore } from "effect"
import type { Session } from "./state/session.ts"
import { save } from "./watchlistFile.ts"
import type { Kept } from "./watchlistFile.ts"

type Saving = Effect.Effect<void, never, Effect.Services<ReturnType<typeof save>>>

interface Job {
  readonly tenant: string
  readonly kept: Kept
  readonly failed: (message: string) => void
}

/** `run` starts an effect and goes on. */
export const makeKeeping = (run: (saving: Saving) => unknown) => {
  const one = Effect.runSync(Semaphore.make(1))
  const jobs = new Map<string, Job>()
  const written: Saving = one.withPermits(1)(
    Effect.suspend(() => {
      const all = [...jobs.values()]
      jobs.clear()
      return Effect.forEach(
        all,
        ({ failed, kept, tenant }) =>
          save(tenant, kept).pipe(
            Effect.catch(({ message }) => Effect.sync(() => failed(message)))
          ),
        { discard: true }
      )
    })
  )
  return {
    save: ({ keptAs }: Session, kept: Kept, failed: (message: string) => void): void => {
      // The demo, and whoever is not known yet, leave nothing behind.
      if (keptAs === undefined) return
      jobs.set(keptAs, { tenant: keptAs, kept, failed })
      run(written)
    },
    /** Everything is written. */
    written
  }
}
