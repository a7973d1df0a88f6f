// Takes the lock and keeps it until it is killed.
import { Effect } from "effect"
import { hold } from "../../src/vaults/lock.ts"

await Effect.gen(function* () {
  yield* hold(process.env["LOCK"] ?? "")
  process.stdout.write("held\n")
  yield* Effect.callback(() => void process.stdin.resume())
}).pipe(Effect.scoped, Effect.runPromise)
