// What is said for whoever looks for a fault: nothing is done for it where nobody listens.
import { Effect, LogLevel, References } from "effect"

/** Logs at level debug, with annotations. */
export const debug = (
  message: string,
  annotations: () => Readonly<Record<string, unknown>>
): Effect.Effect<void> =>
  Effect.withFiber((fiber) =>
    LogLevel.isGreaterThan(fiber.getRef(References.MinimumLogLevel), "Debug")
      ? Effect.void
      : Effect.annotateLogs(Effect.logDebug(message), annotations())
  )
