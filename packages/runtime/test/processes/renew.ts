// Asks for an access token, as a command does, over the file vault; dies where it was told to.
import { AccessToken } from "@orderwatch/core/AccessToken"
import { Effect, Redacted } from "effect"
import * as Faults from "../vaults/faults.ts"
import * as Tokens from "../vaults/tokens.ts"

const { DIES: dies, LOGIN = "", VAULT = "" } = process.env

const say = (line: string) => Effect.sync(() => void process.stdout.write(`${line}\n`))
const told = Effect.callback<void>((resume) => {
  process.stdin.once("data", () => resume(Effect.void))
})
const dieAt = (point: string) =>
  point === dies
    ? Effect.andThen(
        Effect.sync(() => process.kill(process.pid, "SIGKILL")),
        Effect.never
      )
    : Effect.void

await Effect.gen(function* () {
  const { get } = yield* AccessToken
  yield* say("ready")
  yield* told
  const { value } = yield* get
  yield* say(Redacted.value(value))
  process.stdin.destroy()
}).pipe(
  Effect.provide(
    Tokens.layer({
      path: VAULT,
      loginUrl: LOGIN,
      files: Faults.layer(dieAt),
      onAsk: dieAt("about to ask")
    })
  ),
  Effect.runPromise
)
