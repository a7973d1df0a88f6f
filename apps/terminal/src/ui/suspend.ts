// Ctrl-Z: gives the terminal back to the shell, and takes it again when the shell gives it (`fg`).

/** Hands the terminal over; what it returns takes it back. */
export type Suspend = () => Promise<{ readonly resume: () => Promise<void> }>

const continued = () =>
  new Promise<void>((resolve) => {
    process.once("SIGCONT", () => resolve())
  })

export const suspension = () => {
  let hand: Suspend | undefined
  let isAway = false

  const away = async (meanwhile: () => Promise<void>) => {
    if (hand === undefined || isAway) return
    isAway = true
    try {
      const { resume } = await hand()
      await meanwhile()
      isAway = false
      await resume()
    } finally {
      isAway = false
    }
  }

  const stopped = async () => {
    const back = continued()
    // The whole group: who came by a package script has a parent that the shell waits for.
    process.kill(0, "SIGTSTP")
    await back
  }

  // Stopped and continued from outside: the screen is whatever others have made of it.
  const onContinue = () => void away(async () => {})
  process.on("SIGCONT", onContinue)

  return {
    /** Windows has no such thing. */
    suspend: (): void => {
      if (process.platform !== "win32") void away(stopped)
    },
    /** What the drawing side offers. */
    offer: (offered: Suspend): void => {
      hand = offered
    },
    end: () => process.off("SIGCONT", onContinue)
  }
}
