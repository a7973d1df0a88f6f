// The command as a whole: its parts, and what they need of the machine.
import * as NodeServices from "@effect/platform-node/NodeServices"
import { version } from "@orderwatch/core/version"
import { Console, Effect, Layer } from "effect"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import { customers } from "./commands/customers.ts"
import { doctor } from "./commands/doctor.ts"
import { login } from "./commands/login.ts"
import { logout } from "./commands/logout.ts"
import { orders } from "./commands/orders.ts"
import { demo } from "./commands/overview.ts"
import { profiles } from "./commands/profiles.ts"
import { status } from "./commands/status.ts"
import { wait } from "./commands/wait.ts"
import { watch } from "./commands/watch.ts"
import { whoami } from "./commands/whoami.ts"
import { runToEnd } from "./ending.ts"
import { report } from "./failure.ts"
import { Demo, globalFlags, Json } from "./flags.ts"
import { here, isFullScreen } from "./fullScreen.ts"
import { oneLine } from "./ownError.ts"

const root = Command.make(
  "orderwatch",
  {},
  Effect.fnUntraced(
    function* () {
      if (isFullScreen(here()) && !(yield* Json)) {
        const { open } = yield* Effect.promise(() => import("./ui/main.tsx"))
        return yield* open({ isDemo: yield* Demo })
      }
      if (yield* Demo) return yield* demo
      return yield* new CliError.ShowHelp({ commandPath: ["orderwatch"], errors: [] })
    },
    Effect.catchTags({ Ended: report, PartnerCenterError: report, SettingsError: report })
  )
).pipe(
  Command.withDescription(
    "Where does a Partner Center order stand? Looks it up, line by line, for people and for scripts."
  ),
  Command.withSubcommands([
    status,
    wait,
    watch,
    customers,
    orders,
    login,
    logout,
    whoami,
    doctor,
    profiles
  ]),
  Command.withGlobalFlags(globalFlags),
  Command.withExamples([
    { command: "orderwatch --demo", description: "Try it without a tenant" },
    {
      command: "orderwatch status CUSTOMER ORDER",
      description: "Look at an order; CUSTOMER is an id or a domain"
    },
    {
      command: "orderwatch wait CUSTOMER ORDER --timeout 2h",
      description: "Go on when it has settled"
    }
  ])
)

const presenter: CliOutput.Presenter = {
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(
          [
            ...event.errors.map((error) => `orderwatch: ${oneLine(error.message)}`),
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

const exitCodeOf = (error: unknown): number | undefined => {
  if (error instanceof CliError.ShowHelp) return error.errors.length === 0 ? 0 : 2
  return CliError.isCliError(error) ? 2 : undefined
}

// `-abc1` would be read as the flags a, b, c and 1, and its h would show the help as a success.
const shortFlags: ReadonlyArray<string> = ["-h", "-v"]
const misread = (args: ReadonlyArray<string>): string | undefined => {
  const end = args.indexOf("--")
  return args
    .slice(0, end < 0 ? args.length : end)
    .find((arg) => /^-[^-]/.test(arg) && !shortFlags.includes(arg))
}

/** Runs the command line of this process and ends it. */
export const run = (): void => {
  const args = process.argv.slice(2)
  const odd = misread(args)
  if (odd !== undefined) {
    process.stderr.write(
      `orderwatch: “${oneLine(odd).slice(0, 80)}” is no flag; an order id that begins with - goes after --.\n`
    )
    process.exitCode = 2
    return
  }
  runToEnd(Effect.provide(Command.runWith(root, { version })(args), machine), exitCodeOf)
}
