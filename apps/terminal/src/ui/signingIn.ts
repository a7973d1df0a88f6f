// A sign-in as the interface shows it: the steps of src/signIn.ts as a stream.
import { title } from "@orderwatch/core/PartnerCenterError"
import * as Settings from "@orderwatch/runtime/Settings"
import { Effect, Queue, Stream } from "effect"
import { overNetwork, settingsFlags } from "../session.ts"
import * as SignIn from "../signIn.ts"
import { found } from "./sessions.ts"
import type { Way } from "./state/screen.ts"
import type { Step } from "./state/signIn.ts"

const kept = Effect.fnUntraced(function* (way: Way, say: (step: Step) => Effect.Effect<void>) {
  const settings = yield* SignIn.keepable(yield* Settings.read(yield* settingsFlags))
  const tokens =
    way === "browser"
      ? SignIn.byBrowser((url, isOpen) => say({ _tag: "Address", url, isOpen }))
      : SignIn.byDeviceCode((code) => say({ _tag: "Code", code }))
  yield* SignIn.keep(tokens).pipe(Effect.scoped, Effect.provide(overNetwork(settings)))
  const { said, session } = yield* found
  return yield* say(
    session.kind === "tenant"
      ? { _tag: "Done", session }
      : { _tag: "Failed", message: said ?? "the sign-in was not kept" }
  )
})

/** Signs in that way; the last step is that it is done, or why it has failed. */
export const signIn = (way: Way) =>
  Stream.callback<Step, never, Effect.Services<ReturnType<typeof kept>>>((queue) => {
    const say = (step: Step) => Effect.asVoid(Queue.offer(queue, step))
    return kept(way, say).pipe(
      Effect.catch((error) =>
        say(
          error._tag === "PartnerCenterError"
            ? {
                _tag: "Failed",
                message: [title(error.reason), error.reason.description]
                  .filter((part) => part !== undefined)
                  .join(": "),
                remedy: error.reason.remedy
              }
            : { _tag: "Failed", message: error.message }
        )
      ),
      Effect.andThen(Effect.never)
    )
  })
