// One at a time among all processes of this machine: the operating system's own lock on a file, through
// SQLite, which has it right on Linux, macOS and Windows. It ends with the process that holds it, however
// that ends, so there is no stale owner to guess at; whoever is merely slow keeps it.
import { VaultError } from "@orderwatch/core/CredentialVault"
import { plain } from "@orderwatch/core/text"
import { Data, Duration, Effect, Schedule } from "effect"
import type { Scope } from "effect"

/** The lock cannot be had in that place at all, so nothing can be written there either. */
export class LockUnavailable extends Data.TaggedError("LockUnavailable")<{
  readonly message: string
}> {}

class Busy extends Data.TaggedError("Busy")<{}> {}

// Longer than a sign-in may take (60 s), so that only an owner that hangs is not waited for.
const limit = Duration.seconds(70)
const busy = 5

const codeOf = (error: unknown): number =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : 0

const schedule = Schedule.min([
  Schedule.exponential("5 millis", 1.5),
  Schedule.spaced("100 millis")
]).pipe(Schedule.jittered, Schedule.upTo({ duration: limit }))

/** Holds the lock until the scope closes; waits for as long as another holds it. */
export const hold = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<void, VaultError | LockUnavailable, Scope.Scope> {
  const unavailable = (error: unknown) =>
    new LockUnavailable({
      message: `${plain(path)} cannot be locked (${error instanceof Error ? plain(error.message) : "unknown"}): nothing can be kept beside it.`
    })
  // Only who changes the vault needs it.
  const { DatabaseSync } = yield* Effect.promise(() => import("node:sqlite"))
  const file = yield* Effect.acquireRelease(
    Effect.try({ try: () => new DatabaseSync(path, { timeout: 0 }), catch: unavailable }),
    (file) => Effect.sync(() => file.close())
  )
  const acquire = Effect.try({
    // Nothing is ever written to it: what counts is the lock that a writer has to take.
    try: () => file.exec("BEGIN IMMEDIATE"),
    catch: (error) => (codeOf(error) === busy ? new Busy() : unavailable(error))
  })
  yield* acquire.pipe(
    Effect.retry({ schedule, while: (error) => error._tag === "Busy" }),
    Effect.catchTag("Busy", () =>
      Effect.fail(
        new VaultError({
          message: `another process has held the credential vault for more than ${Duration.toSeconds(limit)} seconds (${plain(path)}): end it, then ask again.`
        })
      )
    )
  )
})
