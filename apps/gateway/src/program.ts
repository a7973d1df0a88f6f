// The gateway's command: serving, and the keys of those who may ask.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { version } from "@orderwatch/core/version"
import { SettingsError } from "@orderwatch/runtime/SettingsError"
import { safeLine } from "@orderwatch/runtime/Telemetry"
import { Cause, Console, Effect, Exit, Layer, Option } from "effect"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import { globalFlags } from "./flags.ts"
import { keys } from "./keys.ts"
import { serve } from "./serve.ts"

const description = "Serve where orders stand, over HTTP"

const root = Command.make("orderwatch-gateway", {}, () => serve).pipe(
  Command.withDescription(
    "One place that holds the credential, so that others can ask where orders stand without it."
  ),
  Command.withSubcommands([
    Command.make("serve", {}, () => serve).pipe(Command.withDescription(description)),
    keys
  ]),
  Command.withGlobalFlags(globalFlags),
  Command.withExamples([
    { command: "orderwatch-gateway --demo", description: "Try it without a tenant" },
    {
      command: "orderwatch-gateway keys add helpdesk --customers '*'",
      description: "Let somebody ask"
    }
  ])
)

const oneLine = (text: string): string => safeLine(text).replace(/ {2,}/g, " ")

const presenter: CliOutput.Presenter = {
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(
          [
            ...event.errors.map((error) => `orderwatch-gateway: ${oneLine(error.message)}`),
            `Try \`${event.commandPath.join(" ")} --help\`.`
          ].join("\n")
        )
      : CliOutput.defaultPresenter.present(event)
}

const machine = Layer.mergeAll(
  NodeServices.layer,
  CliOutput.layerPresenter(presenter),
  CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })
)

const exitCodeOf = (cause: Cause.Cause<unknown>): number => {
  // Ended as it was asked to.
  if (Cause.hasInterruptsOnly(cause)) return 0
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error instanceof SettingsError) return 2
  if (error instanceof CliError.ShowHelp) return error.errors.length === 0 ? 0 : 2
  return CliError.isCliError(error) ? 2 : 1
}

const say = (cause: Cause.Cause<unknown>) => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error instanceof CliError.ShowHelp || CliError.isCliError(error)) return Effect.void
  if (error instanceof Error) return Console.error(`orderwatch-gateway: ${oneLine(error.message)}`)
  const unexpected = cause.reasons.find((reason) => reason._tag === "Die")
  return unexpected === undefined
    ? Effect.void
    : Console.error(
        `orderwatch-gateway: an error of its own, please report it: ${oneLine(String(unexpected.defect))}`
      )
}

/** Runs the command line of this process and ends it. */
export const run = (): void => {
  const program = Command.runWith(root, { version })(process.argv.slice(2)).pipe(
    Effect.tapCause(say),
    Effect.provide(machine)
  )
  NodeRuntime.runMain(program, {
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : exitCodeOf(exit.cause))
  })
}
