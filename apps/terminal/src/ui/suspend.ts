// Ctrl-Z: gives the terminal back to the shell, and takes it again when the shell gives it (`fg`).
import { Effect } from "effect"

/** Hands the terminal over; what it returns takes it back. */
export type Suspend = () => Promise<{ readonly resume: () => Promise<void> }>

/** What the drawing side does for it. */
export interface Offer {
  readonly suspend: Suspend
  /** Has what is drawn next fit the window as it is now. */
  readonly fit: () => void
}

const continued = Effect.callback<void>((resume) => {
  const heard = () => resume(Effect.void)
  process.once("SIGCONT", heard)
  return Effect.sync(() => process.off("SIGCONT", heard))
})

// Until what has changed is ready to be drawn.
const turn = () => Effect.runPromise(Effect.sleep("10 millis"))

export const suspension = () => {
  let offered: Offer | undefined
  let isAway = false

  const away = async (meanwhile: () => Promise<void>) => {
    if (offered === undefined || isAway) return
    isAway = true
    const { fit, suspend } = offered
    try {
      const { resume } = await suspend()
      await meanwhile()
      // Of a window that became another meanwhile, the shell was told.
      process.emit("SIGWINCH", "SIGWINCH")
      fit()
      await turn()
      isAway = false
      await resume()
    } catch (error) {
      isAway = false
      throw error
    }
  }

  const stopped = async () => {
    process.off("SIGTSTP", onStop)
    // Where no shell could continue it, the system does not stop it either: then it goes on by itself.
    const back = Effect.runPromise(Effect.raceFirst(continued, Effect.sleep("250 millis")))
    // The whole group: who came by a package script has a parent that the shell waits for.
    process.kill(0, "SIGTSTP")
    await back
    process.on("SIGTSTP", onStop)
  }

  const onStop = () => void away(stopped)

  // Stopped and continued from outside: the screen is whatever others have made of it.
  const onContinue = () => void away(async () => {})

  // Windows has no such thing.
  const isPossible = process.platform !== "win32"
  if (isPossible) process.on("SIGTSTP", onStop)
  process.on("SIGCONT", onContinue)

  return {
    suspend: (): void => {
      if (isPossible) onStop()
    },
    offer: (offer: Offer): void => {
      offered = offer
    },
    end: (): void => {
      process.off("SIGTSTP", onStop)
      process.off("SIGCONT", onContinue)
    }
  }
}
