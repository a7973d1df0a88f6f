// How the process ends: with which exit code, and what is said of what nobody expected.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Console, Effect, Exit, Option } from "effect"
import { Ended } from "./failure.ts"
import { ownError } from "./ownError.ts"

const sayDefect = (cause: Cause.Cause<unknown>) => {
  const unexpected = cause.reasons.find((reason) => reason._tag === "Die")
  return unexpected === undefined ? Effect.void : Console.error(ownError(unexpected.defect))
}

/** Runs it and ends the process. `exitCodeOf` tells of errors that only the program itself knows. */
export const runToEnd = <A, E>(
  program: Effect.Effect<A, E>,
  exitCodeOf: (error: unknown) => number | undefined
): void => {
  // A reader that has seen enough (`| head`) is no failure; the exit code stays what was found. A terminal
  // that is gone (EIO) ends the program by a signal, which lets it put away what is under way.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      if (!("code" in error && (error.code === "EPIPE" || error.code === "EIO"))) process.exit(1)
    })
  }
  const codeOf = (cause: Cause.Cause<unknown>): number => {
    if (Cause.hasInterruptsOnly(cause)) return 130
    const error = Option.getOrUndefined(Cause.findErrorOption(cause))
    return error instanceof Ended ? error.exitCode : (exitCodeOf(error) ?? 1)
  }
  NodeRuntime.runMain(Effect.tapCause(program, sayDefect), {
    disableErrorReporting: true,
    teardown: (exit, onExit) => {
      const code = Exit.isSuccess(exit) ? 0 : codeOf(exit.cause)
      // Exiting at once would cut off what a pipe has not taken yet; only a signal may.
      process.exitCode = code
      onExit(code === 130 ? code : 0)
    }
  })
}
