// The flags that every command takes.
import { CloudName } from "@orderwatch/core/Cloud"
import { logLevelNames } from "@orderwatch/runtime/Telemetry"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"

const on = <const Name extends string>(name: Name, description: string) =>
  GlobalFlag.Setting(name)({
    flag: Flag.Boolean(name).pipe(
      Flag.withoutNegation,
      Flag.withDescription(description),
      Flag.withDefault(false)
    )
  })

export const Json = on("json", "Print JSON, for scripts")
export const Demo = on("demo", "Ask the built-in simulator instead of Partner Center")
export const Verbose = on("verbose", "Print support ids and raw words too")

export const Cloud = GlobalFlag.Setting("cloud")({
  flag: Flag.Literals("cloud", CloudName.literals).pipe(
    Flag.withDescription("The Microsoft cloud that the partner is in"),
    Flag.optional
  )
})

export const Profile = GlobalFlag.Setting("profile")({
  flag: Flag.String("profile").pipe(
    Flag.withDescription("The profile of config.toml that says who signs in, and where"),
    Flag.optional
  )
})

export const Color = GlobalFlag.Setting("color")({
  flag: Flag.Boolean("color").pipe(
    Flag.withDescription(
      "Colour the output, or never (--no-color); by default where a terminal shows it"
    ),
    Flag.optional
  )
})

export const LogLevel = GlobalFlag.Setting("log-level")({
  flag: Flag.Literals("log-level", logLevelNames).pipe(
    Flag.withDescription("How much is logged on stderr"),
    Flag.optional
  )
})

export const globalFlags = [Json, Verbose, Color, Profile, Cloud, Demo, LogLevel] as const
