// `keys` as a program of its own, as the gateway's command line has it.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import * as Command from "effect/cli/Command"
import { keys } from "../../src/keys.ts"

const gateway = Command.make("gateway").pipe(Command.withSubcommands([keys]))

NodeRuntime.runMain(
  Command.runWith(gateway, { version: "0.0.0" })(process.argv.slice(2)).pipe(
    Effect.catchTag("SettingsError", ({ message }) =>
      Effect.andThen(
        Console.error(message),
        Effect.sync(() => void (process.exitCode = 2))
      )
    ),
    Effect.provide(NodeServices.layer)
  ),
  { disableErrorReporting: true }
)
