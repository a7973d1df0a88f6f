// The flags of the gateway's command.
import { CloudName } from "@orderwatch/core/Cloud"
import { logLevelNames } from "@orderwatch/runtime/Telemetry"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"

export const Host = GlobalFlag.Setting("host")({
  flag: Flag.String("host").pipe(
    Flag.withDescription("The name or address to listen on; default: 127.0.0.1"),
    Flag.optional
  )
})

export const Port = GlobalFlag.Setting("port")({
  flag: Flag.Int("port").pipe(
    Flag.withDescription("The port to listen on, 0 for any free one; default: 8780"),
    Flag.optional
  )
})

export const Demo = GlobalFlag.Setting("demo")({
  flag: Flag.Boolean("demo").pipe(
    Flag.withoutNegation,
    Flag.withDescription("Ask the built-in simulator instead of Partner Center"),
    Flag.withDefault(false)
  )
})

export const Profile = GlobalFlag.Setting("profile")({
  flag: Flag.String("profile").pipe(
    Flag.withDescription("The profile of config.toml that says who signs in, and where"),
    Flag.optional
  )
})

export const Cloud = GlobalFlag.Setting("cloud")({
  flag: Flag.Literals("cloud", CloudName.literals).pipe(
    Flag.withDescription("The Microsoft cloud that the partner is in"),
    Flag.optional
  )
})

export const LogLevel = GlobalFlag.Setting("log-level")({
  flag: Flag.Literals("log-level", logLevelNames).pipe(
    Flag.withDescription("How much is logged on stderr; info has a line for each request"),
    Flag.optional
  )
})

export const globalFlags = [Host, Port, Demo, Profile, Cloud, LogLevel] as const
